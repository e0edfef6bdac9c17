/* SPDX-License-Identifier: MIT */
/*
 * LIVE: it takes captures. ENDING: closed, or left by its client; what it holds is
 * played out, or fades away. GONE: its slot is empty, and when the player has seen that,
 * it is freed.
 */
#include "sources.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "capture.h"
#include "change.h"
#include "log.h"
#include "playout.h"

enum {
	NEAR_MIN_US = 2000,   /* what the player needs to notice that a queue runs out, */
	NEAR_EXTRA_US = 1000, /* and how much earlier than the guard */
	CLOSE_FADE_MS = 5,
	LINGER_ACCURACY_US = 10000,
	LINGER_MIN_MS = 50,
};

int sources_init(struct sources *set, sd_event *event, const struct config *config,
		 struct output *output)
{
	*set = (struct sources){
		.event = event,
		.config = config,
		.output = output,
		.items = calloc(config->max_sources, sizeof(*set->items)),
	};
	return set->items ? 0 : -ENOMEM;
}

static void end_of_life(struct source *s)
{
	captures_forget(s);
	cuts_done(s);
	source_free(s);
}

void sources_done(struct sources *set)
{
	for (uint32_t i = 0; i < set->num; i++)
		end_of_life(set->items[i]);
	free(set->items);
	*set = (struct sources){0};
}

/* ---- the end of one -------------------------------------------------------------- */

static void gone_is_seen(struct waiter *w)
{
	SOURCE_OF(w, gone)->freeable = true;
}

static void end(struct source *s, Aud__PlayoutReason reason)
{
	waiter_remove(&s->ending);
	sd_event_source_set_enabled(s->linger, SD_EVENT_OFF);
	playouts_release(s, reason);
	s->state = SOURCE_GONE;
	s->gone.due = gone_is_seen;
	waiter_add(&s->waiters, &s->gone, MARK_APPLIED,
		   output_remove(s->output, s->slot));
}

static void played_out(struct waiter *w)
{
	end(SOURCE_OF(w, ending), AUD__PLAYOUT_REASON__PLAYED);
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
	if (sd_event_source_set_time_relative(s->linger, ms * 1000) < 0 ||
	    sd_event_source_set_enabled(s->linger, SD_EVENT_ONESHOT) < 0)
		log_error("source %" PRIu64 ": no timer; it stays until it has played",
			  s->id);
}

/* It goes if it could not play at the last look, and cannot now. */
static int lingered(sd_event_source *timer, uint64_t usec, void *user)
{
	struct source *s = user;

	(void)timer;
	(void)usec;
	if (s->stuck && !can_play(s))
		end(s, AUD__PLAYOUT_REASON__SOURCE_CLOSED);
	else
		linger(s);
	return 0;
}

void sources_close(struct source *s, bool drop)
{
	bool was_live = s->state == SOURCE_LIVE;

	s->state = SOURCE_ENDING;
	captures_cancel(s, AUD__DROP_REASON__DROPPED_BY_CLOSE);
	if (drop)
		change_drop(s, CLOSE_FADE_MS);
	if (drop || was_live)
		playouts_release(s, AUD__PLAYOUT_REASON__SOURCE_CLOSED);
	if (!was_live)
		return;
	s->ending.due = played_out;
	waiter_add(&s->waiters, &s->ending, MARK_PLAYED, source_written(s));
	linger(s);
	source_serve(s);
}

void sources_leave(struct sources *set, const struct conn *c)
{
	for (uint32_t i = 0; i < set->num; i++) {
		struct source *s = set->items[i];

		waiters_forget(&s->waiters, c);
		cuts_forget(s, c);
		if (s->owner != c)
			continue;
		s->owner = NULL;
		captures_forget(s);
		if (s->state == SOURCE_LIVE)
			sources_close(s, s->drop_on_disconnect);
	}
}

/* ---- all of them ----------------------------------------------------------------- */

static uint32_t near_frames(const struct config *c, uint32_t rate)
{
	uint64_t us = c->output.rewind_guard_us + (uint64_t)NEAR_EXTRA_US;

	if (us < NEAR_MIN_US)
		us = NEAR_MIN_US;
	return (uint32_t)((us * rate + 999999) / 1000000);
}

static int make_timer(struct sources *set, sd_event_source **ret)
{
	__attribute__((cleanup(sd_event_source_unrefp))) sd_event_source *timer = NULL;
	int r;

	r = sd_event_add_time(set->event, &timer, CLOCK_MONOTONIC, 0, LINGER_ACCURACY_US,
			      lingered, NULL);
	if (r >= 0)
		r = sd_event_source_set_enabled(timer, SD_EVENT_OFF);
	if (r < 0)
		return r;
	*ret = timer;
	timer = NULL; /* handed over */
	return 0;
}

int sources_add(struct sources *set, const struct source_order *order,
		struct source **ret)
{
	uint32_t near = near_frames(set->config, order->shape.rate);
	sd_event_source *timer;
	struct source *s;
	int r;

	if (set->num >= set->config->max_sources)
		return -ENOBUFS;
	r = make_timer(set, &timer);
	if (r < 0)
		return r;
	r = source_new(&s, set->last_id + 1, order, set->output, near);
	if (r < 0) {
		sd_event_source_unref(timer);
		return r;
	}
	sd_event_source_set_userdata(timer, s);
	s->linger = timer;
	s->linger_ms = set->config->linger_ms;
	set->last_id = s->id;
	set->items[set->num++] = s;
	*ret = s;
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

uint32_t sources_owned(const struct sources *set, const struct conn *owner)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < set->num; i++)
		n += set->items[i]->owner == owner;
	return n;
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

void sources_serve(struct sources *set)
{
	for (uint32_t i = 0; i < set->num; i++)
		source_serve(set->items[i]);
	sweep(set);
}
