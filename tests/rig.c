/* SPDX-License-Identifier: MIT */
/*
 * The workbench of the player's tests.
 */
#include <assert.h>
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rig.h"
#include "trap.h"

enum { RIG_RATE = 48000, RIG_NEAR = 96 };

void rig_init(struct rig *r, uint32_t sources, uint32_t buffer)
{
	memset(r, 0, sizeof(*r));
	r->bells[0] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	r->bells[1] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	player_init(&r->player, r->slots, r->voices, RIG_SLOTS, r->bells[0], r->bells[1]);
	fake_sink_init(&r->sink, RIG_RATE, 2 * sources, buffer);
	player_offer(&r->player, &r->sink.sink);
}

void rig_done(struct rig *r)
{
	for (uint32_t i = 0; i < RIG_SLOTS; i++)
		if (r->sources[i])
			rig_remove(r, i);
	fake_sink_done(&r->sink);
	close(r->bells[0]);
	close(r->bells[1]);
}

/* The file of a queue, its ring mapped twice. */
static void map_queue(struct rig_source *s, const struct queue_shape *shape)
{
	uint64_t file = queue_file_bytes(shape), ring = file - QUEUE_RING_OFFSET;
	int fd = memfd_create("rig", MFD_CLOEXEC);
	uint8_t *map;

	s->map_bytes = file + ring;
	if (fd < 0 || ftruncate(fd, (off_t)file) < 0)
		abort();
	map = mmap(NULL, s->map_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	s->map = mmap(map, file, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	mmap(map + file, ring, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
	     QUEUE_RING_OFFSET);
	close(fd);
}

struct rig_source *rig_add(struct rig *r, uint32_t slot, uint32_t limit)
{
	return rig_add_at(r, slot, limit, NULL, RIG_RATE);
}

struct rig_source *rig_add_at(struct rig *r, uint32_t slot, uint32_t limit,
			      const struct taps *taps, uint32_t rate)
{
	struct queue_shape shape = {.rate = rate,
				    .lookback = taps ? taps->half : 0,
				    .channels = r->sink.sink.channels,
				    .format = FORMAT_F32,
				    .limit = limit};

	return rig_add_shaped(r, slot, &shape, taps);
}

struct rig_source *rig_add_shaped(struct rig *r, uint32_t slot,
				  const struct queue_shape *shape,
				  const struct taps *taps)
{
	struct rig_source *s = calloc(1, sizeof(*s));

	map_queue(s, shape);
	queue_init(&s->queue, s->map, shape, RIG_NEAR + shape->lookback);
	voice_init(&s->voice, &s->queue, taps);
	s->slot = slot;
	r->sources[slot] = s;
	atomic_store_explicit(&r->slots[slot], &s->voice, memory_order_release);
	player_ask(&r->player);
	return s;
}

void rig_remove(struct rig *r, uint32_t slot)
{
	struct rig_source *s = r->sources[slot];

	atomic_store_explicit(&r->slots[slot], NULL, memory_order_release);
	player_ask(&r->player);
	rig_turn(r);
	r->sources[slot] = NULL;
	munmap(s->map, s->map_bytes);
	free(s);
}

uint32_t rig_push(struct rig *r, struct rig_source *s, uint32_t n)
{
	uint32_t room = queue_room(&s->queue), channels = s->queue.shape.channels;
	uint64_t first = rig_written(s);
	float *frames;

	n = n < room ? n : room;
	if (n == 0)
		return 0;
	frames = calloc((size_t)n * channels, sizeof(float));
	for (uint32_t i = 0; i < n; i++) {
		float *f = frames + (size_t)i * channels + 2 * s->slot;

		f[0] = (float)((first + i) % RIG_NUMBERS) / RIG_NUMBERS;
		f[1] = 1.0f;
	}
	if (queue_write(&s->queue, frames, n))
		player_ring(&r->player);
	free(frames);
	return n;
}

void rig_turn(struct rig *r)
{
	trap_set(true);
	player_turn(&r->player);
	trap_set(false);
}

void rig_play(struct rig *r, uint32_t frames, uint32_t step)
{
	while (frames > 0) {
		uint32_t n = frames < step ? frames : step;

		fake_sink_advance(&r->sink, n);
		rig_turn(r);
		frames -= n;
	}
}

uint32_t rig_number(const struct rig *r, uint32_t slot, uint64_t at, float *ret_level)
{
	const float *f = r->sink.tape + at * r->sink.sink.channels + 2 * slot;

	assert(at < r->sink.taped);
	*ret_level = f[1];
	if (f[1] == 0.0f)
		return RIG_SILENCE;
	return (uint32_t)lround((double)f[0] / f[1] * RIG_NUMBERS) % RIG_NUMBERS;
}

void rig_assert_heard(const struct rig *r, uint32_t slot, uint64_t at, uint64_t first,
		      uint64_t n)
{
	float level;

	for (uint64_t i = 0; i < n; i++)
		ck_assert_uint_eq(rig_number(r, slot, at + i, &level), first + i);
}

void rig_assert_silent(const struct rig *r, uint32_t slot, uint64_t at, uint64_t to)
{
	float level;

	for (; at < to; at++)
		ck_assert_uint_eq(rig_number(r, slot, at, &level), RIG_SILENCE);
}

void rig_wake(struct rig *r)
{
	uint64_t now = r->sink.now_ns, due = r->player.wake_ns;
	uint64_t frames = due > now ? (due - now) * 48 / 1000000 : 0;

	ck_assert_uint_ne(due, PLAYER_SLEEPS);
	fake_sink_advance(&r->sink, (uint32_t)frames);
	rig_turn(r);
}

uint64_t rig_played(const struct rig_source *s)
{
	return atomic_load(&s->queue.player->played);
}

uint64_t rig_heard(const struct rig_source *s)
{
	return atomic_load(&s->queue.player->heard);
}

uint64_t rig_dropped(const struct rig_source *s)
{
	return atomic_load(&s->queue.player->dropped);
}

uint64_t rig_written(const struct rig_source *s)
{
	return atomic_load(&s->queue.writer->written);
}

uint64_t rig_cut_from(const struct rig_source *s)
{
	return atomic_load(&s->queue.player->cut_from);
}

uint64_t rig_at_device(const struct rig_source *s)
{
	return atomic_load(&s->queue.player->at_device);
}

void rig_clear(struct rig *r, struct rig_source *s, uint32_t fade)
{
	queue_cut(&s->queue, (struct fade){.frames = fade});
	player_ask(&r->player);
}

void rig_hold(struct rig *r, struct rig_source *s, bool held, uint32_t fade)
{
	queue_hold(&s->queue, held, (struct fade){.frames = fade});
	player_ask(&r->player);
}

void rig_gain(struct rig *r, struct rig_source *s, float factor, uint32_t ramp)
{
	queue_set_gain(&s->queue, (struct gain){.factor = factor, .ramp = ramp});
	player_ask(&r->player);
}

bool rig_rung(struct rig *r)
{
	uint64_t rings;

	return read(r->bells[1], &rings, sizeof(rings)) == sizeof(rings);
}
