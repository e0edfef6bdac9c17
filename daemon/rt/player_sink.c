/* SPDX-License-Identifier: MIT */
/*
 * The player and its sink: take it, look at its clock, take back, start, stop, lose it.
 */
#include <errno.h>
#include <stddef.h>

#include "player_parts.h"

#include "room.h"

#define NS_PER_S UINT64_C(1000000000)

/* A device that has frames and has neither taken one out of its buffer nor played one for so long
 * will not go on by itself. */
#define STANDSTILL (2 * NS_PER_S)

void player_settle(struct player *p)
{
	for (uint32_t i = 0; i < p->num_voices; i++)
		voice_settle(p->voices[i], p->dev_played);
	duck_settle(&p->duck, p->dev_played);
	track_retire(&p->gain, p->dev_played);
}

void player_save(struct player *p, uint64_t device)
{
	for (uint32_t i = 0; p->sink->kept_as && i < p->num_voices; i++)
		voice_save(p->voices[i], device);
}

void player_go_back_to(struct player *p, uint64_t dev)
{
	p->dev_fed = dev;
	duck_take_back(&p->duck, dev);
	for (uint32_t i = 0; i < p->num_voices; i++)
		voice_take_back(p->voices[i], dev);
}

void player_give_sink_back(struct player *p, int error)
{
	struct sink *s = p->sink;

	player_go_back_to(p, p->dev_played);
	if (error)
		player_count(&p->counts.losses, 1);
	s->error = error;
	p->sink = NULL;
	p->leaves = false;
	p->ring = true;
	p->state = error ? PLAYER_LOST : PLAYER_CLOSED;
	atomic_store_explicit(&p->returned, s, memory_order_release);
}

void player_fit_voices(struct player *p)
{
	for (uint32_t i = 0; p->sink && i < p->num_voices; i++)
		voice_fit(p->voices[i], &p->sink->layout, p->sink->channels);
}

struct sink player_no_sink;

/* All that it will play is heard; another one is at hand. */
static void hand_over(struct player *p)
{
	if (p->state == PLAYER_PLAYING)
		player_stop_sink(p);
	for (uint32_t i = 0; i < p->num_voices; i++)
		voice_change_device(p->voices[i], p->dev_played);
	if (p->sink)
		player_give_sink_back(p, 0);
	p->state = PLAYER_READY;
}

void player_take_offered(struct player *p)
{
	struct sink *s;

	/* One at a time: main takes the last one, and rings, before the next can come. */
	if (atomic_load_explicit(&p->returned, memory_order_relaxed) ||
	    !atomic_load_explicit(&p->offered, memory_order_relaxed))
		return;
	if (p->sink) {
		if (p->state != PLAYER_PLAYING ||
		    (p->leaves && p->dev_played >= p->sounds_until))
			hand_over(p);
		else
			p->leaves = true;
		return;
	}
	s = atomic_exchange_explicit(&p->offered, NULL, memory_order_acq_rel);
	if (s == &player_no_sink)
		p->state = PLAYER_CLOSED;
	if (!s || s == &player_no_sink)
		return;
	p->sink = s;
	p->room = s->buffer;
	p->state = PLAYER_READY;
	p->ring = true; /* somebody may wait for a device */
	player_fit_voices(p);
}

void player_stop_sink(struct player *p)
{
	int error;

	player_settle(p);
	player_save(p, 0);
	error = p->sink->ops->stop(p->sink);
	player_go_back_to(p, p->dev_played);
	p->room = p->sink->buffer;
	p->state = PLAYER_READY;
	if (error < 0)
		player_give_sink_back(p, error);
}

