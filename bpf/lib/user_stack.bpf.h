/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The user part of a sample. How a frame is left is decided here and nowhere else: today by
 * frame pointers; unwind rows come in front of them.
 */
#ifndef HEARTH_USER_STACK_BPF_H
#define HEARTH_USER_STACK_BPF_H

#include "counters.bpf.h"
#include "frame_pointer.bpf.h"

/*
 * The registers of the thread's user code: the sampled ones, or, when the sample hit the kernel,
 * those saved on entry. Returns 0, or -1 when they cannot be read.
 */
static inline int user_registers(struct pt_regs *out, const struct pt_regs *sampled,
				 struct task_struct *task)
{
	if (in_user_mode(sampled)) {
		out->ip = sampled->ip;
		out->sp = sampled->sp;
		out->bp = sampled->bp;
		return 0;
	}

	struct pt_regs *saved = (struct pt_regs *)bpf_task_pt_regs(task);

	if (bpf_probe_read_kernel(out, sizeof(*out), saved))
		return -1;
	/* A thread that never was in user mode has nothing saved. */
	return in_user_mode(out) ? 0 : -1;
}

static inline void collect_user_stack(struct sample_scratch *scratch, uint64_t *hash,
				      const struct pt_regs *sampled, struct task_struct *task)
{
	struct sample_record *record = &scratch->record;
	struct pt_regs regs = {};
	struct walk walk = {
		.scratch = scratch,
		.hash = *hash,
		.first = record->kernel_count,
	};

	record->user_count = 0;
	record->user_stop = STOP_NO_USER_STACK;
	if (BPF_CORE_READ(task, flags) & PF_KTHREAD)
		return;
	if (user_registers(&regs, sampled, task)) {
		count(COUNTER_USER_REGS_FAILED);
		record->user_stop = STOP_STACK_UNREADABLE;
		return;
	}
	walk_frame_pointers(&walk, &regs);
	record->user_count = walk.count;
	record->user_stop = walk.stop;
	*hash = walk.hash;
}

#endif
