/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* The kernel's view of the registers of x86-64. */
#ifndef HEARTH_ARCH_X86_64_BPF_H
#define HEARTH_ARCH_X86_64_BPF_H

#include "../kernel_types.bpf.h"

/* Whether the interrupted code was user code: the privilege level in cs (user_mode() in ptrace.h).
 */
static inline int in_user_mode(const struct pt_regs *regs)
{
	return (regs->cs & 3) != 0;
}

/* In the order of DWARF numbers. */
static inline void copy_registers(uint64_t out[REGISTER_COUNT], const struct pt_regs *regs)
{
	out[0] = regs->ax;
	out[1] = regs->dx;
	out[2] = regs->cx;
	out[3] = regs->bx;
	out[4] = regs->si;
	out[5] = regs->di;
	out[6] = regs->bp;
	out[7] = regs->sp;
	out[8] = regs->r8;
	out[9] = regs->r9;
	out[10] = regs->r10;
	out[11] = regs->r11;
	out[12] = regs->r12;
	out[13] = regs->r13;
	out[14] = regs->r14;
	out[15] = regs->r15;
	out[16] = regs->ip;
}

#endif
