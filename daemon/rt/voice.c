/* SPDX-License-Identifier: MIT */
/*
 * Where a source stands: feed, take back, settle, tell.
 */
#include <stddef.h>

#include "duck.h"
#include "voice_parts.h"

#include "room.h"

static void publish(_Atomic uint64_t *number, uint64_t value)
{
	atomic_store_explicit(number, value, memory_order_relaxed);
}

/* What the queue says of the place at played; it may be of a life with another ratio. */
static const struct queue_saved *saved(const struct queue *q)
{
	return &q->player->saved[voice_load(&q->player->saved_which) & 1];
}

static uint32_t saved_phase(const struct queue *q, const struct taps *taps)
{
	uint64_t place = voice_load(&saved(q)->saved_phase);
	uint32_t phase = (uint32_t)place;

	return taps && place >> 32 == taps->ratio.den && phase < taps->ratio.den ? phase
										 : 0;
}

static void save_place(const struct voice *v, struct queue_saved *s, struct place at,
		       uint64_t heard)
{
	publish(&s->saved_played, at.src);
	publish(&s->saved_heard, heard);
	publish(&s->saved_phase, (uint64_t)v->timeline.ratio.den << 32 | at.phase);
	publish(&s->saved_floor, voice_floor_at(v, at.src));
}

static void save_gaps(struct queue_saved *s, uint64_t frames, uint64_t gaps)
{
	publish(&s->saved_dry, frames);
	publish(&s->saved_gaps, gaps);
}

static void save_end(const struct voice *v, struct queue_saved *s)
{
	struct place end = {.src = v->next < v->seen ? v->next : v->seen,
			    .phase = v->phase};
	struct gaps dry = v->dry;

	timeline_pass(&v->timeline, &dry);
	save_place(v, s, end, end.src - v->skipped);
	save_gaps(s, dry.frames, v->gaps + dry.count - v->dry.count);
}

void voice_save(struct voice *v, uint64_t device)
{
	struct queue_player_part *p = v->queue->player;
	uint64_t other = !atomic_load_explicit(&p->saved_which, memory_order_relaxed);
	struct place at = {.src = v->played, .phase = v->played_phase};

	save_place(v, &p->saved[other], at, v->heard);
	save_gaps(&p->saved[other], v->dry.frames, v->gaps);
	if (device)
		save_end(v, &p->saved_end[other]);
	publish(&p->saved_device[other], device);
	atomic_store_explicit(&p->saved_which, other, memory_order_release);
}

void voice_init(struct voice *v, struct queue *q, const struct taps *taps)
{
	uint64_t played = voice_load(&q->player->played);
	uint64_t heard = voice_load(&q->player->heard);
	uint64_t cut = voice_load(&q->writer->cut);
	uint64_t gain = voice_load(&q->writer->gain);

	*v = (struct voice){
		.queue = q,
		.timeline = {.ratio = taps ? taps->ratio : (struct ratio){1, 1}},
		.taps = taps,
		.next = played,
		.phase = saved_phase(q, taps),
		.seen = played,
		.near = queue_near(q),
		.skipped = played - heard,
		.dropped = played - heard,
		.fed = voice_load(&q->player->fed),
		.end = QUEUE_NEVER,
		.thin = QUEUE_NEVER,
		.floor = voice_load(&saved(q)->saved_floor),
		.dry = {.frames = voice_load(&q->player->dry)},
		.gaps = voice_load(&q->player->gaps),
		.played = played,
		.heard = heard,
		.cut = cut <= played ? cut : 0,
		.cut_from = voice_load(&q->player->cut_from),
		.hold_at = QUEUE_NEVER,
		.stopped_at = voice_load(&q->player->stopped_at),
		.gain_bits = gain,
		.rung_at = QUEUE_NEVER,
		.speech = q->writer->speech,
	};
	track_init(&v->gain, queue_gain_target(queue_unpack_gain(gain)));
}

void voice_fit(struct voice *v, const struct layout *layout, uint32_t channels)
{
	if (!channel_map_fits(&v->map, layout, channels))
		channel_map_make(&v->map, &v->queue->writer->channels,
				 v->queue->shape.channels, layout, channels);
}

static struct place place_of(const struct voice *v)
{
	return (struct place){.src = v->next, .phase = v->phase};
}

/* Frames below it may be fed. The resampler looks ahead, so the last ones are held back, since
 * more may come; until they are due, or there is a stop before them. */
