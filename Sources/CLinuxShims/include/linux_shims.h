/* What Swift cannot call itself: variadic system calls and a few macros. */
#ifndef HEARTH_LINUX_SHIMS_H
#define HEARTH_LINUX_SHIMS_H

#include <linux/perf_event.h>
#include <stdint.h>
#include <sys/types.h>

/* perf_event_open(2); -1 and errno on failure. */
int shim_perf_event_open(struct perf_event_attr *attributes, pid_t pid, int cpu, int group_fd,
			 unsigned long flags);

/* open(2) without a mode; -1 and errno on failure. */
int shim_open(const char *path, int flags);
/* open(2) with O_CREAT: the mode of a new file. */
int shim_create(const char *path, int flags, mode_t mode);

/* The perf ring's head, with the acquire barrier perf_event_mmap_page asks for. */
uint64_t shim_ring_head(const struct perf_event_mmap_page *page);
/* Gives bytes up to tail back to the kernel, with the release barrier. */
void shim_ring_set_tail(struct perf_event_mmap_page *page, uint64_t tail);

#endif
