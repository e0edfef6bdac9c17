/* SPDX-License-Identifier: MIT */
/*
 * Venues whose time is virtual: connections, sources and an output without a thread (and another
 * one, "other", which has no device). The
 * test's thread has the turns of both sides, and moves the clock to the very frame at which
 * the player wants to be woken. The rate is one at which a frame takes whole nanoseconds.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "fake_sink.h"
#include "hall.h"
#include "opening.h"
#include "sandbox.h"
#include "shortage.h"
#include "trap.h"
#include "venue.h"

enum {
	RATE = 40000,
	FRAME_NS = 1000000000 / RATE,
	BUFFER_MS = 200,
};

#define BEGINNING_NS UINT64_C(1000000000000)

struct sandbox {
	struct hall hall;
	uint64_t now_ns;

	/* One of them. */
	struct fake_sink *sink;
	struct opening *opening;
};

uint64_t sandbox_now_ns(const struct sandbox *w)
{
	return w->now_ns;
}

/* ---- the daemon ------------------------------------------------------------------ */

static const char settings[] = "[daemon]\n"
			       "max_sources_per_connection = 64\n"
			       "max_sources_per_user = 64\n"
			       "[output]\n"
			       "backend = null\n"
			       "rate = 40000\n"
			       "[output main]\n"
			       "[output other]\n";

void sandbox_connect(struct sandbox *w, struct client *ret)
{
	client_take(ret, hall_join(&w->hall));
	ret->rate = RATE;
}

struct hub *sandbox_hub(struct sandbox *w)
{
	return &w->hall.hub;
}

static void open_with(struct venue *v, struct sink *sink)
{
	struct sandbox *w = v->sandbox;

	w->now_ns = BEGINNING_NS;
	hall_open(&w->hall, settings);
	player_offer(output_player(w->hall.hub.outputs.standard), sink);
	sandbox_connect(w, &v->client);
}

/* ---- turns and time -------------------------------------------------------------- */

static struct player *player_of(const struct sandbox *w)
{
	return output_player(w->hall.hub.outputs.standard);
}

/* The main thread's turns. Returns whether there was something to do. */
static bool serve(struct sandbox *w)
{
	bool any;

	shortage_count(true);
	any = hall_serve(&w->hall);
	shortage_count(false);
	return any;
}

/* The players' turns. */
static bool turn(struct sandbox *w)
{
	bool any = false;

	for (uint32_t i = 0; i < w->hall.hub.outputs.num; i++) {
		struct output *o = w->hall.hub.outputs.items[i];

		if (!hall_is_due(o, w->now_ns))
			continue;
		trap_set(true);
		player_turn(output_player(o));
		trap_set(false);
		any = true;
	}
	return any;
}

/* All have their turns as often as they ring each other, in no time at all. */
static bool settle(struct sandbox *w)
{
	bool any = serve(w);

	for (int turns = 0; turn(w); turns++) {
		ck_assert_msg(turns < 100, "the players do not come to rest");
		serve(w);
		any = true;
	}
	return any;
}

static void advance(struct sandbox *w, uint64_t frames)
{
	w->now_ns += frames * FRAME_NS;
	if (w->sink)
		fake_sink_advance(w->sink, (uint32_t)frames);
	else
		fake_pcm_play(&w->opening->fake, (uint32_t)frames);
}

/* Frames until the player is woken, at most so many. */
static uint64_t until_wake(const struct venue *v, uint64_t most)
{
	const struct sandbox *w = v->sandbox;
	uint64_t wake = player_of(w)->wake_ns, frames;

	if (wake == PLAYER_SLEEPS)
		return most;
	frames = (wake - w->now_ns + FRAME_NS - 1) / FRAME_NS + v->late;
	return frames < most ? frames : most;
}

static void go_on(struct venue *v)
{
	struct sandbox *w = v->sandbox;

	if (settle(w))
		return;
	ck_assert_msg(player_of(w)->wake_ns != PLAYER_SLEEPS,
		      "nothing will ever happen again");
	advance(w, until_wake(v, UINT64_MAX));
}

