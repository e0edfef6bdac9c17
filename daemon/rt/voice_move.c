/* SPDX-License-Identifier: MIT */
/*
 * A voice goes on at another device. All that it keeps in frames of the source stays; what it
 * keeps in frames of the device is converted or begins anew.
 */
#include <assert.h>
#include <stddef.h>

#include "voice_parts.h"

#include "room.h"

/* As many frames of a device as last as long as these of another. */
static uint64_t convert(uint64_t frames, struct ratio from, struct ratio to)
{
	uint64_t src = (frames * from.num + from.den / 2) / from.den;

	return (src * to.den + to.num / 2) / to.num;
}

void voice_move(struct voice *v, const struct taps *taps)
{
	struct ratio from = v->timeline.ratio;
	struct ratio to = taps ? taps->ratio : (struct ratio){1, 1};

	/* All but parts of the frame with which it goes on: the other device plays these out. */
	assert(timeline_frames(&v->timeline) == 0);
	v->taps = taps;
	v->timeline = (struct timeline){.ratio = to};
	if (v->next > v->played) { /* a step that was longer than what there was */
		v->next = v->played;
		v->phase = 0;
	}
	v->phase = (uint32_t)((uint64_t)v->phase * to.den / from.den);
	v->played_phase = v->phase;
	v->dry.frames = convert(v->dry.frames, from, to);
	v->dry.length = convert(v->dry.length, from, to);
	v->gap_length = convert(v->gap_length, from, to);
	v->end = v->thin = QUEUE_NEVER;
	v->since_end = v->ahead = v->silenced = 0;
	v->expects = false;
	track_init(&v->gain, queue_gain_target(queue_unpack_gain(v->gain_bits)));
	voice_publish(v, 0);
}
