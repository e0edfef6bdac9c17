/* SPDX-License-Identifier: MIT */
/*
 * The turn. Read player_turn() at the end of this file first.
 */
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "player_parts.h"

#include "room.h"

#define NS_PER_S UINT64_C(1000000000)

void player_init(struct player *p, _Atomic(struct voice *) *slots, struct voice **voices,
		 uint32_t num_slots, int bell_player, int bell_main)
{
	memset(p, 0, sizeof(*p));
	p->slots = slots;
	p->voices = voices;
	p->num_slots = num_slots;
	p->bell_player = bell_player;
	p->bell_main = bell_main;
	p->wake_ns = PLAYER_SLEEPS;
	p->loops = loops_best();
	duck_init(&p->duck);
	player_set_ducking(p, &p->duck.shape);
	track_init(&p->gain, 1.0f);
	p->level_bits = queue_pack_gain((struct gain){.factor = 1.0f});
	atomic_store_explicit(&p->level, p->level_bits, memory_order_relaxed);
}

/* ---- main thread -------------------------------------------------------------------- */

static void ring(int bell)
{
	uint64_t one = 1;
	ssize_t n = write(bell, &one, sizeof(one));

	(void)n; /* EAGAIN: it is ringing already */
}

void player_ring(struct player *p)
{
	ring(p->bell_player);
}

void player_set_ducking(struct player *p, const struct duck_shape *shape)
{
	uint32_t level;

	memcpy(&level, &shape->level, sizeof(level));
	atomic_store_explicit(&p->duck_way, (uint64_t)shape->attack << 32 | level,
			      memory_order_relaxed);
	atomic_store_explicit(&p->duck_back, (uint64_t)shape->release << 32 | shape->hold,
			      memory_order_relaxed);
}

void player_set_gain(struct player *p, struct gain gain)
{
	atomic_store_explicit(&p->level, queue_pack_gain(gain), memory_order_relaxed);
}

void player_set_margin(struct player *p, uint32_t frames)
{
	atomic_store_explicit(&p->margin, frames, memory_order_relaxed);
}

uint64_t player_ask(struct player *p)
{
	uint64_t asked = atomic_load_explicit(&p->asked, memory_order_relaxed) + 1;

	atomic_store_explicit(&p->asked, asked, memory_order_release);
	player_ring(p);
	return asked;
}

struct sink *player_offer(struct player *p, struct sink *s)
{
	struct sink *old = atomic_exchange_explicit(&p->offered, s, memory_order_acq_rel);

	player_ring(p);
	return old;
}

struct sink *player_returned(struct player *p)
{
	struct sink *s =
		atomic_exchange_explicit(&p->returned, NULL, memory_order_acq_rel);

	if (s)
		player_ring(p);
	return s;
}

uint64_t player_look(const struct player *p)
{
	return atomic_load_explicit(&p->report_seq, memory_order_acquire);
}

bool player_moved(const struct player *p, uint64_t seq)
{
	atomic_thread_fence(memory_order_acquire);
	return (seq & 1) ||
	       atomic_load_explicit(&p->report_seq, memory_order_relaxed) != seq;
}

void player_get_report(const struct player *p, struct player_report *ret)
{
	ret->dev_fed = atomic_load_explicit(&p->report_dev_fed, memory_order_relaxed);
	ret->dev_played =
		atomic_load_explicit(&p->report_dev_played, memory_order_relaxed);
	ret->when_ns = atomic_load_explicit(&p->report_when_ns, memory_order_relaxed);
	ret->state = atomic_load_explicit(&p->report_state, memory_order_relaxed);
}

/* ---- voices ------------------------------------------------------------------------- */

static void look(struct player *p)
{
	for (uint32_t i = 0; i < p->num_voices; i++)
		voice_look(p->voices[i]);
}

static void add_voices(struct player *p, bool speech)
{
	for (uint32_t i = 0; i < p->num_slots; i++) {
		struct voice *v =
			atomic_load_explicit(&p->slots[i], memory_order_acquire);

		if (v && v->speech == speech)
			p->voices[p->num_voices++] = v;
	}
}

static void follow_slots(struct player *p)
{
	p->num_voices = 0;
	add_voices(p, true);
	p->num_speech = p->num_voices;
	add_voices(p, false);
	duck_keep(&p->duck, (const void *const *)p->voices, p->num_speech);
	player_fit_voices(p);
}

static void obey_gain(struct player *p)
{
	uint64_t bits = atomic_load_explicit(&p->level, memory_order_relaxed);
	struct gain gain = queue_unpack_gain(bits);

	if (bits == p->level_bits)
		return;
	p->level_bits = bits;
	track_turn(&p->gain, p->dev_fed, queue_gain_target(gain), gain.ramp);
}

/* The two numbers may be of two changes; then another turn is asked for already. */
static void obey_ducking(struct player *p)
{
	uint64_t way = atomic_load_explicit(&p->duck_way, memory_order_relaxed);
	uint64_t back = atomic_load_explicit(&p->duck_back, memory_order_relaxed);
	uint32_t level = (uint32_t)way;
	struct duck_shape shape = {
		.attack = (uint32_t)(way >> 32),
		.hold = (uint32_t)back,
		.release = (uint32_t)(back >> 32),
	};

	memcpy(&shape.level, &level, sizeof(level));
	p->duck.shape = shape;
}

static void obey(struct player *p)
{
	obey_gain(p);
	obey_ducking(p);
	for (uint32_t i = 0; i < p->num_voices; i++)
		voice_obey(p->voices[i], p->dev_fed, p->state == PLAYER_PLAYING);
}

