/* Burns CPU at the bottom of a recursion of 1,000: samples as large as they get. usage: recursion SECONDS */
#include <stdlib.h>
#include <time.h>

static volatile unsigned long sink;
static time_t end;

__attribute__((noinline)) static unsigned long recurse(int depth)
{
	if (depth == 0) {
		while (time(NULL) < end)
			for (int i = 0; i < 1000000; i++)
				sink += i;
		return sink;
	}
	unsigned long result = recurse(depth - 1);
	__asm__ volatile("" : "+r"(result));
	return result + 1;
}

int main(int argc, char **argv)
{
	end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 10);
	return recurse(1000) == 0;
}
