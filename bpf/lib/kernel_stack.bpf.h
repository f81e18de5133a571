/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* The kernel part of a sample: the kernel's own unwinder does it. */
#ifndef HEARTH_KERNEL_STACK_BPF_H
#define HEARTH_KERNEL_STACK_BPF_H

#include "counters.bpf.h"
#include "arch/x86_64.bpf.h"
#include "stack_hash.h"

struct hash_walk {
	struct sample_scratch *scratch;
	uint64_t hash;
};

static long hash_step(uint64_t index, void *context)
{
	struct hash_walk *walk = context;

	if (index >= MAX_KERNEL_FRAMES)
		return 1;
	walk->hash = hash_frame(walk->hash, walk->scratch->frames[index]);
	return 0;
}

static inline void collect_kernel_stack(struct sample_scratch *scratch, uint64_t *hash,
					struct bpf_perf_event_data *context)
{
	struct sample_record *record = &scratch->record;
	struct hash_walk walk = {.scratch = scratch, .hash = *hash};
	long length;

	record->kernel_count = 0;
	record->kernel_stop = STOP_END_OF_STACK;
	if (in_user_mode(&context->regs))
		return;
	length = bpf_get_stack(context, scratch->frames, MAX_KERNEL_FRAMES * sizeof(uint64_t), 0);
	if (length <= 0) {
		count(COUNTER_KERNEL_STACK_FAILED);
		record->kernel_stop = STOP_KERNEL_UNREADABLE;
		return;
	}
	record->kernel_count = (uint16_t)(length / sizeof(uint64_t));
	if (record->kernel_count >= MAX_KERNEL_FRAMES - 1)
		record->kernel_stop = STOP_TOO_DEEP; /* sysctl kernel.perf_event_max_stack, 127 */
	bpf_loop(record->kernel_count, hash_step, &walk, 0);
	*hash = walk.hash;
}

#endif
