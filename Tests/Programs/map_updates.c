/*
 * Updates a BPF hash map as fast as it can for some seconds, on one CPU. While an update is under
 * way the kernel runs no perf-event program on that CPU (bpf_disable_instrumentation), so ticks
 * that fall into it are skipped, silently.
 *
 *	map_updates CPU SECONDS [VALUE_BYTES]
 *
 * Prints how many values it stored.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ENTRIES 64

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	uint32_t keys[ENTRIES], value_size = argc > 3 ? atoi(argv[3]) : 1024;
	union bpf_attr map = {
		.map_type = BPF_MAP_TYPE_HASH,
		.key_size = sizeof(keys[0]),
		.value_size = value_size,
		.max_entries = ENTRIES * 2,
		.map_name = "map_updates",
	};
	char *values;
	uint64_t stored = 0;
	cpu_set_t set;
	double end;
	int file;

	if (argc < 3) {
		fprintf(stderr, "usage: map_updates CPU SECONDS [VALUE_BYTES]\n");
		return 2;
	}
	CPU_ZERO(&set);
	CPU_SET(atoi(argv[1]), &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("map_updates: sched_setaffinity");
		return 1;
	}
	file = bpf(BPF_MAP_CREATE, &map);
	if (file < 0) {
		perror("map_updates: BPF_MAP_CREATE");
		return 1;
	}
	values = calloc(ENTRIES, value_size);
	if (!values)
		return 1;
	for (uint32_t i = 0; i < ENTRIES; i++)
		keys[i] = i;
	end = now() + atof(argv[2]);
	while (now() < end) {
		union bpf_attr batch = {
			.batch.map_fd = file,
			.batch.keys = (uintptr_t)keys,
			.batch.values = (uintptr_t)values,
			.batch.count = ENTRIES,
		};

		if (bpf(BPF_MAP_UPDATE_BATCH, &batch)) {
			perror("map_updates: BPF_MAP_UPDATE_BATCH");
			return 1;
		}
		stored += batch.batch.count;
	}
	printf("%lu\n", stored);
	return 0;
}
