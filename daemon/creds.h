/* SPDX-License-Identifier: MIT */
/*
 * Who is at the other end of a socket, by the kernel's word: as it was when the peer
 * connected. Main thread.
 */
#ifndef DAEMON_CREDS_H
#define DAEMON_CREDS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct creds {
	pid_t pid;
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* the supplementary ones, of the process and not of a list of users */
	uint32_t num_groups;
};

/* To be freed by creds_done. Negative errno: it cannot be known. */
int creds_init(struct creds *c, int fd);
void creds_done(struct creds *c);

bool creds_is_in(const struct creds *c, gid_t group);

#endif
