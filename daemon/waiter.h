/* SPDX-License-Identifier: MIT */
/*
 * "Tell me when that number is at least this": every answer that comes late, and every
 * step that has to wait for the player, is one of these. They stand in one list for each
 * source, in the order in which they came. Main thread.
 */
#ifndef DAEMON_WAITER_H
#define DAEMON_WAITER_H

#include <stdint.h>
#include <sys/queue.h>

#include "ticket.h"

/* The number that is waited for. */
enum awaited {
	AWAIT_PLAYED,  /* queue.played; something wants to know when it was heard */
	AWAIT_ROOM,    /* queue.played; something wants the room that this gives */
	AWAIT_APPLIED, /* player.applied */
	NUM_AWAITED,
};

#define WAITER_NEVER UINT64_MAX

TAILQ_HEAD(waiters, waiter);

/* Embedded in what waits. Zero-initialised it is in no list. */
struct waiter {
	TAILQ_ENTRY(waiter) link;
	struct waiters *list; /* NULL: it does not wait */
	enum awaited awaited;
	uint64_t at;
	struct ticket ticket; /* conn is NULL if no client asked for it */

	/* The number is there; the waiter is in no list now, may be added again or be
	 * freed. */
	void (*due)(struct waiter *w);

	/* Its source goes, or nobody wants to know any more: frees what it is embedded
	 * in, without an answer. NULL: there is nothing to free. */
	void (*discard)(struct waiter *w);
};

/* Adds it at the end; one that waits already waits for this from now on. */
void waiter_add(struct waiters *list, struct waiter *w, enum awaited awaited,
		uint64_t at);

/* Takes it out of its list, if it is in one. */
void waiter_remove(struct waiter *w);

/* Calls all that are due, oldest first. A callback may add and remove any of them. Returns
 * whether any was due. */
bool waiters_serve(struct waiters *list, const uint64_t reached[NUM_AWAITED]);

/* The least position that is waited for in this way, or WAITER_NEVER. */
uint64_t waiters_wake_at(const struct waiters *list, enum awaited awaited);

/* All that wait in this way wait for that number from now on. */
void waiters_postpone(struct waiters *list, enum awaited awaited, uint64_t at);

/* The connection has gone: nobody is told. What waited only to tell it is discarded;
 * what was changed has to be followed to its end. */
void waiters_forget(struct waiters *list, const struct conn *c);

/* Discards all. */
void waiters_done(struct waiters *list);

#endif
