/* SPDX-License-Identifier: MIT */
/*
 * What the main thread has changed: gains, clears, pauses. Each is obeyed from the frame on that
 * will be fed next.
 */
#include <stddef.h>

#include "voice_parts.h"

#include "room.h"

/* What is next is heard right behind what was: to stop it here would click. */
static bool is_sounding(const struct voice *v, uint64_t dev, bool playing)
{
	return playing && v->end == dev && v->next < v->hold_at;
}

/* No longer than there are frames to fade. */
static struct fade shortened(const struct voice *v, struct fade fade, uint64_t end)
{
	uint64_t there = end > v->next ? end - v->next : 0;

	if (fade.frames > there)
		fade.frames = (uint32_t)there;
	return fade;
}

static void obey_gain(struct voice *v, uint64_t dev)
{
	uint64_t bits =
		atomic_load_explicit(&v->queue->writer->gain, memory_order_relaxed);
	struct gain gain = queue_unpack_gain(bits);

	if (bits == v->gain_bits)
		return;
	v->gain_bits = bits;
	track_turn(&v->gain, dev, queue_gain_target(gain), gain.ramp);
}

/* A clear. A pause's fade that would last longer than its own ends where it has got to. If
 * another clear is under way, its fade goes on, as was told, and it skips more. */
static void begin_cut(struct voice *v, uint64_t cut, uint64_t dev, bool playing)
{
	uint64_t bits =
		atomic_load_explicit(&v->queue->writer->cut_fade, memory_order_relaxed);
	struct fade fade = queue_unpack_fade(bits);
	struct voice_break *b;

	if (!is_sounding(v, dev, playing))
		fade.frames = 0;
	b = voice_break_ahead(v);
	if (b && !b->clears && fade.frames < b->stop - v->next &&
	    voice_end_break_here(v, b))
		b = NULL;
	if (b) {
		b = voice_last_break(v);
		v->dropped += cut - b->to;
		v->cut_from = b->stop;
		break_clear_to(b, cut);
	} else {
		b = voice_add_clear(v, shortened(v, fade, cut), cut);
		v->cut_from = b ? b->stop : v->next;
		v->dropped += cut - v->cut_from;
		if (!b)
			voice_skip_at_once(v, cut);
	}
	v->faded = false;
	if (v->hold_at != QUEUE_NEVER)
		v->hold_at = v->stopped_at = cut;
}

static void obey_cut(struct voice *v, uint64_t cut, uint64_t dev, bool playing)
{
	const struct voice_break *b = voice_last_break(v);
	/* What another clear takes is not there to be taken. What a pause fades is; but not if that
	 * was asked for behind this clear, and was seen before it. */
	bool is_under_way = b && break_is_ahead(b, v->next) && (b->clears || cut < b->to);

	if (cut == v->cut)
		return;
	v->cut = cut;
	v->cut_fed = v->reach;
	v->silenced = dev;
	if (cut > (is_under_way ? b->to : v->next))
		begin_cut(v, cut, dev, playing);
	else
		v->cut_from = is_under_way && b->stop < cut ? b->stop : cut;
	if (voice_is_silenced(v)) /* it may have had nothing left to take */
		v->expects = false;
}

static void begin_hold(struct voice *v, struct fade fade, uint64_t dev, bool playing)
{
	struct voice_break *b = voice_break_ahead(v) ? voice_last_break(v) : NULL;

	if (b) {
		v->hold_at = b->to;
		v->faded = !b->clears; /* what comes after a clear comes unfaded */
		break_go_on_at(b, b->to);
	} else if (is_sounding(v, dev, playing) && v->next < v->seen &&
		   (b = voice_add_pause(v, shortened(v, fade, v->seen)))) {
		v->hold_at = b->stop;
		v->faded = true;
	} else { /* the last step may have been longer than what there was */
		v->hold_at = v->next < v->seen ? v->next : v->seen;
	}
	v->stopped_at = v->hold_at;
	v->silenced = dev;
}

static void end_hold(struct voice *v, struct fade fade)
{
	struct voice_break *b = voice_last_break(v);

	if (b && break_is_ahead(b, v->next) && !b->clears && voice_end_break_here(v, b))
		b->in = (struct ramp){.start = b->to,
				      .len = fade.frames,
				      .curve = fade.curve,
				      .from = b->in.from,
				      .to = 1.0f};
	else if (v->faded && b && b->to == v->hold_at && b->to > 0)
		b->in = (struct ramp){.start = b->to - 1,
				      .len = fade.frames,
				      .curve = fade.curve,
				      .from = 0.0f,
				      .to = 1.0f};
	v->faded = false;
	if (v->next >= v->hold_at) /* a step of the resampler may have gone beyond it */
		v->expects = false;
	v->hold_at = QUEUE_NEVER;
}

static void obey_hold(struct voice *v, uint64_t dev, bool playing)
{
	uint64_t bits =
		atomic_load_explicit(&v->queue->writer->held, memory_order_relaxed);
	bool held = bits & (QUEUE_HELD | QUEUE_PARKED);

	if (held == (v->hold_at != QUEUE_NEVER))
		return;
	if (held)
		begin_hold(v, queue_unpack_fade(bits), dev, playing);
	else
		end_hold(v, queue_unpack_fade(bits));
}

void voice_look(struct voice *v)
{
	v->near = queue_near(v->queue);
	v->seen = atomic_load(&v->queue->writer->written);
}

void voice_obey(struct voice *v, uint64_t dev, bool playing)
{
	/* Loaded before what is written, as it is stored after it: what was cut was seen. */
	uint64_t cut = voice_load(&v->queue->writer->cut);

	voice_look(v);
	obey_gain(v, dev);
	obey_cut(v, cut, dev, playing);
	obey_hold(v, dev, playing);
	voice_jump(v);
}
