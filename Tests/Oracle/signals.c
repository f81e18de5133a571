/*
 * Stacks that cross the kernel's signal frame: on an alternate stack, interrupted anywhere in a
 * loop, at the very first instruction of a function, inside the C library, and twice in one stack.
 */
#define _GNU_SOURCE
#include "oracle.h"

#include <signal.h>
#include <stdint.h>
#include <sys/time.h>
#include <ucontext.h>

static volatile sig_atomic_t interruptible;

/* 1. SIGALRM at any instruction of a loop of calls. The loop sets it, so it comes nowhere else. */
LEAF(alarm_leaf)
TEN(LINK, alarm_, , alarm_leaf)

HOT void on_alarm(int number)
{
	interruptible = 0;
	number += (int)alarm_0((word)number, 2);
	KEEP(number);
}

HOT word interrupted_tiny(word a, word b)
{
	word c = a * b;

	__asm__ volatile("" : "+r"(c)::"rbx", "r12", "r13", "memory");
	return c + a;
}

HOT word interrupted(word a, word b)
{
	static const struct itimerval soon = {.it_value = {0, 2000}};

	interruptible = 1;
	setitimer(ITIMER_REAL, &soon, NULL);
	while (interruptible)
		b += interrupted_tiny(a, b);
	return b;
}
TEN(LINK, alarmed_, , interrupted)

/* 2. SIGUSR1 raised through the C library; its handler raises SIGUSR2. */
LEAF(second_leaf)
TEN(LINK, second_, , second_leaf)

HOT void on_second(int number)
{
	number += (int)second_0((word)number, 2);
	KEEP(number);
}

LEAF(first_leaf)
TEN(LINK, first_, , first_leaf)

HOT void on_first(int number)
{
	number += (int)first_0((word)number, 2);
	KEEP(number);
	raise(SIGUSR2);
	KEEP(number);
}

HOT word raising(word a, word b)
{
	burn(TRANSIT_TIME);
	raise(SIGUSR1);
	KEEP(a);
	return a + b;
}
TEN(LINK, raised_, , raising)

/*
 * 3. SIGILL at a function's first instruction: the interrupted address itself counts, not the one
 * before it, which is another function's.
 */
__asm__(".text\n.globl before_trap\n.type before_trap,@function\nbefore_trap:\n"
	"\t.cfi_startproc\n\tsub $200, %rsp\n\t.cfi_adjust_cfa_offset 200\n\tud2\n\t.cfi_endproc\n"
	".size before_trap, .-before_trap\n"
	".globl trap\n.type trap,@function\ntrap:\n"
	"\t.cfi_startproc\n\tud2\n\tret\n\t.cfi_endproc\n.size trap, .-trap\n");
word trap(word a, word b);

LEAF(trapped_leaf)
LINK(trapped_link, trapped_leaf)

HOT void on_trap(int number, siginfo_t *info, void *context)
{
	(void)info;
	number += (int)trapped_link((word)number, 2);
	KEEP(number);
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}
LINK(trap_link, trap)

static int print_tree(void)
{
	/* setitimer, and on a slow machine the alarm comes before it returns. */
	expect_range("main;", "alarmed_%d", 10, "interrupted;*");
	expect_range("main;", "alarmed_%d", 10, "interrupted;?{2};on_alarm");
	expect_ranges("main;", "alarmed_%d", 10, "interrupted;?{2};on_alarm;", "alarm_%d", 10,
		      "alarm_leaf");
	expect_range("main;", "alarmed_%d", 10, "interrupted;interrupted_tiny");
	expect_range("main;", "alarmed_%d", 10, "interrupted;interrupted_tiny{0,1};?;on_alarm");
	expect_ranges("main;", "alarmed_%d", 10, "interrupted;interrupted_tiny{0,1};?;on_alarm;",
		      "alarm_%d", 10, "alarm_leaf");
	expect_range("main;", "raised_%d", 10, "raising;*");
	expect_ranges("main;", "raised_%d", 10, "raising;*;on_first;", "first_%d", 10, "first_leaf");
	expect_ranges("main;", "raised_%d", 10, "raising;*;on_first;*;on_second;", "second_%d", 10,
		      "second_leaf");
	expect("main;trap_link;trap;?;on_trap;trapped_link;trapped_leaf");
	expect_main();
	return 0;
}

int main(int argc, char **argv)
{
	static _Alignas(64) char stack[128 * 1024];
	stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
#ifdef ONE_STACK
	struct sigaction action = {.sa_flags = SA_RESTART};
#else
	struct sigaction action = {.sa_flags = SA_ONSTACK | SA_RESTART};
#endif
	word a = (word)argc;

	if (!oracle_run(argc, argv))
		return print_tree();
	sigaltstack(&alternate, NULL);
	action.sa_handler = on_alarm;
	sigaction(SIGALRM, &action, NULL);
	action.sa_handler = on_first;
	sigaction(SIGUSR1, &action, NULL);
	action.sa_handler = on_second;
	sigaction(SIGUSR2, &action, NULL);
	action.sa_flags |= SA_SIGINFO;
	action.sa_sigaction = on_trap;
	sigaction(SIGILL, &action, NULL);
	while (!expired()) {
		a += alarmed_0(a, 3);
		a += raised_0(a, 5);
		a += trap_link(a, 7);
	}
	KEEP(a);
	return 0;
}
