/* SPDX-License-Identifier: MIT */
/*
 * Converting, shaping, mapping and adding. A voice at a constant level and with the device's
 * channels, which is nearly all there ever is, goes straight from its ring to the block.
 */
#include <stddef.h>
#include <string.h>

#include "mix.h"

#include "room.h"

/* One of the source's channels to one of the device's. */
static void add_one(float *restrict block, uint32_t to_stride, const float *restrict src,
		    uint32_t stride, uint32_t n, float level)
{
	for (uint32_t i = 0; i < n; i++)
		block[(size_t)i * to_stride] += level * src[(size_t)i * stride];
}

static void add_routes(float *block, const struct channel_map *map, const float *src,
		       uint32_t n)
{
	for (uint32_t i = 0; i < map->count; i++) {
		const struct route *r = &map->routes[i];

		add_one(block + r->out, map->out, src + r->in, map->in, n, r->level);
	}
}

static void add_matrix(float *block, const struct channel_map *map, const float *src,
		       uint32_t n)
{
	const float *level = map->matrix;

	for (uint32_t out = 0; out < map->out; out++)
		for (uint32_t in = 0; in < map->in; in++, level++)
			if (*level != 0.0f)
				add_one(block + out, map->out, src + in, map->in, n,
					*level);
}

/* ---- to the device's rate --------------------------------------------------------- */

/* The source's frames around some places, as floats: `count` frames from `first` on, which may lie
 * before the source's beginning. */
struct window {
	int64_t first;
	uint32_t count;
};

/* What `len` taps from the filter's `from` on meet, for n frames from p on. */
static struct window window_of(const struct taps *t, struct place p, uint32_t from,
			       uint32_t len, uint32_t n)
{
	uint64_t last = place_after(p, t->ratio, n - 1).src;

	return (struct window){
		.first = (int64_t)p.src - (int64_t)t->half + 1 + from,
		.count = (uint32_t)(last - p.src) + len,
	};
}

/* The part of a window that is there; *ret_skip frames of silence come before it. */
static uint32_t part_there(const struct sound *sound, struct window w, uint32_t *ret_skip)
{
	int64_t begin = w.first, end = w.first + w.count;

	if (begin < (int64_t)sound->low)
		begin = (int64_t)sound->low;
	if (end > (int64_t)sound->high)
		end = (int64_t)sound->high;
	*ret_skip = end > begin ? (uint32_t)(begin - w.first) : 0;
	return end > begin ? (uint32_t)(end - begin) : 0;
}

static void fill_window(const struct mix *m, const struct sound *sound, struct window w)
{
	uint32_t channels = sound->queue->shape.channels, skip, there, rest;

	there = part_there(sound, w, &skip);
	rest = w.count - skip - there;
	memset(m->window, 0, (size_t)skip * channels * sizeof(float));
	if (there > 0)
		m->loops->format->of[sound->queue->shape.format].to_float(
			m->window + (size_t)skip * channels,
			queue_at(sound->queue, (uint64_t)(w.first + skip)),
			(size_t)there * channels);
	memset(m->window + (size_t)(skip + there) * channels, 0,
	       (size_t)rest * channels * sizeof(float));
}

/* The window, channel by channel. */
static struct planes split_window(const struct mix *m, const struct sound *sound,
				  struct window w)
{
	uint32_t channels = sound->queue->shape.channels;

	if (channels == 1)
		return (struct planes){m->window, w.count, 1};
	m->loops->resample->split(m->planes, m->window, channels, w.count);
	return (struct planes){m->planes, w.count, channels};
}

/* n frames, as far as `len` taps from the filter's `from` on make them. */
static void resample_part(const struct mix *m, const struct sound *sound, struct place p,
			  uint32_t from, uint32_t len, float *out, uint32_t n)
{
	const struct taps *t = sound->taps;
	struct window w = window_of(t, p, from, len, n);

	fill_window(m, sound, w);
	m->loops->resample->convert(t, p, split_window(m, sound, w), from, len, out, n);
}

/* How many frames from p on have a window that fits; 0: not even one. */
static uint32_t piece_length(const struct taps *t, uint32_t room, uint32_t n)
{
	uint64_t fits;

	if (room < 2 * t->half + 1)
		return 0;
	fits = (uint64_t)(room - 2 * t->half - 1) * t->ratio.den / t->ratio.num + 1;
	return fits < n ? (uint32_t)fits : n;
}

/* A frame whose window does not fit is made of parts. */
static void resample_long(const struct mix *m, const struct sound *sound, struct place p,
			  uint32_t room, float *out)
{
	uint32_t len = 2 * sound->taps->half, step = room / 8 * 8;

	for (uint32_t from = 0; from < len; from += step)
		resample_part(m, sound, p, from, len - from < step ? len - from : step,
			      out, 1);
}

static void resample_run(const struct mix *m, const struct sound *sound,
			 const struct span *s)
{
	const struct taps *t = sound->taps;
	uint32_t channels = sound->queue->shape.channels, room = MIX_WINDOW / channels, n;

	memset(m->frames, 0, (size_t)s->len * channels * sizeof(float));
	for (uint32_t done = 0; done < s->len; done += n) {
		struct place p = place_after(s->src, t->ratio, done);
		float *out = m->frames + (size_t)done * channels;

		n = piece_length(t, room, s->len - done);
		if (n > 0)
			resample_part(m, sound, p, 0, 2 * t->half, out, n);
		else
			resample_long(m, sound, p, room, out);
		n = n > 0 ? n : 1;
	}
}

