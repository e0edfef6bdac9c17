/* SPDX-License-Identifier: MIT */
/*
 * Each wait stands for the end of the queue as it saw it last. When that is heard and
 * more has come in the meantime, it waits for the new end.
 */
#include "playout.h"

#include "capture.h"
#include "optional.h"
#include "timer.h"

enum { TIMEOUT_ACCURACY_US = 1000 };

struct playout {
	struct waiter waiter;
	struct source *source;
	bool only_present;
	sd_event_source *timer;
	sd_event_source *device_timer; /* runs while there is none */
	uint64_t device_lost_ms;
	bool lacks_device;
};

static void playout_discard(struct waiter *w)
{
	struct playout *p = (struct playout *)w;

	sd_event_source_disable_unref(p->timer);
	sd_event_source_disable_unref(p->device_timer);
	source_end_wait(&p->source->num_waiting, p);
}

static void finish(struct playout *p, Aud__PlayoutReason reason)
{
	Aud__WaitForPlayoutReply body = AUD__WAIT_FOR_PLAYOUT_REPLY__INIT;
	Aud__Reply r = AUD__REPLY__INIT;
	struct source_look look;

	source_look(p->source, &look);
	SET(&body, reason, reason);
	SET(&body, played, look.played);
	SET(&body, at_ns, source_when(p->source, &look, look.played));
	r.kind_case = AUD__REPLY__KIND_WAIT_FOR_PLAYOUT;
	r.wait_for_playout = &body;
	ticket_answer(&p->waiter.ticket, &r);

	waiter_remove(&p->waiter);
	playout_discard(&p->waiter);
}

static void playout_due(struct waiter *w)
{
	struct playout *p = (struct playout *)w;
	struct source *s = p->source;

	if (!p->only_present && (w->at < source_written(s) || s->captures.count))
		waiter_add(&s->waiters, w, AWAIT_PLAYED, source_written(s));
	else
		finish(p, AUD__PLAYOUT_REASON__PLAYED);
}

/* With all others whose time is over by now: thousands may have been given the same. */
static int playout_timed_out(sd_event_source *timer, uint64_t usec, void *user)
{
	struct source *s = ((struct playout *)user)->source;
	struct waiter *w, *next;
	uint64_t now_us = usec;

	(void)timer;
	sd_event_now(s->event, CLOCK_MONOTONIC, &now_us);
	for (w = TAILQ_FIRST(&s->waiters); w; w = next) {
		struct playout *p = (struct playout *)w;

		next = TAILQ_NEXT(w, link);
		if (w->due == playout_due && timer_is_over(p->timer, now_us))
			finish(p, AUD__PLAYOUT_REASON__TIMED_OUT);
	}
	return 0;
}

static int device_is_lost(sd_event_source *timer, uint64_t usec, void *user)
{
	(void)timer;
	(void)usec;
	finish(user, AUD__PLAYOUT_REASON__DEVICE_LOST);
	return 0;
}

static int watch_device(struct playout *p, bool there)
{
	bool lacked = p->lacks_device;

	p->lacks_device = !there;
	if (!p->device_timer)
		return 0;
	if (!there && !lacked)
		return timer_start(p->device_timer, p->device_lost_ms);
	if (there)
		timer_stop(p->device_timer);
	return 0;
}

static int set_timers(struct playout *p, const struct playout_order *o)
{
	sd_event *event = p->source->event;
	int r = 0;

	p->device_lost_ms = o->device_lost_ms;
	if (o->timeout_ms != PLAYOUT_NEVER) {
		r = timer_new(&p->timer, event, TIMEOUT_ACCURACY_US, playout_timed_out,
			      p);
		if (r >= 0)
			r = timer_start(p->timer, o->timeout_ms);
	}
	if (r >= 0 && o->device_lost_ms != PLAYOUT_NEVER)
		r = timer_new(&p->device_timer, event, TIMEOUT_ACCURACY_US,
			      device_is_lost, p);
	if (r >= 0)
		r = watch_device(p, output_has_device(p->source->output));
	return r;
}

/* Between being asked for and being asked again. */
static bool was_cleared(const struct source *s, const struct playout_order *o)
{
	uint64_t end = source_written(s);

	return o->again &&
	       holes_reach(&s->keep->holes, o->asked_at < end ? o->asked_at : end);
}

int playout_wait(struct source *s, const struct ticket *t, const struct playout_order *o)
{
	struct playout *p;
	void *memory;
	int r = source_begin_wait(s, &s->num_waiting, sizeof(*p), &memory);

	if (r < 0)
		return r;
	p = memory;
	p->source = s;
	p->only_present = o->only_present;
	p->waiter.ticket = *t;
	p->waiter.due = playout_due;
	p->waiter.discard = playout_discard;
	r = set_timers(p, o);
	if (r < 0) {
		playout_discard(&p->waiter);
		return r;
	}
	if (was_cleared(s, o)) {
		finish(p, AUD__PLAYOUT_REASON__CLEARED);
		return 0;
	}
	waiter_add(&s->waiters, &p->waiter, AWAIT_PLAYED,
		   o->only_present ? captures_end(s) : source_written(s));
	source_serve(s);
	return 0;
}

/* ---- what becomes of them -------------------------------------------------------- */

void playouts_release(struct source *s, Aud__PlayoutReason reason)
{
	struct waiter *w, *next;

	for (w = TAILQ_FIRST(&s->waiters); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (w->due == playout_due)
			finish((struct playout *)w, reason);
	}
}

void playouts_watch_device(struct source *s, bool there)
{
	struct waiter *w, *next;

	for (w = TAILQ_FIRST(&s->waiters); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (w->due == playout_due && watch_device((struct playout *)w, there) < 0)
			finish((struct playout *)w, AUD__PLAYOUT_REASON__DEVICE_LOST);
	}
}

void playouts_close_up(struct source *s, uint64_t position, uint64_t n)
{
	struct waiter *w;

	TAILQ_FOREACH (w, &s->waiters, link) {
		if (w->due == playout_due && w->at > position)
			w->at = w->at > position + n ? w->at - n : position;
	}
}
