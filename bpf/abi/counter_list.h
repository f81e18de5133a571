/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The ledger of a sampling program: per-CPU, monotonic, counted in BPF.
 * FIRED is the first thing an entry does; DELIVERED and every LOST_* end it, exactly one per entry:
 * FIRED = DELIVERED + sum of LOST_*. Names are the metric's `reason`; append, never renumber.
 *
 *      name                  label              meaning
 */
COUNTER(FIRED, "fired", "entries into the sampling program")
COUNTER(DELIVERED, "delivered", "records put into the ring buffer")
COUNTER(LOST_RING_FULL, "ring_full", "the ring buffer had no room for the record")
COUNTER(LOST_NO_SCRATCH, "no_scratch", "the program's scratch record was not there")
COUNTER(KERNEL_STACK_FAILED, "kernel_stack", "bpf_get_stack gave no kernel stack")
COUNTER(USER_REGS_FAILED, "user_registers", "the task's user registers could not be read")
COUNTER(STACK_COPIED, "stack_copied", "user stacks sent as copies, for user space to unwind")
COUNTER(COPY_REFUSED, "copy_refused",
	"user stacks neither unwound nor copied: the process had its share")
