/*
 * Programs that know their own call chains.
 *
 * Every function that is worth a sample stands at one place of the program's call tree, so the
 * function a sample was taken in tells its whole stack. The tree is written twice: as code, and as
 * the lines `--expect` prints, "leaf <tab> main;...;leaf", root first. An element of a chain is
 *
 *   name        one frame of that function
 *   name|other  one frame of either: names that depend on compiler or library
 *   name{N}     N frames of it; name{A,B} from A to B
 *   ?           one frame of a function that is not the program's own
 *   *           any number of those: the insides of a library
 *   ~name|other one of these functions of a library
 *
 * and each front part of a chain is expected as well: of samples taken in its last function.
 * What starts main or a thread (_start, __libc_start_main, clone3, ...) is not part of a chain.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A frame of its own under one name. The rest is the optimiser's. */
#if defined(__clang__)
#define HOT __attribute__((noinline))
#else
#define HOT __attribute__((noinline, noclone, noipa))
#endif

/* The value is needed here and may be another one afterwards: nothing moves, no call is the last. */
#define KEEP(x) __asm__ volatile("" : "+r"(x)::"memory")

typedef unsigned long word;

/* Spends about so many microseconds in the function it is written in. */
static inline __attribute__((always_inline)) void burn(word microseconds)
{
	word x = microseconds | 1;

	for (word i = microseconds * 600; i; i--) {
		x = x * 6364136223846793005ul + 1442695040888963407ul;
		__asm__ volatile("" : "+r"(x));
	}
}

/* What a leaf, and each half of a function on the way to it, spends at a time. */
#define LEAF_TIME    1500
#define TRANSIT_TIME 10

#define LEAF(name)                                                                                 \
	HOT word name(word a, word b)                                                              \
	{                                                                                          \
		burn(LEAF_TIME);                                                                   \
		return a + b;                                                                      \
	}

/* Keeps values over the call, so that callee-saved registers are pushed and restored. */
#define LINK(name, next)                                                                           \
	HOT word name(word a, word b)                                                              \
	{                                                                                          \
		word c = a * 3 + b, d = a ^ (b << 3);                                              \
                                                                                                   \
		KEEP(c);                                                                           \
		KEEP(d);                                                                           \
		burn(TRANSIT_TIME);                                                                \
		a = next(c, d);                                                                    \
		KEEP(a);                                                                           \
		burn(TRANSIT_TIME);                                                                \
		return a + c * d + b;                                                              \
	}

/* name_t0 calls name_t1 ... name_t9 calls next; `link` is LINK or a macro like it. */
#define TEN(link, name, t, next)                                                                   \
	link(name##t##9, next) link(name##t##8, name##t##9) link(name##t##7, name##t##8)           \
	link(name##t##6, name##t##7) link(name##t##5, name##t##6) link(name##t##4, name##t##5)     \
	link(name##t##3, name##t##4) link(name##t##2, name##t##3) link(name##t##1, name##t##2)     \
	link(name##t##0, name##t##1)

/* An expectation with two runs of functions that are named by their number. */
static inline void expect_ranges(const char *before, const char *format, int count,
				 const char *between, const char *format2, int count2,
				 const char *after)
{
	const char *leaf = strrchr(after, ';');

	printf("%s\t%s", leaf ? leaf + 1 : after, before);
	for (int i = 0; i < count; i++) {
		printf(format, i);
		putchar(';');
	}
	fputs(between, stdout);
	for (int i = 0; i < count2; i++) {
		printf(format2, i);
		putchar(';');
	}
	puts(after);
}

static inline void expect_range(const char *before, const char *format, int count,
				const char *after)
{
	expect_ranges(before, format, count, "", "", 0, after);
}

/* Each front part of a run of functions may be followed by `after`. */
static inline void expect_each(const char *before, const char *format, int count, const char *after)
{
	for (int i = 1; i <= count; i++)
		expect_range(before, format, i, after);
}

static inline void expect(const char *chain)
{
	expect_range("", "", 0, chain);
}

#ifndef ORACLE_LIBRARY
static struct timespec oracle_end;

/* Asked between leaves. Its insides are the library's or the vDSO's. */
HOT int expired(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > oracle_end.tv_sec ||
	       (now.tv_sec == oracle_end.tv_sec && now.tv_nsec >= oracle_end.tv_nsec);
}

/* What every main does. */
static inline void expect_main(void)
{
	expect("main;expired;*");
	expect("main;oracle_run;*");
}

/* True when the program is to run, for argv[1] seconds; false when it is to print its tree. */
HOT int oracle_run(int argc, char **argv)
{
	double seconds = 10;

	if (argc > 1 && !strcmp(argv[1], "--expect"))
		return 0;
	if (argc > 1)
		seconds = atof(argv[1]);
	clock_gettime(CLOCK_MONOTONIC, &oracle_end);
	oracle_end.tv_sec += (time_t)seconds;
	oracle_end.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
	if (oracle_end.tv_nsec >= 1000000000) {
		oracle_end.tv_sec++;
		oracle_end.tv_nsec -= 1000000000;
	}
	return 1;
}
#endif

#ifdef __cplusplus
}
#endif

#endif
