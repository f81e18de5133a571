/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Walks a user stack by unwind rows, and by frame pointers where there are none. The same code
 * walks in BPF and, compiled for the host, copies of stacks and recorded snapshots.
 */
#ifndef HEARTH_UNWIND_H
#define HEARTH_UNWIND_H

#include "frame_pointer.h"
#include "stack_hash.h"
#include "unwind_lookup.h"

/* Appends ip as a frame. Returns 0, or 1 when the record is full. */
static inline int push_frame(struct sample_scratch *scratch)
{
	struct walk *walk = &scratch->walk;
	uint32_t slot = walk->first + walk->count;
	uint64_t address;

	if (walk->count >= MAX_USER_FRAMES || slot >= MAX_FRAMES)
		return 1;
	address = walk->ip;
	if (walk->interrupted && walk->count)
		address |= FRAME_INTERRUPTED;
	scratch->frames[slot] = address;
	walk->hash = hash_frame(walk->hash, address);
	walk->count++;
	return 0;
}

/*
 * A frame's rbx, by which the lazy binding of the dynamic linker finds its CFA. Nobody reads it
 * frame by frame: bx_at remembers where the last callee kept it.
 */
#define BX_IN_REGISTER 0 /* no callee touched it since the last interrupted frame */
#define BX_LOST        1
static inline int bx_register(const struct walk *walk, uint64_t *value)
{
	if (walk->bx_at == BX_LOST)
		return 1;
	if (walk->bx_at == BX_IN_REGISTER) {
		*value = walk->registers[DWARF_BX];
		return 0;
	}
	return read_user(walk, value, sizeof(*value), walk->bx_at);
}

/* The value of a register; most are known in an interrupted frame only. */
static inline int other_register(const struct walk *walk, uint32_t number, uint64_t *value)
{
	if (number == DWARF_SP) {
		*value = walk->sp;
		return 0;
	}
	if (number == DWARF_FP) {
		*value = walk->fp;
		return 0;
	}
	if (number == DWARF_BX)
		return bx_register(walk, value);
	if (!walk->interrupted)
		return 1;
	*value = walk->registers[number & 15];
	return 0;
}

/*
 * Leaves a signal handler for what it interrupted: all registers lie in the ucontext that the
 * kernel wrote at `context` (setup_rt_frame, arch/x86/kernel/signal_64.c).
 */
static inline uint32_t leave_signal_frame(struct walk *walk, uint64_t context)
{
	static const uint8_t order[REGISTER_COUNT] = SIGNAL_REGISTER_ORDER;
	uint64_t saved[REGISTER_COUNT];
	uint32_t index;

	if (read_user(walk, saved, sizeof(saved), context + SIGNAL_REGISTERS_OFFSET))
		return STOP_STACK_UNREADABLE;
#pragma unroll
	for (index = 0; index < REGISTER_COUNT; index++)
		walk->registers[order[index]] = saved[index];
	walk->ip = walk->registers[DWARF_IP];
	walk->sp = walk->registers[DWARF_SP];
	walk->fp = walk->registers[DWARF_FP];
	walk->bx_at = BX_IN_REGISTER;
	walk->interrupted = 1;
	return STOP_REASON_COUNT;
}

/* The canonical frame address by a rule of one of the kinds that have one. Returns a stop reason.
 */
static inline uint32_t frame_address(const struct walk *walk, const struct unwind_rule *rule,
				     uint64_t *cfa)
{
	uint64_t base = walk->sp;

	switch (rule->cfa) {
	case CFA_SP:
		break;
	case CFA_FP:
		base = walk->fp;
		break;
	case CFA_REGISTER:
		if (other_register(walk, rule->cfa_register, &base))
			return STOP_REGISTER_LOST;
		break;
	case CFA_FP_DEREF:
		base = walk->fp;
		/* fall through */
	case CFA_SP_DEREF:
		if (read_user(walk, cfa, sizeof(*cfa), base + rule->cfa_offset))
			return STOP_STACK_UNREADABLE;
		*cfa += rule->cfa_add;
		return STOP_REASON_COUNT;
	case CFA_PLT:
		if (walk->ip % 16 >= (uint64_t)rule->cfa_add)
			base += sizeof(uint64_t);
		break;
	default:
		return STOP_UNSUPPORTED_RULE;
	}
	*cfa = base + rule->cfa_offset;
	return STOP_REASON_COUNT;
}

/*
 * return address = [cfa + return_offset]; fp = by the rule; sp = cfa. Reads the two words below the
 * CFA at once: that is where almost every function keeps both.
 */
