/* Memory: barriers and files that are nothing but memory. */
#pragma once

/*
 * Returns once every CPU has left the kernel code it was in when this was called: BPF programs that
 * ran then have ended (MEMBARRIER_CMD_GLOBAL is synchronize_rcu). 0, or -1: the kernel does not
 * offer it (nohz_full).
 */
int shim_wait_for_cpus(void);

/* memfd_create(2), close-on-exec. */
int shim_memory_file(const char *name);

/*
 * Large blocks come from the kernel and go back to it when they are freed, and threads share their
 * heaps: a daemon that read a compiler's symbols once must not hold their room for ever.
 */
void shim_give_memory_back(void);
/* malloc_trim(3). */
void shim_trim_memory(void);
