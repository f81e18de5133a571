/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
#ifndef HEARTH_EMIT_BPF_H
#define HEARTH_EMIT_BPF_H

#include "config.bpf.h"
#include "counters.bpf.h"
#include "walk.h"

/*
 * Sends the record at its used length. A wakeup costs about as much as the whole sample, so the
 * reader comes by on a timer and is woken only when the ring fills up.
 */
static inline void emit(struct sample_scratch *scratch)
{
	uint32_t frames = scratch->record.kernel_count + scratch->record.user_count;
	uint32_t copied = scratch->copy.length;
	uint64_t wakeup = BPF_RB_NO_WAKEUP;
	uint32_t length;

	/* Neither happens: the parts are bounded; the verifier cannot know. */
	if (frames > MAX_FRAMES)
		frames = MAX_FRAMES;
	if (copied > MAX_STACK_COPY)
		copied = MAX_STACK_COPY;
	length = sizeof(struct sample_record) + frames * sizeof(uint64_t);
	if (scratch->record.has_copy)
		length = __builtin_offsetof(struct sample_scratch, copy.bytes) + copied;
	if (scratch->record.has_copy == COPY_URGENT ||
	    bpf_ringbuf_query(&samples, BPF_RB_AVAIL_DATA) >= settings.wakeup_bytes)
		wakeup = BPF_RB_FORCE_WAKEUP;
	if (bpf_ringbuf_output(&samples, scratch, length, wakeup))
		count(COUNTER_LOST_RING_FULL);
	else
		count(COUNTER_DELIVERED);
}

#endif
