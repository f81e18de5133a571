/* openat2(2), which glibc does not wrap. */
#ifndef HEARTH_FILE_SHIMS_H
#define HEARTH_FILE_SHIMS_H

/*
 * Opens a path below a root directory (/proc/PID/root) for reading, links and ".." resolved inside it, as a process with that
 * root would see it. Does not block on a FIFO. -1 and errno on failure.
 */
int shim_open_in_root(const char *root, const char *path);

/* The same where anybody may write, as in /tmp: what the path ends in must be no link (ELOOP). */
int shim_open_no_link_in_root(const char *root, const char *path);

#endif
