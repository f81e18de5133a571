/*
 * Frames of every shape that compilers and assembly make: fixed, variable, realigned, split into
 * hot and cold parts, replaced by tail calls, ended by calls that do not return.
 */
#include "oracle.h"

#include <alloca.h>
#include <setjmp.h>

/* 1. Thirty plain calls. */
LEAF(plain_leaf)
TEN(LINK, plain_, 2, plain_leaf)
TEN(LINK, plain_, 1, plain_20)
TEN(LINK, plain_, 0, plain_10)

/* 2. Frames whose size is known only when they run. */
#define LINK_ALLOCA(name, next)                                                                    \
	HOT word name(word a, word b)                                                              \
	{                                                                                          \
		char *room = (char *)alloca(16 + (a & 255));                                       \
                                                                                                   \
		KEEP(room);                                                                        \
		room[0] = (char)b;                                                                 \
		burn(TRANSIT_TIME);                                                                \
		a = next(a * 3 + 1, b);                                                            \
		KEEP(room);                                                                        \
		return a + room[0];                                                                \
	}
LEAF(alloca_leaf)
TEN(LINK_ALLOCA, alloca_, , alloca_leaf)

#define LINK_VLA(name, next)                                                                       \
	HOT word name(word a, word b)                                                              \
	{                                                                                          \
		word room[1 + (a & 31)], *p = room;                                                \
                                                                                                   \
		KEEP(p);                                                                           \
		p[0] = b;                                                                          \
		burn(TRANSIT_TIME);                                                                \
		a = next(a * 5 + 1, b + 1);                                                        \
		KEEP(p);                                                                           \
		return a + p[0];                                                                   \
	}
LEAF(vla_leaf)
TEN(LINK_VLA, vla_, , vla_leaf)

/* 3. Frames that realign the stack pointer, of fixed and of variable size. */
#define LINK_ALIGNED(name, next)                                                                   \
	HOT word name(word a, word b)                                                              \
	{                                                                                          \
		word room[8] __attribute__((aligned(64))), *p = room;                              \
                                                                                                   \
		KEEP(p);                                                                           \
		p[0] = b;                                                                          \
		burn(TRANSIT_TIME);                                                                \
		a = next(a * 5 + 1, b + 1);                                                        \
		KEEP(p);                                                                           \
		return a + p[0];                                                                   \
	}
LEAF(aligned_leaf)
TEN(LINK_ALIGNED, aligned_, , aligned_leaf)

#define LINK_ALIGNED_VLA(name, next)                                                               \
	HOT word name(word a, word b)                                                              \
	{                                                                                          \
		word room[8] __attribute__((aligned(64))), *p = room;                              \
		word more[1 + (a & 31)], *q = more;                                                \
                                                                                                   \
		KEEP(p);                                                                           \
		KEEP(q);                                                                           \
		p[0] = b;                                                                          \
		q[0] = a;                                                                          \
		burn(TRANSIT_TIME);                                                                \
		a = next(a * 5 + 1, b + 1);                                                        \
		KEEP(p);                                                                           \
		KEEP(q);                                                                           \
		return a + p[0] + q[0];                                                            \
	}
LEAF(aligned_vla_leaf)
TEN(LINK_ALIGNED_VLA, aligned_vla_, , aligned_vla_leaf)

/* 4. Arguments on the stack: the stack pointer moves around the call. */
HOT word args_leaf(word a, word b, word c, word d, word e, word f, word g, word h, word i)
{
	burn(LEAF_TIME);
	return a + b + c + d + e + f + g + h + i;
}

#define LINK_ARGS(name, next)                                                                      \
	HOT word name(word a, word b, word c, word d, word e, word f, word g, word h, word i)      \
	{                                                                                          \
		burn(TRANSIT_TIME);                                                                \
		a = next(b, c, d, e, f, g, h, i, a + 1);                                           \
		KEEP(a);                                                                           \
		return a + h;                                                                      \
	}
TEN(LINK_ARGS, args_, , args_leaf)

/* 5. Rules that only assembly needs, in the manner of OpenSSL and libc. */
#define ASM_FUNCTION(name, body)                                                                   \
	__asm__(".text\n.globl " name "\n.type " name ",@function\n" name                          \
		":\n\t.cfi_startproc\n" body "\t.cfi_endproc\n.size " name ", .-" name "\n");      \
	/* the frame pointer's register holds anything, and callees save that */

