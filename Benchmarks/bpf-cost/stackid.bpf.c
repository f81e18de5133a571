// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/* The kernel's own walk by frame pointers, as most profilers use it: what our walk is measured by. */
#include "../../bpf/lib/kernel_types.bpf.h"

enum { BPF_F_USER_STACK = 1 << 8, BPF_MAP_TYPE_STACK_TRACE = 7, BPF_NOEXIST_ANY = 0 };

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 16384);
	__uint(key_size, sizeof(uint32_t));
	__uint(value_size, 127 * sizeof(uint64_t));
} stacks SEC(".maps");

struct key {
	uint32_t tgid;
	int32_t user, kernel;
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct key);
	__type(value, uint64_t);
} counts SEC(".maps");

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("perf_event")
int on_stackid(struct bpf_perf_event_data *context)
{
	struct key key = {.tgid = bpf_get_current_pid_tgid() >> 32};
	uint64_t one = 1, *count;

	key.user = bpf_get_stackid(context, &stacks, BPF_F_USER_STACK);
	key.kernel = bpf_get_stackid(context, &stacks, 0);
	count = bpf_map_lookup_elem(&counts, &key);
	if (count)
		*count += 1;
	else
		bpf_map_update_elem(&counts, &key, &one, BPF_NOEXIST_ANY);
	return 0;
}
