/* SPDX-License-Identifier: MIT */
/*
 * The daemon is away, and comes back: connect again, say hello, take up the sources, ask
 * again what was not answered. All of it is steps of dispatching, so whoever waits for an
 * answer or polls keeps it going. (lock held throughout; callbacks run without it)
 */
#ifndef LIB_LINK_H
#define LIB_LINK_H

#include "connection.h"

/* Makes what aud_fd() returns and the timer in it. Negative errno, with a sentence. */
int link_init(struct aud *a);
void link_done(struct aud *a);

/* The socket is connected: what is polled for is this one. */
void link_follow(struct aud *a, int fd);

/* Polls for room to send, or no longer. */
void link_update(struct aud *a);

/* Whether what is sent now gets there; else it is kept. */
static inline bool link_is_up(const struct aud *a)
{
	return a->link == LINK_UP;
}

/* Keeps a request's message, to be sent again. -ENOMEM, -EMSGSIZE, with a sentence. */
int link_keep(struct aud *a, struct request *r, const Aud__Request *m);
void link_release(struct aud *a, struct request *r);

/* Whether a connection that ends with this error is worth another try. */
bool link_may_return(const struct aud *a, int error);

/* It has ended. Returns how many callbacks were run. */
int link_lost(struct aud *a);

/* Next step while it is not up; 0 or a negative errno: there is no hope. */
int link_step(struct aud *a);

#endif