/* The device frame up to which it has emptied its buffer. */
static uint64_t taken(const struct player *p)
{
	uint32_t level = player_level(p);

	return level < p->dev_fed ? p->dev_fed - level : 0;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void see_played(struct player *p, const struct sink_clock *c)
{
	uint64_t dev = p->dev_fed - (c->unheard < p->dev_fed ? c->unheard : p->dev_fed);

	if (c->when_ns > p->when_ns)
		p->when_ns = c->when_ns;
	p->room = c->room < p->sink->buffer ? c->room : p->sink->buffer;
	if (dev > p->dev_played || taken(p) > p->dev_taken)
		p->moved_ns = p->when_ns;
	p->dev_played = larger(dev, p->dev_played);
	p->dev_taken = larger(taken(p), p->dev_taken);
}

/* For how long the device has had nothing to play, as far as the clock tells: it has played all
 * that it had at the last look, and not what is unheard now. */
static uint64_t frames_of_silence(const struct player *p, const struct sink_clock *c)
{
	uint64_t had = p->dev_fed - p->dev_played;
	uint64_t played = had > c->unheard ? had - c->unheard : 0;
	uint64_t ns = c->when_ns > p->when_ns ? c->when_ns - p->when_ns : 0;
	uint64_t rate = p->sink->rate;
	uint64_t passed =
		ns / NS_PER_S * rate + (ns % NS_PER_S * rate + NS_PER_S / 2) / NS_PER_S;

	return passed > played ? passed - played : 0;
}

void player_sink_failed(struct player *p, int error)
{
	struct sink_clock c;
	uint64_t stood_still;
	bool was_playing;

	if (error == -EPIPE)
		error = p->sink->ops->clock(p->sink, &c);
	if (error < 0 && error != -EPIPE) {
		player_give_sink_back(p, error);
		return;
	}
	was_playing = p->state == PLAYER_PLAYING;
	stood_still = frames_of_silence(p, &c);
	see_played(p, &c);
	p->again = true;
	player_stop_sink(p);
	if (!was_playing)
		return;
	player_count(&p->counts.xruns, 1);
	p->ring = true; /* main counts them, too */
	for (uint32_t i = 0; i < p->num_voices; i++)
		voice_interrupt(p->voices[i], stood_still,
				c.unheard == 0 && c.when_ns > p->wake_ns ? GAP_WAKEUP_LATE
									 : GAP_DEVICE);
}

static void follow(struct player *p, const struct sink_clock *c)
{
	see_played(p, c);
	if (player_level(p) > 0 && p->when_ns - p->moved_ns > STANDSTILL)
		player_give_sink_back(p, -ETIME);
}

void player_read_clock(struct player *p)
{
	struct sink_clock c;
	int error;

	if (!p->sink)
		return;
	error = p->sink->ops->clock(p->sink, &c);
	if (error < 0)
		player_sink_failed(p, error);
	else if (p->state == PLAYER_PLAYING)
		follow(p, &c);
	else if (c.when_ns > p->when_ns)
		p->when_ns = c.when_ns;
}

void player_take_back(struct player *p, uint64_t dev)
{
	uint32_t guard, most;
	int got;

	if (p->state != PLAYER_PLAYING || !p->sink->rewinds || dev >= p->dev_fed)
		return;
	guard = p->sink->guard;
	most = player_level(p) > guard ? player_level(p) - guard : 0;
	if (dev < p->dev_played)
		dev = p->dev_played;
	if (most > p->dev_fed - dev)
		most = (uint32_t)(p->dev_fed - dev);
	if (most == 0)
		return;
	player_save(p, 0);
	got = p->sink->ops->take_back(p->sink, most);
	if (got < 0) {
		player_sink_failed(p, got);
		return;
	}
	player_count(&p->counts.asked_back, most);
	player_count(&p->counts.given_back, (uint32_t)got);
	p->room += (uint32_t)got;
	player_go_back_to(p, p->dev_fed - (uint32_t)got);
}

void player_start_sink(struct player *p)
{
	int error = p->sink->ops->start(p->sink);

	if (error < 0) {
		player_sink_failed(p, error);
		return;
	}
	p->state = PLAYER_PLAYING;
	p->dev_taken = taken(p);
	p->moved_ns = p->when_ns;
}
