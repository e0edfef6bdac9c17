/* SPDX-License-Identifier: MIT */
/*
 * A list; there are never many.
 */
#include "users.h"

#include <assert.h>
#include <stdlib.h>

struct user *users_get(struct users *set, uid_t uid)
{
	struct user *u;

	LIST_FOREACH(u, set, link)
	{
		if (u->uid == uid)
			return user_ref(u);
	}
	u = calloc(1, sizeof(*u));
	if (!u)
		return NULL;
	u->uid = uid;
	u->refs = 1;
	LIST_INSERT_HEAD(set, u, link);
	return u;
}

struct user *user_ref(struct user *u)
{
	u->refs++;
	return u;
}

void user_unref(struct user *u)
{
	if (--u->refs > 0)
		return;
	assert(!u->connections && !u->sources && !u->requests && !u->marks);
	assert(!u->queue_bytes);
	LIST_REMOVE(u, link);
	free(u);
}
