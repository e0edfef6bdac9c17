/* SPDX-License-Identifier: MIT */
/*
 * What a program has pushed and what is written have to change at once, and a kill may come between
 * any two stores. So there are two sums, each with the end of the queue that it belongs to; the one
 * that counts is the one with the higher end that is written. The other is filled in first.
 */
#include "pushers.h"

#include <stdatomic.h>

#include "attach.h"

static void in_order(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

/* The index of the sum that counts. */
static int counting(const struct queue_pusher *p, uint64_t written)
{
	const struct queue_taken *t = p->taken;

	return t[1].end <= written && (t[1].end > t[0].end || t[0].end > written);
}

struct queue_taken pushers_taken(const struct queue_pusher *p, uint64_t written)
{
	return p->taken[counting(p, written)];
}

void pushers_note(struct queue_pusher *p, uint64_t written, uint32_t n)
{
	struct queue_taken *next;

	if (!p)
		return;
	next = &p->taken[!counting(p, written)];
	next->end = UINT64_MAX;
	in_order();
	next->accepted = pushers_taken(p, written).accepted + n;
	in_order();
	next->end = written + n;
	in_order();
}

/* ---- who they are ------------------------------------------------------------------ */

static bool is_used(const struct source *s, const struct queue_pusher *p)
{
	const struct attachment *a;

	TAILQ_FOREACH (a, &s->attachments, link) {
		if (a->pusher == p)
			return true;
	}
	return false;
}

static struct queue_pusher *find(struct queue_keep *k, uint64_t client)
{
	for (int i = 0; i < QUEUE_PUSHERS; i++) {
		if (k->pushers[i].client == client)
			return &k->pushers[i];
	}
	return NULL;
}

/* One that nobody has, or else the one that has not pushed for the longest time, among those that
 * are not here. NULL: all are. */
static struct queue_pusher *find_room(struct source *s)
{
	uint64_t written = source_written(s);
	struct queue_pusher *found = find(s->keep, 0);

	for (int i = 0; !found && i < QUEUE_PUSHERS; i++) {
		if (!is_used(s, &s->keep->pushers[i]))
			found = &s->keep->pushers[i];
	}
	if (!found || found->client == 0)
		return found;
	for (struct queue_pusher *p = found; p < s->keep->pushers + QUEUE_PUSHERS; p++) {
		if (!is_used(s, p) &&
		    pushers_taken(p, written).end < pushers_taken(found, written).end)
			found = p;
	}
	return found;
}

static struct queue_pusher *make(struct source *s, uint64_t client)
{
	struct queue_pusher *p = find_room(s);

	if (!p)
		return NULL;
	p->client = 0;
	in_order();
	p->taken[0] = p->taken[1] = (struct queue_taken){0};
	in_order();
	p->client = client;
	return p;
}

void pushers_join(struct source *s, struct attachment *a, uint64_t client)
{
	if (client == 0 || a->pusher)
		return;
	a->pusher = find(s->keep, client);
	if (!a->pusher)
		a->pusher = make(s, client);
}

/* ---- after a restart --------------------------------------------------------------- */

static void undo(struct queue_taken *t)
{
	t->accepted = 0;
	in_order();
	t->end = 0;
}

void pushers_settle(struct queue_keep *k, uint64_t written)
{
	for (int i = 0; i < QUEUE_PUSHERS; i++) {
		struct queue_taken *t = k->pushers[i].taken;

		if (t[0].end > written)
			undo(&t[0]);
		if (t[1].end > written)
			undo(&t[1]);
	}
}

bool pushers_are_sane(const struct queue_keep *k, uint64_t written)
{
	for (int i = 0; i < QUEUE_PUSHERS; i++) {
		struct queue_taken taken = pushers_taken(&k->pushers[i], written);

		if (k->pushers[i].client != 0 &&
		    (taken.end > written || taken.accepted > taken.end))
			return false;
	}
	return true;
}
