/* SPDX-License-Identifier: MIT */
/*
 * LIVE: it takes captures; if all who were attached have left, it plays on and lingers:
 * it may still be attached to. ENDING: closed; what it holds is played out, or fades away.
 * GONE: its slot is empty, and when the player has seen that, it is freed.
 */
#include "sources.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "attach.h"
#include "capture.h"
#include "change.h"
#include "events.h"
#include "fd_store.h"
#include "log.h"
#include "mark.h"
#include "move.h"
#include "playout.h"
#include "source_log.h"
#include "timer.h"

enum {
	NEAR_MIN_US = 2000,   /* what the player needs to notice that a queue runs out, */
	NEAR_EXTRA_US = 1000, /* and how much earlier than the guard */
	CLOSE_FADE_MS = 5,
	LINGER_ACCURACY_US = 10000,
	LINGER_MIN_MS = 50,
};

int sources_init(struct sources *set, sd_event *event, const struct config *config,
		 struct outputs *outputs)
{
	*set = (struct sources){
		.event = event,
		.config = config,
		.outputs = outputs,
		.items = calloc(config->max_sources, sizeof(*set->items)),
	};
	ids_init(&set->ids);
	return set->items ? 0 : -ENOMEM;
}

/* What it takes of its user's share, from its birth until its memory is freed. */
static void charge(struct source *s, struct user *user)
{
	s->user = user_ref(user);
	user->sources++;
	user->queue_bytes += source_queue_bytes(&s->queue.shape);
}

static void discharge(struct source *s)
{
	s->user->sources--;
	s->user->queue_bytes -= source_queue_bytes(&s->queue.shape);
	user_unref(s->user);
}

static void end_of_life(struct source *s)
{
	captures_done(s);
	cuts_done(s);
	moves_done(s);
	events_done(s);
	attachments_done(s);
	discharge(s);
	source_free(s);
}

void sources_done(struct sources *set)
{
	for (uint32_t i = 0; i < set->num; i++)
		end_of_life(set->items[i]);
	free(set->items);
	ids_done(&set->ids);
	*set = (struct sources){.ids.fd = -1};
}

/* ---- the end of one -------------------------------------------------------------- */

static void gone_is_seen(struct waiter *w)
{
	SOURCE_OF(w, gone)->freeable = true;
}

static void end(struct source *s, Aud__PlayoutReason reason)
{
	source_log_gone(s);
	fd_store_forget(s->stored);
	waiter_remove(&s->ending);
	timer_stop(s->linger);
	playouts_release(s, reason);
	marks_end(s);
	events_end(s);
	s->state = SOURCE_GONE;
	s->gone.due = gone_is_seen;
	waiter_add(&s->waiters, &s->gone, AWAIT_APPLIED, moves_end(s));
}

/* What the cuts took is told first: it says which marks were heard. */
static void played_out(struct waiter *w)
{
	struct source *s = SOURCE_OF(w, ending);

	if (!TAILQ_EMPTY(&s->cuts.list))
		waiter_add(&s->waiters, w, AWAIT_APPLIED, s->cuts.applied.at);
	else
		end(s, AUD__PLAYOUT_REASON__PLAYED);
}

static void end_when_played(struct source *s)
{
	s->ending.due = played_out;
	waiter_add(&s->waiters, &s->ending, AWAIT_PLAYED, source_written(s));
}

static bool can_play(const struct source *s)
{
	const struct device *d = output_device(s->output);

	return !s->paused && d && device_is_there(d);
}

static void linger(struct source *s)
{
	uint64_t ms = s->linger_ms > LINGER_MIN_MS ? s->linger_ms : LINGER_MIN_MS;

	s->stuck = !can_play(s);
	if (timer_start(s->linger, ms) < 0)
		log_about(LEVEL_ERROR, ABOUT(.source = s->id),
			  "source %" PRIu64 ": no timer; it stays until it has played",
			  s->id);
}

