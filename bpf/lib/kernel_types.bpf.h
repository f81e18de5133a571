/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The few kernel types we read, with only the members we read. libbpf relocates every access
 * against the running kernel's BTF (CO-RE), so layouts here need not match; names must.
 */
#ifndef HEARTH_KERNEL_TYPES_BPF_H
#define HEARTH_KERNEL_TYPES_BPF_H

#include "../abi/sample_abi.h"
#include "../abi/unwind_abi.h"

typedef uint8_t __u8;
typedef uint16_t __u16;
typedef short __s16;
typedef uint32_t __u32;
typedef int __s32;
typedef uint64_t __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

/* include/uapi/linux/bpf.h */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_RINGBUF = 27,
};
enum {
	BPF_F_MMAPABLE = 1 << 10,
	BPF_RB_NO_WAKEUP = 1,
	BPF_RB_FORCE_WAKEUP = 2,
	BPF_RB_AVAIL_DATA = 0,
};

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* arch/x86/include/uapi/asm/ptrace.h; uapi, fixed: not relocated. */
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax;
	unsigned long ip, cs, flags, sp, ss;
};

/* include/uapi/linux/bpf_perf_event.h; fixed: what a perf_event program is called with. */
struct bpf_perf_event_data {
	struct pt_regs regs;
	uint64_t sample_period;
	uint64_t addr;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

enum cgroup_subsys_id {
	memory_cgrp_id = 1,
	pids_cgrp_id = 2,
};

struct kernfs_node {
	uint64_t id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct css_set {
	struct cgroup_subsys_state *subsys[16];
};

struct mm_struct;

struct task_struct {
	unsigned int flags;
	struct mm_struct *mm;
	uint64_t start_boottime;
	uint64_t self_exec_id;
	struct task_struct *group_leader;
	struct css_set *cgroups;
};

#pragma clang attribute pop

/* include/linux/sched.h: the task is a kernel thread. */
#define PF_KTHREAD 0x00200000

#endif
