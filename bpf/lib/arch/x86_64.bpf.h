/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Registers of x86-64; another architecture is another file with the same function names. */
#ifndef HEARTH_ARCH_X86_64_BPF_H
#define HEARTH_ARCH_X86_64_BPF_H

#include "../kernel_types.bpf.h"

/* TASK_SIZE_MAX with five-level paging: no user code lies at or above it. */
#define USER_ADDRESS_END 0x00fffffffffff000ull

/* Whether the interrupted code was user code: the privilege level in cs (user_mode() in ptrace.h).
 */
static inline int in_user_mode(const struct pt_regs *regs)
{
	return (regs->cs & 3) != 0;
}

static inline uint64_t instruction_pointer(const struct pt_regs *regs)
{
	return regs->ip;
}

static inline uint64_t frame_pointer(const struct pt_regs *regs)
{
	return regs->bp;
}

#endif
