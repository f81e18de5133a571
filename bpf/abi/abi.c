/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* The shared layouts, asserted, and the texts of the shared lists for user space. */
#include <stddef.h>
#include "sample_abi.h"

_Static_assert(sizeof(struct sample_record) == 80, "header length");
_Static_assert(offsetof(struct sample_record, time) == 0, "layout");
_Static_assert(offsetof(struct sample_record, start_time) == 8, "layout");
_Static_assert(offsetof(struct sample_record, cgroup_id) == 16, "layout");
_Static_assert(offsetof(struct sample_record, cgroup1_id) == 24, "layout");
_Static_assert(offsetof(struct sample_record, stack_hash) == 32, "layout");
_Static_assert(offsetof(struct sample_record, tgid) == 40, "layout");
_Static_assert(offsetof(struct sample_record, tid) == 44, "layout");
_Static_assert(offsetof(struct sample_record, cpu) == 48, "layout");
_Static_assert(offsetof(struct sample_record, kernel_count) == 52, "layout");
_Static_assert(offsetof(struct sample_record, user_count) == 54, "layout");
_Static_assert(offsetof(struct sample_record, kernel_stop) == 56, "layout");
_Static_assert(offsetof(struct sample_record, user_stop) == 60, "layout");
_Static_assert(offsetof(struct sample_record, comm) == 64, "layout");
_Static_assert(sizeof(struct sampling_settings) == 16, "layout");
_Static_assert(sizeof(struct sample_scratch) <= 32 * 1024, "fits one per-CPU map value");

#define STOP_REASON(name, summary) {#name, summary},
static const char *const stop_reasons[][2] = {
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

const char *counter_label(uint32_t counter)
{
	return counter < COUNTER_COUNT ? counters[counter][0] : NULL;
}

const char *counter_meaning(uint32_t counter)
{
	return counter < COUNTER_COUNT ? counters[counter][1] : NULL;
}
