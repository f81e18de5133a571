// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/* What runs on the CPUs: a perf event per CPU (cpu-clock) calls this at every tick not idle. */
#include "../lib/kernel_types.bpf.h"
#include "../lib/config.bpf.h"
#include "../lib/counters.bpf.h"
#include "../lib/emit.bpf.h"
#include "../lib/kernel_stack.bpf.h"
#include "../lib/task.bpf.h"
#include "../lib/user_stack.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("perf_event")
int on_cpu_sample(struct bpf_perf_event_data *context)
{
	struct task_struct *task = bpf_get_current_task_btf();
	uint64_t hash = settings.hash_seed;
	uint32_t key = 0;
	struct sample_scratch *scratch;

	count(COUNTER_FIRED);
	scratch = bpf_map_lookup_elem(&on_cpu_scratch, &key);
	if (!scratch) {
		count(COUNTER_LOST_NO_SCRATCH);
		return 0;
	}
	describe_task(&scratch->record, task);
	collect_kernel_stack(scratch, &hash, context);
	collect_user_stack(scratch, &hash, &context->regs, task);
	scratch->record.stack_hash = hash;
	emit(scratch);
	return 0;
}
