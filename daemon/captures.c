/* SPDX-License-Identifier: MIT */
/*
 * Few wake-ups matter more here than an early answer: a capture that waits is looked at
 * when there is room for a good piece, yet always long before the queue has run out.
 *
 * A capture that is dropped while it waits takes its frames out of the row: whatever stood
 * behind them, captures, marks and waits, moves down by so much.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "capture_parts.h"
#include "mark.h"
#include "playout.h"
#include "timer.h"

enum {
	PIECE_MS = 100, /* less room than that is not worth waking up for */
	MAX_BYTES = 1024 * 1024,
	DEADLINE_ACCURACY_US = 1000,
};

uint64_t captures_end(const struct source *s)
{
	return source_written(s) + s->captures.frames;
}

/* ---- those that are kept --------------------------------------------------------- */

/* Out of the list, with the frames that are left of it. */
static void leave(struct capture *c)
{
	struct captures *all = &c->source->captures;

	TAILQ_REMOVE(&all->list, c, link);
	all->frames -= c->left;
	all->bytes -= c->cost;
	all->count--;
}

static void capture_free(struct capture *c)
{
	if (!c)
		return;
	sd_event_source_disable_unref(c->deadline);
	free(c);
}

/* All of it is in the queue. */
static void complete(struct capture *c)
{
	leave(c);
	capture_finish(c, AUD__DROP_REASON__NOT_DROPPED);
	capture_free(c);
}

/* The position of `played` that leaves room enough to go on. */
static uint64_t wake_at(const struct capture *c)
{
	const struct source *s = c->source;
	uint32_t limit = s->queue.shape.limit;
	uint32_t piece = source_frames(s, PIECE_MS);
	uint32_t want = c->left > piece ? c->left : piece;
	uint64_t written = source_written(s);

	if (want > limit / 2)
		want = limit / 2 ? limit / 2 : 1;
	return written + want > limit ? written + want - limit : 0;
}

static void captures_due(struct waiter *w);

/* Waits for room for the first one, if there is one. */
static void await_room(struct source *s)
{
	struct capture *c = TAILQ_FIRST(&s->captures.list);

	if (!c) {
		waiter_remove(&s->captures.room);
		return;
	}
	s->captures.room.due = captures_due;
	waiter_add(&s->waiters, &s->captures.room, AWAIT_ROOM, wake_at(c));
}

/* Puts what fits into the queue, up to and with the last one (NULL: all), and answers those that
 * are in. */
static void pump(struct source *s, const struct capture *last)
{
	bool more = true;
	struct capture *c;

	while (more && (c = TAILQ_FIRST(&s->captures.list))) {
		uint32_t n = capture_fitting(c);

		capture_feed(c, n);
		s->captures.frames -= n;
		if (c->left)
			return;
		more = c != last;
		complete(c);
	}
}

static void captures_due(struct waiter *w)
{
	struct source *s = SOURCE_OF(w, captures.room);

	pump(s, NULL);
	await_room(s);
}

/* n frames at this position that wait will never be written. */
static void close_up(struct source *s, uint64_t position, uint64_t n)
{
	if (n == 0)
		return;
	marks_close_up(s, position, n);
	playouts_close_up(s, position, n);
}

/* Ends those that are to end, and those behind them that were to stand at a certain position. What
 * is dropped in a row is closed up at once: many may wait, and many marks behind them. */
static void drop(struct source *s, Aud__DropReason reason)
{
	uint64_t position = source_written(s), gone = 0, row = 0;
	struct capture *c, *next;

	for (c = TAILQ_FIRST(&s->captures.list); c; c = next) {
		next = TAILQ_NEXT(c, link);
		c->first -= gone;
		if (!c->ends && !(gone && c->placed)) {
			close_up(s, position, row);
			row = 0;
			position += c->left;
			continue;
		}
		gone += c->left;
		row += c->left;
		leave(c);
		capture_finish(c, reason);
		capture_free(c);
	}
	close_up(s, position, row);
}

