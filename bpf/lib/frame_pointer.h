/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Walks a user stack by frame pointers: [fp] is the caller's frame pointer, [fp + 8] the return
 * address. Right where the code was compiled with them; elsewhere the walk ends with the reason.
 */
#ifndef HEARTH_FRAME_POINTER_BPF_H
#define HEARTH_FRAME_POINTER_BPF_H

#include "arch/x86_64.bpf.h"
#include "stack_hash.bpf.h"

/* Frames of a record, kernel and user together. */
#define MAX_FRAMES (MAX_KERNEL_FRAMES + MAX_USER_FRAMES)
_Static_assert(sizeof(((struct sample_scratch *)0)->frames) == MAX_FRAMES * 8,
	       "a walk that stops at MAX_FRAMES stays inside the scratch record");

/* No program is loaded below this address (vm.mmap_min_addr is at least a page). */
#define LOWEST_CODE_ADDRESS 4096

/*
 * State of one walk. Lives on the BPF stack, as bpf_loop's context must; the map value it points
 * to may lie anywhere.
 */
struct walk {
	struct sample_scratch *scratch;
	uint64_t frame_pointer; /* of the innermost frame not yet left */
	uint64_t hash;
	uint32_t first; /* slot of the first user frame */
	uint32_t count; /* user frames so far */
	uint32_t stop;  /* enum stop_reason, valid after the walk */
};

/* Appends a frame. Returns 0, or 1 when the record is full. */
static inline int push_frame(struct walk *walk, uint64_t address)
{
	uint32_t slot = walk->first + walk->count;

	if (walk->count >= MAX_USER_FRAMES || slot >= MAX_FRAMES)
		return 1;
	walk->scratch->frames[slot] = address;
	walk->hash = hash_frame(walk->hash, address);
	walk->count++;
	return 0;
}

/* One step towards the root; bpf_loop's callback: 0 goes on, 1 ends. */
static long frame_pointer_step(uint64_t index, void *context)
{
	struct walk *walk = context;
	uint64_t saved[2]; /* the caller's frame pointer, the return address */
	uint64_t here = walk->frame_pointer;

	(void)index;
	walk->stop = STOP_END_OF_STACK;
	if (here == 0) /* the ABI's mark of the outermost frame, set by _start and clone */
		return 1;
	walk->stop = STOP_NO_FRAME_POINTER;
	if (here % sizeof(uint64_t) || here >= USER_ADDRESS_END || here < LOWEST_CODE_ADDRESS)
		return 1;
	walk->stop = STOP_STACK_UNREADABLE;
	if (bpf_probe_read_user(saved, sizeof(saved), (void *)here))
		return 1;
	walk->stop = STOP_END_OF_STACK;
	if (saved[1] == 0) /* glibc's clone pushes a zero return address */
		return 1;
	walk->stop = STOP_NOT_CODE;
	if (saved[1] < LOWEST_CODE_ADDRESS || saved[1] >= USER_ADDRESS_END)
		return 1;
	walk->stop = STOP_TOO_DEEP;
	if (push_frame(walk, saved[1]))
		return 1;
	walk->stop = STOP_NO_FRAME_POINTER;
	if (saved[0] != 0 && saved[0] <= here) /* stacks grow down: callers lie above */
		return 1;
	walk->frame_pointer = saved[0];
	return 0;
}

/* Walks from the registers the thread had, or would have on return, in user mode. */
static inline void walk_frame_pointers(struct walk *walk, const struct pt_regs *regs)
{
	uint64_t caller = frameless_return_address(regs);

	walk->frame_pointer = frame_pointer(regs);
	walk->stop = STOP_TOO_DEEP;
	if (push_frame(walk, instruction_pointer(regs)))
		return;
	if (caller && push_frame(walk, caller))
		return;
	bpf_loop(MAX_USER_FRAMES + 1, frame_pointer_step, walk, 0);
}

#endif
