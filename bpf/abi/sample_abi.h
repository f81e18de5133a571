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
typedef short int16_t;
typedef int int32_t;
#else
#include <stdint.h>
#endif

/* Frames kept of a kernel stack; the kernel's own limit (perf_event_max_stack) is 127. */
#define MAX_KERNEL_FRAMES 128
/* Frames kept of a user stack: eight times what perf keeps; 8 KiB of the record. */
#define MAX_USER_FRAMES 1024
/* Registers of a stack copy: DWARF's 0 to 15, and the instruction pointer. */
#define REGISTER_COUNT 17
/* Bytes kept of a stack that user space has to unwind, and room for the last page's rest. */
#define MAX_STACK_COPY   16384
#define STACK_COPY_SLACK 4096
/* Bytes below sp that a copy begins with: the walk reads two words below the CFA at once. */
#define STACK_COPY_BELOW 16
/* TASK_COMM_LEN, include/linux/sched.h. */
#define COMM_LENGTH 16
/*
 * Set in a user frame that is no return address although it is not the first: the instruction that
 * a signal interrupted. No user address has this bit.
 */
#define FRAME_INTERRUPTED (1ull << 63)

/* Whether a record has a stack copy. */
enum copy_state {
	COPY_ABSENT = 0,
	COPY_PRESENT = 1,
	COPY_URGENT = 2, /* present, and of a process that user space is to make known soon */
};

/*
 * One sample, as the ring buffer carries it: this header, then kernel_count + user_count frames
 * of eight bytes each, kernel frames first, each part leaf first. The record is cut to that length.
 * Or, when BPF could not unwind the user stack and `has_copy` says so: the kernel frames, room up
 * to MAX_KERNEL_FRAMES of them, a struct stack_copy cut to its length, and no user frames.
 */
struct sample_record {
	uint64_t time;       /* CLOCK_MONOTONIC, ns */
	uint64_t start_time; /* the group leader's start_boottime, ns */
	uint64_t cgroup_id;  /* cgroup v2 id of the task */
	uint64_t cgroup1_id; /* kernfs id in the v1 pids, else memory hierarchy; 0: none */
	uint64_t exec_id; /* task->self_exec_id: how often the process called execve, as it were */
	uint64_t stack_hash; /* over the frames that follow, seeded when the program is loaded */
	uint32_t tgid;       /* process, in the initial pid namespace */
	uint32_t tid;        /* thread, in the initial pid namespace */
	uint32_t cpu;
	uint16_t kernel_count; /* <= MAX_KERNEL_FRAMES */
	uint16_t user_count;   /* <= MAX_USER_FRAMES */
	uint32_t kernel_stop;  /* enum stop_reason */
	uint32_t user_stop;    /* enum stop_reason */
	uint32_t has_copy;     /* enum copy_state */
	uint32_t reserved;
	uint8_t comm[COMM_LENGTH]; /* the thread's name, padded with zeroes */
};

/* What user space needs to unwind a stack later. */
struct stack_copy {
	uint64_t registers[REGISTER_COUNT];
	uint32_t length; /* of the stack from sp - STACK_COPY_BELOW on; <= MAX_STACK_COPY */
	uint32_t reserved;
	uint8_t bytes[MAX_STACK_COPY + STACK_COPY_SLACK];
};

/* What user space decides before a sampling program is loaded; constant to the verifier. */
struct sampling_settings {
	uint64_t hash_seed;    /* random per load, so that nobody can prepare colliding stacks */
	uint64_t wakeup_bytes; /* unread ring bytes from which the reader is woken */
	uint64_t copy_budget;  /* stack copies a process may cause in 2^USED_SHIFT ns */
};

#define STOP_REASON(name, summary, advice) STOP_##name,
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
const char *stop_reason_advice(uint32_t reason);
const char *counter_label(uint32_t counter);
const char *counter_meaning(uint32_t counter);
#endif

#endif
