/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
#ifndef HEARTH_STACK_HASH_H
#define HEARTH_STACK_HASH_H

#include "walk.h"

/*
 * Mixes one frame into a stack's hash: xor, multiply by an odd constant (2^64 over the golden
 * ratio), fold the high half down. Seeded per load, so that collisions cannot be prepared.
 */
static inline uint64_t hash_frame(uint64_t hash, uint64_t frame)
{
	hash = (hash ^ frame) * 0x9e3779b97f4a7c15ull;
	return hash ^ (hash >> 32);
}

#endif
