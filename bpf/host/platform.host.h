/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* ../lib/platform.h, in user space: the stack is a copy, segments are mapped. */
#ifndef HEARTH_PLATFORM_HOST_H
#define HEARTH_PLATFORM_HOST_H

#include <string.h>
#include "include/stack_walk.h"
#include "../lib/walk.h"

static inline int read_user(const struct walk *walk, void *to, uint32_t size, uint64_t address)
{
	const struct host_memory *memory = walk->memory;
	uint64_t offset = address - memory->stack_start;

	if (offset > memory->stack_length || size > memory->stack_length - offset)
		return 1;
	memcpy(to, memory->stack + offset, size);
	return 0;
}

static inline int read_stack(struct walk *walk, uint64_t *to, uint32_t words, uint64_t address)
{
	return read_user(walk, to, words * sizeof(*to), address);
}

static inline void *segment_of(const struct walk *walk, uint32_t block)
{
	uint32_t index = block / BLOCKS_PER_SEGMENT;

	return index < walk->memory->segment_count ? walk->memory->segments[index] : NULL;
}

static inline void repeat(uint32_t times, long (*step)(uint64_t, void *),
			  struct sample_scratch *scratch)
{
	for (uint64_t index = 0; index < times; index++)
		if (step(index, &scratch))
			return;
}

#endif
