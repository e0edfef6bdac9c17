/* SPDX-License-Identifier: MIT */
/*
 * What mixing costs: player_turn() on the null sink, against a bare loop that converts and adds
 * the same samples, for 1 to 128 voices of stereo s16 at a constant level. Called with "player"
 * or "bare", a number of voices and one of rounds, it does that alone and says how many frames
 * it mixed, for somebody who counts instructions from outside.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "rt/player.h"
#include "rt/sink_null.h"

enum { RATE = 48000, CHANNELS = 2, LIMIT = RATE, BUFFER = RATE / 5, STEP = RATE / 10 };
enum { MAX_VOICES = 128, ROUNDS = 60 };

static uint64_t virtual_ns;

static uint64_t virtual_now(void *context)
{
	(void)context;
	return virtual_ns;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/* ---- the player --------------------------------------------------------------------- */

struct bench {
	struct player player;
	_Atomic(struct voice *) slots[MAX_VOICES];
	struct voice *packed[MAX_VOICES];
	struct queue queues[MAX_VOICES];
	struct voice voices[MAX_VOICES];
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
	static int16_t frames[LIMIT * CHANNELS];

	if (!frames[1])
		for (uint32_t i = 0; i < LIMIT * CHANNELS; i++)
			frames[i] = (int16_t)(i * 2654435761u >> 20);
	queue_write(q, frames, n);
}

/* What a side of the comparison did. */
struct work {
	uint64_t ns, frames; /* frames: of all voices */
};

static struct work bench_player(uint32_t voices, uint32_t rounds)
{
	const struct queue_shape shape = {
		.rate = RATE, .channels = CHANNELS, .format = FORMAT_S16, .limit = LIMIT};
	struct bench *b = calloc(1, sizeof(*b));
	struct work w = {0, (uint64_t)rounds * STEP * voices};

	player_init(&b->player, b->slots, b->packed, MAX_VOICES, -1, -1);
	b->sink.sink = (struct sink){.rate = RATE,
				     .channels = CHANNELS,
				     .format = FORMAT_S16,
				     .buffer = BUFFER,
				     .low_water = BUFFER / 4,
				     .idle = RATE,
				     .rewinds = true};
	sink_null_init(&b->sink, b->data, NULL, virtual_now, NULL);
	player_offer(&b->player, &b->sink.sink);
	for (uint32_t i = 0; i < voices; i++) {
		queue_init(&b->queues[i], map_queue(&shape), &shape, 96);
		voice_init(&b->voices[i], &b->queues[i], NULL);
		push(&b->queues[i], LIMIT);
		atomic_store(&b->slots[i], &b->voices[i]);
	}
	player_ask(&b->player);
	player_turn(&b->player);

	for (uint32_t round = 0; round < rounds; round++) {
		uint64_t began;

		virtual_ns += UINT64_C(1000000000) * STEP / RATE;
		for (uint32_t i = 0; i < voices && round > 0; i++)
			push(&b->queues[i], STEP);
		began = now_ns();
		player_turn(&b->player);
		w.ns += now_ns() - began;
	}
	if (b->player.dev_fed != BUFFER + (uint64_t)rounds * STEP)
		abort();
	for (uint32_t i = 0; i < voices; i++)
		munmap(b->queues[i].player,
		       queue_file_bytes(&shape) + b->queues[i].ring_bytes);
	free(b);
	return w;
}

/* ---- the bare loop ------------------------------------------------------------------ */

static void add(float *restrict mix, const int16_t *restrict src, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		mix[i] += (1.0f / 32768.0f) * src[i];
}

static void convert(int16_t *restrict dst, const float *restrict mix, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		float x = mix[i] * 32768.0f;

		x = x < 32767.0f ? x : 32767.0f;
		x = x > -32768.0f ? x : -32768.0f;
		dst[i] = (int16_t)(int32_t)((x + 12582912.0f) - 12582912.0f);
	}
}

__attribute__((noinline)) static void bare_loop(const int16_t *src, int16_t *dst,
						uint32_t voices, uint64_t blocks)
{
	enum { N = MIX_FRAMES * CHANNELS };
	static float mix[N];

	for (uint64_t block = 0; block < blocks; block++) {
		size_t at = block % (LIMIT / MIX_FRAMES) * N;

		memset(mix, 0, sizeof(mix));
		for (uint32_t v = 0; v < voices; v++)
			add(mix, src + (size_t)v * LIMIT * CHANNELS + at, N);
		convert(dst + block % (BUFFER / MIX_FRAMES) * N, mix, N);
	}
}

static struct work bench_bare(uint32_t voices, uint32_t rounds)
{
	size_t samples = (size_t)voices * LIMIT * CHANNELS;
	uint64_t blocks = (uint64_t)rounds * STEP / MIX_FRAMES, began;
	int16_t *src = malloc(samples * sizeof(*src));
	int16_t *dst = malloc(BUFFER * CHANNELS * sizeof(*dst));
	struct work w = {0, blocks * MIX_FRAMES * voices};

	for (size_t i = 0; i < samples; i++)
		src[i] = (int16_t)(i * 2654435761u >> 20);
	began = now_ns();
	bare_loop(src, dst, voices, blocks);
	w.ns = now_ns() - began;
	free(src);
	free(dst);
	return w;
}

/* The least of several runs, in ns per frame: the others were disturbed. */
static double best(struct work (*bench)(uint32_t, uint32_t), uint32_t voices)
{
	double least = 1e9;

	for (int i = 0; i < 7; i++) {
		struct work w = bench(voices, ROUNDS);

		if ((double)w.ns / (double)w.frames < least)
			least = (double)w.ns / (double)w.frames;
	}
	return least;
}

static int do_one_side(const char *side, uint32_t voices, uint32_t rounds)
{
	struct work w = strcmp(side, "bare") == 0 ? bench_bare(voices, rounds)
						  : bench_player(voices, rounds);

	printf("%" PRIu64 "\n", w.frames);
	return 0;
}

int main(int argc, char **argv)
{
	static const uint32_t counts[] = {1, 8, 32, 128};

	if (argc == 4)
		return do_one_side(argv[1], (uint32_t)atoi(argv[2]),
				   (uint32_t)atoi(argv[3]));
	printf("  voices   player ns   bare ns   ratio\n");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		double player = best(bench_player, counts[i]);
		double bare = best(bench_bare, counts[i]);

		printf("  %6" PRIu32 "   %9.3f   %7.3f   %5.2f\n", counts[i], player,
		       bare, player / bare);
	}
	return 0;
}
