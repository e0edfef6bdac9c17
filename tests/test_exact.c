/* SPDX-License-Identifier: MIT */
/*
 * What plays alone, as it is, comes out bit for bit, through the whole player, for every pair of
 * formats in which that can be; with take-backs in its way. And silence is silence.
 */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "lathe.h"
#include "suite.h"
#include "taps.h"

enum { FRAMES = 20000, CHANNELS = 2, SEED = 7 };

/* A whole number of `bits` bits, in a format's own bytes. */
static void put(uint32_t format, uint8_t *at, int32_t x, uint32_t bits)
{
	const struct format *f = &formats[format];
	float real = (float)x / (float)(1u << (bits - 1));
	bool big = f->is_swapped == (FORMAT_S16 == FORMAT_LE(FORMAT_S16));
	uint32_t word = (uint32_t)x << (f->bits - bits);

	if (f->is_float)
		memcpy(&word, &real, sizeof(word));
	for (uint32_t i = 0; i < f->bytes; i++)
		at[big ? f->bytes - 1 - i : i] = (uint8_t)(word >> 8 * i);
	if (f->bytes == 4 && f->bits == 24) /* the fourth byte goes on with the sign */
		at[big ? 0 : 3] = x < 0 ? 0xff : 0;
}

/* Every sample another one; both extremes, and zeros. */
static int32_t number(uint32_t i, uint32_t bits)
{
	if (i % 100 < 3)
		return i % 100 == 0   ? -(1 << (bits - 1))
		       : i % 100 == 1 ? (1 << (bits - 1)) - 1
				      : 0;
	return (int32_t)(i * 2654435761u) >> (32 - bits);
}

static uint8_t *make(uint32_t format, uint32_t bits)
{
	uint32_t bytes = formats[format].bytes;
	uint8_t *data = malloc((size_t)FRAMES * CHANNELS * bytes);

	for (uint32_t i = 0; i < FRAMES * CHANNELS; i++)
		put(format, data + (size_t)i * bytes, number(i, bits), bits);
	return data;
}

static bool holds(uint32_t format, uint32_t bits)
{
	/* 24 of them go through a float. */
	return formats[format].bits >= bits && bits <= 24 && formats[format].high > 0;
}

static void assert_exact(uint32_t from, uint32_t to, uint32_t bits, uint32_t seed)
{
	uint8_t *pushed = make(from, bits), *wanted = make(to, bits);
	struct rig_source *s;
	struct lathe l;

	lathe_init(&l, to, CHANNELS, FRAMES);
	l.seed = seed;
	s = lathe_add(&l, 0, from, CHANNELS, FRAMES);
	lathe_push(&l, s, pushed, FRAMES);
	lathe_play(&l, FRAMES);

	if (memcmp(lathe_heard(&l, 0), wanted,
		   (size_t)FRAMES * CHANNELS * formats[to].bytes) != 0)
		ck_abort_msg("%u bits of %s are not the same in %s", bits,
			     formats[from].name, formats[to].name);
	if (seed)
		ck_assert_uint_gt(atomic_load(&l.rig.player.counts.given_back), FRAMES);
	ck_assert_uint_eq(atomic_load(&l.rig.player.counts.clipped), 0);
	lathe_done(&l);
	free(pushed);
	free(wanted);
}

/* _i: the format of the source. */
START_TEST(each_format_comes_out_bit_for_bit_on_every_device_that_can_hold_it)
{
	static const uint32_t widths[] = {16, 24};

	for (int i = 0; i < 2; i++)
		for (uint32_t to = 0; to < NUM_FORMATS; to++)
			if (holds((uint32_t)_i, widths[i]) && holds(to, widths[i])) {
				bool declared = formats[_i].bits <= formats[to].bits;

				/* 16 bits in a wider format are not known to be 16. */
				if (!declared && formats[to].bits <= DITHER_BITS)
					continue;
				assert_exact((uint32_t)_i, to, widths[i], 0);
				assert_exact((uint32_t)_i, to, widths[i], SEED);
			}
}
END_TEST

/* What no device has: 8 bits, and those that G.711 makes 13 and 14 of. */
START_TEST(bytes_come_out_bit_for_bit_on_16_bits)
{
	static const uint32_t from[] = {FORMAT_U8, FORMAT_ALAW, FORMAT_MULAW};
	static uint8_t pushed[FRAMES * CHANNELS];
	static float wanted[FRAMES * CHANNELS];
	const int16_t *heard;
	struct rig_source *s;
	struct lathe l;

	for (uint32_t i = 0; i < sizeof(pushed); i++)
		pushed[i] = (uint8_t)(i * 7 + i / 256);
	lathe_init(&l, FORMAT_S16, CHANNELS, FRAMES);
	l.seed = SEED;
	s = lathe_add(&l, 0, from[_i], CHANNELS, FRAMES);
	lathe_push(&l, s, pushed, FRAMES);
	lathe_play(&l, FRAMES);

	loops_best()->format->of[from[_i]].to_float(wanted, pushed, sizeof(pushed));
	heard = lathe_heard(&l, 0);
	for (uint32_t i = 0; i < sizeof(pushed); i++)
		if (heard[i] != (int)(wanted[i] * 32768.0f))
			ck_abort_msg("sample %u is %d", i, heard[i]);
	lathe_done(&l);
}
END_TEST

