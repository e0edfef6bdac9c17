/* SPDX-License-Identifier: MIT */
/*
 * Where a source stands: obey, feed, take back, settle, tell.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "voice.h"

#include "room.h"

static uint64_t load(const _Atomic uint64_t *number)
{
	return atomic_load_explicit(number, memory_order_acquire);
}

static void publish(_Atomic uint64_t *number, uint64_t value)
{
	atomic_store_explicit(number, value, memory_order_relaxed);
}

static struct ramp level(float value)
{
	return (struct ramp){.from = value, .to = value};
}

static float gain_target(uint64_t bits)
{
	uint32_t low = (uint32_t)bits;
	float gain;

	memcpy(&gain, &low, sizeof(gain));
	return gain;
}

void voice_init(struct voice *v, struct queue *q)
{
	uint64_t played = load(&q->player->played);
	uint64_t heard = load(&q->player->heard);
	uint64_t gain = load(&q->writer->gain);

	*v = (struct voice){
		.queue = q,
		.next = played,
		.seen = played,
		.skipped = played - heard,
		.dropped = played - heard,
		.fed = load(&q->player->fed),
		.end = QUEUE_NEVER,
		.dry = load(&q->player->dry),
		.played = played,
		.heard = heard,
		.cut_from = load(&q->player->cut_from),
		.hold_at = QUEUE_NEVER,
		.stopped_at = load(&q->player->stopped_at),
		.gain_bits = gain,
		.rung_at = QUEUE_NEVER,
		.gain = level(gain_target(gain)),
	};
}

/* Whether next has yet to pass this break. */
static bool break_is_ahead(const struct voice_break *b, uint64_t next)
{
	return next < b->stop || (next == b->stop && b->stop < b->to);
}

static struct voice_break *last_break(struct voice *v)
{
	return v->num_breaks ? &v->breaks[v->num_breaks - 1] : NULL;
}

/* The break that next is on the way to, or NULL. Only the last ones can be ahead. */
static struct voice_break *break_ahead(struct voice *v)
{
	for (uint32_t i = 0; i < v->num_breaks; i++)
		if (break_is_ahead(&v->breaks[i], v->next))
			return &v->breaks[i];
	return NULL;
}

/* Passes the breaks at which next has arrived. */
static void voice_jump(struct voice *v)
{
	struct voice_break *b;

	while ((b = break_ahead(v)) && b->stop == v->next) {
		v->skipped += b->to - b->stop;
		v->next = b->to;
		v->expects = false;
		if (v->dropped < v->skipped)
			v->dropped = v->skipped;
	}
	if (v->fed < v->next)
		v->fed = v->next;
}

/* The fade that holds at a source frame, and the frame before which it does. */
static const struct ramp *fade_at(const struct voice *v, uint64_t src,
				  uint64_t *ret_until)
{
	static const struct ramp none = {.from = 1.0f, .to = 1.0f};

	*ret_until = QUEUE_NEVER;
	for (uint32_t i = v->num_breaks; i-- > 0;) {
		const struct voice_break *b = &v->breaks[i];

		if (src >= b->to)
			return &b->in;
		if (src >= b->out.start)
			return &b->out;
		*ret_until = b->out.start;
	}
	return &none;
}

/* Adds a break that fades out from next on. NULL: there are too many. */
static struct voice_break *add_break(struct voice *v, struct fade fade, uint64_t to)
{
	struct voice_break *b;
	uint64_t until;
	float now;

	if (v->num_breaks == VOICE_BREAKS)
		return NULL;
	now = ramp_at(fade_at(v, v->next, &until), v->next);
	b = &v->breaks[v->num_breaks];
	b->stop = v->next + fade.frames;
	b->to = to;
	b->out = (struct ramp){
		.start = v->next,
		.len = fade.frames,
		.curve = fade.curve,
		.from = now,
		.to = 0.0f,
	};
	b->in = level(1.0f);
	b->in.start = to;
	v->num_breaks++;
	return b;
}

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
	uint64_t bits = load(&v->queue->writer->gain);

	if (bits == v->gain_bits)
		return;
	v->gain_bits = bits;
	v->gain = (struct ramp){
		.start = dev,
		.len = (uint32_t)(bits >> 32),
		.from = ramp_at(&v->gain, dev),
		.to = gain_target(bits),
	};
}

