/* ioctl(2) of perf events: variadic, so Swift cannot call it itself. */
#ifndef HEARTH_PERF_SHIMS_H
#define HEARTH_PERF_SHIMS_H

/* PERF_EVENT_IOC_ENABLE; -1 and errno on failure. */
int shim_perf_enable(int event);
/* PERF_EVENT_IOC_DISABLE; -1 and errno on failure. */
int shim_perf_disable(int event);

#endif
