/* SPDX-License-Identifier: MIT */
/*
 * CLOSED: there is none; it is tried again from time to time, and when something has
 * changed under /dev/snd. READY: the player has it, and says itself when it plays. LOST:
 * the player has given it back, and it is about to be closed.
 */
#include "device.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_null.h"
#include "log.h"
#include "margin.h"
#include "names.h"
#include "recording.h"
#include "retry.h"

struct device {
	sd_event *event;
	const struct config_output *config;
	struct player *player;
	enum player_state state; /* CLOSED, READY or LOST */
	struct opened now;       /* that the player has, or had last */
	struct opened next; /* a better one that is offered, while it leaves the other */
	bool reopens;       /* the player is to go without, and then to get it anew */
	struct recording *recording; /* NULL: none */
	char *error;                 /* why it is closed; a sentence's end, or NULL */
	uint64_t opened_us;          /* CLOCK_MONOTONIC */
	struct retry retry;
	struct margin margin;
};

/* ---- state ----------------------------------------------------------------------- */

static void set_state(struct device *d, enum player_state to)
{
	static const bool allowed[][PLAYER_LOST + 1] = {
		[PLAYER_CLOSED] = {[PLAYER_READY] = true},
		[PLAYER_READY] = {[PLAYER_LOST] = true, [PLAYER_CLOSED] = true},
		[PLAYER_LOST] = {[PLAYER_CLOSED] = true},
	};

	assert(allowed[d->state][to]);
	d->state = to;
}

/* Takes over the sentence. Says it once, not at every try. */
static void set_error(struct device *d, char *error)
{
	bool news = !d->error || !error || strcmp(d->error, error) != 0;

	free(d->error);
	d->error = error;
	if (news)
		log_about(LEVEL_WARNING,
			  ABOUT(.event = EVENT_DEVICE_MISSING, .output = d->config->name),
			  "device %s: %s; trying again in %g s", device_name(d),
			  error ? error : "no memory", d->retry.ms / 1000.0);
}

static void look_later(struct device *d)
{
	if (retry_later(&d->retry) < 0)
		log_about(LEVEL_ERROR, ABOUT(.output = d->config->name),
			  "device %s: no timer; it is not tried again", device_name(d));
}

static uint64_t now_us(const struct device *d)
{
	uint64_t now = 0;

	sd_event_now(d->event, CLOCK_MONOTONIC, &now);
	return now;
}

/* ---- opening --------------------------------------------------------------------- */

static bool open_best(struct device *d, uint32_t end, uint32_t but, struct opened *ret,
		      char **errors)
{
	struct tape *tape = d->recording ? recording_tape(d->recording) : NULL;

	return device_open_best(d->config, tape, end, but, ret, errors);
}

/* The player has it now, or will take it next. Better ones are looked for. */
static void become(struct device *d, const struct opened *o)
{
	const struct device_facts *f = &o->facts;

	d->now = *o;
	d->opened_us = now_us(d);
	d->next.sink = NULL;
	log_about(LEVEL_INFO,
		  ABOUT(.event = EVENT_DEVICE_OPENED, .output = d->config->name),
		  "device %s: %u Hz, %u channels, %s, %s, a buffer of %u frames, %s%s",
		  o->name, f->rate, f->channels, f->info.format, f->info.access,
		  f->buffer - f->spare, f->rewinds ? "rewinds" : "does not rewind",
		  f->rewinds && f->info.batch ? " (all but a period and the guard)" : "");
	free(d->error);
	d->error = NULL;
	if (o->rank > 0)
		look_later(d);
	else
		retry_stop(&d->retry);
}

/* Any but one. */
static bool try_any(struct device *d, uint32_t but, char **errors)
{
	struct opened o;

	assert(d->state == PLAYER_CLOSED);
	if (!open_best(d, DEVICES_MAX, but, &o, errors))
		return false;
	become(d, &o);
	set_state(d, PLAYER_READY);
	player_offer(d->player, o.sink);
	return true;
}

static void try_all(struct device *d)
{
	char *errors = NULL;

	if (try_any(d, DEVICE_NONE, &errors)) {
		free(errors);
		return;
	}
	set_error(d, errors);
	look_later(d);
}

/* The player leaves the other as soon as all that was given to it is heard. */
static void try_better(struct device *d)
{
	struct sink *untaken;

	if (d->next.sink || d->reopens)
		return;
	if (!open_best(d, d->now.rank, DEVICE_NONE, &d->next, NULL)) {
		look_later(d);
	} else {
		log_about(LEVEL_INFO,
			  ABOUT(.event = EVENT_DEVICE_OPENED, .output = d->config->name),
			  "device %s is there again, and taken instead of %s",
			  d->next.name, d->now.name);
		untaken = player_offer(d->player, d->next.sink);
		if (untaken) {
			untaken->free(untaken);
			become(d, &d->next);
		}
	}
}

static void look_again(void *user)
{
	struct device *d = user;

	if (d->state == PLAYER_CLOSED)
		try_all(d);
	else
		try_better(d);
}

/* ---- closing --------------------------------------------------------------------- */