/* Nobody is attached any more. */
static void left_alone(struct source *s)
{
	if (s->drop_on_disconnect) {
		change_drop(s, source_fade(s, CLOSE_FADE_MS, CURVE_LINEAR));
		playouts_release(s, AUD__PLAYOUT_REASON__CLEARED);
	}
	linger(s);
	if (s->linger_ms == 0)
		end_when_played(s);
}

/* Its time is over: it goes when it has played out, or now if it could not play at the
 * last look, and cannot now. */
static int lingered(sd_event_source *timer, uint64_t usec, void *user)
{
	struct source *s = user;

	(void)timer;
	(void)usec;
	if (s->adopted) {
		s->adopted = false;
		left_alone(s);
		source_serve(s);
	} else if (s->stuck && !can_play(s) && TAILQ_EMPTY(&s->cuts.list)) {
		end(s, AUD__PLAYOUT_REASON__SOURCE_CLOSED);
	} else {
		linger(s);
		end_when_played(s);
		source_serve(s);
	}
	return 0;
}

/* After a restart: first its clients may come for it. */
static void await_clients(struct source *s, uint32_t ms)
{
	if (s->state == SOURCE_ENDING) {
		s->adopted = false;
		end_when_played(s);
		linger(s);
	} else if (timer_start(s->linger, ms) < 0) {
		log_error("source %" PRIu64 ": no timer; it stays until it is closed",
			  s->id);
	}
}

void sources_close(struct source *s, bool drop)
{
	bool was_live = s->state == SOURCE_LIVE;

	s->state = SOURCE_ENDING;
	s->keep->ending = true;
	captures_cancel(s, AUD__DROP_REASON__DROPPED_BY_CLOSE);
	if (drop)
		change_drop(s, source_fade(s, CLOSE_FADE_MS, CURVE_LINEAR));
	if (drop || was_live)
		playouts_release(s, AUD__PLAYOUT_REASON__SOURCE_CLOSED);
	if (!was_live)
		return;
	end_when_played(s);
	linger(s);
	source_serve(s);
}

/* ---- who is attached ------------------------------------------------------------- */

int sources_attach(struct source *s, struct conn *c)
{
	int r = attachment_add(s, c);

	if (r < 0)
		return r;
	waiter_remove(&s->ending);
	timer_stop(s->linger);
	s->adopted = false;
	return 0;
}

void sources_leave(struct sources *set, const struct conn *c)
{
	for (uint32_t i = 0; i < set->num; i++) {
		struct source *s = set->items[i];

		waiters_forget(&s->waiters, c);
		cuts_forget(s, c);
		moves_forget(s, c);
		events_forget(s, c);
		if (!attachment_remove(s, c))
			continue;
		captures_forget(s, c);
		if (s->state == SOURCE_LIVE && !s->num_attached)
			left_alone(s);
		source_serve(s);
	}
}

/* ---- all of them ----------------------------------------------------------------- */

/* What it leaves to the device: what the device that it has needs, or what any would. */
static uint64_t guard_us(const struct output *o)
{
	const struct device *d = output_device(o);
	const struct device_facts *f = d ? device_facts(d) : NULL;
	uint64_t us = output_config(o)->rewind_guard_us, its = 0;

	if (f && f->rewinds)
		its = ((uint64_t)f->guard * 1000000 + f->rate - 1) / f->rate;
	return its > us ? its : us;
}

/* So few frames are left when the player looks for more; with those that the resampler looks
 * ahead, for it to be time to do without them. */
uint32_t sources_near(const struct output *o, uint32_t rate, const struct taps *taps)
{
	uint64_t us = guard_us(o) + NEAR_EXTRA_US;

	if (us < NEAR_MIN_US)
		us = NEAR_MIN_US;
	return (uint32_t)((us * rate + 999999) / 1000000) + (taps ? taps->half : 0);
}

/* Its output may have got a device with another guard. */
static void follow_guard(struct source *s, uint64_t us)
{
	if (s->guard_us == us)
		return;
	s->guard_us = us;
	if (queue_set_near(&s->queue,
			   sources_near(s->output, s->queue.shape.rate, s->taps)))
		output_ring(s->output);
}

