/* SPDX-License-Identifier: MIT */
/*
 * A queue out of the memory of a process that has ended, or was killed at any instant. Nothing
 * that stands there is believed before it was looked at, and each number is looked at once: who
 * else has that memory may change it meanwhile.
 */
#include <string.h>

#include "queue.h"

#include "room.h"

enum {
	RATE_MIN = 1000, /* Hz */
	RATE_MAX = 768000,
	LIMIT_MAX = 60 * RATE_MAX,   /* frames */
	LOOKBACK_MAX = 4 * RATE_MAX, /* frames */
};

/* No source gets so far: more than ten years at the highest rate. */
#define POSITION_MAX (UINT64_C(1) << 48)
#define GAIN_MAX     16.0f

/* ---- constants ---------------------------------------------------------------------- */

static bool is_within(uint32_t n, uint32_t min, uint32_t max)
{
	return min <= n && n <= max;
}

static bool shape_is_sane(const struct queue_shape *s)
{
	return is_within(s->rate, RATE_MIN, RATE_MAX) &&
	       is_within(s->channels, 1, CHANNELS_MAX) && s->format < NUM_FORMATS &&
	       is_within(s->limit, 1, LIMIT_MAX) && s->lookback <= LOOKBACK_MAX;
}

const char *queue_check_shape(const struct queue_player_part *first, uint64_t file_bytes,
			      struct queue_shape *ret)
{
	struct queue_shape shape = first->shape;

	if (first->magic != QUEUE_MAGIC)
		return "it is no queue";
	if (first->version != QUEUE_VERSION || first->header_bytes != QUEUE_RING_OFFSET)
		return "it is of another version";
	if (!shape_is_sane(&shape))
		return "its format is none that there is";
	if (queue_file_bytes(&shape) != file_bytes ||
	    first->ring_bytes != file_bytes - QUEUE_RING_OFFSET)
		return "it has not the size that it says";
	*ret = shape;
	return NULL;
}

/* ---- numbers ------------------------------------------------------------------------ */

static uint64_t load(const _Atomic uint64_t *number)
{
	return atomic_load_explicit(number, memory_order_acquire);
}

static void store(_Atomic uint64_t *number, uint64_t value)
{
	atomic_store_explicit(number, value, memory_order_relaxed);
}

/* What of the old numbers counts. */
struct left {
	uint64_t written, cut;
	uint64_t played, heard, phase, floor, dry, gaps;
};

static bool has_played_out(const struct played_out *out, uint64_t device)
{
	for (uint32_t i = 0; i < out->num; i++)
		if (out->devices[i] == device)
			return true;
	return false;
}

static struct left read_left(const struct queue *q, const struct played_out *out)
{
	const struct queue_player_part *p = q->player;
	uint64_t which = load(&p->saved_which) & 1;
	const struct queue_saved *saved =
		has_played_out(out, load(&p->saved_device[which])) ? &p->saved_end[which]
								   : &p->saved[which];

	return (struct left){
		.written = load(&q->writer->written),
		.cut = load(&q->writer->cut),
		.played = load(&saved->saved_played),
		.heard = load(&saved->saved_heard),
		.phase = load(&saved->saved_phase),
		.floor = load(&saved->saved_floor),
		.dry = load(&saved->saved_dry),
		.gaps = load(&saved->saved_gaps),
	};
}

static bool numbers_are_sane(const struct queue *q, const struct left *l)
{
	return l->written <= POSITION_MAX && l->cut <= l->written &&
	       l->heard <= l->played && l->floor <= l->played &&
	       l->played <= l->written && l->written - l->played <= q->shape.limit &&
	       load(&q->player->saved_which) <= 1;
}

static bool gain_is_sane(const struct queue *q)
{
	float gain = queue_gain(q).factor;

	return gain >= 0.0f && gain <= GAIN_MAX;
}

/* A cut that was under way is done: the rest of its fade goes too. */
static void take_cut(struct left *l)
{
	if (l->cut <= l->played)
		return;
	l->played = l->cut;
	l->floor = l->cut;
	l->phase = 0;
}

/* We may be killed here, too. */
static void save_left(struct queue_player_part *p, const struct left *l)
{
	uint64_t other = !load(&p->saved_which);
	struct queue_saved *saved = &p->saved[other];

	store(&saved->saved_played, l->played);
	store(&saved->saved_heard, l->heard);
	store(&saved->saved_phase, l->phase);
	store(&saved->saved_floor, l->floor);
	store(&saved->saved_dry, l->dry);
	store(&saved->saved_gaps, l->gaps);
	store(&p->saved_device[other], 0);
	atomic_store_explicit(&p->saved_which, other, memory_order_release);
}

static void write_left(struct queue *q, const struct left *l)
{
	struct queue_player_part *p = q->player;

	save_left(p, l);
	store(&p->fed, l->played);
	store(&p->heard, l->heard);
	store(&p->dropped, l->played - l->heard);
	store(&p->dry, l->dry);
	store(&p->gaps, l->gaps);
	store(&p->at_device, 0);
	store(&p->since_end, 0);
	store(&p->cut_fed, l->played);
	store(&p->cut_from, l->cut);
	store(&p->stopped_at, l->played);
	atomic_store(&p->played, l->played);
}

const char *queue_adopt(struct queue *q, void *map, const struct queue_shape *shape,
			uint32_t near, const struct played_out *out)
{
	struct left left;

	queue_place(q, map, shape, near);
	left = read_left(q, out);
	if (!numbers_are_sane(q, &left))
		return "its numbers contradict each other";
	if (!gain_is_sane(q))
		return "its gain is none that there is";
	if (!channels_are_sane(&q->writer->channels, q->shape.channels))
		return "its channels are none that there are";
	take_cut(&left);
	write_left(q, &left);
	store(&q->writer->wake_at, QUEUE_NEVER);
	store(&q->writer->held, load(&q->writer->held) & ~QUEUE_PARKED);
	return NULL;
}

void queue_copy(struct queue *q, const struct queue *from)
{
	struct left left = read_left(from, &(struct played_out){.num = 0});
	uint64_t begin = left.played > from->shape.lookback
				 ? left.played - from->shape.lookback
				 : 0;

	memcpy(queue_at(q, begin), queue_at(from, begin),
	       (left.written - begin) * q->frame_bytes);
	q->writer->keep = from->writer->keep;
	queue_describe(q, &from->writer->channels, from->writer->speech);
	store(&q->writer->written, left.written);
	store(&q->writer->cut, left.cut);
	store(&q->writer->held, load(&from->writer->held));
	store(&q->writer->gain, load(&from->writer->gain));
	write_left(q, &left);
}
