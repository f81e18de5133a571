/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Why a stack ended: one list for BPF, for its host build and for Swift (StopReason).
 * The order is stored on disk and sent in records: append, never renumber.
 *
 *          name                summary, as people see it in a cut stack
 */
STOP_REASON(END_OF_STACK, "reached the outermost frame")
STOP_REASON(NO_USER_STACK, "a kernel thread has no user stack")
STOP_REASON(STACK_UNREADABLE, "stack memory could not be read")
STOP_REASON(NO_FRAME_POINTER, "frame pointer does not point up the stack")
STOP_REASON(TOO_DEEP, "deeper than the record can hold")
STOP_REASON(NOT_CODE, "return address is not user code")
STOP_REASON(KERNEL_UNREADABLE, "the kernel gave no kernel stack")
