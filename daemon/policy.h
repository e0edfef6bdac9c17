/* SPDX-License-Identifier: MIT */
/*
 * Who may do what. Whoever may connect may look; sources are controlled by their own user;
 * root, the daemon's user and the members of one group control all of them, and what
 * concerns the daemon as a whole. Main thread.
 */
#ifndef DAEMON_POLICY_H
#define DAEMON_POLICY_H

#include "creds.h"

struct policy {
	bool has_admins;
	gid_t admins;
};

/* Sets the group whose members are administrators; NULL: none. -ENOENT: there is no such
 * group, and so no administrator but root and the daemon's user. Asks the group database, which
 * may take its time. */
int policy_set_admins(struct policy *p, const char *group);

/* Whether it may change what concerns all. */
bool policy_is_admin(const struct policy *p, const struct creds *creds);

/* Whether it may control what belongs to this user. */
bool policy_may_control(const struct policy *p, const struct creds *creds, uid_t owner);

#endif
