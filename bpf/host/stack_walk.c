/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
#include "../lib/unwind.h"

uint32_t walk_stack_copy(const struct host_memory *memory, const uint64_t *registers,
			 uint32_t process, uint32_t used, uint64_t *hash, uint64_t *frames,
			 uint32_t *count)
{
	static _Thread_local struct sample_scratch scratch;
	struct walk *walk = &scratch.walk;
	void *segment;

	memcpy(scratch.registers, registers, sizeof(scratch.registers));
	scratch.record.kernel_count = 0;
	walk->memory = memory;
	walk->hash = *hash;
	walk->used = used;
	walk->process = process;
	walk->mapping_count = 0;
	if (process != NO_BLOCK) {
		segment = segment_of(walk, process);
		if (!segment)
			return STOP_BAD_TABLE;
		walk->mapping_count =
			((struct unwind_process *)in_segment(segment, block_offset(process)))
				->count;
	}
	walk_stack(&scratch);
	memcpy(frames, scratch.frames, walk->count * sizeof(*frames));
	*count = walk->count;
	*hash = walk->hash;
	return walk->stop;
}
