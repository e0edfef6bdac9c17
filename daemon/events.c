/* SPDX-License-Identifier: MIT */
/*
 * Most of it is marks of our own: one behind the first frame of a segment, one at the end of
 * the queue. Gaps are counted by the player, which rings for each.
 */
#include "events.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "mark.h"
#include "optional.h"

#define SEGMENT_GAP_NS (250 * UINT64_C(1000000)) /* longer silence ends a segment */

struct subscription {
	TAILQ_ENTRY(subscription) link;
	struct source *source;
	struct ticket ticket;
	uint32_t low_water; /* frames; 0: it does not want to know */
	struct waiter
		waiter; /* for the queue to fall below it; waits once it was above */
};

static void tell_all(struct source *s, Aud__Event *e)
{
	struct subscription *each;

	SET(e, source_handle, s->id);
	TAILQ_FOREACH (each, &s->events.list, link)
		ticket_tell(&each->ticket, e);
}

/* One of what will have to be told cannot be waited for. */
static void tell_missed(struct source *s)
{
	struct subscription *each;

	TAILQ_FOREACH (each, &s->events.list, link)
		ticket_tell(&each->ticket, NULL);
}

static uint64_t queued(const struct source *s, const struct source_look *look)
{
	return source_written(s) - look->heard - look->dropped;
}

/* ---- low water ------------------------------------------------------------------- */

static void tell_low_water(struct subscription *sub, uint64_t n, uint64_t at_ns)
{
	Aud__LowWater body = AUD__LOW_WATER__INIT;
	Aud__Event e = AUD__EVENT__INIT;

	SET(&body, queued, n);
	SET(&body, at_ns, at_ns);
	SET(&e, source_handle, sub->source->id);
	e.kind_case = AUD__EVENT__KIND_LOW_WATER;
	e.low_water = &body;
	ticket_tell(&sub->ticket, &e);
}

/* Waits for the moment at which less will be queued, if it is not so already. */
static bool arm(struct subscription *sub, const struct source_look *look)
{
	struct source *s = sub->source;

	if (!sub->low_water || queued(s, look) < sub->low_water)
		return false;
	waiter_add(&s->waiters, &sub->waiter, AWAIT_PLAYED,
		   source_written(s) - sub->low_water + 1);
	return true;
}

static void low_water_due(struct waiter *w)
{
	struct subscription *sub =
		(struct subscription *)((char *)w -
					offsetof(struct subscription, waiter));
	struct source_look look;

	source_look(sub->source, &look);
	if (!arm(sub, &look))
		tell_low_water(sub, queued(sub->source, &look), look.report.when_ns);
}

/* ---- segments -------------------------------------------------------------------- */

static void start_is_told(const struct mark *m, bool heard, uint64_t at_ns)
{
	Aud__PlaybackStarted body = AUD__PLAYBACK_STARTED__INIT;
	Aud__Event e = AUD__EVENT__INIT;

	if (!heard)
		return;
	SET(&body, position, m->position - 1);
	SET(&body, at_ns, at_ns - source_ns(m->source, 1));
	e.kind_case = AUD__EVENT__KIND_PLAYBACK_STARTED;
	e.playback_started = &body;
	tell_all(m->source, &e);
}

/* A segment begins at this frame: told when it has been heard. -ENOMEM: that it is missed. */
static int begin_segment(struct source *s, uint64_t position)
{
	if (s->events.begun && s->events.segment == position)
		return 0;
	if (mark_add(s, position + 1, start_is_told) < 0) {
		tell_missed(s);
		return -ENOMEM;
	}
	s->events.begun = true;
	s->events.segment = position;
	return 0;
}

