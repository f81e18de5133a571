#include "perf_shims.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>

int shim_perf_enable(int event)
{
	return ioctl(event, PERF_EVENT_IOC_ENABLE, 0);
}

int shim_perf_disable(int event)
{
	return ioctl(event, PERF_EVENT_IOC_DISABLE, 0);
}
