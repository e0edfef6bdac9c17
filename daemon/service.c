/* SPDX-License-Identifier: MIT */
/*
 * One timer: it runs while there may be something to tell, and always if there is a watchdog.
 */
#include "service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "log.h"
#include "notify.h"
#include "pulse.h"
#include "text.h"
#include "timer.h"

enum {
	SENTENCE_SIZE = 1024,
	LOOK_MS = 1000,      /* between two sentences, at least */
	FIRST_LOOK_MS = 100, /* the players have begun by then */
	FEEDS = 3,           /* in the time after which the watchdog bites */
	ACCURACY_US = 100000,
	PATIENCE_US = 1000000, /* with a player that has run dry */
};

struct service {
	const struct hub *hub;
	sd_event_source *timer;
	uint32_t feed_ms; /* 0: there is no watchdog */
	bool runs;        /* the timer */
	bool looking;     /* this event is our own */
	bool told_stuck[OUTPUTS_MAX];
	struct pulse pulses[OUTPUTS_MAX];
	char sentence[SENTENCE_SIZE]; /* as it was told last */
};

/* ---- the sentence ---------------------------------------------------------------- */

static void describe_device(FILE *f, const struct device *d)
{
	char name[256];
	uint32_t rate = device_facts(d)->rate;

	text_escape(name, sizeof(name), device_name(d));
	switch (device_state(d)) {
	case PLAYER_PLAYING:
		fprintf(f, "playing on %s, %u Hz", name, rate);
		break;
	case PLAYER_READY:
		fprintf(f, "silent on %s, %u Hz", name, rate);
		break;
	default:
		fprintf(f, "waiting for %s (%s)", name,
			device_error(d) ? device_error(d) : "not tried yet");
	}
}

static void describe_output(FILE *f, struct output *o)
{
	const struct scheduling *s = output_scheduling(o);
	const struct player_counts *counts = &output_player(o)->counts;
	uint64_t xruns = atomic_load_explicit(&counts->xruns, memory_order_relaxed);

	describe_device(f, output_device(o));
	if (scheduling_is_realtime(s))
		fprintf(f, ", realtime %s", scheduling_got(s));
	else
		fprintf(f, ", not realtime (%s)", scheduling_got(s));
	fprintf(f, ", %llu xrun%s", (unsigned long long)xruns, xruns == 1 ? "" : "s");
}

static void compose(const struct service *s, char *buf, size_t size)
{
	const struct outputs *outputs = &s->hub->outputs;
	uint32_t num = s->hub->sources.num;
	FILE *f = fmemopen(buf, size, "w");

	*buf = '\0';
	if (!f)
		return;
	fprintf(f, "%u source%s", num, num == 1 ? "" : "s");
	for (uint32_t i = 0; i < outputs->num; i++) {
		if (outputs->num > 1)
			fprintf(f, "; %s: ", output_config(outputs->items[i])->name);
		else
			fputs(", ", f);
		describe_output(f, outputs->items[i]);
	}
	if (s->hub->config_error)
		fprintf(f, "; new settings were refused: %s", s->hub->config_error);
	fclose(f);
	buf[size - 1] = '\0';
}

static void tell(struct service *s)
{
	char sentence[SENTENCE_SIZE];

	compose(s, sentence, sizeof(sentence));
	if (strcmp(sentence, s->sentence) == 0)
		return;
	strcpy(s->sentence, sentence);
	notify_status(sentence);
}

/* ---- the watchdog ---------------------------------------------------------------- */

/* By then what is in the device's buffer is over. */
static uint64_t patience_us(const struct output *o)
{
	const struct device_facts *f = device_facts(output_device(o));

	return PATIENCE_US + (f->rate > 0 ? f->buffer * UINT64_C(1000000) / f->rate : 0);
}

/* Looks at the player of one output, and says once that it is stuck. */
static bool gets_on(struct service *s, uint32_t i, uint64_t now)
{
	struct output *o = s->hub->outputs.items[i];
	const char *name = output_config(o)->name;
	bool good = pulse_beats(&s->pulses[i], output_player(o), patience_us(o), now);

	if (!good && !s->told_stuck[i])
		log_about(LEVEL_ERROR, ABOUT(.output = name),
			  "output %s: its player does not get on; the watchdog is not "
			  "fed until it does",
			  name);
	s->told_stuck[i] = !good;
	return good;
}

static void feed(struct service *s)
{
	uint64_t now = 0;
	bool good = true;

	sd_event_now(s->hub->event, CLOCK_MONOTONIC, &now);
	for (uint32_t i = 0; i < s->hub->outputs.num; i++)
		good = gets_on(s, i, now) && good;
	if (good)
		notify_alive();
}

/* ---- when ------------------------------------------------------------------------ */

static bool is_playing(const struct service *s)
{
	const struct outputs *outputs = &s->hub->outputs;

	for (uint32_t i = 0; i < outputs->num; i++)
		if (device_state(output_device(outputs->items[i])) == PLAYER_PLAYING)
			return true;
	return false;
}

/* How long until the next look if nothing happens; 0: there is none. */
static uint64_t next_look_ms(const struct service *s)
{
	if (is_playing(s) && (s->feed_ms == 0 || s->feed_ms > LOOK_MS))
		return LOOK_MS;
	return s->feed_ms;
}

static void run(struct service *s, uint64_t ms)
{
	s->runs = ms > 0 && timer_start(s->timer, ms) >= 0;
}

static int look(sd_event_source *source, uint64_t usec, void *user)
{
	struct service *s = user;

	(void)source;
	(void)usec;
	if (s->feed_ms > 0)
		feed(s);
	tell(s);
	run(s, next_look_ms(s));
	s->looking = true;
	return 0;
}

void service_touch(struct service *s)
{
	if (!s)
		return;
	if (!s->runs && !s->looking)
		run(s, LOOK_MS);
	s->looking = false;
}

/* ---- life ------------------------------------------------------------------------ */

static int start(struct service *s)
{
	uint64_t bites_us = 0;
	int r = sd_watchdog_enabled(false, &bites_us);

	if (r > 0)
		s->feed_ms = (uint32_t)(bites_us / FEEDS / 1000);
	if (r >= 0)
		r = timer_new(&s->timer, s->hub->event, ACCURACY_US, look, s);
	if (r >= 0)
		r = timer_start(s->timer, FIRST_LOOK_MS);
	s->runs = true;
	return r;
}

int service_new(struct service **ret, const struct hub *hub)
{
	struct service *s;
	int r;

	if (!notify_is_heard()) {
		*ret = NULL;
		return 0;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->hub = hub;
	r = start(s);
	if (r < 0)
		service_free(s);
	else
		*ret = s;
	return r;
}

void service_free(struct service *s)
{
	if (!s)
		return;
	sd_event_source_disable_unref(s->timer);
	free(s);
}
