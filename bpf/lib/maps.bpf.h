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

/*
 * The arena of unwind tables and mappings, unwind_abi.h. Segments are made, filled and taken away
 * by user space, which writes to them through mmap; BPF writes one word of a directory.
 */
struct segment_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(uint32_t));
	__uint(value_size, SEGMENT_BYTES + SEGMENT_SLACK);
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, MAX_SEGMENTS);
	__type(key, uint32_t);
	__array(values, struct segment_map);
} segments SEC(".maps");

/* The process block of every process that was sampled, by tgid. Written by user space. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_KNOWN_PROCESSES);
	__type(key, uint32_t);
	__type(value, uint32_t);
} processes SEC(".maps");

/* How many stack copies a process caused lately, by tgid. Written by BPF alone. */
struct copy_share {
	uint32_t period; /* the sample's time >> USED_SHIFT */
	uint32_t count;
	uint64_t urgent; /* time of the last that woke the reader */
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, uint32_t);
	__type(value, struct copy_share);
} copy_shares SEC(".maps");

/* The ledger, counter_list.h: one slot per counter and CPU. Written by BPF, read by user space. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTER_COUNT);
	__type(key, uint32_t);
	__type(value, uint64_t);
} counters SEC(".maps");

#endif
