/* epoll(7) and eventfd(2), which Glibc's module map leaves out. */
#ifndef HEARTH_EVENT_POLL_SHIMS_H
#define HEARTH_EVENT_POLL_SHIMS_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static inline int shim_epoll_create(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

/* Watches fd for reading, level-triggered. */
static inline int shim_epoll_add(int poll, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};

	return epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
}

static inline int shim_epoll_wait(int poll, int milliseconds)
{
	struct epoll_event events[16];

	return epoll_wait(poll, events, 16, milliseconds);
}

static inline int shim_eventfd_create(void)
{
	return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static inline void shim_eventfd_signal(int fd)
{
	(void)eventfd_write(fd, 1);
}

static inline void shim_eventfd_clear(int fd)
{
	eventfd_t count;

	(void)eventfd_read(fd, &count);
}

#endif