/* A voice was mixed as silence, or towards silence, for want of data, where it has some by now. */
static bool came_late(struct voice *v, uint64_t dev_fed)
{
	return (v->end == QUEUE_NEVER || v->end < dev_fed || v->thin < dev_fed) &&
	       !timeline_is_full(&v->timeline) && voice_available(v, 1);
}

/* The device frame from which on something has to be mixed anew; dev_fed if nothing has. */
static uint64_t stale_from(struct player *p)
{
	uint64_t dev = p->dev_fed;

	for (uint32_t i = 0; i < p->num_voices; i++) {
		struct voice *v = p->voices[i];

		if (!came_late(v, p->dev_fed))
			continue;
		if (v->end == QUEUE_NEVER)
			return 0;
		if (v->end < dev)
			dev = v->end;
		if (v->thin < dev)
			dev = v->thin;
	}
	return dev;
}

/* ---- what main is told, and when the next turn is due ------------------------------- */

static void publish(struct player *p)
{
	uint64_t seq = atomic_load_explicit(&p->report_seq, memory_order_relaxed);

	atomic_store_explicit(&p->report_seq, seq + 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	atomic_store_explicit(&p->report_dev_fed, p->dev_fed, memory_order_relaxed);
	atomic_store_explicit(&p->report_dev_played, p->dev_played, memory_order_relaxed);
	atomic_store_explicit(&p->report_when_ns, p->when_ns, memory_order_relaxed);
	atomic_store_explicit(&p->report_state, p->state, memory_order_relaxed);
	for (uint32_t i = 0; i < p->num_voices; i++)
		voice_publish(p->voices[i], p->sink ? p->sink->kept_as : 0);
	atomic_store_explicit(&p->report_seq, seq + 2, memory_order_release);
}

static void ring_if_due(struct player *p)
{
	for (uint32_t i = 0; i < p->num_voices; i++)
		if (voice_must_ring(p->voices[i]))
			p->ring = true;
	if (p->sink && p->sink->wants_main) {
		p->sink->wants_main = false;
		p->ring = true;
	}
	if (p->ring)
		ring(p->bell_main);
	p->ring = false;
}

/* A push that came while we looked, into a voice of which we hold it to be silent. Looked for
 * after played was stored; see queue_is_near_end(). */
static bool missed_a_push(const struct player *p)
{
	for (uint32_t i = 0; i < p->num_voices; i++) {
		const struct voice *v = p->voices[i];

		if (voice_is_near_end(v) &&
		    atomic_load(&v->queue->writer->written) != v->seen)
			return true;
	}
	return false;
}

/* Frames until the device is to be filled again. At the margin the voices may have nothing more
 * yet; then there is time until low water. */
static uint32_t frames_to_low_water(const struct player *p)
{
	uint32_t level = player_level(p), low = player_early_water(p);

	if (level <= low)
		low = p->sink->low_water;
	return level > low ? level - low : 0;
}

static uint64_t next_event(const struct player *p)
{
	uint64_t event = p->dev_played + frames_to_low_water(p);

	if (p->sounds_until + p->sink->idle < event)
		event = p->sounds_until + p->sink->idle;
	if (player_is_silent(p) && p->sounds_until < event)
		event = p->sounds_until;
	if (p->sink->look && p->sounds_until > p->dev_played &&
	    p->dev_played + p->sink->look < event)
		event = p->dev_played + p->sink->look;
	for (uint32_t i = 0; i < p->num_voices; i++) {
		uint64_t dev = voice_next_event(p->voices[i]);

		if (dev < event)
			event = dev;
	}
	return event;
}

/* Of device frames; rounded up. */
static uint64_t ns_of(const struct player *p, uint64_t frames)
{
	return (frames * NS_PER_S + p->sink->rate - 1) / p->sink->rate;
}

static void set_alarm(struct player *p)
{
	uint64_t dev, frames;

	p->wake_ns = PLAYER_SLEEPS;
	if (p->again || missed_a_push(p)) {
		p->again = false;
		p->wake_ns = 0;
	} else if (p->state == PLAYER_PLAYING) {
		dev = next_event(p);
		frames = dev > p->dev_played ? dev - p->dev_played : 0;
		p->wake_ns = p->when_ns + ns_of(p, frames);
	}
}

void player_turn(struct player *p)
{
	bool left = p->leaves;
	uint64_t asked;
	bool news;

	player_count(&p->counts.turns, 1);
	/* First: a voice that was to leave before a sink was offered is never fed to it. */
	player_take_offered(p);
	asked = atomic_load_explicit(&p->asked, memory_order_acquire);
	news = asked != atomic_load_explicit(&p->applied, memory_order_relaxed);
	player_read_clock(p);
	player_settle(p);
	look(p);
	if (news)
		follow_slots(p);
	if (news || p->leaves != left)
		player_take_back(p, 0);
	else if (!player_is_silent(p))
		player_take_back(p, stale_from(p));
	if (news)
		obey(p);
	player_fill(p);
	player_settle(p);
	publish(p);
	if (news) {
		atomic_store_explicit(&p->applied, asked, memory_order_release);
		p->ring = true;
	}
	ring_if_due(p);
	set_alarm(p);
}

void player_end(struct player *p)
{
	p->ending = true;
	player_read_clock(p);
	player_settle(p);
	if (p->sink)
		player_take_back(p, 0);
}

uint64_t player_ends_in(const struct player *p)
{
	if (p->state != PLAYER_PLAYING || p->dev_played >= p->sounds_until)
		return 0;
	return ns_of(p, p->sounds_until - p->dev_played);
}

void player_finish(struct player *p)
{
	player_read_clock(p);
	if (p->sink)
		player_stop_sink(p);
	if (p->sink)
		player_give_sink_back(p, 0);
	player_settle(p);
	publish(p);
	ring_if_due(p);
}
