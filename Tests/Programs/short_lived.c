/*
 * A process that is over soon: burns MILLISECONDS of CPU in three pieces in functions of known
 * names, and sleeps in between, so that it lives LIFE milliseconds or longer if others want the
 * CPU. Built several times, each with its own NAME before its functions' names: what a stack holds
 * then tells which executable it was really taken in.
 *
 *	short_lived MILLISECONDS LIFE
 */
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#define PASTE_(a, b) a##_##b
#define PASTE(a, b)  PASTE_(a, b)
#define NAMED(name)  PASTE(NAME, name)

static volatile uint64_t sink;

static int64_t nanoseconds(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000ll + time.tv_nsec;
}

__attribute__((noinline)) void NAMED(multiply)(void)
{
	uint64_t x = sink | 1;

	for (int i = 0; i < 20000; i++)
		x = x * 6364136223846793005ull + 1442695040888963407ull;
	sink = x;
}

__attribute__((noinline)) void NAMED(shift)(void)
{
	uint64_t x = sink | 1;

	for (int i = 0; i < 20000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
	}
	sink = x;
}

/* The result is used after the call: no tail call takes this frame from the stack. */
__attribute__((noinline)) int NAMED(burn)(int64_t until)
{
	int turns = 0;

	while (nanoseconds(CLOCK_PROCESS_CPUTIME_ID) < until) {
		NAMED(multiply)();
		NAMED(shift)();
		turns++;
	}
	return turns;
}

int main(int argc, char **argv)
{
	int64_t start = nanoseconds(CLOCK_MONOTONIC);
	int64_t burn = (argc > 1 ? atof(argv[1]) : 10) * 1000000;
	int64_t life = (argc > 2 ? atof(argv[2]) : 75) * 1000000;
	int turns = 0;

	for (int piece = 1; piece <= 3; piece++) {
		int64_t end = start + life * piece / 3;
		struct timespec wake = {end / 1000000000, end % 1000000000};

		turns += NAMED(burn)(burn * piece / 3);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, NULL);
	}
	return turns == 0;
}
