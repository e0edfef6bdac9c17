/* SPDX-License-Identifier: MIT */
/*
 * Captures: frames on their way into a source's queue. What fits goes in at once,
 * straight from the message; the rest is kept, in order, until there is room, until its
 * time is over, or a clear or the source's end comes. Main thread.
 */
#ifndef DAEMON_CAPTURE_H
#define DAEMON_CAPTURE_H

#include "source.h"

#define CAPTURE_ANYWHERE   UINT64_MAX
#define CAPTURE_NO_TIMEOUT UINT64_MAX

struct capture_order {
	const void *frames;
	uint32_t n;          /* of them */
	uint64_t at;         /* position of the first, or CAPTURE_ANYWHERE */
	uint64_t timeout_ms; /* or CAPTURE_NO_TIMEOUT */
	bool continues;      /* the connection's capture before it: shares its fate */
	bool only_what_fits; /* does not wait */
};

/* Takes frames from a connection that is attached. Their answer goes to the ticket, now
 * or later; that to no frames always now. -ERANGE: `at` lies behind the end; -ENOBUFS:
 * too much is waiting already; -ENOMEM; or no timer can be had. Nothing is taken then. */
int capture_add(struct source *s, const struct ticket *t, const struct capture_order *o);

/* Where the next capture will begin: behind what is written and what still waits. */
uint64_t captures_end(const struct source *s);

/* Drops what waits; each is answered with what it had got in, and why not all of it. */
void captures_cancel(struct source *s, Aud__DropReason reason);

/* The connection has gone: drops what of it waits, without an answer. */
void captures_forget(struct source *s, const struct conn *c);

/* Frees what waits. */
void captures_done(struct source *s);

#endif
