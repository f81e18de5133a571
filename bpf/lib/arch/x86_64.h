/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Registers of x86-64; another architecture is another file with the same function names. */
#ifndef HEARTH_ARCH_X86_64_H
#define HEARTH_ARCH_X86_64_H

#include "../platform.h"

/* TASK_SIZE_MAX with five-level paging: no user code lies at or above it. */
#define USER_ADDRESS_END 0x00fffffffffff000ull

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
static inline uint64_t through_linkage_stub(const struct walk *walk, uint64_t function)
{
	uint8_t code[16];
	uint64_t destination = 0;
	int32_t slot;
	uint32_t at;

	if (read_user(walk, code, sizeof(code), function))
		return function;
	at = landing_pad(code);
	if (code[at] == BND_PREFIX)
		at++;
	if (code[at] != 0xff || code[at + 1] != 0x25)
		return function;
	__builtin_memcpy(&slot, code + at + 2, sizeof(slot));
	read_user(walk, &destination, sizeof(destination), (function + at + 6 + slot));
	return destination;
}

/*
 * How far behind its start the function lies at `ip` that was called directly and returns to this
 * address; LONGEST_FUNCTION: there is no such call, or it went elsewhere.
 */
static inline uint64_t offset_in_callee(const struct walk *walk, uint64_t return_address)
{
	uint8_t call[CALL_LENGTH];
	int32_t distance;
	uint64_t callee;

	if (return_address < CALL_LENGTH || return_address >= USER_ADDRESS_END)
		return LONGEST_FUNCTION;
	if (read_user(walk, call, sizeof(call), return_address - CALL_LENGTH))
		return LONGEST_FUNCTION;
	if (call[0] != CALL_OPCODE)
		return LONGEST_FUNCTION;
	__builtin_memcpy(&distance, call + 1, sizeof(distance));
	callee = return_address + distance;
	if (walk->ip - callee >= LONGEST_FUNCTION)
		callee = through_linkage_stub(walk, callee);
	return walk->ip - callee < LONGEST_FUNCTION ? walk->ip - callee : LONGEST_FUNCTION;
}

/* How far behind its start a function pushes the frame pointer; LONGEST_FUNCTION: not first thing.
 */
static inline uint64_t frame_pointer_push(const struct walk *walk, uint64_t function)
{
	uint8_t code[ENDBR64_LENGTH + 1];
	uint32_t at;

	if (read_user(walk, code, sizeof(code), function))
		return LONGEST_FUNCTION;
	at = landing_pad(code);
	return code[at] == PUSH_BP_OPCODE ? at : LONGEST_FUNCTION;
}

/*
 * How far the return address lies above sp in a function that has no frame of its own at this
 * instruction: a leaf for which the compiler made none (GCC does so in spite of
 * -fno-omit-frame-pointer), or any function at its entry or its ret. The frame pointer is the
 * caller's there, and following it alone would lose the caller. NOT_FRAMELESS when there is a
 * frame, or no proof that there is none: the proof is a direct call, right before the address on
 * top of the stack, to a function that this instruction lies in.
 */
#define NOT_FRAMELESS 64
static inline uint32_t frameless_return_offset(const struct walk *walk)
{
	uint64_t top[2] = {};
	uint64_t offset, push;
	uint8_t opcode = 0;

	if (read_user(walk, top, sizeof(top), walk->sp))
		return NOT_FRAMELESS;
	offset = offset_in_callee(walk, top[0]);
	if (offset < LONGEST_FUNCTION) {
		push = frame_pointer_push(walk, walk->ip - offset);
		if (push == LONGEST_FUNCTION || offset <= push)
			return 0;
		read_user(walk, &opcode, sizeof(opcode), walk->ip);
		return opcode == RET_OPCODE ? 0 : NOT_FRAMELESS;
	}
	offset = offset_in_callee(walk, top[1]);
	if (offset == 1 || offset == ENDBR64_LENGTH + 1) { /* between push %rbp and mov %rsp,%rbp */
		push = frame_pointer_push(walk, walk->ip - offset);
		if (offset == push + 1)
			return 8;
	}
	return NOT_FRAMELESS;
}

/* Whether the code at ip begins like this. */
#define MAX_PATTERN 10
static inline int is_code(const struct walk *walk, const uint8_t *pattern, uint32_t length)
{
	uint8_t here[MAX_PATTERN] = {};
	uint32_t index;

	if (read_user(walk, here, length, walk->ip))
		return 0;
	for (index = 0; index < length; index++)
		if (here[index] != pattern[index])
			return 0;
	return 1;
}

/*
 * mov %rbx,%rsp; mov (%rsp),%rdi; test %rdi,%rdi: glibc's __start_context, to which the outermost
 * function of a coroutine made by makecontext returns. Its call frame information says nothing of
 * that.
 */
static inline int is_context_start(const struct walk *walk)
{
	static const uint8_t code[] = {0x48, 0x89, 0xdc, 0x48, 0x8b, 0x3c, 0x24, 0x48, 0x85, 0xff};

	return is_code(walk, code, sizeof(code));
}

/* mov $15,%rax; syscall: rt_sigreturn, all that a restorer without unwind rows consists of. */
static inline int is_signal_return(const struct walk *walk)
{
	static const uint8_t code[] = {0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05};

	return is_code(walk, code, sizeof(code));
}

/*
 * struct ucontext (arch/x86/include/uapi/asm/sigcontext.h): the registers of what the signal
 * interrupted begin at this offset, in this order of DWARF numbers.
 */
#define SIGNAL_REGISTERS_OFFSET 40
#define SIGNAL_REGISTER_ORDER                                                                      \
	{                                                                                          \
		8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16                           \
	}

#endif
