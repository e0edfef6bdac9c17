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

#include "rt/mix.h"
#include "treadmill.h"

enum {
	RATE = TREADMILL_RATE,
	CHANNELS = TREADMILL_CHANNELS,
	LIMIT = RATE,
	BUFFER = RATE / 5,
	STEP = TREADMILL_STEP,
	ROUNDS = 60,
};

static const struct treadmill_shape as_the_device = {.rate = RATE, .channels = CHANNELS};

static struct work bench_player(uint32_t voices, uint32_t rounds)
{
	return treadmill_run(&as_the_device, voices, rounds);
}

static struct work bench_mono(uint32_t voices, uint32_t rounds)
{
	static const struct treadmill_shape mono = {.rate = RATE, .channels = 1};

	return treadmill_run(&mono, voices, rounds);
}

static struct work bench_six(uint32_t voices, uint32_t rounds)
{
	static const struct treadmill_shape six = {.rate = RATE, .channels = 6};

	return treadmill_run(&six, voices, rounds);
}

static struct work bench_ducked(uint32_t voices, uint32_t rounds)
{
	static const struct treadmill_shape ducked = {
		.rate = RATE, .channels = CHANNELS, .ducked = true};

	return treadmill_run(&ducked, voices, rounds);
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
	struct work w = {.frames = blocks * MIX_FRAMES * voices};

	for (size_t i = 0; i < samples; i++)
		src[i] = (int16_t)(i * 2654435761u >> 20);
	began = treadmill_now();
	bare_loop(src, dst, voices, blocks);
	w.ns = treadmill_now() - began;
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

/* Other ways from a voice to the device, beside that of the device's own channels. */
static void compare_ways(void)
{
	static const struct {
		const char *name;
		struct work (*bench)(uint32_t, uint32_t);
	} ways[] = {
		{"as the device", bench_player},
		{"mono to two", bench_mono},
		{"5.1 to two", bench_six},
		{"under speech", bench_ducked},
	};
	double first = 0;

	printf("\n  32 voices       player ns   ratio\n");
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		double ns = best(ways[i].bench, 32);

		first = i ? first : ns;
		printf("  %-14s  %9.3f   %5.2f\n", ways[i].name, ns, ns / first);
	}
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
	compare_ways();
	return 0;
}
