/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The user part of a sample: walked here when the process and its tables are known; else sent as
 * registers and a copy of the stack, for user space to walk when it knows more.
 */
#ifndef HEARTH_USER_STACK_BPF_H
#define HEARTH_USER_STACK_BPF_H

#include "arch/x86_64.bpf.h"
#include "counters.bpf.h"
#include "stack_copy.bpf.h"
#include "unwind.h"

/*
 * The registers of the thread's user code: the sampled ones, or, when the sample hit the kernel,
 * those saved on entry. Returns 0, or -1 when they cannot be read.
 */
static inline int user_registers(struct sample_scratch *scratch, const struct pt_regs *sampled,
				 struct task_struct *task)
{
	struct pt_regs saved;

	if (in_user_mode(sampled)) {
		copy_registers(scratch->registers, sampled);
		return 0;
	}
	if (bpf_probe_read_kernel(&saved, sizeof(saved), (void *)bpf_task_pt_regs(task)))
		return -1;
	copy_registers(scratch->registers, &saved);
	/* A thread that never was in user mode has nothing saved. */
	return in_user_mode(&saved) ? 0 : -1;
}

/* Finds the block of the running process; NO_BLOCK when there is none that is its. */
static inline void find_process(struct walk *walk, const struct sample_record *record)
{
	uint32_t tgid = record->tgid;
	uint32_t *block = bpf_map_lookup_elem(&processes, &tgid);
	struct unwind_process *process;
	void *segment;

	walk->process = NO_BLOCK;
	walk->mapping_count = 0;
	if (!block)
		return;
	walk->process = *block;
	segment = segment_of(walk, walk->process);
	if (!segment)
		return;
	process = in_segment(segment, block_offset(walk->process));
	if (process->tgid == tgid && process->start_time == record->start_time &&
	    process->exec_id == record->exec_id)
		walk->mapping_count = process->count;
	else
		walk->process = NO_BLOCK;
}

/* Whether user space may know more of the stack than BPF does. */
static inline int is_worth_a_copy(uint32_t stop)
{
	return stop == STOP_UNKNOWN_PROCESS || stop == STOP_NO_MAPPING || stop == STOP_TABLE_UNREAD;
}

static inline void collect_user_stack(struct sample_scratch *scratch, uint64_t *hash,
				      const struct pt_regs *sampled, struct task_struct *task)
{
	struct sample_record *record = &scratch->record;
	struct walk *walk = &scratch->walk;

	record->user_count = 0;
	record->has_copy = COPY_ABSENT;
	record->user_stop = STOP_NO_USER_STACK;
	if (task->flags & PF_KTHREAD)
		return;
	if (user_registers(scratch, sampled, task)) {
		count(COUNTER_USER_REGS_FAILED);
		record->user_stop = STOP_STACK_UNREADABLE;
		return;
	}
	walk->hash = *hash;
	walk->used = record->time >> USED_SHIFT;
	walk->window_start = NO_WINDOW;
	find_process(walk, record);
	walk_stack(scratch);
	record->user_stop = walk->process == NO_BLOCK ? STOP_UNKNOWN_PROCESS : walk->stop;
	/* Past exit_mm() there is nothing to walk; only the registers are still there. */
	if (record->user_stop != STOP_END_OF_STACK && !BPF_CORE_READ(task, mm))
		record->user_stop = STOP_ENDING;
	if (is_worth_a_copy(record->user_stop) && copy_stack(scratch))
		return;
	record->user_count = walk->count;
	*hash = walk->hash;
}

#endif
