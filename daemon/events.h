/* SPDX-License-Identifier: MIT */
/*
 * What happens to a source, for those who have subscribed. While nobody has, nothing here
 * waits for anything. Main thread.
 */
#ifndef DAEMON_EVENTS_H
#define DAEMON_EVENTS_H

#include "source.h"

/* From now on t is told; a connection that is told already is told what t says from now
 * on. low_water: frames, or 0. Answers t. -ENOMEM. */
int events_subscribe(struct source *s, const struct ticket *t, uint32_t low_water);

/* No more, to this connection. Answers t. */
void events_unsubscribe(struct source *s, const struct ticket *t);

/* The connection has gone. */
void events_forget(struct source *s, const struct conn *c);

/* Frames have come into the queue. The caller serves the source. */
void events_pushed(struct source *s);

/* Clears have been obeyed, and looked into. */
void events_cut(struct source *s);

/* The player has rung. */
void events_serve(struct source *s);

/* The device has gone, or has come back. */
void events_watch_device(struct source *s, bool there);

/* The source is over: says so, and forgets all. */
void events_end(struct source *s);

/* Forgets all. */
void events_done(struct source *s);

#endif