/* ---- levels ----------------------------------------------------------------------- */

static struct ratio ratio_of(const struct sound *sound)
{
	return sound->taps ? sound->taps->ratio : (struct ratio){1, 1};
}

/* Gain and ducking at a device frame. */
static float level_at(const struct sound *sound, uint64_t dev)
{
	float level = ramp_at(sound->gain, dev);

	return sound->duck ? level * ramp_at(sound->duck, dev) : level;
}

/* With the fade, at a frame of a span. */
static float whole_level(const struct sound *sound, const struct span *s, uint32_t i)
{
	uint64_t src = place_after(s->src, ratio_of(sound), i).src;

	return ramp_at(sound->fade, src) * level_at(sound, s->dev + i);
}

static void shape(float *frames, const struct sound *sound, const struct span *s)
{
	uint32_t channels = sound->queue->shape.channels;

	for (uint32_t i = 0; i < s->len; i++) {
		float level = whole_level(sound, s, i);

		for (uint32_t c = 0; c < channels; c++)
			frames[i * channels + c] *= level;
	}
}

static bool is_flat(const struct sound *sound, const struct span *s)
{
	uint64_t end = place_after(s->src, ratio_of(sound), s->len - 1).src + 1;

	return ramp_is_flat(sound->fade, s->src.src, (uint32_t)(end - s->src.src)) &&
	       ramp_is_flat(sound->gain, s->dev, s->len) &&
	       (!sound->duck || ramp_is_flat(sound->duck, s->dev, s->len));
}

/* ---- what a frame is made of ------------------------------------------------------ */

/* Whether it comes out to the bit at level 1, if it is alone. */
static bool is_exact(const struct mix *m, const struct sound *sound)
{
	const struct format *f = &formats[sound->queue->shape.format];

	return !sound->taps && f->bits <= m->bits && sound->map->is_plain;
}

static void note_mixed(const struct mix *m, uint32_t at, const struct sound *sound,
		       const struct span *s, bool flat)
{
	bool exact = is_exact(m, sound);
	float level = whole_level(sound, s, 0);

	for (uint32_t i = 0; i < s->len; i++) {
		if (!flat)
			level = whole_level(sound, s, i);
		if (level != 0.0f)
			m->mixed[at + i] =
				mixed_with(m->mixed[at + i], exact && level == 1.0f);
	}
}

/* ---- all of it -------------------------------------------------------------------- */

static void add_frames(const struct mix *m, float *block, const struct channel_map *map,
		       uint32_t n, float level)
{
	switch (map->kind) {
	case MAP_SAME:
		m->loops->format->of[FORMAT_F32].add(block, m->frames,
						     (size_t)n * map->in, level);
		break;
	case MAP_SPREAD:
		m->loops->mix->spread(block, m->channels, m->frames, n, level);
		break;
	case MAP_ROUTES:
		add_routes(block, map, m->frames, n);
		break;
	case MAP_MATRIX:
		add_matrix(block, map, m->frames, n);
		break;
	}
}

void mix_add(const struct mix *m, uint32_t at, const struct sound *sound,
	     const struct span *s)
{
	const struct queue *q = sound->queue;
	const struct conversion *f = &m->loops->format->of[q->shape.format];
	uint32_t channels = q->shape.channels;
	float *block = m->block + (size_t)at * m->channels;
	bool flat = is_flat(sound, s);
	float level = 1.0f;

	if (flat)
		level = whole_level(sound, s, 0);
	if (m->bits)
		note_mixed(m, at, sound, s, flat);
	if (flat && !sound->taps && sound->map->kind == MAP_SAME) {
		f->add(block, queue_at(q, s->src.src), (size_t)s->len * channels, level);
		return;
	}
	if (sound->taps)
		resample_run(m, sound, s);
	else
		f->to_float(m->frames, queue_at(q, s->src.src),
			    (size_t)s->len * channels);
	/* Level first, then the matrix: a frame is the same in a run that is flat and in one that
	 * is not, so however the runs are cut. */
	if (!flat || (level != 1.0f && sound->map->kind >= MAP_ROUTES)) {
		shape(m->frames, sound, s);
		level = 1.0f;
	}
	add_frames(m, block, sound->map, s->len, level);
}

void mix_scale(float *frames, uint8_t *mixed, uint32_t channels, uint64_t dev, uint32_t n,
	       const struct ramp *level)
{
	if (ramp_is_flat(level, dev, n) && ramp_at(level, dev) == 1.0f)
		return;
	for (uint32_t i = 0; i < n; i++) {
		float factor = ramp_at(level, dev + i);

		if (factor != 1.0f)
			mixed[i] = factor == 0.0f ? MIXED_NOTHING : MIXED_ROUGH;
		for (uint32_t c = 0; c < channels; c++)
			frames[(size_t)i * channels + c] *= factor;
	}
}
