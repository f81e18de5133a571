#include "linux_shims.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

int shim_perf_event_open(struct perf_event_attr *attributes, pid_t pid, int cpu, int group_fd,
			 unsigned long flags)
{
	return (int)syscall(SYS_perf_event_open, attributes, pid, cpu, group_fd, flags);
}

int shim_open(const char *path, int flags)
{
	return open(path, flags);
}

int shim_create(const char *path, int flags, mode_t mode)
{
	return open(path, flags, mode);
}

uint64_t shim_ring_head(const struct perf_event_mmap_page *page)
{
	return __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
}

void shim_ring_set_tail(struct perf_event_mmap_page *page, uint64_t tail)
{
	__atomic_store_n(&page->data_tail, tail, __ATOMIC_RELEASE);
}
