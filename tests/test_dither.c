/* SPDX-License-Identifier: MIT */
/*
 * Dither: what the noise is like, where it is and where it is not, through the whole player on a
 * device of 16 bits; and that it is the same again for what is taken back.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lathe.h"
#include "rt/dither.h"
#include "rt/loops.h"
#include "suite.h"
#include "taps.h"

enum { FRAMES = 1 << 17, FEW = 20000, CHANNELS = 2, SEED = 7 };

/* ---- the noise ------------------------------------------------------------------------ */

/* In steps of the device, on top of a constant; all frames rough. */
static double *noise(uint64_t dev, uint32_t channels)
{
	double *ret = malloc(sizeof(*ret) * FRAMES * channels);
	float block[MIX_FRAMES * CHANNELS];
	uint8_t mixed[MIX_FRAMES];

	memset(mixed, MIXED_ROUGH, sizeof(mixed));
	for (uint32_t at = 0; at < FRAMES; at += MIX_FRAMES) {
		for (uint32_t i = 0; i < MIX_FRAMES * channels; i++)
			block[i] = 0x1p-16f;
		dither(loops_best(), block, mixed, channels, dev + at, MIX_FRAMES, 16);
		for (uint32_t i = 0; i < MIX_FRAMES * channels; i++)
			ret[at * channels + i] = (block[i] - 0x1p-16f) * 32768.0;
	}
	return ret;
}

START_TEST(the_noise_is_triangular_and_as_wide_as_one_step)
{
	double *x = noise(UINT64_C(1) << 40, 1), sum = 0, squares = 0, fourths = 0;
	uint32_t narrow = 0;

	for (uint32_t i = 0; i < FRAMES; i++) {
		ck_assert(fabs(x[i]) < 1.0);
		sum += x[i];
		squares += x[i] * x[i];
		fourths += x[i] * x[i] * x[i] * x[i];
		narrow += fabs(x[i]) < 0.5;
	}

	/* Five times what chance does to that many. */
	ck_assert(fabs(sum / FRAMES) < 5 * sqrt(1.0 / 6 / FRAMES));
	ck_assert(fabs(squares / FRAMES - 1.0 / 6) < 5 * sqrt(7.0 / 180 / FRAMES));
	ck_assert(fabs(fourths / FRAMES - 1.0 / 15) < 0.005);
	ck_assert(fabs((double)narrow / FRAMES - 0.75) < 5 * sqrt(0.1875 / FRAMES));
	free(x);
}
END_TEST

START_TEST(the_noise_is_white_and_another_one_on_each_channel)
{
	double *x = noise(0, CHANNELS);

	for (uint32_t lag = 1; lag <= 64; lag++) { /* in samples: odd ones, across */
		double sum = 0;
		uint32_t n = FRAMES * CHANNELS - lag;

		for (uint32_t i = 0; i < n; i++)
			sum += x[i] * x[i + lag];
		ck_assert(fabs(sum / n * 6) < 5 / sqrt(n));
	}
	free(x);
}
END_TEST

START_TEST(the_noise_of_a_frame_is_the_same_in_any_block)
{
	enum { N = MIX_FRAMES };
	uint64_t devs[] = {0, UINT64_C(0x7fffff00), UINT64_C(0xffffffff00), 12345};
	float whole[N * CHANNELS], parts[N * CHANNELS];
	uint32_t noiseless = 0;
	uint8_t mixed[N];

	for (uint32_t i = 0; i < N * CHANNELS; i++)
		whole[i] = parts[i] = 0x1p-16f;
	for (uint32_t i = 0; i < N; i++)
		mixed[i] = i % 7 == 3 ? MIXED_EXACT : MIXED_ROUGH;
	dither(loops_best(), whole, mixed, CHANNELS, devs[_i], N, 16);
	for (uint32_t at = 0, n = 1; at < N; at += n, n = n % 37 + 1)
		dither(loops_best(), parts + at * CHANNELS, mixed + at, CHANNELS,
		       devs[_i] + at, n < N - at ? n : N - at, 16);

	ck_assert_mem_eq(whole, parts, sizeof(whole));
	for (uint32_t i = 0; i < N; i++) {
		bool same = whole[CHANNELS * i] == 0x1p-16f;

		ck_assert(same || i % 7 != 3);
		noiseless += same && i % 7 != 3;
	}
	ck_assert_uint_le(noiseless, 1); /* noise may be 0 */
}
END_TEST

/* ---- a very soft tone ----------------------------------------------------------------- */

