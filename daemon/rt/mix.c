/* SPDX-License-Identifier: MIT */
/*
 * Converting, shaping, mapping and adding. A voice at a constant level and with the device's
 * channels, which is nearly all there ever is, goes straight from its ring to the block.
 */
#include <stddef.h>

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

static void shape(float *frames, uint32_t channels, const struct span *s,
		  const struct ramp *fade, const struct ramp *gain)
{
	for (uint32_t i = 0; i < s->len; i++) {
		float level = ramp_at(fade, s->src + i) * ramp_at(gain, s->dev + i);

		for (uint32_t c = 0; c < channels; c++)
			frames[i * channels + c] *= level;
	}
}

void mix_add(const struct mix *m, uint32_t at, const struct queue *q,
	     const struct span *s, const struct ramp *fade, const struct ramp *gain)
{
	const struct format *f = &formats[q->shape.format];
	const void *frames = queue_at(q, s->src);
	uint32_t channels = q->shape.channels;
	float *block = m->block + (size_t)at * m->channels;
	float level = 1.0f;
	bool flat =
		ramp_is_flat(fade, s->src, s->len) && ramp_is_flat(gain, s->dev, s->len);

	if (flat)
		level = ramp_at(fade, s->src) * ramp_at(gain, s->dev);
	if (flat && channels == m->channels) {
		f->add(block, frames, (size_t)s->len * channels, level);
		return;
	}
	f->to_float(m->scratch, frames, (size_t)s->len * channels);
	if (!flat)
		shape(m->scratch, channels, s, fade, gain);
	if (channels == m->channels)
		formats[FORMAT_F32].add(block, m->scratch, (size_t)s->len * channels,
					level);
	else if (channels == 1)
		add_mono(block, m->channels, m->scratch, s->len, level);
	else
		add_down(block, m->scratch, channels, s->len, level);
}
