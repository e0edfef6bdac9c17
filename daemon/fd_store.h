/* SPDX-License-Identifier: MIT */
/*
 * Files that systemd keeps for us from one life of the daemon to the next (its FD store), by
 * name. If systemd has not started us nothing is kept, and nothing of this does anything.
 * Main thread.
 */
#ifndef DAEMON_FD_STORE_H
#define DAEMON_FD_STORE_H

#include <stdbool.h>

/* Whether what is given to it can be kept at all. */
bool fd_store_is_there(void);

/* Keeps the file, whatever becomes of fd and of us, until it is forgotten. One that is kept
 * already stays as it is. */
void fd_store_keep(const char *name, int fd);

/* All that are kept under this name are not, any more. */
void fd_store_forget(const char *name);

/* Waits until all that was said so far is done, 0.2 s at most: milliseconds, usually. */
void fd_store_settle(void);

/* A file that was kept. Whoever takes it closes fd. */
struct fd_store_file {
	char *name;
	int fd;
};

/* All that were kept, but for sockets, which are the listener's: it takes them before, as from then
 * on nothing is passed any more. Returns how many, or
 * -ENOMEM. *ret is freed by fd_store_done, which closes those whose fd is still there. */
int fd_store_take(struct fd_store_file **ret);
void fd_store_done(struct fd_store_file *files, int num);

#endif