static uint64_t feedable(const struct voice *v)
{
	uint64_t end = v->seen < v->hold_at ? v->seen : v->hold_at;

	if (!v->taps || v->hold_at != QUEUE_NEVER || voice_is_near_end(v))
		return end;
	return end > v->taps->half ? end - v->taps->half : 0;
}

/* Device frames from next on that follow one another in the queue. */
static uint32_t run_length(struct voice *v, uint32_t most)
{
	struct voice_break *b = voice_break_ahead(v);
	uint64_t end = v->seen < v->hold_at ? v->seen : v->hold_at;
	uint64_t n;

	if (!b)
		end = feedable(v);
	else if (b->stop < end)
		end = b->stop;
	n = place_frames_before(place_of(v), v->timeline.ratio, end);
	return n < most ? (uint32_t)n : most;
}

uint32_t voice_available(const struct voice *v, uint32_t most)
{
	struct place p = place_of(v);
	uint64_t total = 0, n;

	for (uint32_t i = 0; i < v->num_breaks; i++) {
		const struct voice_break *b = &v->breaks[i];

		if (!break_is_ahead(b, p.src))
			continue;
		n = place_frames_before(p, v->timeline.ratio, b->stop);
		p = place_after(p, v->timeline.ratio, n);
		p.src += b->to - b->stop;
		total += n;
	}
	total += place_frames_before(p, v->timeline.ratio, feedable(v));
	return total < most ? (uint32_t)total : most;
}

/* The resampler will look at frames that have not come yet, for the frames of this run from here
 * on. */
static void note_thin(struct voice *v, const struct span *s)
{
	uint64_t known = v->taps && v->seen > v->taps->half ? v->seen - v->taps->half : 0;
	uint64_t sound = place_frames_before(s->src, v->timeline.ratio, known);

	if (v->taps && sound < s->len && s->dev + sound < v->thin)
		v->thin = s->dev + sound;
}

static uint32_t shorter(uint32_t a, uint64_t b)
{
	return b < a ? (uint32_t)b : a;
}

static void move_on(struct voice *v, uint32_t n)
{
	struct place p = place_after(place_of(v), v->timeline.ratio, n);

	v->next = p.src;
	v->phase = p.phase;
	if (v->fed < v->next)
		v->fed = v->next < v->seen ? v->next : v->seen;
}

/* The first n frames of s, at most, have one ramp for each of the levels that the sound has over
 * device frames. Returns how many. */
static uint32_t find_levels(const struct voice *v, const struct mix *m, uint64_t dev,
			    uint32_t n, struct sound *ret)
{
	uint64_t until;

	ret->gain = track_at(&v->gain, dev, &until);
	n = shorter(n, until - dev);
	ret->duck = NULL;
	if (!m->duck || v->speech)
		return n;
	ret->duck = track_at(&m->duck->track, dev, &until);
	return shorter(n, until - dev);
}

/* Others are softer while it can be heard: on the frames of the span for which its gain is not 0. */
static void note_speech(const struct voice *v, const struct mix *m,
			const struct ramp *gain, const struct span *s)
{
	uint64_t from = s->dev, end = s->dev + s->len;

	if (!v->speech || !m->duck)
		return;
	if (gain->from == 0.0f && from < gain->start)
		from = gain->start;
	if (gain->to == 0.0f && end > gain->start + gain->len)
		end = gain->start + gain->len;
	if (from < end && (gain->from != 0.0f || gain->to != 0.0f))
		duck_note(m->duck, v, from, end);
}

void voice_mix(struct voice *v, const struct mix *m, uint64_t dev, uint32_t n)
{
	uint32_t at = 0;

	while (at < n) {
		const struct voice_break *b = voice_break_ahead(v);
		uint64_t until;
		struct sound sound = {
			.queue = v->queue,
			.taps = v->taps,
			.low = voice_floor(v),
			.high = v->seen,
			.map = &v->map,
			.fade = voice_fade_at(v, v->next, &until),
		};
		struct span s = {
			.dev = dev + at,
			.src = place_of(v),
			.skipped = v->skipped,
			.before = v->end,
			.len = run_length(v, n - at),
			.dry = v->expects && v->end < dev + at,
		};

		s.len = find_levels(v, m, s.dev, s.len, &sound);
		if (until != QUEUE_NEVER)
			s.len = shorter(s.len, place_frames_before(
						       s.src, v->timeline.ratio, until));
		if (s.len == 0 || !timeline_add(&v->timeline, &s))
			return;
		mix_add(m, at, &sound, &s);
		note_speech(v, m, sound.gain, &s);
		note_thin(v, &s);
		move_on(v, s.len);
		at += s.len;
		v->end = dev + at;
		v->expects = true;
		if (b)
			voice_pass_breaks(v, b);
		voice_jump(v);
	}
}

