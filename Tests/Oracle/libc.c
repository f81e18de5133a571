/*
 * Stacks through the C library and the vDSO as the distribution built them: callbacks out of it,
 * samples inside of it, system calls, and stacks that it made itself.
 */
#define _GNU_SOURCE
#include "oracle.h"

#include <stdint.h>
#include <unistd.h>
#ifndef NO_UCONTEXT
#include <ucontext.h>
#endif

/* 1. Program, library, program. */
HOT int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	burn(0);
	return x < y ? -1 : x > y;
}

HOT word sorting(word a, word b)
{
	static uint32_t numbers[8192];

	for (size_t i = 0; i < 8192; i++)
		numbers[i] = (uint32_t)((a + i) * 2654435761u);
	qsort(numbers, 8192, sizeof(numbers[0]), compare);
	KEEP(b);
	return numbers[b & 8191];
}
TEN(LINK, sort_, , sorting)

LEAF(searched_leaf)

HOT int match(const void *key, const void *element)
{
	return (int)searched_leaf((word)key, (word)element) * 0;
}

HOT word searching(word a, word b)
{
	word numbers[4] = {1, 2, 3, 4};
	void *found = bsearch(&a, numbers, 4, sizeof(numbers[0]), match);

	KEEP(found);
	return b + (found != NULL);
}

/* 2. Inside of it. */
HOT word formatting(word a, word b)
{
	char text[400];

	for (word i = 0; i < 1500; i++)
		a += (word)snprintf(text, sizeof(text), "%s %lu %.17g", "text", a, (double)(b + i) / 7);
	KEEP(a);
	return a;
}

HOT word filling(word a, word b)
{
	static char room[2][256 * 1024];

	for (word i = 0; i < 100; i++) {
		void *p = memset(room[0], (int)a, sizeof(room[0]));

		KEEP(p);
		p = memcpy(room[1], room[0], sizeof(room[1]));
		KEEP(p);
		b += strlen(room[1]) + (word)memcmp(room[0], room[1], sizeof(room[0]));
	}
	return b;
}

HOT word allocating(word a, word b)
{
	void *blocks[64];

	for (word i = 0; i < 300; i++) {
		for (word j = 0; j < 64; j++)
			blocks[j] = malloc(1 + ((a + i * j * 37) & 4095));
		KEEP(b);
		for (word j = 0; j < 64; j++)
			free(blocks[j]);
	}
	return a + b;
}
TEN(LINK, format_, , formatting)
TEN(LINK, fill_, , filling)
TEN(LINK, allocate_, , allocating)

/* 3. In the vDSO and in the kernel. */
HOT word asking(word a, word b)
{
	struct timespec now;

	for (word i = 0; i < 40000; i++) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		a += (word)now.tv_nsec;
	}
	return a + b;
}
TEN(LINK, ask_, , asking)

HOT word calling(word a, word b)
{
	for (word i = 0; i < 8000; i++)
		a += (word)getppid();
	KEEP(b);
	return a;
}
TEN(LINK, call_, , calling)

/* 4. A stack of its own for a coroutine. */
#ifndef NO_UCONTEXT
static ucontext_t outside, inside;

LEAF(coroutine_leaf)
TEN(LINK, coroutine_, , coroutine_leaf)

HOT void coroutine(void)
{
	for (word a = 1;; a++) {
		a += coroutine_0(a, 3);
		KEEP(a);
		swapcontext(&inside, &outside);
	}
}

HOT word resuming(word a, word b)
{
	swapcontext(&outside, &inside);
	KEEP(a);
	return a + b;
}
LINK(resume_link, resuming)
#endif

static int print_tree(void)
{
	expect_range("main;", "sort_%d", 10, "sorting;*");
	expect_range("main;", "sort_%d", 10, "sorting;*;compare");
	expect("main;searching;*");
	expect("main;searching;bsearch;match;searched_leaf");
	expect("main;searching;match;searched_leaf"); /* bsearch may be inline */
	expect_range("main;", "format_%d", 10, "formatting;*");
	expect_range("main;", "fill_%d", 10, "filling;*");
	expect_range("main;", "allocate_%d", 10, "allocating;*");
	expect_range("main;", "ask_%d", 10, "asking;*");
	expect_range("main;", "call_%d", 10, "calling;*");
#ifndef NO_UCONTEXT
	expect_range("coroutine;", "coroutine_%d", 10, "coroutine_leaf");
	expect("coroutine;*");
	expect("main;resume_link;resuming;*");
#endif
	expect_main();
	return 0;
}

int main(int argc, char **argv)
{
#ifndef NO_UCONTEXT
	static char stack[64 * 1024];
#endif
	word a = (word)argc;

	if (!oracle_run(argc, argv))
		return print_tree();
#ifndef NO_UCONTEXT
	getcontext(&inside);
	inside.uc_stack.ss_sp = stack;
	inside.uc_stack.ss_size = sizeof(stack);
	makecontext(&inside, coroutine, 0);
#endif
	while (!expired()) {
		a += sort_0(a, 3);
		a += searching(a, 5);
		a += format_0(a, 3);
		a += fill_0(a, 3);
		a += allocate_0(a, 3);
		a += ask_0(a, 3);
		a += call_0(a, 3);
#ifndef NO_UCONTEXT
		a += resume_link(a, 7);
#endif
	}
	KEEP(a);
	return 0;
}
