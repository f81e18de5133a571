/*
 * An independent witness of the sampler's ticks: a cpu-clock event per CPU with the agent's period
 * and no BPF program. What makes the kernel skip BPF programs does not make it skip these, and
 * late timer interrupts hit them as they hit the agent's.
 *
 *	tick_witness PERIOD_NS COUNTERS_MAP_ID
 *
 * Counts until standard input has a line or ends. Prints a line per CPU ten times a second, each
 * with all sums since the start:
 *	cpu busy idle late_busy late_idle lost fired
 *
 *	busy, idle: ticks outside and inside the idle task
 *	late_busy:  ticks without an interrupt of their own, because one came a period or more late;
 *	            late_idle when the tick before or after is one of the idle task
 *	lost:       records that did not fit into the ring: unless it is 0 the others are too small
 *	fired:      element 0 of the agent's counters on this CPU, since ever
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_CPUS   64
#define DATA_PAGES 256 /* 1 MiB: 30 s at 1000 Hz, and it is drained ten times a second */

struct tick {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t time;
};

struct lost {
	struct perf_event_header header;
	uint64_t id, count;
};

struct witness {
	int event;
	struct perf_event_mmap_page *page;
	uint64_t busy, idle, late_busy, late_idle, lost;
	uint64_t last; /* time of the last tick */
	bool last_was_idle;
};

static struct witness witnesses[MAX_CPUS];

static int open_witness(struct witness *witness, int cpu, uint64_t period)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = period,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME,
		.disabled = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
		.watermark = 1,
		/* Never woken: a wakeup per tick would be load on the CPU that is watched. */
		.wakeup_watermark = UINT32_MAX,
	};
	long page = sysconf(_SC_PAGESIZE);

	witness->event = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (witness->event < 0)
		return -1;
	witness->page = mmap(NULL, (1 + DATA_PAGES) * page, PROT_READ | PROT_WRITE, MAP_SHARED,
			     witness->event, 0);
	return witness->page == MAP_FAILED ? -1 : 0;
}

static void take_tick(struct witness *witness, const struct tick *tick, uint64_t period)
{
	bool is_idle = tick->pid == 0;

	if (is_idle)
		witness->idle++;
	else
		witness->busy++;
	if (witness->last) {
		/*
		 * The timer keeps its phase: a gap is a whole number of periods, give or take what
		 * two interrupts were late.
		 */
		uint64_t periods = (tick->time - witness->last + period / 2) / period;
		uint64_t late = periods > 1 ? periods - 1 : 0;

		if (is_idle || witness->last_was_idle)
			witness->late_idle += late;
		else
			witness->late_busy += late;
	}
	witness->last = tick->time;
	witness->last_was_idle = is_idle;
}

static void drain(struct witness *witness, uint64_t period)
{
	const char *data = (const char *)witness->page + witness->page->data_offset;
	uint64_t size = witness->page->data_size, tail = witness->page->data_tail;
	uint64_t head = __atomic_load_n(&witness->page->data_head, __ATOMIC_ACQUIRE);

	while (tail < head) {
		union {
			struct perf_event_header header;
			struct tick tick;
			struct lost lost;
			char bytes[64];
		} record = {};
		uint32_t length = ((const struct perf_event_header *)(data + tail % size))->size;

		/* Records may wrap around, their headers do not: both are multiples of 8 bytes. */
		for (uint32_t i = 0; i < length && i < sizeof(record); i++)
			record.bytes[i] = data[(tail + i) % size];
		if (record.header.type == PERF_RECORD_SAMPLE)
			take_tick(witness, &record.tick, period);
		else if (record.header.type == PERF_RECORD_LOST)
			witness->lost += record.lost.count;
		else if (record.header.type == PERF_RECORD_THROTTLE)
			witness->lost++;
		tail += length;
	}
	__atomic_store_n(&witness->page->data_tail, tail, __ATOMIC_RELEASE);
}

static int open_map(uint32_t id)
{
	union bpf_attr attr = {.map_id = id};

	return syscall(SYS_bpf, BPF_MAP_GET_FD_BY_ID, &attr, sizeof(attr));
}

/* A per-CPU lookup gives a value for every possible CPU, hence more room than CPUs. */
static int read_fired(int map, uint64_t values[MAX_CPUS * 8])
{
	uint32_t key = 0;
	union bpf_attr attr = {
		.map_fd = map,
		.key = (uintptr_t)&key,
		.value = (uintptr_t)values,
	};

	return syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr));
}

static int fail(const char *what)
{
	fprintf(stderr, "tick_witness: %s: %s\n", what, strerror(errno));
	return 1;
}

/* The ticks first: a skipped tick is then seen a little late rather than too early. */
static int report(int cpus, int map, uint64_t period)
{
	static uint64_t fired[MAX_CPUS * 8];

	for (int cpu = 0; cpu < cpus; cpu++)
		drain(&witnesses[cpu], period);
	if (read_fired(map, fired))
		return -1;
	for (int cpu = 0; cpu < cpus; cpu++) {
		const struct witness *w = &witnesses[cpu];

		printf("%d %lu %lu %lu %lu %lu %lu\n", cpu, w->busy, w->idle, w->late_busy,
		       w->late_idle, w->lost, fired[cpu]);
	}
	return fflush(stdout);
}

int main(int argc, char **argv)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	uint64_t period;
	int cpus = 0, map;

	if (argc != 3) {
		fprintf(stderr, "usage: tick_witness PERIOD_NS COUNTERS_MAP_ID\n");
		return 2;
	}
	period = strtoull(argv[1], NULL, 10);
	map = open_map(strtoul(argv[2], NULL, 10));
	if (map < 0)
		return fail("the counters' map");
	while (cpus < MAX_CPUS && open_witness(&witnesses[cpus], cpus, period) == 0)
		cpus++;
	if (!cpus)
		return fail("perf_event_open");
	for (int cpu = 0; cpu < cpus; cpu++)
		ioctl(witnesses[cpu].event, PERF_EVENT_IOC_ENABLE, 0);
	do
		if (report(cpus, map, period))
			return fail("report");
	while (poll(&input, 1, 100) == 0);
	if (report(cpus, map, period))
		return fail("report");
	return 0;
}
