/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The layouts and lists that BPF programs and Swift agree on. Fixed widths, explicit padding,
 * no enum or bool inside a record. abi.c asserts every size and offset.
 */
#ifndef HEARTH_SAMPLE_ABI_H
#define HEARTH_SAMPLE_ABI_H

#ifdef __bpf__
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
#else
#include <stdint.h>
#endif

/* Frames kept of a kernel stack; the kernel's own limit (perf_event_max_stack) is 127. */
#define MAX_KERNEL_FRAMES 128
/* Frames kept of a user stack: eight times what perf keeps; 8 KiB of the record. */
#define MAX_USER_FRAMES 1024
/* TASK_COMM_LEN, include/linux/sched.h. */
#define COMM_LENGTH 16

/*
 * One sample, as the ring buffer carries it: this header, then kernel_count + user_count frames
 * of eight bytes each, kernel frames first, each part leaf first. The record is cut to that length.
 */
struct sample_record {
	uint64_t time;       /* CLOCK_MONOTONIC, ns */
	uint64_t start_time; /* the group leader's start_boottime, ns */
	uint64_t cgroup_id;  /* cgroup v2 id of the task */
	uint64_t cgroup1_id; /* kernfs id in the v1 pids, else memory hierarchy; 0: none */
	uint64_t stack_hash; /* over all frames, seeded when the program is loaded */
	uint32_t tgid;       /* process, in the initial pid namespace */
	uint32_t tid;        /* thread, in the initial pid namespace */
	uint32_t cpu;
	uint16_t kernel_count;     /* <= MAX_KERNEL_FRAMES */
	uint16_t user_count;       /* <= MAX_USER_FRAMES */
	uint32_t kernel_stop;      /* enum stop_reason */
	uint32_t user_stop;        /* enum stop_reason */
	uint8_t comm[COMM_LENGTH]; /* the thread's name, padded with zeroes */
};

/* A record at its longest: what the per-CPU scratch value holds. */
struct sample_scratch {
	struct sample_record record;
	uint64_t frames[MAX_KERNEL_FRAMES + MAX_USER_FRAMES];
};

/* What user space decides before a sampling program is loaded; constant to the verifier. */
struct sampling_settings {
	uint64_t hash_seed;    /* random per load, so that nobody can prepare colliding stacks */
	uint64_t wakeup_bytes; /* unread ring bytes from which the reader is woken */
};

#define STOP_REASON(name, summary) STOP_##name,
enum stop_reason {
#include "stop_reason_list.h"
	STOP_REASON_COUNT
};
#undef STOP_REASON

#define COUNTER(name, label, meaning) COUNTER_##name,
enum counter {
#include "counter_list.h"
	COUNTER_COUNT
};
#undef COUNTER

#ifndef __bpf__
/* The list's texts; NULL for a number that is not in the list. */
const char *stop_reason_name(uint32_t reason);
const char *stop_reason_summary(uint32_t reason);
const char *counter_label(uint32_t counter);
const char *counter_meaning(uint32_t counter);
#endif

#endif
