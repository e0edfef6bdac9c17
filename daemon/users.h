/* SPDX-License-Identifier: MIT */
/*
 * What each user has of the daemon, over all connections: one place for what is limited per
 * user. A user is there so long as it has connections or sources. Main thread.
 */
#ifndef DAEMON_USERS_H
#define DAEMON_USERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

LIST_HEAD(users, user);

struct user {
	LIST_ENTRY(user) link;
	uid_t uid;
	uint32_t refs;
	uint32_t connections, sources; /* sources until their memory is freed */
	uint32_t requests;             /* that are not answered */
	uint32_t marks;
	uint64_t queue_bytes;
	bool told_full; /* the log says that it has too many connections */
};

/* The user with this uid, made if it is new; to be given back by user_unref. NULL: no
 * memory. */
struct user *users_get(struct users *set, uid_t uid);

struct user *user_ref(struct user *u);
void user_unref(struct user *u);

#endif