/* Too many breaks lie in what the device holds. This one joins the last of them: should the
 * device be lost right now, what lies between the two is not heard again. */
static void skip_at_once(struct voice *v, uint64_t to)
{
	last_break(v)->to = to;
	v->skipped += to - v->next;
	v->next = to;
}

/* A clear. If one, or a pause, is under way already, its fade goes on and it skips more. */
static void begin_cut(struct voice *v, uint64_t cut, uint64_t dev, bool playing)
{
	uint64_t bits =
		atomic_load_explicit(&v->queue->writer->cut_fade, memory_order_relaxed);
	struct fade fade = queue_unpack_fade(bits);
	struct voice_break *b = break_ahead(v) ? last_break(v) : NULL;

	if (b) {
		v->dropped += cut - b->to;
		v->cut_from = b->stop;
		b->to = cut;
		b->in = level(1.0f);
		b->in.start = cut;
	} else {
		if (!is_sounding(v, dev, playing))
			fade.frames = 0;
		b = add_break(v, shortened(v, fade, cut), cut);
		v->cut_from = b ? b->stop : v->next;
		v->dropped += cut - v->cut_from;
		if (!b)
			skip_at_once(v, cut);
	}
	v->faded = false;
	if (v->hold_at != QUEUE_NEVER)
		v->hold_at = v->stopped_at = cut;
}

static void obey_cut(struct voice *v, uint64_t dev, bool playing)
{
	uint64_t cut = load(&v->queue->writer->cut);
	struct voice_break *b = last_break(v);
	uint64_t end = b && b->to > v->next ? b->to : v->next;

	if (cut == v->cut)
		return;
	v->cut = cut;
	v->cut_fed = v->reach;
	if (cut > end)
		begin_cut(v, cut, dev, playing);
	else if (b && break_is_ahead(b, v->next))
		v->cut_from = b->stop;
	else
		v->cut_from = cut;
}

static void begin_hold(struct voice *v, struct fade fade, uint64_t dev, bool playing)
{
	struct voice_break *b = break_ahead(v) ? last_break(v) : NULL;

	if (b) {
		v->hold_at = b->to;
		b->in = level(1.0f);
		b->in.start = b->to;
	} else if (is_sounding(v, dev, playing) && v->next < v->seen &&
		   (b = add_break(v, shortened(v, fade, v->seen), 0))) {
		b->to = b->in.start = b->stop;
		v->hold_at = b->stop;
		v->faded = true;
	} else {
		v->hold_at = v->next;
	}
	v->stopped_at = v->hold_at;
}

static void end_hold(struct voice *v, struct fade fade)
{
	struct voice_break *b = last_break(v);

	if (v->faded && b && b->to == v->hold_at && b->to > 0)
		b->in = (struct ramp){.start = b->to - 1,
				      .len = fade.frames,
				      .curve = fade.curve,
				      .from = 0.0f,
				      .to = 1.0f};
	v->faded = false;
	v->hold_at = QUEUE_NEVER;
}

static void obey_hold(struct voice *v, uint64_t dev, bool playing)
{
	uint64_t bits = load(&v->queue->writer->held);
	bool held = bits & QUEUE_HELD;

	if (held == (v->hold_at != QUEUE_NEVER))
		return;
	if (held)
		begin_hold(v, queue_unpack_fade(bits), dev, playing);
	else
		end_hold(v, queue_unpack_fade(bits));
}

void voice_obey(struct voice *v, uint64_t dev, bool playing)
{
	v->seen = atomic_load(&v->queue->writer->written);
	obey_gain(v, dev);
	obey_cut(v, dev, playing);
	obey_hold(v, dev, playing);
	voice_jump(v);
}

/* Frames from next on that follow one another in the queue. */
static uint32_t run_length(struct voice *v, uint32_t most)
{
	struct voice_break *b = break_ahead(v);
	uint64_t end = v->seen < v->hold_at ? v->seen : v->hold_at;

	if (b && b->stop < end)
		end = b->stop;
	if (end <= v->next)
		return 0;
	return end - v->next < most ? (uint32_t)(end - v->next) : most;
}

