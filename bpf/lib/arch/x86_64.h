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

/* Farthest from its start that we believe an instruction to belong to a function. */
#define LONGEST_FUNCTION (64 * 1024)
/* Instruction encodings: Intel's manual, volume 2. */
#define CALL_OPCODE    0xe8 /* call rel32 */
#define CALL_LENGTH    5
#define PUSH_BP_OPCODE 0x55
#define RET_OPCODE     0xc3
#define BND_PREFIX     0xf2
#define ENDBR64        0xfa1e0ff3u
#define ENDBR64_LENGTH 4

/* How many bytes the landing pad of indirect branches takes at the start of this code. */
static inline uint32_t landing_pad(const uint8_t *code)
{
	uint32_t first;

	__builtin_memcpy(&first, code, sizeof(first));
	return first == ENDBR64 ? ENDBR64_LENGTH : 0;
}

/*
 * Where a call of `function` arrives: the function itself, or behind its procedure linkage stub,
 * [endbr64] [bnd] jmp *slot(%rip), the address in the slot.
 */
static inline uint64_t through_linkage_stub(uint64_t function)
{
	uint8_t code[16];
	uint64_t destination = 0;
	int32_t slot;
	uint32_t at;

	if (bpf_probe_read_user(code, sizeof(code), (void *)function))
		return function;
	at = landing_pad(code);
	if (code[at] == BND_PREFIX)
		at++;
	if (code[at] != 0xff || code[at + 1] != 0x25)
		return function;
	__builtin_memcpy(&slot, code + at + 2, sizeof(slot));
	bpf_probe_read_user(&destination, sizeof(destination), (void *)(function + at + 6 + slot));
	return destination;
}

/*
 * How far behind its start the function lies at `ip` that was called directly and returns to this
 * address; LONGEST_FUNCTION: there is no such call, or it went elsewhere.
 */
static inline uint64_t offset_in_callee(uint64_t ip, uint64_t return_address)
{
	uint8_t call[CALL_LENGTH];
	int32_t distance;
	uint64_t callee;

	if (return_address < CALL_LENGTH || return_address >= USER_ADDRESS_END)
		return LONGEST_FUNCTION;
	if (bpf_probe_read_user(call, sizeof(call), (void *)(return_address - CALL_LENGTH)))
		return LONGEST_FUNCTION;
	if (call[0] != CALL_OPCODE)
		return LONGEST_FUNCTION;
	__builtin_memcpy(&distance, call + 1, sizeof(distance));
	callee = return_address + distance;
	if (ip - callee >= LONGEST_FUNCTION)
		callee = through_linkage_stub(callee);
	return ip - callee < LONGEST_FUNCTION ? ip - callee : LONGEST_FUNCTION;
}

/* How far behind its start a function pushes the frame pointer; LONGEST_FUNCTION: not first thing.
 */
static inline uint64_t frame_pointer_push(uint64_t function)
{
	uint8_t code[ENDBR64_LENGTH + 1];
	uint32_t at;

	if (bpf_probe_read_user(code, sizeof(code), (void *)function))
		return LONGEST_FUNCTION;
	at = landing_pad(code);
	return code[at] == PUSH_BP_OPCODE ? at : LONGEST_FUNCTION;
}

/*
 * The return address of a function that has no frame of its own at this instruction: a leaf for
 * which the compiler made none (GCC does so in spite of -fno-omit-frame-pointer), or any function
 * at its entry or its ret. The frame pointer is the caller's there, and following it alone would
 * lose the caller. 0 when there is a frame, or no proof that there is none: the proof is a direct
 * call, right before the address on top of the stack, to a function that this instruction lies in.
 */
static inline uint64_t frameless_return_address(const struct pt_regs *regs)
{
	uint64_t top[2] = {};
	uint64_t offset, push;
	uint8_t opcode = 0;

	if (bpf_probe_read_user(top, sizeof(top), (void *)regs->sp))
		return 0;
	offset = offset_in_callee(regs->ip, top[0]);
	if (offset < LONGEST_FUNCTION) {
		push = frame_pointer_push(regs->ip - offset);
		if (push == LONGEST_FUNCTION || offset <= push)
			return top[0];
		bpf_probe_read_user(&opcode, sizeof(opcode), (void *)regs->ip);
		return opcode == RET_OPCODE ? top[0] : 0;
	}
	offset = offset_in_callee(regs->ip, top[1]);
	if (offset == 1 || offset == ENDBR64_LENGTH + 1) { /* between push %rbp and mov %rsp,%rbp */
		push = frame_pointer_push(regs->ip - offset);
		if (offset == push + 1)
			return top[1];
	}
	return 0;
}

#endif
