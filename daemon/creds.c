/* SPDX-License-Identifier: MIT */
/*
 * SO_PEERCRED and SO_PEERGROUPS.
 */
#include "creds.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

/* How many there are is told by a look without room for any. */
static int get_groups(struct creds *c, int fd)
{
	socklen_t len = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == 0 || errno != ERANGE)
		return 0; /* it has none, or the kernel cannot tell: then it has no right */
	c->groups = malloc(len);
	if (!c->groups)
		return -ENOMEM;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, c->groups, &len) < 0)
		return -errno;
	c->num_groups = len / sizeof(*c->groups);
	return 0;
}

int creds_init(struct creds *c, int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	int r;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return -errno;
	*c = (struct creds){.pid = cred.pid, .uid = cred.uid, .gid = cred.gid};
	r = get_groups(c, fd);
	if (r < 0)
		creds_done(c);
	return r;
}

void creds_done(struct creds *c)
{
	free(c->groups);
	*c = (struct creds){0};
}

bool creds_is_in(const struct creds *c, gid_t group)
{
	if (c->gid == group)
		return true;
	for (uint32_t i = 0; i < c->num_groups; i++) {
		if (c->groups[i] == group)
			return true;
	}
	return false;
}