LEAF(asm_scratch_leaf)
LINK(asm_scratch_next, asm_scratch_leaf)
word asm_scratch(word a, word b);
ASM_FUNCTION("asm_scratch", "\tpush %rbp\n"
			    "\t.cfi_adjust_cfa_offset 8\n"
			    "\t.cfi_rel_offset %rbp, 0\n"
			    "\tmov $0x7fff1234, %ebp\n"
			    "\tsub $32, %rsp\n"
			    "\t.cfi_adjust_cfa_offset 32\n"
			    "\tcall asm_scratch_next\n"
			    "\tadd $32, %rsp\n"
			    "\t.cfi_adjust_cfa_offset -32\n"
			    "\tpop %rbp\n"
			    "\t.cfi_adjust_cfa_offset -8\n"
			    "\t.cfi_restore %rbp\n"
			    "\tret\n")

/* CFA in a register that is neither of the usual two; spins itself for about a millisecond. */
word asm_register_leaf(word a, word b);
ASM_FUNCTION("asm_register_leaf", "\tmov %rsp, %rax\n"
				  "\t.cfi_def_cfa_register %rax\n"
				  "\tsub $100, %rsp\n"
				  "\tand $-64, %rsp\n"
				  "\tmov $1000000, %ecx\n"
				  "1:\timul %rdi, %rsi\n"
				  "\tdec %ecx\n"
				  "\tjnz 1b\n"
				  "\tmov %rax, %rsp\n"
				  "\t.cfi_def_cfa_register %rsp\n"
				  "\tret\n")

/* CFA by an expression: the caller's stack pointer was stored in the realigned frame. */
LEAF(asm_stored_leaf)
LINK(asm_stored_next, asm_stored_leaf)
word asm_stored(word a, word b);
ASM_FUNCTION("asm_stored", "\tmov %rsp, %rax\n"
			   "\t.cfi_def_cfa_register %rax\n"
			   "\tsub $64, %rsp\n"
			   "\tand $-64, %rsp\n"
			   "\tmov %rax, 8(%rsp)\n"
			   /* DW_CFA_def_cfa_expression: breg7 8, deref, plus_uconst 8 */
			   "\t.cfi_escape 0x0f, 5, 0x77, 8, 0x06, 0x23, 8\n"
			   "\tcall asm_stored_next\n"
			   "\tmov 8(%rsp), %rsp\n"
			   "\t.cfi_def_cfa %rsp, 8\n"
			   "\tret\n")

HOT word asm_root(word a, word b)
{
	a = asm_scratch(a, b);
	KEEP(a);
	a = asm_register_leaf(a, b);
	KEEP(a);
	a = asm_stored(a, b);
	KEEP(a);
	return a;
}

/* 6. Tail calls: tail_first and tail_second are gone while tail_last runs. */
#ifdef TAIL_CALLS
LEAF(tail_leaf)
LINK(tail_last, tail_leaf)

HOT word tail_second(word a, word b)
{
	burn(LEAF_TIME / 2);
	return tail_last(b, a);
}

HOT word tail_first(word a, word b)
{
	burn(LEAF_TIME / 2);
	return tail_second(a + 1, b);
}
LINK(tail_root, tail_first)
#endif

/* 7. A call as the last instruction: the return address is the next function's first. */
static jmp_buf noreturn_back;
LEAF(noreturn_leaf)
LINK(noreturn_link, noreturn_leaf)

HOT __attribute__((noreturn)) void noreturn_callee(word a, word b)
{
	a = noreturn_link(a, b);
	KEEP(a);
	longjmp(noreturn_back, 1);
}

HOT __attribute__((noreturn)) void noreturn_caller(word a, word b)
{
	burn(TRANSIT_TIME);
	noreturn_callee(a + 1, b);
}

HOT word noreturn_root(word a, word b)
{
	if (!setjmp(noreturn_back))
		noreturn_caller(a, b);
	burn(TRANSIT_TIME);
	return a;
}

/* 8. A part of a function that the compiler moves far away from the rest. */
__attribute__((cold)) HOT word cold_leaf(word a, word b)
{
	burn(LEAF_TIME);
	return a + b;
}

