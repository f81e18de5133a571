/*
 * Works from one moment of every second to another, by the wall clock, and sleeps in between; at
 * the end it prints how many nanoseconds of CPU it took.
 *
 *     bursts SECONDS FROM_MS TO_MS
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long long now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void sleep_until(long long moment)
{
	struct timespec time = {moment / 1000000000, moment % 1000000000};

	while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &time, NULL)) {
	}
}

__attribute__((noinline)) static void burst(long long end)
{
	volatile unsigned long sum = 0;

	while (now(CLOCK_REALTIME) < end)
		for (int i = 0; i < 10000; i++)
			sum += i;
}

int main(int count, char **arguments)
{
	if (count != 4)
		return 2;
	long long second = now(CLOCK_REALTIME) / 1000000000 + 1;
	long long from = atoll(arguments[2]) * 1000000, to = atoll(arguments[3]) * 1000000;

	for (int i = 0; i < atoi(arguments[1]); i++) {
		long long begin = (second + i) * 1000000000LL;

		sleep_until(begin + from);
		burst(begin + to);
	}
	printf("%lld\n", now(CLOCK_PROCESS_CPUTIME_ID));
	return 0;
}
