/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Why a stack ended: one list for BPF, for its host build and for Swift (StopReason).
 * The order is stored on disk and sent in records: append, never renumber.
 *
 * name, summary as people see it in a cut stack, and what would give more of the stack.
 */
STOP_REASON(END_OF_STACK, "reached the outermost frame", "")
STOP_REASON(NO_USER_STACK, "a kernel thread has no user stack", "")
STOP_REASON(STACK_UNREADABLE, "stack memory could not be read",
	    "nothing, as a rule: the process was ending, or the page was swapped out")
STOP_REASON(NO_FRAME_POINTER, "frame pointer does not point up the stack",
	    "code made at run time, or an image that could not be read: let the runtime keep frame "
	    "pointers (node --interpreted-frames-native-stack, java -XX:+PreserveFramePointer)")
STOP_REASON(TOO_DEEP, "deeper than the record can hold", "")
STOP_REASON(NOT_CODE, "return address is not user code",
	    "the frame below has unwind information that is wrong, or none at all")
STOP_REASON(KERNEL_UNREADABLE, "the kernel gave no kernel stack", "")
STOP_REASON(UNKNOWN_PROCESS, "too many samples of a process not yet known",
	    "time: the process was new; if it stays so, its /proc/PID/maps cannot be read")
STOP_REASON(NO_MAPPING, "the address is in no known mapping",
	    "time: the mapping was new; if it stays so, the address is no code's")
STOP_REASON(TABLE_UNREAD, "the image's unwind table is not loaded yet", "time")
STOP_REASON(NO_UNWIND_ROW, "no unwind row covers the code, and it keeps no frame pointer",
	    "assembly without .cfi directives: add them, or keep a frame pointer")
STOP_REASON(UNSUPPORTED_RULE, "the code's unwind rule is beyond what we evaluate",
	    "please report the image and the address")
STOP_REASON(REGISTER_LOST, "the rule needs a register that a callee may have changed",
	    "please report the image and the address")
STOP_REASON(NO_PROGRESS, "the caller's frame is not above its callee's",
	    "the stack was overwritten, or the frame below has wrong unwind information")
STOP_REASON(BAD_TABLE, "the unwind table contradicts itself", "please report it")
STOP_REASON(COPY_ENDED, "the copied part of the stack ended",
	    "time: only the first samples of a process are unwound from copies")
STOP_REASON(ENDING, "the process was ending, and its stack already gone", "")