HOT word cold_host(word a, word b)
{
	word c = a * 3, d = b * 5;

	KEEP(c);
	KEEP(d);
	if (a & 1) {
		a = cold_leaf(c, d);
		KEEP(a);
		burn(TRANSIT_TIME);
		a += cold_leaf(a, c);
		KEEP(a);
	}
	return a + c + d;
}

/* 9. Calls in a tight loop: samples in the first and last instructions of functions. */
#define TINY(name, declarations, use)                                                              \
	HOT word name(word a, word b)                                                              \
	{                                                                                          \
		declarations;                                                                      \
		use;                                                                               \
		return a + b;                                                                      \
	}
TINY(tiny_empty, , KEEP(a))
TINY(tiny_saves, word c = a * 3, __asm__ volatile("" : "+r"(c)::"rbx", "r12", "r13", "r14", "r15");
     a += c)
TINY(tiny_alloca, char *p = (char *)alloca(16 + (a & 63)), KEEP(p))
TINY(tiny_aligned, word room[8] __attribute__((aligned(64))); word *p = room, KEEP(p))
TINY(tiny_large, char room[9000]; char *p = room, KEEP(p))
TINY(tiny_inner, , KEEP(b))
TINY(tiny_outer, word c = tiny_inner(a, b), KEEP(c); a ^= c)
TINY(tiny_early, , if (__builtin_expect(a & 1, 1)) return b;
     __asm__ volatile("" ::: "rbx", "r12", "r13", "memory"))

HOT word tight_leaf(word a, word b)
{
	for (word i = 0; i < 40000; i++) {
		a += tiny_empty(a, b);
		b += tiny_saves(a, i);
		a ^= tiny_alloca(b, i);
		b ^= tiny_aligned(a, b);
		a += tiny_large(a, b);
		b += tiny_outer(a, b);
		a += tiny_early(i, b);
	}
	return a + b;
}
LINK(tight_link, tight_leaf)

static int print_tree(void)
{
	expect_range("main;", "plain_%02d", 30, "plain_leaf");
	expect_range("main;", "alloca_%d", 10, "alloca_leaf");
	expect_range("main;", "vla_%d", 10, "vla_leaf");
	expect_range("main;", "aligned_%d", 10, "aligned_leaf");
	expect_range("main;", "aligned_vla_%d", 10, "aligned_vla_leaf");
	expect_range("main;", "args_%d", 10, "args_leaf");
	expect("main;asm_root;asm_scratch;asm_scratch_next;asm_scratch_leaf");
	expect("main;asm_root;asm_register_leaf");
	expect("main;asm_root;asm_stored;asm_stored_next;asm_stored_leaf");
#ifdef TAIL_CALLS
	expect("main;tail_root;tail_first");
	expect("main;tail_root;tail_second");
	expect("main;tail_root;tail_last;tail_leaf");
#endif
	expect("main;noreturn_root;noreturn_caller;noreturn_callee;noreturn_link;noreturn_leaf");
	expect("main;noreturn_root;*");                                 /* setjmp */
	expect("main;noreturn_root;noreturn_caller;noreturn_callee;*"); /* longjmp */
	expect("main;cold_host;cold_leaf");
	expect("main;tight_link;tight_leaf;tiny_empty");
	expect("main;tight_link;tight_leaf;tiny_saves");
	expect("main;tight_link;tight_leaf;tiny_alloca");
	expect("main;tight_link;tight_leaf;tiny_aligned");
	expect("main;tight_link;tight_leaf;tiny_large");
	expect("main;tight_link;tight_leaf;tiny_outer;tiny_inner");
	expect("main;tight_link;tight_leaf;tiny_early");
	expect_main();
	return 0;
}

int main(int argc, char **argv)
{
	word a = (word)argc, b = 2;

	if (!oracle_run(argc, argv))
		return print_tree();
	while (!expired()) {
		a += plain_00(a, b);
		a += alloca_0(a, b);
		a += vla_0(a, b);
		a += aligned_0(a, b);
		a += aligned_vla_0(a, b);
		a += args_0(a, b, 3, 4, 5, 6, 7, 8, 9);
		a += asm_root(a, b);
#ifdef TAIL_CALLS
		a += tail_root(a, b);
#endif
		a += noreturn_root(a, b);
		a += cold_host(a | 1, b);
		a += tight_link(a, b);
	}
	KEEP(a);
	return 0;
}