static void pass(struct venue *v, uint32_t ms)
{
	struct sandbox *w = v->sandbox;
	uint64_t left = venue_frames(v, ms);

	settle(w);
	while (left > 0) {
		uint64_t frames = until_wake(v, left);

		advance(w, frames);
		settle(w);
		left -= frames;
	}
}

/* ---- a sink of the test's own ---------------------------------------------------- */

static void open_fake_sink(struct venue *v)
{
	struct sandbox *w = calloc(1, sizeof(*w));
	struct fake_sink *f = calloc(1, sizeof(*f));

	fake_sink_init(f, RATE, 2, RATE / 1000 * BUFFER_MS);
	f->sink.guard = RATE / 1000 * VENUE_GUARD_US / 1000;
	f->sink.idle = RATE;
	f->now_ns = BEGINNING_NS;
	w->sink = f;
	v->sandbox = w;
	open_with(v, &f->sink);
}

static uint64_t taped_by_sink(struct venue *v)
{
	return v->sandbox->sink->taped;
}

/* The device has stopped. */
static void stop_player(struct sandbox *w)
{
	player_finish(player_of(w));
	player_returned(player_of(w));
	player_offer(player_of(w), NULL);
}

static void close_fake_sink(struct venue *v)
{
	struct sandbox *w = v->sandbox;
	const struct fake_sink *f = w->sink;

	client_done(&v->client);
	stop_player(w);
	v->num_heard = f->taped;
	v->heard = calloc(f->taped + 1, sizeof(*v->heard));
	for (uint64_t i = 0; i < f->taped; i++) {
		ck_assert_float_eq(f->tape[2 * i], f->tape[2 * i + 1]);
		v->heard[i] = (int16_t)lrintf(f->tape[2 * i] * 32768.0f);
	}
	hall_close(&w->hall);
	fake_sink_done(w->sink);
	free(w->sink);
	free(w);
	v->sandbox = NULL;
}

const struct venue_ops venue_fake_sink = {
	.name = "fake sink",
	.is_virtual = true,
	.rewinds = true,
	.rate = RATE,
	.open = open_fake_sink,
	.go_on = go_on,
	.pass = pass,
	.recorded = taped_by_sink,
	.close = close_fake_sink,
};

/* ---- a PCM of alsa-lib's making -------------------------------------------------- */

static void open_fake_pcm(struct venue *v)
{
	struct sandbox *w = calloc(1, sizeof(*w));
	struct opening *o = calloc(1, sizeof(*o));

	opening_init(o, NULL);
	o->config.dither = DITHER_NO;
	o->config.rate = RATE;
	o->config.format = FORMAT_S16;
	o->config.rewind_guard_us = VENUE_GUARD_US;
	o->fake.no_timestamps = true; /* they would be of the machine's clock */
	ck_assert_msg(opening_try(o) == 0, "%s", o->error);
	ck_assert(o->sink->rewinds);
	w->opening = o;
	v->sandbox = w;
	open_with(v, o->sink);
}

static uint64_t taped_by_pcm(struct venue *v)
{
	return v->sandbox->opening->fake.tape_frames;
}

static void close_fake_pcm(struct venue *v)
{
	struct sandbox *w = v->sandbox;
	const struct fake_pcm *f = &w->opening->fake;
	const int16_t(*tape)[2] = (const void *)f->tape;

	client_done(&v->client);
	stop_player(w);
	v->num_heard = f->tape_frames;
	v->heard = calloc(f->tape_frames + 1, sizeof(*v->heard));
	for (uint32_t i = 0; i < f->tape_frames; i++) {
		ck_assert_int_eq(tape[i][0], tape[i][1]);
		v->heard[i] = tape[i][0];
	}
	hall_close(&w->hall);
	opening_done(w->opening);
	free(w->opening);
	free(w);
	v->sandbox = NULL;
}

const struct venue_ops venue_fake_pcm = {
	.name = "fake PCM",
	.is_virtual = true,
	.rewinds = true,
	.rate = RATE,
	.open = open_fake_pcm,
	.go_on = go_on,
	.pass = pass,
	.recorded = taped_by_pcm,
	.close = close_fake_pcm,
};
