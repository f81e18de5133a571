/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* The walk of bpf/lib, compiled for user space: it unwinds copies of stacks. */
#ifndef HEARTH_STACK_WALK_H
#define HEARTH_STACK_WALK_H

#include <stdint.h>

/* What a walk reads. */
struct host_memory {
	const uint8_t *stack; /* bytes from the process address stack_start on */
	uint64_t stack_start;
	uint64_t stack_length;
	void *const
		*segments; /* the arena, unwind_abi.h: each SEGMENT_BYTES + SEGMENT_SLACK long */
	uint32_t segment_count;
};

/*
 * Walks from REGISTER_COUNT registers (DWARF order, then ip) to the root.
 *
 * process: the block of the process's mappings; NO_BLOCK: go by frame pointers alone.
 * used:    what last_used of the tables that are looked at becomes.
 * hash:    in: over the kernel frames; out: over all of them.
 * frames:  room for MAX_USER_FRAMES; count becomes how many there are, leaf first.
 *
 * Returns an enum stop_reason. Bytes and registers may be anything; segments must be well-formed
 * as far as offsets go, and every offset is masked.
 */
uint32_t walk_stack_copy(const struct host_memory *memory, const uint64_t *registers,
			 uint32_t process, uint32_t used, uint64_t *hash, uint64_t *frames,
			 uint32_t *count);

#endif
