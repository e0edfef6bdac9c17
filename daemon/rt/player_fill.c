/* SPDX-License-Identifier: MIT */
/*
 * queues -> mix -> device: how full the device's buffer shall be, and filling it.
 */
#include <string.h>

#include "player_parts.h"

#include "room.h"

/* How much all voices together can go on without a gap, and who sounds at all. */
struct supply {
	uint32_t common; /* frames that every sounding voice has */
	bool any;        /* a voice has frames to be fed */
	bool silent;     /* none has, and none may bring some before it has run out */
};

/* A voice whose frames have all been fed, and that may bring more before they are heard. */
static bool is_streaming(const struct voice *v, uint64_t dev_played)
{
	return v->expects && v->end > dev_played && v->next < v->hold_at &&
	       !voice_is_near_end(v);
}

static struct supply look_at_supply(struct player *p)
{
	struct supply s = {.common = p->sink->buffer, .silent = true};

	if (p->sounds_until > p->dev_fed)
		p->sounds_until = p->dev_fed;

	for (uint32_t i = 0; i < p->num_voices && !player_is_silent(p); i++) {
		struct voice *v = p->voices[i];
		uint32_t n = voice_available(v, p->sink->buffer);

		if (timeline_is_full(&v->timeline))
			continue;
		if (n > 0)
			s.any = true;
		if (n == 0 && !is_streaming(v, p->dev_played))
			continue;
		s.silent = false;
		if (n < s.common)
			s.common = n;
	}
	return s;
}

/* How full the device's buffer shall be. Where a sounding voice has nothing more right now,
 * nothing is written over its head before it has to be; but the device never runs dry. */
static uint32_t fill_target(const struct player *p, const struct supply *s)
{
	uint32_t depth = player_depth(p), level = player_level(p);
	uint32_t least = 2 * p->sink->low_water < depth ? 2 * p->sink->low_water : depth;
	uint32_t target = level;

	if (level >= depth)
		return level;
	if (s->any)
		target = s->common < depth - level ? level + s->common : depth;
	else if (s->silent && p->sink->rewinds)
		target = depth;
	if (target <= p->sink->low_water ||
	    (target < least && s->any && p->sink->rewinds))
		target = least;
	return target;
}

static void mix_voices(struct player *p, const struct mix *m, uint32_t from, uint32_t to,
		       uint32_t n)
{
	for (uint32_t i = from; i < to && !player_is_silent(p); i++) {
		struct voice *v = p->voices[i];

		voice_mix(v, m, p->dev_fed, n);
		if (v->end != QUEUE_NEVER && v->end > p->sounds_until)
			p->sounds_until = v->end;
	}
}

/* How loud the others are in this block. */
static void duck_others(struct player *p, uint32_t n)
{
	for (uint32_t i = 0; i < p->num_speech; i++)
		if (voice_is_silenced(p->voices[i]))
			duck_let_go(&p->duck, p->voices[i], p->voices[i]->silenced);
	duck_follow(&p->duck, p->dev_fed, n);
}

static void set_level(struct player *p, uint32_t n)
{
	uint64_t dev = p->dev_fed, end = dev + n, until;
	uint32_t channels = p->sink->channels;

	for (; dev < end; dev = until) {
		const struct ramp *r = track_at(&p->gain, dev, &until);

		if (until > end)
			until = end;
		mix_scale(p->block + (dev - p->dev_fed) * channels,
			  p->mixed + (dev - p->dev_fed), channels, dev,
			  (uint32_t)(until - dev), r);
	}
}

static void mix_block(struct player *p, uint32_t n)
{
	bool ducks = p->num_speech > 0 || !duck_is_idle(&p->duck);
	struct mix m = {
		.loops = p->loops,
		.channels = p->sink->channels,
		.block = p->block,
		.frames = p->frames,
		.window = p->window,
		.planes = p->planes,
		.duck = ducks ? &p->duck : NULL,
		.mixed = p->mixed,
		.bits = p->sink->dither_bits,
	};

	memset(p->block, 0, (size_t)n * m.channels * sizeof(float));
	memset(p->mixed, MIXED_NOTHING, n);
	mix_voices(p, &m, 0, p->num_speech, n);
	if (ducks)
		duck_others(p, n);
	mix_voices(p, &m, p->num_speech, p->num_voices, n);
	set_level(p, n);
	if (m.bits)
		dither(m.loops, p->block, p->mixed, m.channels, p->dev_fed, n, m.bits);
}

static void count_clipped(struct player *p)
{
	player_count(&p->counts.clipped, p->sink->clipped);
	p->sink->clipped = 0;
}

/* Mixes and writes up to n frames; false: the device takes no more now. */
static bool feed(struct player *p, uint32_t n)
{
	int written;

	if (n > MIX_FRAMES)
		n = MIX_FRAMES;
	mix_block(p, n);
	written = p->sink->ops->write(p->sink, p->block, n);
	count_clipped(p);
	if (written < 0) {
		player_go_back_to(p, p->dev_fed);
		player_sink_failed(p, written);
		return false;
	}
	p->room -= (uint32_t)written;
	p->dev_fed += (uint32_t)written;
	if ((uint32_t)written < n)
		player_go_back_to(p, p->dev_fed);
	player_save(p, p->sink->kept_as);
	return (uint32_t)written == n;
}

static bool is_idle(const struct player *p, const struct supply *s)
{
	return !s->any && p->dev_played >= p->sounds_until + p->sink->idle;
}

void player_fill(struct player *p)
{
	struct supply s;
	uint32_t target;

	if (!p->sink)
		return;
	s = look_at_supply(p);
	if (p->state == PLAYER_PLAYING && is_idle(p, &s))
		player_stop_sink(p);
	if (!p->sink || (p->state != PLAYER_PLAYING && !s.any))
		return;
	target = fill_target(p, &s);
	while (player_level(p) < target)
		if (!feed(p, target - player_level(p)))
			break;
	if (p->sink && p->state != PLAYER_PLAYING) {
		if (player_level(p) > 0)
			player_start_sink(p);
		else
			p->again = true;
	}
}
