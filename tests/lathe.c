/* SPDX-License-Identifier: MIT */
/*
 * A rig whose fake sink is replaced before the first turn.
 */
#include <check.h>
#include <stdlib.h>

#include "lathe.h"

static uint64_t now(void *context)
{
	return ((struct lathe *)context)->now_ns;
}

void lathe_init(struct lathe *l, uint32_t format, uint32_t channels, uint32_t frames)
{
	struct sink *s = &l->null.sink;
	size_t bytes = (size_t)channels * formats[format].bytes;

	*l = (struct lathe){0};
	rig_init(&l->rig, 1, LATHE_BUFFER);
	s->rate = LATHE_RATE;
	s->channels = channels;
	s->format = format;
	s->dither_bits = formats[format].bits <= DITHER_BITS ? formats[format].bits : 0;
	s->buffer = LATHE_BUFFER;
	s->guard = LATHE_GUARD;
	s->low_water = LATHE_BUFFER / 4;
	s->idle = LATHE_RATE;
	s->rewinds = true;
	l->tape.bytes = frames * bytes;
	l->tape.data = malloc(l->tape.bytes);
	sink_null_init(&l->null, calloc(LATHE_BUFFER, bytes), &l->tape, now, l);
	player_offer(&l->rig.player, s);
	rig_turn(&l->rig);
}

void lathe_done(struct lathe *l)
{
	rig_done(&l->rig);
	free(l->null.data);
	free(l->tape.data);
}

struct rig_source *lathe_add(struct lathe *l, uint32_t slot, uint32_t format,
			     uint32_t channels, uint32_t frames)
{
	struct queue_shape shape = {.rate = LATHE_RATE,
				    .channels = channels,
				    .format = format,
				    .limit = frames};

	return rig_add_shaped(&l->rig, slot, &shape, NULL);
}

void lathe_push(struct lathe *l, struct rig_source *s, const void *frames, uint32_t n)
{
	ck_assert_uint_ge(queue_room(&s->queue), n);
	if (queue_write(&s->queue, frames, n))
		player_ring(&l->rig.player);
}

static uint32_t random_below(struct lathe *l, uint32_t n)
{
	l->seed = l->seed * 1664525u + 1013904223u;
	return (l->seed >> 8) % n;
}

void lathe_play(struct lathe *l, uint64_t frames)
{
	while (l->null.played < frames) {
		uint64_t left = frames - l->null.played,
			 n = l->rig.player.sink->low_water;

		if (l->seed) {
			player_ask(&l->rig.player);
			n = 1 + random_below(l, 300);
		}
		rig_turn(&l->rig);
		n = n < left ? n : left;
		l->now_ns += (n * UINT64_C(1000000000) + LATHE_RATE - 1) / LATHE_RATE;
	}
}

const void *lathe_heard(const struct lathe *l, uint64_t at)
{
	ck_assert_uint_lt(at * l->null.frame_bytes, atomic_load(&l->tape.head));
	return l->tape.data + at * l->null.frame_bytes;
}
