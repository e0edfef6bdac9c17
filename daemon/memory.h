/* SPDX-License-Identifier: MIT */
/*
 * The process's memory: small, and in RAM. Main thread, at start.
 */
#ifndef DAEMON_MEMORY_H
#define DAEMON_MEMORY_H

/* Tells malloc that this is a small daemon whose main thread alone allocates. Before the
 * first allocation. */
void memory_keep_small(void);

/* Keeps all memory in RAM that the process touches, now and later. -EPERM: neither a
 * privilege nor an unlimited RLIMIT_MEMLOCK allows that; nothing is locked then, because a
 * limit would make a later mmap fail instead. Or mlockall's negative errno. */
int memory_lock(void);

#endif