/* Nothing was fed behind the cut, not even one step of the resampler. */
static bool is_at_cut(const struct voice *v)
{
	struct ratio r = v->timeline.ratio;

	return v->next >= v->cut && (v->next - v->cut) * r.den + v->phase < r.num;
}

bool voice_is_silenced(const struct voice *v)
{
	return v->next >= v->hold_at || is_at_cut(v);
}

void voice_take_back(struct voice *v, uint64_t dev)
{
	struct span s;

	if (!timeline_take_back(&v->timeline, dev, &s))
		return;
	v->next = s.src.src;
	v->phase = s.src.phase;
	v->thin = QUEUE_NEVER;
	v->skipped = s.skipped;
	v->end = s.before;
	v->expects = s.dry;
	voice_jump(v);
}

static void note_gap(struct voice *v, uint64_t at, uint64_t length, enum gap_cause cause)
{
	v->gaps++;
	v->gap_at = at;
	v->gap_length = length;
	v->gap_cause = cause;
	v->rings = true;
}

void voice_interrupt(struct voice *v, uint64_t frames, enum gap_cause cause)
{
	if (v->expects && v->next < v->hold_at && v->next < v->seen)
		note_gap(v, v->next, frames, cause);
}

void voice_change_device(struct voice *v, uint64_t dev)
{
	voice_interrupt(v, v->end < dev ? dev - v->end : 0, GAP_DEVICE);
	v->expects = false;
}

void voice_settle(struct voice *v, uint64_t dev)
{
	uint64_t dry = v->dry.count;
	const struct span *s = timeline_settle(&v->timeline, dev, &v->dry);

	if (v->dry.count != dry)
		note_gap(v, v->dry.at, v->dry.length, GAP_CLIENT_LATE);
	v->played = s ? s->src.src : v->next;
	if (v->played > v->seen)
		v->played = v->seen; /* a step that was longer than what there was */
	v->played_phase = s ? s->src.phase : v->phase;
	v->heard = v->played - (s ? s->skipped : v->skipped);
	v->since_end = !s && v->end < dev ? dev - v->end : 0;
	v->ahead = s && s->dev > dev ? s->dev - dev : 0;
	track_retire(&v->gain, dev);
	if (v->num_breaks)
		voice_retire_breaks(v);
}

static uint64_t at_device(const struct voice *v)
{
	uint64_t frames = timeline_frames(&v->timeline);
	uint64_t unheard = v->seen - v->heard - v->dropped;

	return frames < unheard ? frames : unheard;
}

void voice_publish(struct voice *v, uint64_t device)
{
	struct queue_player_part *p = v->queue->player;

	publish(&p->fed, v->fed);
	publish(&p->dry, v->dry.frames);
	publish(&p->gaps, v->gaps);
	publish(&p->gap_at, v->gap_at);
	publish(&p->gap_length, v->gap_length);
	publish(&p->gap_cause, v->gap_cause);
	publish(&p->dropped, v->dropped);
	publish(&p->heard, v->heard);
	publish(&p->at_device, at_device(v));
	publish(&p->ahead, v->ahead);
	publish(&p->since_end, v->since_end);
	publish(&p->cut_fed, v->cut_fed);
	publish(&p->cut_from, v->cut_from);
	publish(&p->stopped_at, v->stopped_at);
	v->reach = v->next;
	voice_save(v, device);
	if (atomic_load_explicit(&p->played, memory_order_relaxed) != v->played)
		atomic_store(&p->played, v->played);
}

bool voice_must_ring(struct voice *v)
{
	uint64_t at = atomic_load(&v->queue->writer->wake_at);
	bool rings = v->rings;

	v->rings = false;
	if (at > v->played || at == v->rung_at)
		return rings;
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
		uint64_t low = v->seen - v->near;
		uint64_t dev = timeline_find(t, low);

		if (low <= v->next && dev < event)
			event = dev;
	}
	return event;
}