/* -100 dB is a third of a step: rounded as it is, nothing would be left of it. */
START_TEST(a_tone_below_one_step_is_heard_undistorted_in_the_noise)
{
	enum { PERIODS = 2731 }; /* 1 kHz */
	const double amplitude = 1e-5 * 32768, w = 2 * M_PI * PERIODS / FRAMES;
	float *pushed = malloc(sizeof(*pushed) * FRAMES * CHANNELS);
	double error = 0, power = 0;
	const int16_t *heard;
	struct lathe l;

	for (uint32_t i = 0; i < FRAMES * CHANNELS; i++)
		pushed[i] = (float)(1e-5 * sin(w * (i / CHANNELS) + 0.1));
	lathe_init(&l, FORMAT_S16, CHANNELS, FRAMES);
	lathe_push(&l, lathe_add(&l, 0, FORMAT_F32, CHANNELS, FRAMES), pushed, FRAMES);
	lathe_play(&l, FRAMES);
	heard = lathe_heard(&l, 0);

	for (uint32_t i = 0; i < FRAMES; i++) {
		double e = heard[CHANNELS * i] - pushed[CHANNELS * i] * 32768.0;

		ck_assert(fabs(e) <= 1.5);
		error += e;
		power += e * e;
	}
	/* The noise and the rounding, as if they had nothing to do with each other. */
	ck_assert(fabs(error / FRAMES) < 5 * sqrt(0.25 / FRAMES));
	ck_assert(fabs(power / FRAMES - 0.25) < 0.005);

	for (int harmonic = 1; harmonic <= 9; harmonic++) {
		double re = 0, im = 0;

		for (uint32_t i = 0; i < FRAMES; i++) {
			re += heard[CHANNELS * i] * cos(harmonic * w * i);
			im += heard[CHANNELS * i] * sin(harmonic * w * i);
		}
		ck_assert(fabs(2 * hypot(re, im) / FRAMES -
			       (harmonic == 1 ? amplitude : 0)) <
			  5 * sqrt(4 * 0.25 / FRAMES));
	}
	lathe_done(&l);
	free(pushed);
}
END_TEST

/* ---- where it is, and where not ------------------------------------------------------- */

enum scene {
	SCALED,
	TURNED_DOWN, /* the whole output */
	MIXED,
	FLOATS,
	MORE_BITS,
	RESAMPLED,
	MIXED_DOWN, /* two channels to one */
	BITS_24,    /* the device has 24: scaled, but rounded too finely to matter */
	NUM_SCENES,
};

static void set_gain(struct rig_source *s, float factor, uint32_t ramp)
{
	queue_set_gain(&s->queue, (struct gain){.factor = factor, .ramp = ramp});
}

/* Numbers of many bits that are not too loud, for the n-th source. */
static void push_scene(struct lathe *l, struct rig_source *s, uint32_t bytes, uint32_t n)
{
	bool floats = s->queue.shape.format == FORMAT_F32; /* whose exponents come last */
	uint8_t *pushed = malloc((size_t)FEW * CHANNELS * bytes);

	for (uint32_t i = 0; i < FEW * CHANNELS * bytes; i++) {
		uint32_t third = i / bytes % 3, last = floats ? 0x38 + third : 8 * third;

		pushed[i] =
			(uint8_t)(i % bytes == bytes - 1 ? last
							 : (i + n) * 2654435761u >> 24);
	}
	lathe_push(l, s, pushed, FEW);
	free(pushed);
}

/* Cut to 16 bits, whatever the device's format. */
static int16_t *heard_as_s16(const struct lathe *l, uint32_t samples)
{
	uint32_t format = l->null.sink.format;
	int16_t *ret = malloc(sizeof(*ret) * samples);
	const uint8_t *at = lathe_heard(l, 0);

	for (uint32_t i = 0; i < samples; i++) {
		float x;

		loops_best()->format->of[format].to_float(
			&x, at + (size_t)i * formats[format].bytes, 1);
		ret[i] = (int16_t)(x * 32768.0f);
	}
	return ret;
}

/* FEW frames of it, as 16 bits; to be freed. */
static int16_t *play_scene(enum scene scene, bool dithers, uint32_t seed)
{
	static const uint32_t source_formats[NUM_SCENES] = {
		[FLOATS] = FORMAT_F32, [MORE_BITS] = FORMAT_S24_3};
	uint32_t format = source_formats[scene];
	uint32_t channels = scene == MIXED_DOWN ? 1 : CHANNELS;
	struct queue_shape shape = {
		.rate = 24000, .channels = CHANNELS, .format = format, .limit = FEW};
	const struct taps *taps = NULL;
	struct taps_set set = {0};
	struct rig_source *s;
	struct lathe l;
	int16_t *ret;

	lathe_init(&l, scene == BITS_24 ? FORMAT_S24 : FORMAT_S16, channels, FEW);
	l.seed = seed;
	if (!dithers)
		l.null.sink.dither_bits = 0;
	if (scene == RESAMPLED) {
		ck_assert_int_eq(taps_get(&set, 24000, LATHE_RATE, &taps), 0);
		shape.lookback = taps->half;
	}
	for (uint32_t n = 0; n < (scene == MIXED ? 2 : 1); n++) {
		s = rig_add_shaped(&l.rig, n, &shape, taps);
		if (scene == SCALED || scene == BITS_24)
			set_gain(s, 0.7f, 0);
		push_scene(&l, s, formats[format].bytes, n);
	}
	if (scene == TURNED_DOWN)
		player_set_gain(&l.rig.player, (struct gain){.factor = 0.7f});
	player_ask(&l.rig.player);
	lathe_play(&l, FEW);
	ret = heard_as_s16(&l, FEW * channels);
	lathe_done(&l);
	taps_unref(taps);
	return ret;
}