static void tell_underrun(struct source *s, const struct source_look *look)
{
	static const Aud__UnderrunCause causes[] = {
		[GAP_CLIENT_LATE] = AUD__UNDERRUN_CAUSE__CLIENT_LATE,
		[GAP_WAKEUP_LATE] = AUD__UNDERRUN_CAUSE__WAKEUP_LATE,
		[GAP_DEVICE] = AUD__UNDERRUN_CAUSE__DEVICE,
	};
	Aud__Underrun body = AUD__UNDERRUN__INIT;
	Aud__Event e = AUD__EVENT__INIT;

	SET(&body, position, look->gap_at);
	SET(&body, frames, look->gap_length);
	SET(&body, cause, causes[look->gap_cause]);
	e.kind_case = AUD__EVENT__KIND_UNDERRUN;
	e.underrun = &body;
	tell_all(s, &e);
}

/* How long it was silent before the latest gap ended. The device may have stood still in
 * between, so its frames alone do not tell. */
static uint64_t silence_ns(const struct source *s, const struct source_look *look)
{
	uint64_t ns = source_ns(s, look->gap_length), at_ns;

	if (look->gap_cause != GAP_CLIENT_LATE || s->events.drained != look->gap_at)
		return ns;
	at_ns = source_when(s, look, look->gap_at) + ns;
	if (at_ns > s->events.drained_ns && at_ns - s->events.drained_ns > ns)
		ns = at_ns - s->events.drained_ns;
	return ns;
}

void events_serve(struct source *s)
{
	struct source_look look;

	if (!s->events.count)
		return;
	source_look(s, &look);
	if (look.gaps == s->events.gaps)
		return;
	s->events.gaps = look.gaps;
	if (s->events.begun && s->events.segment == look.gap_at)
		return;
	if (silence_ns(s, &look) > SEGMENT_GAP_NS)
		begin_segment(s, look.gap_at);
	else
		tell_underrun(s, &look);
}

/* ---- the end of the queue -------------------------------------------------------- */

static int await_end(struct source *s);

static void tell_drained(struct source *s, uint64_t position, uint64_t at_ns)
{
	Aud__Drained body = AUD__DRAINED__INIT;
	Aud__Event e = AUD__EVENT__INIT;

	s->events.drained = position;
	s->events.drained_ns = at_ns;
	SET(&body, position, position);
	SET(&body, at_ns, at_ns);
	e.kind_case = AUD__EVENT__KIND_DRAINED;
	e.drained = &body;
	tell_all(s, &e);
}

/* It was the end when the mark was set. If it was cut off, what has come in since then is
 * next; that nothing has is not told, as nothing was heard to its end. */
static void end_is_told(const struct mark *m, bool heard, uint64_t at_ns)
{
	struct source *s = m->source;
	uint64_t written = source_written(s);

	s->events.awaits_end = false;
	if (!s->events.count)
		return;
	if (heard && m->position == written && !s->captures.count)
		tell_drained(s, written, at_ns);
	else if (heard || written > s->cuts.latest)
		await_end(s);
}

/* -ENOMEM: that it is missed is told. */
static int await_end(struct source *s)
{
	if (s->events.awaits_end)
		return 0;
	s->events.awaits_end = true; /* until it is told, which may be at once */
	if (mark_add(s, source_written(s), end_is_told) == 0)
		return 0;
	s->events.awaits_end = false;
	tell_missed(s);
	return -ENOMEM;
}

void events_pushed(struct source *s)
{
	struct subscription *each;
	struct source_look look;

	if (!s->events.count)
		return;
	source_look(s, &look);
	await_end(s);
	TAILQ_FOREACH (each, &s->events.list, link) {
		if (!each->waiter.list)
			arm(each, &look);
	}
}

void events_cut(struct source *s)
{
	if (s->events.count)
		begin_segment(s, s->cuts.latest);
}

/* ---- the device, and the source's end -------------------------------------------- */

