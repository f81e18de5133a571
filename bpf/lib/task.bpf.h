/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Who is running. The kernel knows the type of what bpf_get_current_task_btf() returns, so members
 * are read by plain loads, a null pointer's as 0, and not by a call each.
 */
#ifndef HEARTH_TASK_BPF_H
#define HEARTH_TASK_BPF_H

#include "kernel_types.bpf.h"

/* kernfs id of the task's cgroup in the hierarchy of one subsystem; 0: there is none. */
static inline uint64_t subsystem_cgroup_id(struct task_struct *task, uint32_t subsystem)
{
	if (subsystem >= 16)
		return 0;
	return task->cgroups->subsys[subsystem]->cgroup->kn->id;
}

/*
 * The task's cgroup where cgroup v1 has one: the pids hierarchy, else memory. The enum's values
 * depend on the kernel's configuration, so they are relocated.
 */
static inline uint64_t cgroup1_id(struct task_struct *task)
{
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
		return subsystem_cgroup_id(
			task, bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id));
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		return subsystem_cgroup_id(
			task, bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
	return 0;
}

/* Fills in everything about the running task that is not its stack. */
static inline void describe_task(struct sample_record *record, struct task_struct *task)
{
	uint64_t id = bpf_get_current_pid_tgid();

	record->time = bpf_ktime_get_ns();
	record->tgid = id >> 32;
	record->tid = (uint32_t)id;
	record->cpu = bpf_get_smp_processor_id();
	record->start_time = task->group_leader->start_boottime;
	record->exec_id = task->self_exec_id;
	record->cgroup_id = bpf_get_current_cgroup_id();
	record->cgroup1_id = cgroup1_id(task);
	bpf_get_current_comm(record->comm, sizeof(record->comm));
}

#endif
