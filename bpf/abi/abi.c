/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* The shared layouts, asserted, and the texts of the shared lists for user space. */
#include <stddef.h>
#include "sample_abi.h"
#include "unwind_abi.h"

_Static_assert(sizeof(struct sample_record) == 96, "header length");
_Static_assert(offsetof(struct sample_record, time) == 0, "layout");
_Static_assert(offsetof(struct sample_record, start_time) == 8, "layout");
_Static_assert(offsetof(struct sample_record, cgroup_id) == 16, "layout");
_Static_assert(offsetof(struct sample_record, cgroup1_id) == 24, "layout");
_Static_assert(offsetof(struct sample_record, exec_id) == 32, "layout");
_Static_assert(offsetof(struct sample_record, stack_hash) == 40, "layout");
_Static_assert(offsetof(struct sample_record, tgid) == 48, "layout");
_Static_assert(offsetof(struct sample_record, tid) == 52, "layout");
_Static_assert(offsetof(struct sample_record, cpu) == 56, "layout");
_Static_assert(offsetof(struct sample_record, kernel_count) == 60, "layout");
_Static_assert(offsetof(struct sample_record, user_count) == 62, "layout");
_Static_assert(offsetof(struct sample_record, kernel_stop) == 64, "layout");
_Static_assert(offsetof(struct sample_record, user_stop) == 68, "layout");
_Static_assert(offsetof(struct sample_record, has_copy) == 72, "layout");
_Static_assert(offsetof(struct sample_record, comm) == 80, "layout");
_Static_assert(offsetof(struct stack_copy, bytes) == 144, "layout");
_Static_assert(sizeof(struct sampling_settings) == 24, "layout");

_Static_assert(sizeof(struct unwind_rule) == 16, "layout");
_Static_assert(offsetof(struct unwind_rule, cfa_offset) == 4, "layout");
_Static_assert(offsetof(struct unwind_rule, fp_offset) == 8, "layout");
_Static_assert(offsetof(struct unwind_rule, bx_offset) == 10, "layout");
_Static_assert(offsetof(struct unwind_rule, cfa_add) == 12, "layout");
_Static_assert(offsetof(struct unwind_rule, return_offset) == 14, "layout");
_Static_assert(sizeof(struct unwind_page) == 8, "layout");
_Static_assert(sizeof(struct unwind_directory) == 16, "layout");
_Static_assert(sizeof(struct unwind_mapping) == 48, "layout");
_Static_assert(sizeof(struct unwind_process) == 32, "layout");
_Static_assert(sizeof(struct unwind_process) <= SEGMENT_SLACK,
	       "a struct fits behind a masked offset");
_Static_assert(sizeof(struct unwind_process) +
			       MAX_UNWIND_MAPPINGS * sizeof(struct unwind_mapping) <=
		       SEGMENT_BYTES,
	       "a process's mappings fit one segment");
_Static_assert(MAX_PAGE_ROWS * sizeof(uint32_t) <= SEGMENT_BYTES, "a page's rows fit one segment");
_Static_assert(MAX_RULES * sizeof(struct unwind_rule) <= SEGMENT_BYTES, "so do an image's rules");
_Static_assert(MAX_RULES <= 1 << 16, "a row has 16 bits for its rule");
_Static_assert((uint64_t)MAX_SEGMENTS *BLOCKS_PER_SEGMENT <= UINT32_MAX,
	       "a reference fits 32 bits");

#define STOP_REASON(name, summary, advice) {#name, summary, advice},
static const char *const stop_reasons[][3] = {
#include "stop_reason_list.h"
};
#undef STOP_REASON

#define COUNTER(name, label, meaning) {label, meaning},
static const char *const counters[][2] = {
#include "counter_list.h"
};
#undef COUNTER

const char *stop_reason_name(uint32_t reason)
{
	return reason < STOP_REASON_COUNT ? stop_reasons[reason][0] : NULL;
}

const char *stop_reason_summary(uint32_t reason)
{
	return reason < STOP_REASON_COUNT ? stop_reasons[reason][1] : NULL;
}

const char *stop_reason_advice(uint32_t reason)
{
	return reason < STOP_REASON_COUNT ? stop_reasons[reason][2] : NULL;
}

const char *counter_label(uint32_t counter)
{
	return counter < COUNTER_COUNT ? counters[counter][0] : NULL;
}

const char *counter_meaning(uint32_t counter)
{
	return counter < COUNTER_COUNT ? counters[counter][1] : NULL;
}
