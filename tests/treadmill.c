/* SPDX-License-Identifier: MIT */
/*
 * Time passes by a tenth of a second, the voices get as much, the player has a turn.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "rt/player.h"
#include "rt/sink_null.h"
#include "taps.h"
#include "treadmill.h"

enum {
	RATE = TREADMILL_RATE,
	CHANNELS = TREADMILL_CHANNELS,
	BUFFER = RATE / 5,
	STEP = TREADMILL_STEP,
	MOST = 192000 * CHANNELS, /* samples of a voice in a second */
};

static uint64_t virtual_ns;

static uint64_t virtual_now(void *context)
{
	(void)context;
	return virtual_ns;
}

uint64_t treadmill_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

struct bench {
	struct player player;
	_Atomic(struct voice *) slots[TREADMILL_SLOTS];
	struct voice *packed[TREADMILL_SLOTS];
	struct queue queues[TREADMILL_VOICES];
	struct voice voices[TREADMILL_VOICES];
	struct sink_null sink;
	uint8_t data[BUFFER * CHANNELS * 2];
};

static void *map_queue(const struct queue_shape *shape)
{
	uint64_t file = queue_file_bytes(shape), ring = file - QUEUE_RING_OFFSET;
	int fd = memfd_create("bench", MFD_CLOEXEC);
	uint8_t *map =
		mmap(NULL, file + ring, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (fd < 0 || ftruncate(fd, (off_t)file) < 0 || map == MAP_FAILED)
		abort();
	mmap(map, file, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd,
	     0);
	mmap(map + file, ring, PROT_READ | PROT_WRITE,
	     MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd, QUEUE_RING_OFFSET);
	close(fd);
	return map;
}

static void push(struct queue *q, uint32_t n)
{
	static int16_t frames[MOST];

	if (!frames[1])
		for (uint32_t i = 0; i < MOST; i++)
			frames[i] = (int16_t)(i * 2654435761u >> 20);
	queue_write(q, frames, n);
}

static void set_up_player(struct bench *b, uint32_t slots)
{
	player_init(&b->player, b->slots, b->packed, slots, -1, -1);
	player_set_ducking(&b->player, &(struct duck_shape){.level = 0.25f});
	b->sink.sink = (struct sink){.rate = RATE,
				     .channels = CHANNELS,
				     .format = FORMAT_S16,
				     .buffer = BUFFER,
				     .low_water = BUFFER / 4,
				     .idle = RATE,
				     .rewinds = true};
	sink_null_init(&b->sink, b->data, NULL, virtual_now, NULL);
	player_offer(&b->player, &b->sink.sink);
}

static void add_voices(struct bench *b, const struct treadmill_shape *what,
		       const struct queue_shape *shape, const struct taps *taps,
		       uint32_t voices)
{
	for (uint32_t i = 0; i < voices; i++) {
		queue_init(&b->queues[i], map_queue(shape), shape, 96 + shape->lookback);
		b->queues[i].writer->speech = what->ducked && i == 0;
		voice_init(&b->voices[i], &b->queues[i], taps);
		push(&b->queues[i], what->rate);
		atomic_store(&b->slots[i], &b->voices[i]);
	}
	player_ask(&b->player);
	player_turn(&b->player);
}

struct work treadmill_run(const struct treadmill_shape *what, uint32_t voices,
			  uint32_t rounds)
{
	const struct taps *taps;
	struct taps_set set = {0};
	struct queue_shape shape = {.rate = what->rate,
				    .channels = what->channels,
				    .format = FORMAT_S16,
				    .limit = what->rate};
	struct bench *b = calloc(1, sizeof(*b));
	struct work w = {0, (uint64_t)rounds * STEP * voices, UINT64_MAX};

	if (taps_get(&set, what->rate, RATE, &taps) < 0)
		abort();
	shape.lookback = taps ? taps->half : 0;
	set_up_player(b, what->slots ? what->slots : TREADMILL_VOICES);
	add_voices(b, what, &shape, taps, voices);

	for (uint32_t round = 0; round < rounds; round++) {
		uint64_t began, took;

		virtual_ns += UINT64_C(1000000000) * STEP / RATE;
		for (uint32_t i = 0; i < voices && round > 0; i++)
			push(&b->queues[i], what->rate / 10);
		if (what->follows)
			player_ask(&b->player);
		began = treadmill_now();
		player_turn(&b->player);
		took = treadmill_now() - began;
		w.ns += took;
		w.least_ns = took < w.least_ns ? took : w.least_ns;
	}
	if (b->player.dev_fed != BUFFER + (uint64_t)rounds * STEP)
		abort();
	for (uint32_t i = 0; i < voices; i++)
		munmap(b->queues[i].player,
		       queue_file_bytes(&shape) + b->queues[i].ring_bytes);
	taps_unref(taps);
	free(b);
	return w;
}
