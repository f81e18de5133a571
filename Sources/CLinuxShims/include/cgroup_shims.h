/* open_by_handle_at(2) for cgroups: its argument ends in a flexible array. */
#ifndef HEARTH_CGROUP_SHIMS_H
#define HEARTH_CGROUP_SHIMS_H

#include <stdint.h>

/*
 * Opens the directory of a cgroup by its kernfs id (O_PATH). mount is a descriptor of any
 * directory of the same hierarchy. Needs CAP_DAC_READ_SEARCH. -1 and errno on failure; ESTALE
 * when the cgroup is gone.
 */
int shim_open_cgroup(int mount, uint64_t id);

#endif
