/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
#ifndef HEARTH_COUNTERS_BPF_H
#define HEARTH_COUNTERS_BPF_H

#include "maps.bpf.h"

/*
 * Adds one to a counter of this CPU. The slot is this CPU's alone and programs of one kind do not
 * nest, so no atomic add is needed.
 */
static inline void count(enum counter counter)
{
	uint32_t key = counter;
	uint64_t *slot = bpf_map_lookup_elem(&counters, &key);

	if (slot)
		*slot += 1;
}

#endif
