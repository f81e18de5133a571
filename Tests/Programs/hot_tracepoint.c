/*
 * Plays another tool whose tracepoint program runs hot: attaches a BPF program of some
 * microseconds to raw_syscalls:sys_enter and makes system calls in a loop, on one CPU. While a
 * tracepoint program runs, the kernel runs no perf-event program on that CPU (bpf_prog_active),
 * so ticks that fall into it are skipped, silently. (Programs on *raw* tracepoints, which bpftrace
 * and BTF tools use by preference, have a guard per program and do not do this.)
 *
 *	hot_tracepoint CPU SECONDS TRACEPOINT_ID TURNS [raw]
 *
 * TURNS is how long the program is: each turn asks for the time. With "raw" the same program is
 * attached as a raw tracepoint instead. Prints how many system calls were made.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/*
 * Asks for the time, `turns` times over; on other CPUs not even once, for every system call of the
 * machine comes through here.
 */
static int load_program(enum bpf_prog_type type, int cpu, int turns)
{
	struct bpf_insn code[] = {
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_smp_processor_id},
		{.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 0, .off = 4, .imm = cpu},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 6, .imm = turns},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ktime_get_ns},
		{.code = BPF_ALU64 | BPF_SUB | BPF_K, .dst_reg = 6, .imm = 1},
		{.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 6, .off = -3, .imm = 0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.prog_type = type,
		.insns = (uintptr_t)code,
		.insn_cnt = sizeof(code) / sizeof(code[0]),
		.license = (uintptr_t) "GPL",
		.prog_name = "hot_tracepoint",
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

static int attach_raw(int program)
{
	union bpf_attr attr = {
		.raw_tracepoint = {.name = (uintptr_t) "sys_enter", .prog_fd = program},
	};

	return bpf(BPF_RAW_TRACEPOINT_OPEN, &attr) < 0 ? -1 : 0;
}

static int attach(int program, int cpu, int tracepoint)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = tracepoint,
		.sample_period = 1,
	};
	int event = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	if (event < 0 || ioctl(event, PERF_EVENT_IOC_SET_BPF, program))
		return -1;
	return ioctl(event, PERF_EVENT_IOC_ENABLE, 0);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static int fail(const char *what)
{
	fprintf(stderr, "hot_tracepoint: %s: %s\n", what, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	int raw = argc > 5 && !strcmp(argv[5], "raw");
	uint64_t calls = 0;
	cpu_set_t set;
	int cpu, program;
	double end;

	if (argc < 5) {
		fprintf(stderr, "usage: hot_tracepoint CPU SECONDS TRACEPOINT_ID TURNS [raw]\n");
		return 2;
	}
	cpu = atoi(argv[1]);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return fail("sched_setaffinity");
	program = load_program(raw ? BPF_PROG_TYPE_RAW_TRACEPOINT : BPF_PROG_TYPE_TRACEPOINT, cpu,
			       atoi(argv[4]));
	if (program < 0)
		return fail("BPF_PROG_LOAD");
	if (raw ? attach_raw(program) : attach(program, cpu, atoi(argv[3])))
		return fail("attach");
	end = now() + atof(argv[2]);
	while (now() < end)
		for (int i = 0; i < 100; i++, calls++)
			syscall(SYS_getppid);
	printf("%lu\n", calls);
	return 0;
}
