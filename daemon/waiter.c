/* SPDX-License-Identifier: MIT */
/*
 * A list that is short, so it is searched from one end to the other.
 */
#include "waiter.h"

#include <stddef.h>

static void move_to(struct waiters *list, struct waiter *w)
{
	waiter_remove(w);
	w->list = list;
	TAILQ_INSERT_TAIL(list, w, link);
}

void waiter_add(struct waiters *list, struct waiter *w, enum awaited awaited, uint64_t at)
{
	move_to(list, w);
	w->awaited = awaited;
	w->at = at;
}

void waiter_remove(struct waiter *w)
{
	if (!w->list)
		return;
	TAILQ_REMOVE(w->list, w, link);
	w->list = NULL;
}

static void discard(struct waiter *w)
{
	waiter_remove(w);
	if (w->discard)
		w->discard(w);
}

bool waiters_serve(struct waiters *list, const uint64_t reached[NUM_AWAITED])
{
	struct waiters due = TAILQ_HEAD_INITIALIZER(due);
	struct waiter *w, *next;
	bool any;

	for (w = TAILQ_FIRST(list); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (reached[w->awaited] >= w->at)
			move_to(&due, w);
	}
	any = !TAILQ_EMPTY(&due);
	while ((w = TAILQ_FIRST(&due))) {
		waiter_remove(w);
		w->due(w);
	}
	return any;
}

uint64_t waiters_wake_at(const struct waiters *list, enum awaited awaited)
{
	const struct waiter *w;
	uint64_t least = WAITER_NEVER;

	TAILQ_FOREACH (w, list, link) {
		if (w->awaited == awaited && w->at < least)
			least = w->at;
	}
	return least;
}

void waiters_postpone(struct waiters *list, enum awaited awaited, uint64_t at)
{
	struct waiter *w;

	TAILQ_FOREACH (w, list, link) {
		if (w->awaited == awaited)
			w->at = at;
	}
}

void waiters_forget(struct waiters *list, const struct conn *c)
{
	struct waiter *w, *next;

	for (w = TAILQ_FIRST(list); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (w->ticket.conn != c)
			continue;
		w->ticket.conn = NULL;
		if (w->awaited != AWAIT_APPLIED)
			discard(w);
	}
}

void waiters_done(struct waiters *list)
{
	while (!TAILQ_EMPTY(list))
		discard(TAILQ_FIRST(list));
}
