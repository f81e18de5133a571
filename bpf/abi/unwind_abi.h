/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Unwind tables as BPF, its host build and Swift (Unwinding, UnwindTables) share them.
 *
 * Everything lies in one arena of segments, each the one value of an mmapable array. A block is a
 * run of bytes inside one segment, named by a block reference. The kinds of blocks:
 *
 *   process    struct unwind_process and its mappings, sorted by start
 *   directory  struct unwind_directory and its pages, of one image
 *   rows       uint32_t[], sorted, of one page of 64 KiB of an image's code
 *   rules      struct unwind_rule[], of one image
 *
 * address ──process──▶ table offset ──directory──▶ rows of its page ──search──▶ rule
 */
#ifndef HEARTH_UNWIND_ABI_H
#define HEARTH_UNWIND_ABI_H

#ifndef __bpf__
#include <stdint.h>
#endif

/* Bytes of a segment: the one value of an inner map. A power of two, so that a mask bounds it. */
#define SEGMENT_BYTES (256 * 1024)
/* What a map value has behind SEGMENT_BYTES, so that a masked offset leaves room for any struct. */
#define SEGMENT_SLACK 64
/* Segments an arena may have: 1 GiB, far above any memory budget. */
#define MAX_SEGMENTS 4096
/* Blocks begin at multiples of this, so that a reference fits 32 bits. */
#define BLOCK_ALIGNMENT 16
/* Blocks in a segment: reference = segment * BLOCKS_PER_SEGMENT + offset / BLOCK_ALIGNMENT. */
#define BLOCKS_PER_SEGMENT (SEGMENT_BYTES / BLOCK_ALIGNMENT)
/* No block. The first block of segment 0 is never given out. */
#define NO_BLOCK 0

/* Processes BPF may know at a time. */
#define MAX_KNOWN_PROCESSES 16384

/* Bytes of code that one directory page covers. */
#define UNWIND_PAGE_BYTES (64 * 1024)
/* Rows of one page: at most one per byte of code; log2 is the steps of a search. */
#define MAX_PAGE_ROWS UNWIND_PAGE_BYTES
/* Rules of one image; a row has 16 bits for its rule. */
#define MAX_RULES (SEGMENT_BYTES / 16)
/* Pages of one image: what a segment holds behind the directory's header. */
#define MAX_UNWIND_PAGES ((SEGMENT_BYTES - 16) / 8)
/* Mappings of one process that BPF knows. */
#define MAX_UNWIND_MAPPINGS 5460

/*
 * A row: the low 16 bits are the offset in its page from which it holds, up to the next row; the
 * high 16 bits the index of its rule. The first row of a page is at offset 0.
 */
#define ROW_OFFSET(row) ((row)&0xffff)
#define ROW_RULE(row)   ((row) >> 16)

/*
 * How the CFA, the caller's stack pointer, comes from the registers of a frame. sp, fp and ip are
 * the frame's; the numbers of other registers are DWARF's (System V ABI x86-64, figure 3.36).
 */
enum cfa_kind {
	CFA_NONE = 0,     /* not covered by call frame information: go by frame pointers */
	CFA_SP = 1,       /* cfa = sp + cfa_offset */
	CFA_FP = 2,       /* cfa = fp + cfa_offset */
	CFA_REGISTER = 3, /* cfa = reg[cfa_register] + cfa_offset */
	CFA_SP_DEREF = 4, /* cfa = [sp + cfa_offset] + cfa_add */
	CFA_FP_DEREF = 5, /* cfa = [fp + cfa_offset] + cfa_add */
	/* a linkage stub that pushes: cfa = sp + cfa_offset + (ip % 16 >= cfa_add ? 8 : 0) */
	CFA_PLT = 6,
	CFA_SIGNAL = 7, /* a signal frame: all registers lie in the ucontext at sp + cfa_offset */
	CFA_END = 8,    /* the outermost frame: it has no caller */
	CFA_UNSUPPORTED = 9, /* covered, but by a rule that does not fit this structure */
	CFA_KIND_COUNT
};

/* Where the caller's frame pointer is. */
enum saved_fp_kind {
	SAVED_FP_SAME = 0,   /* still in its register */
	SAVED_FP_AT_CFA = 1, /* [cfa + fp_offset] */
	SAVED_FP_AT_FP = 2,  /* [fp + fp_offset] */
	SAVED_FP_LOST = 3,   /* nowhere */
	SAVED_FP_KIND_COUNT
};

/* Where the return address is. */
enum return_kind {
	RETURN_AT_CFA = 0,      /* [cfa + return_offset]; compilers: -8 */
	RETURN_IN_REGISTER = 1, /* reg[return_offset], in frames whose registers are all known */
	RETURN_KIND_COUNT
};

/* Leaves one frame; unused fields are zero, so that equal rules are equal bytes. */
struct unwind_rule {
	uint8_t cfa;          /* enum cfa_kind */
	uint8_t cfa_register; /* DWARF number */
	uint8_t fp;           /* enum saved_fp_kind */
	uint8_t return_kind;  /* enum return_kind */
	int32_t cfa_offset;
	int16_t fp_offset;
	int16_t bx_offset; /* the caller's rbx is at [cfa + bx_offset]; 0: still in its register */
	int16_t cfa_add;
	int16_t return_offset;
};

/* 64 KiB of an image's code. */
struct unwind_page {
	uint32_t rows;  /* block; NO_BLOCK: no code here */
	uint32_t count; /* rows in it, <= MAX_PAGE_ROWS */
};

/* One image's table. */
struct unwind_directory {
	uint32_t last_used; /* written by BPF: the sample's time >> USED_SHIFT */
	uint32_t page_count;
	uint32_t rules; /* block */
	uint32_t rule_count;
	/* struct unwind_page pages[page_count] */
};
/* last_used counts units of 2^30 ns, about a second. */
#define USED_SHIFT 30

/* Images at one address that a search tries, the present one included. */
#define MAX_ALTERNATIVES 4

/* What a mapping's directory means. */
enum mapping_state {
	MAPPING_TABLE = 0,  /* directory is valid */
	MAPPING_UNREAD = 1, /* nobody looked for a table yet: tell user space */
	MAPPING_BARE = 2,   /* there is none: go by frame pointers */
	MAPPING_STATE_COUNT
};

/*
 * An executable mapping of a process. Several may begin at one address: images that took turns
 * there. The last of them is the present one; a search tries MAX_ALTERNATIVES of them by their
 * marks.
 */
struct unwind_mapping {
	uint64_t start; /* process addresses; end is one past the last */
	uint64_t end;
	uint64_t table_start; /* offset in the image's table of `start`; may wrap */
	uint32_t directory;   /* block */
	uint32_t state;       /* enum mapping_state */
	/*
	 * Eight bytes of the image that no other has, its build ID's, and where they are in the
	 * process; 0: it has none. When other bytes are there, something else was mapped since.
	 */
	uint64_t mark_address;
	uint64_t mark;
};

/*
 * The head of a process's mappings: whose they are. BPF finds the block by tgid and believes it
 * only when all three are those of the running task.
 */
struct unwind_process {
	uint64_t
		start_time; /* the leader's start_boottime: another process had the number before */
	uint64_t exec_id;   /* task->self_exec_id: exec makes the mappings another program's */
	uint32_t tgid;
	uint32_t count; /* <= MAX_UNWIND_MAPPINGS */
	uint64_t reserved;
	/* struct unwind_mapping mappings[count] */
};

#endif
