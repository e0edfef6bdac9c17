/* SPDX-License-Identifier: MIT */
/*
 * Converting, shaping, mapping and adding. A voice at a constant level and with the device's
 * channels, which is nearly all there ever is, goes straight from its ring to the block.
 */
#include <stddef.h>
#include <string.h>

#include "mix.h"

#include "room.h"

/* One channel to all of the device's. */
static void add_mono(float *block, uint32_t channels, const float *src, uint32_t n,
		     float gain)
{
	if (channels == 2) {
		for (uint32_t i = 0; i < n; i++) {
			block[2 * i] += gain * src[i];
			block[2 * i + 1] += gain * src[i];
		}
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t c = 0; c < channels; c++)
			block[i * channels + c] += gain * src[i];
}

/* Any number of channels to one: their mean. */
static void add_down(float *block, const float *src, uint32_t channels, uint32_t n,
		     float gain)
{
	float part = gain / (float)channels;

	for (uint32_t i = 0; i < n; i++)
		for (uint32_t c = 0; c < channels; c++)
			block[i] += part * src[i * channels + c];
}

/* ---- to the device's rate --------------------------------------------------------- */

/* The source's frames around some places, as floats: `count` frames from `first` on, which may lie
 * before the source's beginning. */
struct window {
	int64_t first;
	uint32_t count;
};

static struct window window_of(const struct taps *t, struct place p, uint32_t n)
{
	uint64_t last = place_after(p, t->ratio, n - 1).src;

	return (struct window){
		.first = (int64_t)p.src - (int64_t)t->half + 1,
		.count = (uint32_t)(last - p.src) + 2 * t->half,
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
	*ret_skip = (uint32_t)(begin - w.first);
	return end > begin ? (uint32_t)(end - begin) : 0;
}

static void fill_plane(float *plane, const float *window, uint32_t channels,
		       uint32_t channel, uint32_t skip, uint32_t there, uint32_t count)
{
	memset(plane, 0, skip * sizeof(float));
	for (uint32_t i = 0; i < there; i++)
		plane[skip + i] = window[(size_t)i * channels + channel];
	memset(plane + skip + there, 0, (count - skip - there) * sizeof(float));
}

/* n frames, whose window fits the room there is. */
static void resample_piece(const struct mix *m, const struct sound *sound, struct place p,
			   float *out, uint32_t n)
{
	uint32_t channels = sound->queue->shape.channels, skip, there;
	struct window w = window_of(sound->taps, p, n);

	there = part_there(sound, w, &skip);
	if (there == 0)
		skip = 0;
	else
		formats[sound->queue->shape.format].to_float(
			m->window, queue_at(sound->queue, (uint64_t)(w.first + skip)),
			(size_t)there * channels);
	for (uint32_t c = 0; c < channels; c++) {
		fill_plane(m->plane, m->window, channels, c, skip, there, w.count);
		resample(sound->taps, p, m->plane, out + c, channels, n);
	}
}

/* How many frames from p on have a window that fits. */
static uint32_t piece_length(const struct sound *sound, uint32_t n)
{
	const struct taps *t = sound->taps;
	uint32_t most = MIX_WINDOW / sound->queue->shape.channels - 2 * t->half - 1;
	uint64_t fits = (uint64_t)most * t->ratio.den / t->ratio.num;

	return fits < 1 ? 1 : fits < n ? (uint32_t)fits : n;
}

static void resample_run(const struct mix *m, const struct sound *sound,
			 const struct span *s)
{
	uint32_t channels = sound->queue->shape.channels;

	for (uint32_t done = 0; done < s->len;) {
		uint32_t n = piece_length(sound, s->len - done);

		resample_piece(m, sound, place_after(s->src, sound->taps->ratio, done),
			       m->frames + (size_t)done * channels, n);
		done += n;
	}
}

/* ---- levels ----------------------------------------------------------------------- */

static struct ratio ratio_of(const struct sound *sound)
{
	return sound->taps ? sound->taps->ratio : (struct ratio){1, 1};
}

static void shape(float *frames, const struct sound *sound, const struct span *s)
{
	uint32_t channels = sound->queue->shape.channels;
	struct ratio ratio = ratio_of(sound);

	for (uint32_t i = 0; i < s->len; i++) {
		uint64_t src = place_after(s->src, ratio, i).src;
		float level =
			ramp_at(sound->fade, src) * ramp_at(sound->gain, s->dev + i);

		for (uint32_t c = 0; c < channels; c++)
			frames[i * channels + c] *= level;
	}
}

static bool is_flat(const struct sound *sound, const struct span *s)
{
	uint64_t end = place_after(s->src, ratio_of(sound), s->len - 1).src + 1;

	return ramp_is_flat(sound->fade, s->src.src, (uint32_t)(end - s->src.src)) &&
	       ramp_is_flat(sound->gain, s->dev, s->len);
}

/* ---- all of it -------------------------------------------------------------------- */

static void add_frames(const struct mix *m, float *block, uint32_t channels, uint32_t n,
		       float level)
{
	if (channels == m->channels)
		formats[FORMAT_F32].add(block, m->frames, (size_t)n * channels, level);
	else if (channels == 1)
		add_mono(block, m->channels, m->frames, n, level);
	else
		add_down(block, m->frames, channels, n, level);
}

void mix_add(const struct mix *m, uint32_t at, const struct sound *sound,
	     const struct span *s)
{
	const struct queue *q = sound->queue;
	const struct format *f = &formats[q->shape.format];
	uint32_t channels = q->shape.channels;
	float *block = m->block + (size_t)at * m->channels;
	bool flat = is_flat(sound, s);
	float level = 1.0f;

	if (flat)
		level = ramp_at(sound->fade, s->src.src) * ramp_at(sound->gain, s->dev);
	if (flat && !sound->taps && channels == m->channels) {
		f->add(block, queue_at(q, s->src.src), (size_t)s->len * channels, level);
		return;
	}
	if (sound->taps)
		resample_run(m, sound, s);
	else
		f->to_float(m->frames, queue_at(q, s->src.src),
			    (size_t)s->len * channels);
	if (!flat)
		shape(m->frames, sound, s);
	add_frames(m, block, channels, s->len, level);
}