static inline uint32_t leave_by_rule(struct walk *walk, const struct unwind_rule *rule)
{
	uint64_t below[2]; /* [cfa - 16], [cfa - 8] */
	uint64_t cfa = 0;
	uint64_t fp = walk->fp;
	uint64_t at;
	uint32_t stop = frame_address(walk, rule, &cfa);

	if (stop != STOP_REASON_COUNT)
		return stop;
	/*
	 * A callee's frame lies below its caller's. A frame pointer may lead to another stack: Go's
	 * systemstack comes back from its scheduler's that way.
	 */
	if (cfa <= walk->sp && (rule->cfa == CFA_SP || rule->cfa == CFA_PLT))
		return STOP_NO_PROGRESS;
	if (read_stack(walk, below, 2, cfa - sizeof(below)))
		return STOP_STACK_UNREADABLE;
	if (rule->fp == SAVED_FP_AT_CFA || rule->fp == SAVED_FP_AT_FP) {
		at = (rule->fp == SAVED_FP_AT_CFA ? cfa : walk->fp) + rule->fp_offset;
		fp = below[0];
		if (at != cfa - sizeof(below) && read_stack(walk, &fp, 1, at))
			return STOP_STACK_UNREADABLE;
	}
	walk->ip = below[1];
	if (rule->return_kind == RETURN_IN_REGISTER) {
		if (other_register(walk, rule->return_offset, &walk->ip))
			return STOP_REGISTER_LOST;
	} else if (rule->return_offset != -8 &&
		   read_stack(walk, &walk->ip, 1, cfa + rule->return_offset)) {
		return STOP_STACK_UNREADABLE;
	}
	if (rule->bx_offset)
		walk->bx_at = cfa + rule->bx_offset;
	walk->fp = fp;
	walk->sp = cfa;
	walk->interrupted = 0;
	return STOP_REASON_COUNT;
}

/* Leaves a frame whose code has no rows. */
static inline uint32_t leave_without_rule(struct walk *walk, uint32_t no_frame)
{
	uint32_t stop;

	if (!walk->interrupted && is_signal_return(walk))
		return leave_signal_frame(walk, walk->sp);
	stop = leave_by_frame_pointer(walk, no_frame);
	walk->bx_at = BX_LOST;
	walk->interrupted = 0;
	return stop;
}

/* From the frame the walk stands in to its caller. Returns a stop reason. */
static inline uint32_t leave_frame(struct walk *walk)
{
	/* A return address belongs to the instruction before it. */
	uint64_t address = walk->interrupted ? walk->ip : walk->ip - 1;
	const struct unwind_rule *rule;
	uint32_t stop;

	if (walk->process == NO_BLOCK)
		return leave_without_rule(walk, STOP_NO_FRAME_POINTER);
	if (find_mapping(walk, address))
		return STOP_NO_MAPPING;
	if (walk->mapping.state == MAPPING_BARE)
		return leave_without_rule(walk, STOP_NO_FRAME_POINTER);
	if (walk->mapping.state != MAPPING_TABLE)
		return STOP_TABLE_UNREAD;
	stop = find_rule(walk, address, &rule);
	if (stop != STOP_REASON_COUNT)
		return stop;
	/* Functions begin at multiples of 16, return addresses seldom do. */
	if (!walk->interrupted && walk->ip % 16 == 0 && is_context_start(walk))
		return STOP_END_OF_STACK;
	if (!rule || rule->cfa == CFA_NONE)
		return leave_without_rule(walk, STOP_NO_UNWIND_ROW);
	if (rule->cfa == CFA_END)
		return STOP_END_OF_STACK;
	if (rule->cfa == CFA_SIGNAL)
		return leave_signal_frame(walk, walk->sp + rule->cfa_offset);
	return leave_by_rule(walk, rule);
}

/* One step towards the root; bpf_loop's callback: 0 goes on, 1 ends. */
static long unwind_step(uint64_t index, void *context)
{
	struct sample_scratch *scratch = *(struct sample_scratch **)context;
	struct walk *walk = &scratch->walk;

	(void)index;
	walk->stop = leave_frame(walk);
	if (walk->stop != STOP_REASON_COUNT)
		return 1;
	walk->stop = STOP_END_OF_STACK;
	if (walk->ip == 0) /* glibc's clone pushes a zero return address */
		return 1;
	walk->stop = STOP_NOT_CODE;
	if (walk->ip < LOWEST_CODE_ADDRESS || walk->ip >= USER_ADDRESS_END)
		return 1;
	walk->stop = STOP_TOO_DEEP;
	return push_frame(scratch);
}

/*
 * Walks from scratch->registers to the root, or as far as the stack can be followed. What the
 * caller sets before: the record's kernel_count, and of the walk hash, process, mapping_count and
 * used.
 */
static inline void walk_stack(struct sample_scratch *scratch)
{
	struct walk *walk = &scratch->walk;

	__builtin_memcpy(walk->registers, scratch->registers, sizeof(walk->registers));
	walk->ip = walk->registers[DWARF_IP];
	walk->sp = walk->registers[DWARF_SP];
	walk->fp = walk->registers[DWARF_FP];
	walk->first = scratch->record.kernel_count;
	walk->count = 0;
	walk->zero = 0;
	walk->bx_at = BX_IN_REGISTER;
	walk->interrupted = 1;
	walk->mapping.start = walk->mapping.end = 0;
	walk->stop = STOP_TOO_DEEP;
	if (push_frame(scratch))
		return;
	repeat(MAX_USER_FRAMES + 1, unwind_step, scratch);
}

#endif