/* Its time is over; and so is that of the rest of its call, if something of it is left. */
static void end_call(struct capture *c)
{
	const struct conn *conn = c->ticket.conn;
	uint64_t call = c->call;

	c->ends = true;
	for (c = c->left ? TAILQ_NEXT(c, link) : NULL; c; c = TAILQ_NEXT(c, link)) {
		if (c->ticket.conn == conn && c->call != call)
			break;
		c->ends |= c->ticket.conn == conn;
	}
}

/* Of all whose time is over by now: thousands may have been given the same. */
static int deadline_is_over(sd_event_source *timer, uint64_t usec, void *user)
{
	struct source *s = ((struct capture *)user)->source;
	struct capture *c, *last = user;
	uint64_t now_us = usec;

	(void)timer;
	sd_event_now(s->event, CLOCK_MONOTONIC, &now_us);
	TAILQ_FOREACH (c, &s->captures.list, link) {
		if (timer_is_over(c->deadline, now_us))
			last = c;
	}
	pump(s, last);
	TAILQ_FOREACH (c, &s->captures.list, link) {
		if (!c->ends && timer_is_over(c->deadline, now_us))
			end_call(c);
	}
	drop(s, AUD__DROP_REASON__DROPPED_BY_DEADLINE);
	await_room(s);
	source_serve(s);
	return 0;
}

static uint64_t max_bytes(const struct source *s)
{
	uint64_t queue = (uint64_t)s->queue.shape.limit * s->queue.frame_bytes;

	return queue > MAX_BYTES ? queue : MAX_BYTES;
}

static int set_deadline(struct capture *c, uint64_t ms)
{
	int r;

	if (ms == CAPTURE_NO_TIMEOUT)
		return 0;
	r = timer_new(&c->deadline, c->source->event, DEADLINE_ACCURACY_US,
		      deadline_is_over, c);
	return r < 0 ? r : timer_start(c->deadline, ms);
}

int capture_keep(const struct capture *c, uint32_t fed, uint64_t timeout_ms,
		 struct capture **ret)
{
	struct source *s = c->source;
	size_t done = (size_t)fed * s->queue.frame_bytes;
	size_t bytes = (size_t)c->left * s->queue.frame_bytes - done;
	uint64_t cost = sizeof(*c) + bytes;
	struct capture *kept;
	int r;

	if (s->captures.count && s->captures.bytes + cost > max_bytes(s))
		return -ENOBUFS;
	kept = malloc(cost);
	if (!kept)
		return -ENOMEM;
	*kept = *c;
	kept->cost = cost;
	kept->next = kept->frames;
	kept->left = c->left - fed;
	kept->accepted = fed;
	memcpy(kept->frames, c->next + done, bytes);
	r = set_deadline(kept, timeout_ms);
	if (r < 0) {
		capture_free(kept);
		return r;
	}
	*ret = kept;
	return 0;
}

void captures_append(struct capture *c)
{
	struct captures *all = &c->source->captures;

	TAILQ_INSERT_TAIL(&all->list, c, link);
	all->frames += c->left;
	all->bytes += c->cost;
	if (all->count++ == 0)
		await_room(c->source);
}

/* ---- the end --------------------------------------------------------------------- */

void captures_cancel(struct source *s, Aud__DropReason reason)
{
	struct attachment *a;
	struct capture *c;

	TAILQ_FOREACH (a, &s->attachments, link)
		a->ended = reason;
	TAILQ_FOREACH (c, &s->captures.list, link)
		c->ends = true;
	drop(s, reason);
	await_room(s);
}

void captures_forget(struct source *s, const struct conn *gone)
{
	struct capture *c;

	TAILQ_FOREACH (c, &s->captures.list, link) {
		if (c->ticket.conn != gone)
			continue;
		c->ticket.conn = NULL;
		c->ends = true;
	}
	drop(s, AUD__DROP_REASON__DROPPED_BY_CLOSE);
	await_room(s);
}

void captures_done(struct source *s)
{
	struct capture *c;

	waiter_remove(&s->captures.room);
	while ((c = TAILQ_FIRST(&s->captures.list))) {
		leave(c);
		capture_free(c);
	}
}
