#define _GNU_SOURCE
#include "memory_shims.h"

#include <linux/membarrier.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int shim_wait_for_cpus(void)
{
	return (int)syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

int shim_memory_file(const char *name)
{
	return memfd_create(name, MFD_CLOEXEC);
}

void shim_give_memory_back(void)
{
	/* glibc raises the threshold to the size of what was freed, up to 32 MiB, unless it is set. */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	mallopt(M_ARENA_MAX, 2);
}

void shim_trim_memory(void)
{
	malloc_trim(0);
}