/* By its id. New ones have the highest. */
static void insert(struct sources *set, struct source *s)
{
	uint32_t i = set->num++;

	for (; i > 0 && set->items[i - 1]->id > s->id; i--)
		set->items[i] = set->items[i - 1];
	set->items[i] = s;
}

static int make_source(struct sources *set, const struct source_order *order,
		       struct source **ret)
{
	struct source_order o = *order;
	uint32_t near;
	int r;

	if (!o.output)
		o.output = set->outputs->standard;
	r = taps_get(&set->taps, o.shape.rate, output_config(o.output)->rate, &o.taps);
	if (r < 0)
		return r;
	near = sources_near(o.output, o.shape.rate, o.taps);
	o.shape.lookback = outputs_lookback(set->outputs, o.shape.rate);
	r = source_new(ret, ids_next(&set->ids), &o, near);
	if (r < 0)
		taps_unref(o.taps);
	return r;
}

int sources_add(struct sources *set, const struct source_order *order,
		struct source **ret)
{
	struct source *s;
	int r;

	if (set->num >= set->config->max_sources)
		return -ENOBUFS;
	r = make_source(set, order, &s);
	if (r < 0)
		return r;
	s->event = set->event;
	s->config = set->config;
	charge(s, order->user);
	s->has_device = output_has_device(s->output);
	r = timer_new(&s->linger, set->event, LINGER_ACCURACY_US, lingered, s);
	if (r >= 0)
		r = attachment_add(s, order->owner);
	insert(set, s);
	if (r < 0) {
		end(s, AUD__PLAYOUT_REASON__SOURCE_CLOSED);
		return r;
	}
	source_log_made(s);
	*ret = s;
	return 0;
}

int sources_adopt(struct sources *set, const char *stored, const struct store *store,
		  const struct queue *queue, const struct taps *taps,
		  struct output *output, struct user *user)
{
	sd_event_source *timer = NULL;
	struct source *s;
	int r;

	if (set->num >= set->config->max_sources)
		return -ENOBUFS;
	r = timer_new(&timer, set->event, LINGER_ACCURACY_US, lingered, NULL);
	if (r >= 0)
		r = source_adopt(&s, stored, store, queue, taps, output);
	if (r < 0) {
		sd_event_source_disable_unref(timer);
		return r;
	}
	sd_event_source_set_userdata(timer, s);
	s->event = set->event;
	s->config = set->config;
	s->linger = timer;
	charge(s, user);
	ids_pass(&set->ids, s->id);
	insert(set, s);
	source_log_kept(s);
	await_clients(s, set->config->reconnect_ms);
	return 0;
}

static int compare_ids(const void *id, const void *item)
{
	uint64_t a = *(const uint64_t *)id, b = (*(struct source *const *)item)->id;

	return a < b ? -1 : a > b;
}

struct source *sources_find(const struct sources *set, uint64_t id)
{
	struct source **item =
		bsearch(&id, set->items, set->num, sizeof(*set->items), compare_ids);

	return item && (*item)->state != SOURCE_GONE ? *item : NULL;
}

uint32_t sources_attached(const struct sources *set, const struct conn *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < set->num; i++)
		n += attachment_find(set->items[i], c) != NULL;
	return n;
}

/* The player tells by its state that a device has gone or come, and rings. */
void sources_watch_device(struct source *s)
{
	bool there = output_has_device(s->output);

	if (there == s->has_device)
		return;
	s->has_device = there;
	playouts_watch_device(s, there);
	events_watch_device(s, there);
}

static void sweep(struct sources *set)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < set->num; i++) {
		struct source *s = set->items[i];

		if (s->freeable)
			end_of_life(s);
		else
			set->items[kept++] = s;
	}
	set->num = kept;
}

void sources_serve(struct sources *set, struct output *o)
{
	uint64_t us = guard_us(o);

	for (uint32_t i = 0; i < set->num; i++) {
		struct source *s = set->items[i];

		if (s->output != o)
			continue;
		sources_watch_device(s);
		follow_guard(s, us);
		moves_serve(s);
		events_serve(s);
		source_serve(s);
	}
	sweep(set);
}
