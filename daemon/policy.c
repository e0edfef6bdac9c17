/* SPDX-License-Identifier: MIT */
/*
 * The rules, and the group.
 */
#include "policy.h"

#include <errno.h>
#include <grp.h>
#include <stddef.h>
#include <unistd.h>

int policy_set_admins(struct policy *p, const char *group)
{
	const struct group *entry = group ? getgrnam(group) : NULL;

	p->has_admins = entry != NULL;
	p->admins = entry ? entry->gr_gid : 0;
	return group && !entry ? -ENOENT : 0;
}

bool policy_is_admin(const struct policy *p, const struct creds *creds)
{
	return creds->uid == 0 || creds->uid == geteuid() ||
	       (p->has_admins && creds_is_in(creds, p->admins));
}

bool policy_may_control(const struct policy *p, const struct creds *creds, uid_t owner)
{
	return creds->uid == owner || policy_is_admin(p, creds);
}
