/*
 * Stacks on which profilers stop early: deeper than 127 frames, larger than 16 KiB and 64 KiB, and a
 * recursion of a thousand.
 */
#include "oracle.h"

LEAF(deep_leaf)
TEN(LINK, deep_, 19, deep_leaf)
TEN(LINK, deep_, 18, deep_190)
TEN(LINK, deep_, 17, deep_180)
TEN(LINK, deep_, 16, deep_170)
TEN(LINK, deep_, 15, deep_160)
TEN(LINK, deep_, 14, deep_150)
TEN(LINK, deep_, 13, deep_140)
TEN(LINK, deep_, 12, deep_130)
TEN(LINK, deep_, 11, deep_120)
TEN(LINK, deep_, 10, deep_110)
TEN(LINK, deep_, 09, deep_100)
TEN(LINK, deep_, 08, deep_090)
TEN(LINK, deep_, 07, deep_080)
TEN(LINK, deep_, 06, deep_070)
TEN(LINK, deep_, 05, deep_060)
TEN(LINK, deep_, 04, deep_050)
TEN(LINK, deep_, 03, deep_040)
TEN(LINK, deep_, 02, deep_030)
TEN(LINK, deep_, 01, deep_020)
TEN(LINK, deep_, 00, deep_010)

#define LINK_LARGE(name, next, bytes)                                                              \
	HOT word name(word a, word b)                                                              \
	{                                                                                          \
		char room[bytes], *p = room;                                                       \
                                                                                                   \
		KEEP(p);                                                                           \
		p[0] = (char)b;                                                                    \
		burn(TRANSIT_TIME);                                                                \
		a = next(a * 3 + 1, b);                                                            \
		KEEP(p);                                                                           \
		return a + (word)p[0];                                                             \
	}
#define LINK_2K(name, next) LINK_LARGE(name, next, 2048)
#define LINK_9K(name, next) LINK_LARGE(name, next, 9000)

/* 20 KiB in ten frames. */
LEAF(large_leaf)
TEN(LINK_2K, large_, , large_leaf)

/* 88 KiB in ten frames. */
LEAF(huge_leaf)
TEN(LINK_9K, huge_, , huge_leaf)

#define DEPTH 1000

LEAF(recurse_leaf)

HOT word recurse(word depth, word b)
{
	word c = depth * b;

	KEEP(c);
	depth = depth > 1 ? recurse(depth - 1, c) : recurse_leaf(c, b);
	KEEP(depth);
	return depth + c;
}

static int print_tree(void)
{
	expect_range("main;", "deep_%03d", 200, "deep_leaf");
	expect_range("main;", "large_%d", 10, "large_leaf");
	expect_range("main;", "huge_%d", 10, "huge_leaf");
	printf("recurse_leaf\tmain;recurse{%d};recurse_leaf\n", DEPTH);
	expect_main();
	return 0;
}

int main(int argc, char **argv)
{
	word a = (word)argc;

	if (!oracle_run(argc, argv))
		return print_tree();
	while (!expired()) {
		a += deep_000(a, 3);
		a += large_0(a, 5);
		a += huge_0(a, 7);
		a += recurse(DEPTH, a);
	}
	KEEP(a);
	return 0;
}
