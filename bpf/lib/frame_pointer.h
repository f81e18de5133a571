/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Leaves a frame of code that has no unwind rows: [fp] is the caller's frame pointer, [fp + 8] the
 * return address. Right where the code was compiled with them; elsewhere the walk ends.
 */
#ifndef HEARTH_FRAME_POINTER_H
#define HEARTH_FRAME_POINTER_H

#include "arch/x86_64.h"

/* No program is loaded below this address (vm.mmap_min_addr is at least a page). */
#define LOWEST_CODE_ADDRESS 4096

/* Whether a frame can lie at fp: callers lie above their callees. */
static inline int is_plausible_frame(const struct walk *walk)
{
	return walk->fp % sizeof(uint64_t) == 0 && walk->fp >= LOWEST_CODE_ADDRESS &&
	       walk->fp < USER_ADDRESS_END && walk->fp >= walk->sp;
}

/* Sets ip, sp and fp to the caller's. Returns a stop reason; STOP_COUNT: there is a caller. */
static inline uint32_t leave_by_frame_pointer(struct walk *walk, uint32_t no_frame)
{
	uint64_t saved[2]; /* the caller's frame pointer, the return address */
	uint32_t offset;

	if (walk->interrupted) {
		offset = frameless_return_offset(walk);
		if (offset != NOT_FRAMELESS) {
			if (read_user(walk, &walk->ip, sizeof(walk->ip), walk->sp + offset))
				return STOP_STACK_UNREADABLE;
			walk->sp += offset + sizeof(uint64_t);
			return STOP_REASON_COUNT;
		}
	}
	if (walk->fp == 0) /* the ABI's mark of the outermost frame, set by _start and clone */
		return STOP_END_OF_STACK;
	if (!is_plausible_frame(walk))
		return no_frame;
	if (read_stack(walk, saved, 2, walk->fp))
		return STOP_STACK_UNREADABLE;
	if (saved[0] != 0 && saved[0] <= walk->fp) {
		/* Not a frame, or the last one, whose saved pointer is whatever it was. */
		if (saved[1] != 0)
			return no_frame;
	}
	walk->sp = walk->fp + sizeof(saved);
	walk->fp = saved[0];
	walk->ip = saved[1];
	return STOP_REASON_COUNT;
}

#endif
