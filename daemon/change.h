/* SPDX-License-Identifier: MIT */
/*
 * What changes how a source sounds: clear, pause, resume, gain. Each stores the new
 * state, asks the player and, when that has obeyed, says what it came to. Main thread.
 * Fades have come from source_fade; failures are -ENOBUFS (too many wait for an answer already) and
 * -ENOMEM, and nothing is changed then.
 */
#ifndef DAEMON_CHANGE_H
#define DAEMON_CHANGE_H

#include "source.h"

/* Drops what is queued, takes back what the device holds, cancels what waits. Answers
 * t. */
int change_clear(struct source *s, const struct ticket *t, struct fade fade);

/* The same for a source that is closed or left: nobody is answered, the waiting captures
 * and waits are the caller's business. Cannot fail. */
void change_drop(struct source *s, struct fade fade);

/* Holds its position, or goes on. Answers t. */
int change_hold(struct source *s, const struct ticket *t, bool paused, struct fade fade);

void change_gain(struct source *s, struct gain gain);

/* The connection has gone: its cuts are followed to their end, but nobody is told. */
void cuts_forget(struct source *s, const struct conn *c);

/* Frees what is not yet told. */
void cuts_done(struct source *s);

#endif