uint32_t voice_available(struct voice *v, uint32_t most)
{
	uint64_t end, next = v->next, n = 0;

	v->seen = atomic_load(&v->queue->writer->written);
	end = v->seen < v->hold_at ? v->seen : v->hold_at;
	for (uint32_t i = 0; i < v->num_breaks; i++) {
		if (!break_is_ahead(&v->breaks[i], next))
			continue;
		n += v->breaks[i].stop - next;
		next = v->breaks[i].to;
	}
	if (end > next)
		n += end - next;
	return n < most ? (uint32_t)n : most;
}

void voice_mix(struct voice *v, const struct mix *m, uint64_t dev, uint32_t n)
{
	uint32_t at = 0;

	while (at < n) {
		uint64_t until;
		const struct ramp *fade = fade_at(v, v->next, &until);
		uint32_t len = run_length(v, n - at);
		struct span s = {
			.dev = dev + at,
			.src = v->next,
			.skipped = v->skipped,
			.before = v->end,
			.dry = v->expects && v->end < dev + at,
		};

		s.len = until - v->next < len ? (uint32_t)(until - v->next) : len;
		if (s.len == 0 || !timeline_add(&v->timeline, &s))
			return;
		mix_add(m, at, v->queue, &s, fade, &v->gain);
		at += s.len;
		v->next += s.len;
		v->end = dev + at;
		v->expects = true;
		voice_jump(v);
	}
}

void voice_take_back(struct voice *v, uint64_t dev)
{
	struct span s;

	if (!timeline_take_back(&v->timeline, dev, &s))
		return;
	v->next = s.src;
	v->skipped = s.skipped;
	v->end = s.before;
	v->expects = s.dry;
}

/* Forgets the breaks that no take-back can reach any more. */
static void retire_breaks(struct voice *v)
{
	uint32_t gone = 0;

	while (gone < v->num_breaks) {
		const struct voice_break *b = &v->breaks[gone];

		if (v->played < b->to + b->in.len || b->to == v->hold_at)
			break;
		gone++;
	}
	v->num_breaks -= gone;
	memmove(v->breaks, v->breaks + gone, v->num_breaks * sizeof(v->breaks[0]));
}

void voice_settle(struct voice *v, uint64_t dev)
{
	const struct span *s = timeline_settle(&v->timeline, dev, &v->dry);

	v->played = s ? s->src : v->next;
	v->heard = v->played - (s ? s->skipped : v->skipped);
	if (v->num_breaks)
		retire_breaks(v);
}

void voice_publish(struct voice *v)
{
	struct queue_player_part *p = v->queue->player;

	publish(&p->fed, v->fed);
	publish(&p->dry, v->dry);
	publish(&p->dropped, v->dropped);
	publish(&p->heard, v->heard);
	publish(&p->at_device, timeline_frames(&v->timeline));
	publish(&p->cut_fed, v->cut_fed);
	publish(&p->cut_from, v->cut_from);
	publish(&p->stopped_at, v->stopped_at);
	v->reach = v->next;
	if (atomic_load_explicit(&p->played, memory_order_relaxed) != v->played)
		atomic_store(&p->played, v->played);
}

bool voice_must_ring(struct voice *v)
{
	uint64_t at = atomic_load(&v->queue->writer->wake_at);

	if (at > v->played || at == v->rung_at)
		return false;
	v->rung_at = at;
	return true;
}

uint64_t voice_next_event(const struct voice *v)
{
	const struct timeline *t = &v->timeline;
	uint64_t at = atomic_load(&v->queue->writer->wake_at);
	uint64_t event = QUEUE_NEVER;

	if (!t->count)
		return QUEUE_NEVER;
	if (at > v->played && at <= v->next)
		event = timeline_find(t, at);
	if (timeline_is_full(t) && timeline_first_end(t) < event)
		event = timeline_first_end(t);
	if (!voice_is_near_end(v)) {
		uint64_t low = v->seen - v->queue->near;
		uint64_t dev = timeline_find(t, low);

		if (low <= v->next && dev < event)
			event = dev;
	}
	return event;
}