START_TEST(whatever_is_not_as_it_was_pushed_gets_noise)
{
	int16_t *plain = play_scene(_i, false, 0), *noisy = play_scene(_i, true, 0);
	uint32_t n = FEW * (_i == MIXED_DOWN ? 1 : CHANNELS), differ = 0;

	for (uint32_t i = 0; i < n; i++) {
		ck_assert_int_le(abs(plain[i] - noisy[i]), 1);
		differ += plain[i] != noisy[i];
	}
	/* 1 in 4 whose sum is whole, up to 1 in 2. */
	if (_i == BITS_24)
		ck_assert_uint_eq(differ, 0);
	else
		ck_assert(differ > n / 5 && differ < n * 3 / 5);
	free(plain);
	free(noisy);
}
END_TEST

START_TEST(what_is_taken_back_gets_the_same_noise_again)
{
	int16_t *once = play_scene(_i, true, 0), *again = play_scene(_i, true, SEED);

	ck_assert_mem_eq(once, again,
			 sizeof(*once) * FEW * (_i == MIXED_DOWN ? 1 : CHANNELS));
	free(once);
	free(again);
}
END_TEST

/* Where a second source ends, and where a gain has come back to 1, the noise ends: with the frame,
 * wherever blocks begin. */
START_TEST(the_noise_ends_with_the_frame_at_which_nothing_is_rounded_any_more)
{
	enum { UNTIL = 4321 };
	bool ramp = _i % 2;
	static int16_t pushed[FEW], second[UNTIL];
	struct rig_source *s, *other;
	const int16_t *heard;
	uint32_t differ = 0;
	struct lathe l;

	for (uint32_t i = 0; i < FEW; i++)
		pushed[i] = (int16_t)(i * 40503u >> 2 | 1);
	for (uint32_t i = 0; i < UNTIL; i++)
		second[i] = 100;
	lathe_init(&l, FORMAT_S16, 1, FEW);
	l.seed = _i / 2 * SEED;
	s = lathe_add(&l, 0, FORMAT_S16, 1, FEW);
	if (ramp) {
		set_gain(s, 0.5f, 0);
		rig_turn(&l.rig);
		set_gain(s, 1.0f, UNTIL);
		player_ask(&l.rig.player);
	}
	lathe_push(&l, s, pushed, FEW);
	if (!ramp) {
		other = lathe_add(&l, 1, FORMAT_S16, 1, FEW);
		lathe_push(&l, other, second, UNTIL);
	}
	lathe_play(&l, FEW);

	heard = lathe_heard(&l, 0);
	for (uint32_t i = 0; i < UNTIL && !ramp; i++)
		differ += heard[i] != pushed[i] + 100;
	ck_assert(ramp || differ > UNTIL / 5);
	ck_assert_mem_eq(heard + UNTIL, pushed + UNTIL, (FEW - UNTIL) * sizeof(*pushed));
	lathe_done(&l);
}
END_TEST

START_TEST(silence_stays_silence)
{
	static int16_t pushed[FEW][CHANNELS];
	struct rig_source *s;
	const int16_t *heard;
	struct lathe l;

	/* At a gain; one channel is silent, and the other for a while; then all is muted. */
	for (uint32_t i = 0; i < FEW; i++)
		pushed[i][0] = i % 2000 < 1000 ? 1001 : 0;
	lathe_init(&l, FORMAT_S16, CHANNELS, FEW);
	s = lathe_add(&l, 0, FORMAT_S16, CHANNELS, FEW);
	set_gain(s, _i ? 0.5f : 0.0f, 0);
	lathe_push(&l, s, pushed, FEW);
	lathe_play(&l, FEW);

	heard = lathe_heard(&l, 0);
	for (uint32_t i = 0; i < FEW; i++) {
		ck_assert_int_eq(heard[CHANNELS * i + 1], 0);
		ck_assert_int_eq(heard[CHANNELS * i] != 0, _i && pushed[i][0]);
	}
	lathe_done(&l);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("dither");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, the_noise_is_triangular_and_as_wide_as_one_step);
	tcase_add_test(t, the_noise_is_white_and_another_one_on_each_channel);
	tcase_add_loop_test(t, the_noise_of_a_frame_is_the_same_in_any_block, 0, 4);
	tcase_add_test(t, a_tone_below_one_step_is_heard_undistorted_in_the_noise);
	tcase_add_loop_test(t, whatever_is_not_as_it_was_pushed_gets_noise, 0,
			    NUM_SCENES);
	tcase_add_loop_test(t, what_is_taken_back_gets_the_same_noise_again, 0,
			    NUM_SCENES);
	tcase_add_loop_test(
		t, the_noise_ends_with_the_frame_at_which_nothing_is_rounded_any_more, 0,
		4);
	tcase_add_loop_test(t, silence_stays_silence, 0, 2);
	return suite_run("dither", t);
}
