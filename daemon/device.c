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
#include "recording.h"

enum {
	RETRY_MIN_MS = 100,
	RETRY_MAX_MS = 5000,
	RETRY_ACCURACY_US = 10000,
};

struct device {
	sd_event *event;
	const struct config_output *config;
	const struct backend_row *backend;
	struct player *player;
	enum player_state state; /* CLOSED, READY or LOST */
	struct device_facts facts;
	struct recording *recording; /* NULL: none */
	char *error;                 /* why it is closed; a sentence's end, or NULL */
	uint32_t retry_ms;
	uint64_t opened_us; /* CLOCK_MONOTONIC */
	sd_event_source *retry, *watch;
};

/* ---- backends -------------------------------------------------------------------- */

struct backend_row {
	const char *name;
	bool comes_and_goes; /* as files under /dev/snd do */
	int (*open)(struct device *d, struct sink **ret, struct device_info *info,
		    char **ret_error);
};

static int open_alsa(struct device *d, struct sink **ret, struct device_info *info,
		     char **ret_error)
{
	return device_alsa_open(d->config, ret, info, ret_error);
}

static int open_null(struct device *d, struct sink **ret, struct device_info *info,
		     char **ret_error)
{
	struct tape *tape = d->recording ? recording_tape(d->recording) : NULL;

	(void)ret_error;
	return device_null_open(d->config, tape, ret, info);
}

static const struct backend_row backends[] = {
	[BACKEND_ALSA] = {"alsa", true, open_alsa},
	[BACKEND_NULL] = {"null", false, open_null},
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
			  error ? error : "no memory", d->retry_ms / 1000.0);
}

/* ---- trying again ---------------------------------------------------------------- */

static void device_try(struct device *d);

static uint64_t now_us(const struct device *d)
{
	uint64_t now = 0;

	sd_event_now(d->event, CLOCK_MONOTONIC, &now);
	return now;
}

static int retry_is_due(sd_event_source *source, uint64_t usec, void *user)
{
	(void)source;
	(void)usec;
	device_try(user);
	return 0;
}

static void retry_later(struct device *d)
{
	if (sd_event_source_set_time_relative(d->retry, d->retry_ms * UINT64_C(1000)) <
		    0 ||
	    sd_event_source_set_enabled(d->retry, SD_EVENT_ONESHOT) < 0)
		log_about(LEVEL_ERROR, ABOUT(.output = d->config->name),
			  "device %s: no timer; it is not tried again", device_name(d));
	d->retry_ms = d->retry_ms < RETRY_MAX_MS / 2 ? 2 * d->retry_ms : RETRY_MAX_MS;
}

static void unwatch(struct device *d)
{
	d->watch = sd_event_source_disable_unref(d->watch);
}

/* Something has come, or the right to open it. What is watched is made anew by the next
 * try that fails: it may be another directory now. */
static int snd_has_changed(sd_event_source *source, const struct inotify_event *e,
			   void *user)
{
	struct device *d = user;

	(void)source;
	if (e->len > 0 && strcmp(e->name, "snd") != 0)
		return 0;
	unwatch(d);
	d->retry_ms = RETRY_MIN_MS;
	device_try(d);
	return 0;
}

static int card_has_changed(sd_event_source *source, const struct inotify_event *e,
			    void *user)
{
	struct device *d = user;

	(void)source;
	if (e->mask & IN_IGNORED)
		unwatch(d);
	d->retry_ms = RETRY_MIN_MS;
	device_try(d);
	return 0;
}

/* Trying from time to time goes on in any case, so a watch that cannot be had is no
 * loss. */
static void watch(struct device *d)
{
	if (!d->backend->comes_and_goes || d->watch)
		return;
	if (sd_event_add_inotify(d->event, &d->watch, "/dev/snd",
				 IN_CREATE | IN_ATTRIB | IN_ONLYDIR, card_has_changed,
				 d) == -ENOENT)
		sd_event_add_inotify(d->event, &d->watch, "/dev", IN_CREATE | IN_ONLYDIR,
				     snd_has_changed, d);
}

/* ---- opening and closing --------------------------------------------------------- */

static void learn(struct device *d, const struct sink *s, const struct device_info *info)
{
	d->facts = (struct device_facts){
		.rate = s->rate,
		.channels = s->channels,
		.layout = s->layout,
		.buffer = s->buffer,
		.guard = s->guard,
		.rewinds = s->rewinds,
		.dithers = s->dither_bits > 0,
		.info = *info,
	};
	log_about(LEVEL_INFO,
		  ABOUT(.event = EVENT_DEVICE_OPENED, .output = d->config->name),
		  "device %s: %u Hz, %u channels, %s, %s, a buffer of %u frames, %s",
		  device_name(d), s->rate, s->channels, info->format, info->access,
		  s->buffer, s->rewinds ? "rewinds" : "does not rewind");
}

static void device_try(struct device *d)
{
	struct device_info info;
	struct sink *s = NULL;
	char *error = NULL;

	assert(d->state == PLAYER_CLOSED);
	if (d->backend->open(d, &s, &info, &error) < 0) {
		set_error(d, error);
		watch(d);
		retry_later(d);
		return;
	}
	unwatch(d);
	sd_event_source_set_enabled(d->retry, SD_EVENT_OFF);
	free(d->error);
	d->error = NULL;
	d->opened_us = now_us(d);
	learn(d, s, &info);
	set_state(d, PLAYER_READY);
	player_offer(d->player, s);
}

static void sink_came_back(struct device *d, struct sink *s)
{
	char *error;

	if (asprintf(&error, "lost: %s", strerror(-s->error)) < 0)
		error = NULL;
	set_state(d, PLAYER_LOST);
	s->free(s);
	set_state(d, PLAYER_CLOSED);
	/* One that opens and fails again and again is tried no more often than one that does
	 * not open. */
	if (now_us(d) - d->opened_us > RETRY_MAX_MS * UINT64_C(1000))
		d->retry_ms = RETRY_MIN_MS;
	set_error(d, error);
	watch(d);
	retry_later(d);
}

void device_serve(struct device *d)
{
	struct sink *s = player_returned(d->player);

	if (d->recording)
		recording_drain(d->recording);
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
	d->backend = &backends[c->backend];
	d->player = p;
	d->retry_ms = RETRY_MIN_MS;
	r = record(d, ret_error);
	if (r == 0)
		r = sd_event_add_time(event, &d->retry, CLOCK_MONOTONIC, 0,
				      RETRY_ACCURACY_US, retry_is_due, d);
	if (r >= 0)
		r = sd_event_source_set_enabled(d->retry, SD_EVENT_OFF);
	if (r < 0)
		device_free(d);
	else
		*ret = d;
	return r;
}

void device_start(struct device *d)
{
	device_try(d);
}

static void free_sink(struct sink *s)
{
	if (s)
		s->free(s);
}

void device_free(struct device *d)
{
	if (!d)
		return;
	unwatch(d);
	sd_event_source_disable_unref(d->retry);
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
	return d->backend->name;
}

const char *device_name(const struct device *d)
{
	return d->config->backend == BACKEND_NULL ? "null" : d->config->device;
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
	return &d->facts;
}
