/* SPDX-License-Identifier: MIT */
/*
 * How many frames each of the programs that push into a source has got into its queue. It stands in
 * the source's memory: a program that comes back after a restart learns by it which of its captures,
 * those that were not answered, are in the queue. Main thread.
 */
#ifndef DAEMON_PUSHERS_H
#define DAEMON_PUSHERS_H

#include "source.h"

struct attachment;

/* What an attachment pushes is counted from now on, behind what its program has pushed before. 0, or
 * more programs than there is room for: it is not. */
void pushers_join(struct source *s, struct attachment *a, uint64_t client);

/* n of its frames are about to be written, at the end of the queue. NULL: that is not counted. */
void pushers_note(struct queue_pusher *p, uint64_t written, uint32_t n);

/* What it has pushed into a queue that is written so far. */
struct queue_taken pushers_taken(const struct queue_pusher *p, uint64_t written);

/* After a restart: what a kill has left half done is undone. */
void pushers_settle(struct queue_keep *k, uint64_t written);

/* Whether they could be those of a queue that is written so far. */
bool pushers_are_sane(const struct queue_keep *k, uint64_t written);

#endif
