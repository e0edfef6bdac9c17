/* SPDX-License-Identifier: MIT */
/*
 * How loud a voice is, by device frames. A ramp stays as long as what it shaped may have to be
 * mixed again.
 */
#include <stddef.h>

#include "voice_parts.h"

#include "room.h"

/* The factor in queue.gain. */
static float target_of(uint64_t bits)
{
	uint32_t low = (uint32_t)bits;
	float gain;

	memcpy(&gain, &low, sizeof(gain));
	return gain;
}

void voice_init_gain(struct voice *v, uint64_t bits)
{
	v->gain_bits = bits;
	v->gains[0] = voice_level(target_of(bits));
	v->num_gains = 1;
}

const struct ramp *voice_gain_at(const struct voice *v, uint64_t dev, uint64_t *ret_until)
{
	uint32_t i = v->num_gains - 1;

	*ret_until = QUEUE_NEVER;
	for (; i > 0 && dev < v->gains[i].start; i--)
		*ret_until = v->gains[i].start;
	return &v->gains[i];
}

static void forget_first(struct voice *v, uint32_t n)
{
	v->num_gains -= n;
	memmove(v->gains, v->gains + n, v->num_gains * sizeof(v->gains[0]));
}

void voice_retire_gains(struct voice *v, uint64_t dev)
{
	uint32_t gone = 0;

	while (gone + 1 < v->num_gains && v->gains[gone + 1].start <= dev)
		gone++;
	if (gone > 0)
		forget_first(v, gone);
}

void voice_turn_gain(struct voice *v, uint64_t bits, uint64_t dev)
{
	uint64_t until;
	struct ramp ramp = {
		.start = dev,
		.len = (uint32_t)(bits >> 32),
		.from = ramp_at(voice_gain_at(v, dev, &until), dev),
		.to = target_of(bits),
	};

	v->gain_bits = bits;
	while (v->num_gains > 1 && v->gains[v->num_gains - 1].start >= dev)
		v->num_gains--;
	if (v->num_gains == VOICE_GAINS)
		forget_first(v, 1);
	v->gains[v->num_gains++] = ramp;
}