void events_watch_device(struct source *s, bool there)
{
	Aud__DeviceLost lost = AUD__DEVICE_LOST__INIT;
	Aud__DeviceBack back = AUD__DEVICE_BACK__INIT;
	Aud__Event e = AUD__EVENT__INIT;
	struct source_look look;

	if (!s->events.count)
		return;
	source_look(s, &look);
	if (there) {
		SET(&back, position, look.played);
		e.kind_case = AUD__EVENT__KIND_DEVICE_BACK;
		e.device_back = &back;
	} else {
		SET(&lost, position, look.played);
		e.kind_case = AUD__EVENT__KIND_DEVICE_LOST;
		e.device_lost = &lost;
	}
	tell_all(s, &e);
}

void events_end(struct source *s)
{
	Aud__SourceClosed body = AUD__SOURCE_CLOSED__INIT;
	Aud__Event e = AUD__EVENT__INIT;
	struct source_look look;

	source_look(s, &look);
	SET(&body, heard, look.heard);
	SET(&body, dropped, source_pushed(s) - look.heard);
	e.kind_case = AUD__EVENT__KIND_SOURCE_CLOSED;
	e.source_closed = &body;
	tell_all(s, &e);
	events_done(s);
}

/* ---- subscriptions --------------------------------------------------------------- */

static struct subscription *find(const struct source *s, const struct conn *c)
{
	struct subscription *each;

	TAILQ_FOREACH (each, &s->events.list, link) {
		if (each->ticket.conn == c)
			return each;
	}
	return NULL;
}

static void answer(const struct source *s, const struct ticket *t,
		   const struct source_look *look)
{
	Aud__SubscribeReply body = AUD__SUBSCRIBE_REPLY__INIT;
	Aud__Reply r = AUD__REPLY__INIT;

	SET(&body, written, source_written(s));
	SET(&body, played, look->played);
	r.kind_case = AUD__REPLY__KIND_SUBSCRIBE;
	r.subscribe = &body;
	ticket_answer(t, &r);
}

static void forget(struct subscription *sub)
{
	struct source *s = sub->source;

	TAILQ_REMOVE(&s->events.list, sub, link);
	s->events.count--;
	waiter_remove(&sub->waiter);
	free(sub);
}

/* The first one: what is to be looked out for begins now. */
static int begin(struct source *s, const struct source_look *look)
{
	int r = 0;

	s->events.gaps = look->gaps;
	s->events.drained = UINT64_MAX;
	if (look->played <= s->cuts.latest)
		r = begin_segment(s, s->cuts.latest);
	if (r == 0 && (queued(s, look) > 0 || s->captures.count))
		r = await_end(s);
	return r;
}

static struct subscription *add(struct source *s, const struct source_look *look)
{
	struct subscription *sub = calloc(1, sizeof(*sub));

	if (!sub)
		return NULL;
	sub->source = s;
	sub->waiter.due = low_water_due;
	TAILQ_INSERT_TAIL(&s->events.list, sub, link);
	if (s->events.count++ == 0 && begin(s, look) < 0) {
		forget(sub);
		return NULL;
	}
	return sub;
}

int events_subscribe(struct source *s, const struct ticket *t, uint32_t low_water)
{
	struct subscription *sub = find(s, t->conn);
	struct source_look look;

	source_look(s, &look);
	if (!sub)
		sub = add(s, &look);
	if (!sub)
		return -ENOMEM;
	answer(s, t, &look);
	sub->ticket = *t;
	sub->low_water = low_water;
	waiter_remove(&sub->waiter);
	arm(sub, &look);
	source_serve(s);
	return 0;
}

void events_forget(struct source *s, const struct conn *c)
{
	struct subscription *sub = find(s, c);

	if (sub)
		forget(sub);
}

void events_unsubscribe(struct source *s, const struct ticket *t)
{
	struct source_look look;

	source_look(s, &look);
	events_forget(s, t->conn);
	answer(s, t, &look);
}

void events_done(struct source *s)
{
	while (!TAILQ_EMPTY(&s->events.list))
		forget(TAILQ_FIRST(&s->events.list));
}