START_TEST(one_channel_comes_out_bit_for_bit_on_both)
{
	static int16_t pushed[FRAMES];
	const int16_t *heard;
	struct rig_source *s;
	struct lathe l;

	for (uint32_t i = 0; i < FRAMES; i++)
		pushed[i] = (int16_t)number(i, 16);
	lathe_init(&l, FORMAT_S16, CHANNELS, FRAMES);
	l.seed = SEED;
	s = lathe_add(&l, 0, FORMAT_S16, 1, FRAMES);
	lathe_push(&l, s, pushed, FRAMES);
	lathe_play(&l, FRAMES);

	heard = lathe_heard(&l, 0);
	for (uint32_t i = 0; i < FRAMES; i++)
		if (heard[2 * i] != pushed[i] || heard[2 * i + 1] != pushed[i])
			ck_abort_msg("frame %u is %d", i, heard[2 * i]);
	lathe_done(&l);
}
END_TEST

/* Each channel where the device has it, and nothing on the others. */
START_TEST(two_channels_come_out_bit_for_bit_among_four)
{
	static int16_t pushed[FRAMES][CHANNELS];
	const int16_t *heard;
	struct rig_source *s;
	struct lathe l;

	for (uint32_t i = 0; i < FRAMES; i++)
		for (uint32_t c = 0; c < CHANNELS; c++)
			pushed[i][c] = (int16_t)number(CHANNELS * i + c, 16);
	lathe_init(&l, FORMAT_S16, 4, FRAMES);
	l.null.sink.layout = layout_default(4);
	l.seed = SEED;
	s = lathe_add(&l, 0, FORMAT_S16, CHANNELS, FRAMES);
	lathe_push(&l, s, pushed, FRAMES);
	lathe_play(&l, FRAMES);

	heard = lathe_heard(&l, 0);
	for (uint32_t i = 0; i < FRAMES; i++)
		if (memcmp(heard + 4 * i, pushed[i], sizeof(pushed[i])) != 0 ||
		    heard[4 * i + 2] != 0 || heard[4 * i + 3] != 0)
			ck_abort_msg("frame %u is not the same", i);
	lathe_done(&l);
}
END_TEST

/* _i: the source is; or all of the output. */
START_TEST(what_is_muted_is_silent_however_loud_it_would_be)
{
	static float pushed[FRAMES];
	struct queue_shape shape = {
		.rate = LATHE_RATE / 2, .channels = 1, .format = FORMAT_F32, FRAMES};
	struct gain loudest = {.factor = 16.0f}, muted = {.muted = true};
	struct taps_set set = {0};
	const struct taps *taps;
	const int16_t *heard;
	struct rig_source *s;
	struct lathe l;

	for (uint32_t i = 0; i < FRAMES; i++)
		pushed[i] = i % 5 < 3 ? FLT_MAX : -FLT_MAX;
	ck_assert_int_eq(taps_get(&set, shape.rate, LATHE_RATE, &taps), 0);
	shape.lookback = taps->half;
	lathe_init(&l, FORMAT_S16, CHANNELS, FRAMES);
	s = rig_add_shaped(&l.rig, 0, &shape, taps);
	queue_set_gain(&s->queue, _i ? loudest : muted);
	player_set_gain(&l.rig.player, _i ? muted : loudest);
	player_ask(&l.rig.player);
	lathe_push(&l, s, pushed, FRAMES);
	lathe_play(&l, FRAMES);

	heard = lathe_heard(&l, 0);
	for (uint32_t i = 0; i < FRAMES * CHANNELS; i++)
		ck_assert_int_eq(heard[i], 0);
	lathe_done(&l);
	taps_unref(taps);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("exact");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(
		t, each_format_comes_out_bit_for_bit_on_every_device_that_can_hold_it, 0,
		NUM_FORMATS);
	tcase_add_loop_test(t, bytes_come_out_bit_for_bit_on_16_bits, 0, 3);
	tcase_add_test(t, one_channel_comes_out_bit_for_bit_on_both);
	tcase_add_test(t, two_channels_come_out_bit_for_bit_among_four);
	tcase_add_loop_test(t, what_is_muted_is_silent_however_loud_it_would_be, 0, 2);
	return suite_run("exact", t);
}
