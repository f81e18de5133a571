/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Copies the top of a user stack into the record. */
#ifndef HEARTH_STACK_COPY_BPF_H
#define HEARTH_STACK_COPY_BPF_H

#include "config.bpf.h"
#include "counters.bpf.h"
#include "walk.h"

#define PAGE_BYTES 4096
/* Nanoseconds between two copies of one process that wake the reader. */
#define URGENT_INTERVAL 2000000
/* The page the copy begins in, and whole ones behind it. */
#define MAX_COPY_PAGES (MAX_STACK_COPY / PAGE_BYTES + 1)
_Static_assert(STACK_COPY_SLACK >= PAGE_BYTES, "a page that begins inside the copy fits");

/* Whether the process may cause another copy; one that never gets known must not fill the ring. */
static inline int has_copy_share(struct sample_record *record)
{
	uint32_t tgid = record->tgid;
	uint32_t period = record->time >> USED_SHIFT;
	struct copy_share first = {.period = period, .count = 1, .urgent = record->time};
	struct copy_share *share = bpf_map_lookup_elem(&copy_shares, &tgid);

	/* Wake the reader now and then: the sooner it knows the process, the fewer copies. */
	record->has_copy = COPY_URGENT;
	if (!share) {
		bpf_map_update_elem(&copy_shares, &tgid, &first, 0);
		return 1;
	}
	if (share->period != period) {
		*share = first;
		return 1;
	}
	share->count++; /* CPUs may race: the bound is not exact, and need not be */
	if (record->time - share->urgent < URGENT_INTERVAL)
		record->has_copy = COPY_PRESENT;
	else
		share->urgent = record->time;
	return share->count <= settings.copy_budget;
}

/* Copies registers and stack, page by page: one page that is absent fails a whole read. */
static inline int copy_stack(struct sample_scratch *scratch)
{
	struct stack_copy *copy = &scratch->copy;
	uint64_t start = scratch->registers[DWARF_SP] - STACK_COPY_BELOW;
	uint32_t length = 0, page, part;

	/* Half of the ring is for samples alone: a sample without its stack is better than none. */
	if (bpf_ringbuf_query(&samples, BPF_RB_AVAIL_DATA) >= settings.wakeup_bytes ||
	    !has_copy_share(&scratch->record)) {
		count(COUNTER_COPY_REFUSED);
		scratch->record.has_copy = COPY_ABSENT;
		return 0;
	}
	__builtin_memcpy(copy->registers, scratch->registers, sizeof(copy->registers));
	for (page = 0; page < MAX_COPY_PAGES; page++) {
		part = PAGE_BYTES - ((start + length) & (PAGE_BYTES - 1));
		if (length >= MAX_STACK_COPY || part > PAGE_BYTES)
			break;
		if (bpf_probe_read_user(copy->bytes + length, part, (void *)(start + length)))
			break;
		length += part;
	}
	copy->length = length < MAX_STACK_COPY ? length : MAX_STACK_COPY;
	copy->reserved = 0;
	count(COUNTER_STACK_COPIED);
	return 1;
}

#endif
