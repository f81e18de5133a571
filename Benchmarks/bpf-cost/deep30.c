/* A stack that is always 30 frames above main's: link_0 … link_29, the last of which does the work. */
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static volatile uint64_t sink;

__attribute__((noinline)) uint64_t link_29(uint64_t x)
{
	for (int i = 0; i < 20000000; i++)
		x = x * 6364136223846793005ull + 1442695040888963407ull;
	sink = x;
	return x;
}

#define LINK(number, next)                                                                         \
	__attribute__((noinline)) uint64_t link_##number(uint64_t x)                               \
	{                                                                                          \
		x = link_##next(x + number) + number;                                              \
		__asm__ volatile("" : "+r"(x));                                                    \
		return x;                                                                          \
	}

LINK(28, 29)
LINK(27, 28)
LINK(26, 27)
LINK(25, 26)
LINK(24, 25)
LINK(23, 24)
LINK(22, 23)
LINK(21, 22)
LINK(20, 21)
LINK(19, 20)
LINK(18, 19)
LINK(17, 18)
LINK(16, 17)
LINK(15, 16)
LINK(14, 15)
LINK(13, 14)
LINK(12, 13)
LINK(11, 12)
LINK(10, 11)
LINK(9, 10)
LINK(8, 9)
LINK(7, 8)
LINK(6, 7)
LINK(5, 6)
LINK(4, 5)
LINK(3, 4)
LINK(2, 3)
LINK(1, 2)
LINK(0, 1)

/* deep30 SECONDS, or deep30 0 TURNS */
int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 10);

	for (int turn = argc > 2 ? atoi(argv[2]) : 0; turn > 0; turn--)
		link_0(sink);
	while (time(NULL) < end)
		link_0(sink);
	return 0;
}
