/* SPDX-License-Identifier: MIT */
/*
 * A source moves to another output, its queue and its position with it. Main thread.
 */
#ifndef DAEMON_MOVE_H
#define DAEMON_MOVE_H

#include "sources.h"

/* Moves it, when the moves before are done; what is heard last and first is faded. Answers t
 * when it is there. -ENOBUFS: too many wait for an answer already; -ENOMEM. */
int move_source(struct sources *set, struct source *s, const struct ticket *t,
		struct output *to, struct fade fade);

/* The player of its output has rung. */
void moves_serve(struct source *s);

/* The number at which the player of its output has let go of its voice, for a source that ends:
 * it is on its way out already, or goes now. Moves are answered with an error. */
uint64_t moves_end(struct source *s);

/* The connection has gone: moves are followed to their end, but it is not told. */
void moves_forget(struct source *s, const struct conn *c);

/* Forgets all. */
void moves_done(struct source *s);

#endif
