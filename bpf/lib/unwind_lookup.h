/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * From an address to its rule: mapping, directory page, row.
 *
 * Searches begin at a number that the verifier does not know, walk->zero where there is no other:
 * one that begins at a known number is followed along each of its 2^steps ways (6.18: more than a
 * million instructions).
 */
#ifndef HEARTH_UNWIND_LOOKUP_H
#define HEARTH_UNWIND_LOOKUP_H

#include "platform.h"

/* Steps of a binary search. */
#define MAPPING_SEARCH_STEPS 13
#define ROW_SEARCH_STEPS     16
_Static_assert(1 << MAPPING_SEARCH_STEPS >= MAX_UNWIND_MAPPINGS, "a search reaches every entry");
_Static_assert(1 << ROW_SEARCH_STEPS >= MAX_PAGE_ROWS, "a search reaches every entry");

static inline struct unwind_mapping *mapping_at(void *segment, const struct walk *walk,
						uint32_t index)
{
	return in_segment(segment, block_offset(walk->process) + sizeof(struct unwind_process) +
					   index * sizeof(struct unwind_mapping));
}

/*
 * Whether the mapping's image is still the one we know. A library that was closed and another one
 * opened in its place are told apart before user space hears of it: by the build ID in memory.
 * Where that cannot be read the mapping is believed: its page may only be absent.
 */
static inline int is_still_there(const struct walk *walk)
{
	uint64_t mark;

	if (!walk->mapping.mark || read_user(walk, &mark, sizeof(mark), walk->mapping.mark_address))
		return 1;
	return mark == walk->mapping.mark;
}

/* Makes walk->mapping the one that holds the address. Returns 0, or 1 when there is none. */
static inline int find_mapping(struct walk *walk, uint64_t address)
{
	uint32_t low = walk->zero, count, half, step;
	void *segment;

	/* Callers mostly lie in their callee's image. */
	if (walk->mapping.start <= address && address < walk->mapping.end)
		return 0;
	walk->page = NO_PAGE;
	walk->rows = NO_BLOCK;
	segment = segment_of(walk, walk->process);
	if (!segment || !walk->mapping_count)
		return 1;
	/* The last that begins at or below the address is among `count` from `low` on. */
	count = walk->mapping_count;
	for (step = 0; step < MAPPING_SEARCH_STEPS && count > 1; step++) {
		half = count / 2;
		if (mapping_at(segment, walk, low + half)->start <= address)
			low += half;
		count -= half;
	}
	for (step = 0; step < MAX_ALTERNATIVES; step++) {
		walk->mapping = *mapping_at(segment, walk, low);
		if (address < walk->mapping.start || address >= walk->mapping.end)
			break;
		if (is_still_there(walk))
			return 0;
		if (!low)
			break;
		low--;
	}
	walk->mapping.start = walk->mapping.end = 0;
	return 1;
}

/* Makes walk->page the page of walk->mapping's table that has this index. Returns a stop reason. */
static inline uint32_t find_page(struct walk *walk, uint64_t index)
{
	uint32_t place = block_offset(walk->mapping.directory);
	void *segment = segment_of(walk, walk->mapping.directory);
	struct unwind_directory *directory;
	struct unwind_page *page;

	if (!segment)
		return STOP_BAD_TABLE;
	directory = in_segment(segment, place);
	if (directory->last_used != walk->used)
		directory->last_used = walk->used;
	walk->rows = NO_BLOCK;
	if (index >= directory->page_count) {
		walk->page = NO_PAGE; /* no rows so far up */
		return STOP_REASON_COUNT;
	}
	place += sizeof(*directory) + (uint32_t)index * sizeof(*page);
	page = in_segment(segment, place);
	walk->page = index;
	walk->rows = page->rows;
	walk->row_count = page->count;
	walk->rules = directory->rules;
	return STOP_REASON_COUNT;
}

/*
 * The rule for an address of walk->mapping, which has a table; null: no row covers it. Returns a
 * stop reason.
 */
static inline uint32_t find_rule(struct walk *walk, uint64_t address,
				 const struct unwind_rule **rule)
{
	uint64_t offset = address - walk->mapping.start + walk->mapping.table_start;
	uint32_t place, count, half, step, row;
	uint64_t index = offset / UNWIND_PAGE_BYTES;
	void *segment;

	*rule = 0;
	if (index != walk->page && find_page(walk, index) != STOP_REASON_COUNT)
		return STOP_BAD_TABLE;
	if (walk->rows == NO_BLOCK)
		return STOP_REASON_COUNT;
	count = walk->row_count;
	place = block_offset(walk->rows);
	segment = segment_of(walk, walk->rows);
	if (!segment)
		return STOP_BAD_TABLE;
	/* The last row that begins at or below the address is among `count` from `place` on. */
	for (step = 0; step < ROW_SEARCH_STEPS && count > 1; step++) {
		half = count / 2;
		row = *(uint32_t *)in_segment(segment, place + half * sizeof(row));
		if (ROW_OFFSET(row) <= offset % UNWIND_PAGE_BYTES)
			place += half * sizeof(row);
		count -= half;
	}
	row = *(uint32_t *)in_segment(segment, place);
	segment = segment_of(walk, walk->rules);
	if (!segment)
		return STOP_BAD_TABLE;
	*rule = in_segment(segment, block_offset(walk->rules) + ROW_RULE(row) * sizeof(**rule));
	return STOP_REASON_COUNT;
}

#endif
