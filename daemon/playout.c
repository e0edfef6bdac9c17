/* SPDX-License-Identifier: MIT */
/*
 * Each wait stands for the end of the queue as it saw it last. When that is heard and
 * more has come in the meantime, it waits for the new end.
 */
#include "playout.h"

#include "optional.h"

enum { TIMEOUT_ACCURACY_US = 1000 };

struct playout {
	struct waiter waiter;
	struct source *source;
	sd_event_source *timer;
};

static void playout_discard(struct waiter *w)
{
	struct playout *p = (struct playout *)w;

	sd_event_source_disable_unref(p->timer);
	source_end_wait(p->source, p);
}

static void finish(struct playout *p, Aud__PlayoutReason reason)
{
	Aud__WaitForPlayoutReply body = AUD__WAIT_FOR_PLAYOUT_REPLY__INIT;
	Aud__Reply r = AUD__REPLY__INIT;
	struct source_look look;

	source_look(p->source, &look);
	SET(&body, reason, reason);
	SET(&body, played, look.played);
	SET(&body, at_ns, look.report.when_ns);
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

	if (w->at < source_written(s) || s->captures.count)
		waiter_add(&s->waiters, w, MARK_PLAYED, source_written(s));
	else
		finish(p, AUD__PLAYOUT_REASON__PLAYED);
}

static int playout_timed_out(sd_event_source *timer, uint64_t usec, void *user)
{
	(void)timer;
	(void)usec;
	finish(user, AUD__PLAYOUT_REASON__TIMED_OUT);
	return 0;
}

int playout_wait(struct source *s, const struct ticket *t, sd_event *event,
		 uint64_t timeout_ms)
{
	struct playout *p;
	void *memory;
	int r = source_begin_wait(s, sizeof(*p), &memory);

	if (r < 0)
		return r;
	p = memory;
	p->source = s;
	p->waiter.ticket = *t;
	p->waiter.due = playout_due;
	p->waiter.discard = playout_discard;
	if (timeout_ms != PLAYOUT_NO_TIMEOUT)
		r = sd_event_add_time_relative(event, &p->timer, CLOCK_MONOTONIC,
					       timeout_ms * 1000, TIMEOUT_ACCURACY_US,
					       playout_timed_out, p);
	if (r < 0) {
		playout_discard(&p->waiter);
		return r;
	}
	waiter_add(&s->waiters, &p->waiter, MARK_PLAYED, source_written(s));
	source_serve(s);
	return 0;
}

void playouts_release(struct source *s, Aud__PlayoutReason reason)
{
	struct waiter *w, *next;

	for (w = TAILQ_FIRST(&s->waiters); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (w->due == playout_due)
			finish((struct playout *)w, reason);
	}
}
