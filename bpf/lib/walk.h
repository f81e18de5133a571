/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* One walk up a user stack: what is known of the frame it stands in. */
#ifndef HEARTH_WALK_H
#define HEARTH_WALK_H

#include "../abi/sample_abi.h"
#include "../abi/unwind_abi.h"

/* DWARF numbers of x86-64 (System V ABI, figure 3.36) that have a place of their own in a walk. */
#define DWARF_BX 3
#define DWARF_FP 6
#define DWARF_SP 7
#define DWARF_IP 16

/* Frames of a record, kernel and user together. */
#define MAX_FRAMES (MAX_KERNEL_FRAMES + MAX_USER_FRAMES)

/*
 * Bytes of the stack that BPF reads at once, and keeps until it needs others. A read costs some 60
 * ns however little it reads, and most frames are much smaller than this. A window begins at a
 * multiple of its length, so it lies in one page: it can be read exactly when any word in it can.
 */
#define STACK_WINDOW_BYTES 512
#define NO_WINDOW          1
_Static_assert((STACK_WINDOW_BYTES & (STACK_WINDOW_BYTES - 1)) == 0,
	       "a mask gives a window's start");
_Static_assert(STACK_WINDOW_BYTES <= 4096, "a window lies in one page");
_Static_assert(NO_WINDOW % STACK_WINDOW_BYTES != 0, "no window begins there");

/* Above any index that a table's directory has. */
#define NO_PAGE 0xffffffffu
_Static_assert(NO_PAGE >= MAX_UNWIND_PAGES, "no page has this index");

/*
 * The state of a walk. It lies in a map value, not on the stack: what the verifier does not see it
 * need not follow, and one pass through the code proves it for every frame.
 */
struct walk {
#ifdef __bpf__
	uint64_t window_start; /* address of the window; NO_WINDOW: nothing is in it */
	uint64_t window[STACK_WINDOW_BYTES / sizeof(uint64_t)];
#else
	const struct host_memory *memory;
#endif
	uint64_t ip, sp, fp; /* of the frame the walk stands in */
	uint64_t hash;
	uint32_t process; /* block; NO_BLOCK: the process is not known */
	uint32_t mapping_count;
	uint32_t first; /* slot of the first user frame */
	uint32_t count; /* user frames so far */
	uint32_t stop;  /* enum stop_reason, valid after the walk */
	uint32_t used;  /* what a directory's last_used becomes */
	/*
	 * Whether ip is an instruction that was interrupted, not a return address, and all
	 * registers are known: the innermost frame, and what a signal interrupted.
	 */
	uint32_t interrupted;
	uint32_t zero; /* 0, but the verifier does not know */
	/* Of the mapping's table, the page that was looked into last: callers often lie in it too.
	 */
	uint32_t page; /* its index; NO_PAGE: none was */
	uint32_t rows; /* its block of rows; NO_BLOCK: no code there */
	uint32_t row_count;
	uint32_t rules;                     /* the table's block of rules */
	uint64_t bx_at;                     /* where the frame's rbx is kept, see bx_register() */
	struct unwind_mapping mapping;      /* that holds ip, most of the time */
	uint64_t registers[REGISTER_COUNT]; /* valid while `interrupted` */
};

/* A record at its longest, and what a walk needs beside it: the per-CPU scratch value. */
struct sample_scratch {
	struct sample_record record;
	union {
		uint64_t frames[MAX_FRAMES];
		struct {
			uint64_t kernel_frames[MAX_KERNEL_FRAMES];
			struct stack_copy copy;
		};
	};
	uint64_t registers[REGISTER_COUNT]; /* of the user code that was interrupted */
	struct walk walk;
};
_Static_assert(__builtin_offsetof(struct sample_scratch, copy) ==
		       sizeof(struct sample_record) + MAX_KERNEL_FRAMES * 8,
	       "a copy stands behind the room for kernel frames");
_Static_assert(sizeof(struct sample_scratch) <= 32 * 1024, "fits one per-CPU map value");

/* A place in a segment; any struct of SEGMENT_SLACK bytes may be read there. */
static inline void *in_segment(void *segment, uint32_t offset)
{
	return (uint8_t *)segment + (offset & (SEGMENT_BYTES - 1));
}

/* Where in its segment a block begins. */
static inline uint32_t block_offset(uint32_t block)
{
	return block % BLOCKS_PER_SEGMENT * BLOCK_ALIGNMENT;
}

#endif
