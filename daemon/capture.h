/* SPDX-License-Identifier: MIT */
/*
 * Captures: frames on their way into a source's queue. What fits goes in at once,
 * straight from the message; the rest is kept, in order, until there is room. Main
 * thread.
 */
#ifndef DAEMON_CAPTURE_H
#define DAEMON_CAPTURE_H

#include "source.h"

#define CAPTURE_ANYWHERE UINT64_MAX

/* Takes frames that begin at position `at`, or wherever the queue ends. Their answer
 * goes to the ticket, now or later; that to no frames always now. -ERANGE: `at` lies
 * behind the end; -ENOBUFS: too much is waiting already; -ENOMEM. Nothing is taken
 * then. */
int capture_add(struct source *s, const struct ticket *t, const void *frames, uint32_t n,
		uint64_t at);

/* A piece of n frames that continues the capture before it: true if a clear has come
 * since. Then it is answered: all of it was dropped. */
bool capture_drop_rest(struct source *s, const struct ticket *t, uint32_t n);

/* Where the next capture will begin: behind what is written and what still waits. */
uint64_t captures_end(const struct source *s);

/* Drops what waits; each is answered with what it had got in, and why not all of it. */
void captures_cancel(struct source *s, Aud__DropReason reason);

/* Drops what waits without an answer: the client has gone. */
void captures_forget(struct source *s);

#endif
