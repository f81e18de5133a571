/*
 * Three hot functions that take 50, 30 and 20 percent of the CPU, by construction: each loop turn
 * hands out work in that proportion. Knows its own shares, so a profiler can be held to them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static volatile uint64_t sink;

/* One unit is a fixed number of dependent multiplications: the same cost wherever it is done. */
#define WORK(units)                                                                                \
	do {                                                                                       \
		uint64_t x = sink | 1;                                                             \
		for (uint64_t i = 0; i < (units) * 10000ull; i++)                                  \
			x = x * 6364136223846793005ull + 1442695040888963407ull;                   \
		sink = x;                                                                          \
	} while (0)

__attribute__((noinline)) void spend_fifty(void)
{
	WORK(50);
}

__attribute__((noinline)) void spend_thirty(void)
{
	WORK(30);
}

__attribute__((noinline)) void spend_twenty(void)
{
	WORK(20);
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 10);

	while (time(NULL) < end) {
		spend_fifty();
		spend_thirty();
		spend_twenty();
	}
	return 0;
}
