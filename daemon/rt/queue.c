/* SPDX-License-Identifier: MIT */
/*
 * The main thread's side of a queue: it writes frames and wishes, and reads what the player
 * has come to. The player's side stands in voice.c.
 */
#include <assert.h>
#include <string.h>

#include "queue.h"

#include "room.h"

static_assert(sizeof(struct queue_player_part) <= QUEUE_PAGE,
	      "the first part is one page");
static_assert(sizeof(struct queue_writer_part) <= QUEUE_PAGE,
	      "the second part is one page");

static uint32_t frame_bytes(const struct queue_shape *shape)
{
	return shape->channels * formats[shape->format].bytes;
}

static uint64_t ring_bytes(const struct queue_shape *shape)
{
	uint64_t bytes = ((uint64_t)shape->limit + shape->lookback) * frame_bytes(shape);

	return (bytes + QUEUE_PAGE - 1) / QUEUE_PAGE * QUEUE_PAGE;
}

uint64_t queue_file_bytes(const struct queue_shape *shape)
{
	return QUEUE_RING_OFFSET + ring_bytes(shape);
}

void queue_place(struct queue *q, void *map, const struct queue_shape *shape,
		 uint32_t near)
{
	uint8_t *bytes = map;

	*q = (struct queue){
		.shape = *shape,
		.frame_bytes = frame_bytes(shape),
		.near = near,
		.ring_bytes = ring_bytes(shape),
		.player = map,
		.writer = (void *)(bytes + QUEUE_PAGE),
		.ring = bytes + QUEUE_RING_OFFSET,
	};
}

void queue_init(struct queue *q, void *map, const struct queue_shape *shape,
		uint32_t near)
{
	queue_place(q, map, shape, near);
	q->player->magic = QUEUE_MAGIC;
	q->player->version = QUEUE_VERSION;
	q->player->header_bytes = QUEUE_RING_OFFSET;
	q->player->shape = *shape;
	q->player->ring_bytes = q->ring_bytes;
	atomic_store_explicit(&q->writer->wake_at, QUEUE_NEVER, memory_order_relaxed);
	queue_set_gain(q, (struct gain){.factor = 1.0f});
	q->writer->channels.layout = layout_default(shape->channels);
}

void queue_describe(struct queue *q, const struct channels *channels, bool speech)
{
	q->writer->channels = *channels;
	q->writer->speech = speech;
}

uint32_t queue_room(const struct queue *q)
{
	uint64_t written =
		atomic_load_explicit(&q->writer->written, memory_order_relaxed);
	uint64_t played = atomic_load_explicit(&q->player->played, memory_order_acquire);

	return q->shape.limit - (uint32_t)(written - played);
}

bool queue_write(struct queue *q, const void *frames, uint32_t n)
{
	uint64_t written =
		atomic_load_explicit(&q->writer->written, memory_order_relaxed);
	uint64_t cut = atomic_load_explicit(&q->writer->cut, memory_order_relaxed);

	assert(n <= queue_room(q));
	memcpy(queue_at(q, written), frames, (size_t)n * q->frame_bytes);
	atomic_store_explicit(&q->writer->written, written + n, memory_order_seq_cst);
	return queue_is_near_end(queue_near(q), written, atomic_load(&q->player->played),
				 cut);
}

bool queue_set_near(struct queue *q, uint32_t near)
{
	return atomic_exchange_explicit(&q->near, near, memory_order_relaxed) != near;
}

void queue_cut(struct queue *q, struct fade fade)
{
	uint64_t written =
		atomic_load_explicit(&q->writer->written, memory_order_relaxed);

	atomic_store_explicit(&q->writer->cut_fade, queue_pack_fade(fade),
			      memory_order_relaxed);
	atomic_store_explicit(&q->writer->cut, written, memory_order_release);
}

static void set_held(struct queue *q, uint64_t bit, bool on, struct fade fade)
{
	uint64_t bits = atomic_load_explicit(&q->writer->held, memory_order_relaxed);

	bits &= (QUEUE_HELD | QUEUE_PARKED) & ~bit;
	bits |= (on ? bit : 0) | queue_pack_fade(fade);
	atomic_store_explicit(&q->writer->held, bits, memory_order_relaxed);
}

void queue_hold(struct queue *q, bool held, struct fade fade)
{
	set_held(q, QUEUE_HELD, held, fade);
}

void queue_park(struct queue *q, bool parked, struct fade fade)
{
	set_held(q, QUEUE_PARKED, parked, fade);
}

void queue_set_gain(struct queue *q, struct gain gain)
{
	atomic_store_explicit(&q->writer->gain, queue_pack_gain(gain),
			      memory_order_relaxed);
}

struct gain queue_gain(const struct queue *q)
{
	return queue_unpack_gain(
		atomic_load_explicit(&q->writer->gain, memory_order_relaxed));
}

bool queue_wake_at(struct queue *q, uint64_t at)
{
	atomic_store_explicit(&q->writer->wake_at, at, memory_order_seq_cst);
	return atomic_load(&q->player->played) >= at;
}
