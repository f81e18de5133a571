/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * What the walk needs from where it runs: the kernel (platform.bpf.h) or user space, where it walks
 * copies of stacks (../host/platform.host.h). Both define
 *
 *   int read_user(const struct walk *, void *to, uint32_t size, uint64_t address)   0, or not
 *   int read_stack(struct walk *, uint64_t *to, uint32_t words, uint64_t address)   0, or not: the
 *       same, of one or two words of a stack, where the next ones wanted are not far away
 *   void *segment_of(const struct walk *, uint32_t block)    the segment a block lies in; 0: none
 *   void repeat(uint32_t times, step, struct walk *)         until step returns 1
 */
#ifndef HEARTH_PLATFORM_H
#define HEARTH_PLATFORM_H

#ifdef __bpf__
#include "platform.bpf.h"
#else
#include "../host/platform.host.h"
#endif

#endif
