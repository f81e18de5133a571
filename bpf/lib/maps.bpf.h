/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Every map of the sampling programs. */
#ifndef HEARTH_MAPS_BPF_H
#define HEARTH_MAPS_BPF_H

#include "kernel_types.bpf.h"

/*
 * Samples on their way to user space: struct sample_record, cut to its used length.
 * Written by BPF, drained by user space, which sets the size before load from rate and CPUs.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} samples SEC(".maps");

/*
 * Where a record is built: the stack of a BPF program holds 512 bytes, a record up to 9 KiB.
 * One per CPU, and one map per kind of program, since programs of different kinds interrupt
 * each other.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, struct sample_scratch);
} on_cpu_scratch SEC(".maps");

/* The ledger, counter_list.h: one slot per counter and CPU. Written by BPF, read by user space. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTER_COUNT);
	__type(key, uint32_t);
	__type(value, uint64_t);
} counters SEC(".maps");

#endif