static const char *why_lost(int error)
{
	return error == -ETIME ? "it stood still" : strerror(-error);
}

static void device_is_lost(struct device *d, int error)
{
	char *errors = NULL, *lost;

	if (asprintf(&lost, "lost: %s", why_lost(error)) < 0)
		lost = NULL;
	/* One that opens and fails again and again is tried no more often than one that does
	 * not open. */
	if (retry_is_long(now_us(d) - d->opened_us))
		retry_afresh(&d->retry);
	device_add_error(d->config, &errors, d->now.name, lost);
	if (names_count(d->config->device) > 1 && errors)
		log_about(LEVEL_WARNING,
			  ABOUT(.event = EVENT_DEVICE_MISSING, .output = d->config->name),
			  "device %s; trying the others", errors);
	if (try_any(d, d->now.rank, &errors)) {
		free(errors);
		return;
	}
	set_error(d, errors);
	look_later(d);
}

/* As was wanted: with the settings as they are now. */
static void open_anew(struct device *d, struct sink *s)
{
	s->free(s);
	set_state(d, PLAYER_CLOSED);
	d->reopens = false;
	retry_afresh(&d->retry);
	try_all(d);
}

/* It may not have been taken yet: then it is either the one, or a better one. */
static void take_away(struct device *d)
{
	struct sink *untaken = player_offer(d->player, &player_no_sink);

	if (!untaken || untaken == &player_no_sink)
		return;
	if (untaken != d->next.sink) {
		open_anew(d, untaken);
		return;
	}
	d->next.sink = NULL;
	untaken->free(untaken);
}

void device_reopen(struct device *d)
{
	if (d->state == PLAYER_READY) {
		d->reopens = true;
		take_away(d);
		return;
	}
	retry_stop(&d->retry);
	retry_afresh(&d->retry);
	try_all(d);
}

static void sink_came_back(struct device *d, struct sink *s)
{
	int error = s->error;

	if (d->next.sink) { /* the player takes that one now */
		s->free(s);
		become(d, &d->next);
		return;
	}
	if (d->reopens && !error) {
		open_anew(d, s);
		return;
	}
	d->reopens = false;
	set_state(d, PLAYER_LOST);
	s->free(s);
	set_state(d, PLAYER_CLOSED);
	device_is_lost(d, error);
}

void device_serve(struct device *d)
{
	struct sink *s = player_returned(d->player);

	if (d->recording)
		recording_drain(d->recording);
	margin_serve(&d->margin, device_name(d));
	if (s)
		sink_came_back(d, s);
}

/* ---- life ------------------------------------------------------------------------ */

static int record(struct device *d, char **ret_error)
{
	const struct config_output *c = d->config;

	if (c->backend != BACKEND_NULL || !c->record)
		return 0;
	return recording_new(&d->recording, c->record, c->rate, c->channels,
			     device_null_format(c), ret_error);
}

int device_new(struct device **ret, sd_event *event, const struct config_output *c,
	       struct player *p, char **ret_error)
{
	struct device *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	d->event = event;
	d->config = c;
	d->player = p;
	r = record(d, ret_error);
	if (r == 0)
		r = retry_init(&d->retry, event,
			       device_comes_and_goes(c) ? "/dev/snd" : NULL, look_again,
			       d);
	if (r >= 0)
		r = margin_init(&d->margin, event, c, p);
	if (r < 0)
		device_free(d);
	else
		*ret = d;
	return r < 0 ? r : 0;
}

void device_start(struct device *d)
{
	try_all(d);
}

static void free_sink(struct sink *s)
{
	if (s && s != &player_no_sink)
		s->free(s);
}

void device_free(struct device *d)
{
	if (!d)
		return;
	retry_done(&d->retry);
	margin_done(&d->margin);
	free_sink(player_offer(d->player, NULL));
	free_sink(player_returned(d->player));
	recording_free(d->recording);
	free(d->error);
	free(d);
}

/* ---- looks ----------------------------------------------------------------------- */

bool device_is_there(const struct device *d)
{
	return d->state == PLAYER_READY;
}

const char *device_backend(const struct device *d)
{
	return device_backend_name(d->config);
}

const char *device_name(const struct device *d)
{
	if (d->config->backend == BACKEND_NULL)
		return device_backend_name(d->config);
	return d->state == PLAYER_READY ? d->now.name : d->config->device;
}

const char *device_error(const struct device *d)
{
	return d->error;
}

enum player_state device_state(const struct device *d)
{
	struct player_report report;

	if (d->state != PLAYER_READY)
		return d->state;
	player_get_report(d->player, &report);
	return report.state == PLAYER_PLAYING ? PLAYER_PLAYING : PLAYER_READY;
}

const struct device_facts *device_facts(const struct device *d)
{
	return &d->now.facts;
}

uint32_t device_margin(const struct device *d)
{
	return margin_frames(&d->margin);
}

uint32_t device_buffer(const struct device *d)
{
	const struct device_facts *f = &d->now.facts;
	uint32_t margin = margin_frames(&d->margin);

	return f->buffer - (margin < f->spare ? f->spare - margin : 0);
}
