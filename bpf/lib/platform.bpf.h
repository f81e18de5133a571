/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* platform.h, in the kernel. */
#ifndef HEARTH_PLATFORM_BPF_H
#define HEARTH_PLATFORM_BPF_H

#include "maps.bpf.h"
#include "walk.h"

static inline int read_user(const struct walk *walk, void *to, uint32_t size, uint64_t address)
{
	(void)walk;
	return bpf_probe_read_user(to, size, (void *)address) != 0;
}

/* Words of the stack, by way of the window. */
static inline int read_stack(struct walk *walk, uint64_t *to, uint32_t words, uint64_t address)
{
	uint32_t size = words * sizeof(*to);
	uint32_t offset = address % STACK_WINDOW_BYTES;
	uint64_t start = address - offset;

	if (offset % sizeof(*to) || offset > STACK_WINDOW_BYTES - size)
		return read_user(walk, to, size, address);
	if (start != walk->window_start) {
		walk->window_start = NO_WINDOW;
		if (read_user(walk, walk->window, sizeof(walk->window), start))
			return 1;
		walk->window_start = start;
	}
	to[0] = walk->window[offset / sizeof(*to)];
	if (words == 2)
		to[1] = walk->window[offset / sizeof(*to) + 1];
	return 0;
}

static inline void *segment_of(const struct walk *walk, uint32_t block)
{
	uint32_t index = block / BLOCKS_PER_SEGMENT;
	uint32_t first = 0;
	void *segment;

	(void)walk;
	segment = bpf_map_lookup_elem(&segments, &index);
	return segment ? bpf_map_lookup_elem(segment, &first) : 0;
}

/* bpf_loop's context must be a pointer to the stack. */
static inline void repeat(uint32_t times, long (*step)(uint64_t, void *),
			  struct sample_scratch *scratch)
{
	bpf_loop(times, step, &scratch, 0);
}

#endif
