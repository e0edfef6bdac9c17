/* SPDX-License-Identifier: MIT */
/*
 * How a run of frames sounds: levels and channels.
 */
#include <check.h>
#include <math.h>

#include "rt/mix.h"
#include "suite.h"

enum { FRAMES = 100 };

static const struct ramp flat = {.from = 1.0f, .to = 1.0f};
static float block[MIX_FRAMES * MIX_CHANNELS], frames[MIX_FRAMES * MIX_CHANNELS];
static _Alignas(64) float ring[FRAMES * MIX_CHANNELS];

/* Frame i of the ring has i + c / 100 in channel c. */
static struct queue queue_of(uint32_t channels)
{
	struct queue q = {
		.shape = {.rate = 48000, .channels = channels, .format = FORMAT_F32},
		.frame_bytes = channels * 4,
		.ring_bytes = (uint64_t)FRAMES * channels * 4,
		.ring = (uint8_t *)ring,
	};

	for (uint32_t i = 0; i < FRAMES; i++)
		for (uint32_t c = 0; c < channels; c++)
			ring[i * channels + c] = (float)i + (float)c / 100;
	for (uint32_t i = 0; i < MIX_FRAMES * MIX_CHANNELS; i++)
		block[i] = 1000.0f;
	return q;
}

static void mix(const struct queue *q, uint32_t device, uint32_t at, const struct span *s,
		const struct ramp *fade, const struct ramp *gain)
{
	struct mix m = {.loops = loops_best(),
			.channels = device,
			.block = block,
			.frames = frames};
	struct channels unnamed = {0};
	struct layout layout = layout_default(device);
	struct channel_map map;
	struct sound sound = {.queue = q, .map = &map, .fade = fade, .gain = gain};

	channel_map_make(&map, &unnamed, q->shape.channels, &layout, device);
	mix_add(&m, at, &sound, s);
}

START_TEST(the_same_channels_are_added_one_by_one)
{
	struct queue q = queue_of(3);
	struct span s = {.src = {.src = 20}, .dev = 500, .len = 10};

	mix(&q, 3, 5, &s, &flat, &flat);

	ck_assert(block[5 * 3 - 1] == 1000.0f);
	for (uint32_t i = 0; i < 10; i++)
		for (uint32_t c = 0; c < 3; c++)
			ck_assert(block[(5 + i) * 3 + c] ==
				  1000.0f + ((float)(20 + i) + (float)c / 100));
	ck_assert(block[15 * 3] == 1000.0f);
}
END_TEST

START_TEST(mono_goes_to_every_channel)
{
	struct queue q = queue_of(1);
	struct span s = {.src = {.src = 20}, .len = 10};

	for (uint32_t channels = 2; channels <= 8; channels++) {
		q = queue_of(1);
		mix(&q, channels, 0, &s, &flat, &flat);
		for (uint32_t i = 0; i < 10 * channels; i++)
			ck_assert(block[i] == 1000.0f + (float)(20 + i / channels));
		ck_assert(block[10 * channels] == 1000.0f);
	}
}
END_TEST

START_TEST(stereo_on_a_mono_device_is_its_mean)
{
	struct queue q = queue_of(2);
	struct span s = {.src = {.src = 20}, .len = 10};

	mix(&q, 1, 0, &s, &flat, &flat);

	for (uint32_t i = 0; i < 10; i++)
		ck_assert(fabsf(block[i] - (1000.0f + (float)(20 + i) + 0.005f)) < 1e-3f);
}
END_TEST

START_TEST(fades_go_by_source_frames_and_gains_by_device_frames)
{
	struct queue q = queue_of(1);
	struct span s = {.src = {.src = 20}, .dev = 500, .len = 10};
	struct ramp fade = {.start = 20, .len = 10, .from = 1.0f, .to = 0.0f};
	struct ramp gain = {.start = 505, .len = 0, .from = 1.0f, .to = 2.0f};

	mix(&q, 1, 0, &s, &fade, &gain);

	for (uint32_t i = 0; i < 10; i++) {
		float want =
			(float)(20 + i) * (1.0f - (float)i / 10) * (i < 5 ? 1.0f : 2.0f);

		ck_assert(fabsf(block[i] - 1000.0f - want) < 1e-3f);
	}
}
END_TEST

START_TEST(a_frame_mixed_alone_is_the_same_as_in_a_run)
{
	struct queue q = queue_of(2);
	struct ramp fade = {.start = 10, .len = 77, .from = 0.3f, .to = 0.9f};
	struct ramp gain = {.start = 0, .len = 50, .from = 1.0f, .to = 0.1f};
	struct span all = {.src = {.src = 0}, .dev = 3, .len = FRAMES};
	float together[2 * FRAMES];

	mix(&q, 2, 0, &all, &fade, &gain);
	for (uint32_t i = 0; i < 2 * FRAMES; i++)
		together[i] = block[i];
	q = queue_of(2);
	for (uint32_t i = 0; i < FRAMES; i++) {
		struct span one = {.src = {.src = i}, .dev = 3 + i, .len = 1};

		mix(&q, 2, i, &one, &fade, &gain);
	}

	ck_assert_mem_eq(block, together, sizeof(together));
}
END_TEST

START_TEST(a_ramp_starts_and_ends_where_it_says)
{
	struct ramp r = {.start = 100, .len = 10, .from = 0.0f, .to = 1.0f};

	ck_assert(ramp_at(&r, 0) == 0.0f && ramp_at(&r, 100) == 0.0f);
	ck_assert(ramp_at(&r, 105) == 0.5f);
	ck_assert(ramp_at(&r, 110) == 1.0f && ramp_at(&r, 1000) == 1.0f);
	ck_assert(ramp_is_flat(&r, 90, 10) && !ramp_is_flat(&r, 91, 10));
	ck_assert(ramp_is_flat(&r, 110, 10) && !ramp_is_flat(&r, 109, 10));
}
END_TEST

START_TEST(up_and_down_a_ramp_of_equal_power_keeps_the_power)
{
	struct ramp down = {
		.len = 100, .curve = CURVE_EQUAL_POWER, .from = 1.0f, .to = 0.0f};
	struct ramp up = {
		.len = 100, .curve = CURVE_EQUAL_POWER, .from = 0.0f, .to = 1.0f};

	for (uint64_t i = 0; i <= 100; i++) {
		float d = ramp_at(&down, i), u = ramp_at(&up, i);

		ck_assert(fabsf(d * d + u * u - 1.0f) < 1e-6f);
	}
	ck_assert(fabsf(ramp_at(&up, 0)) < 1e-6f && ramp_at(&down, 0) == 1.0f);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("mix");

	tcase_add_test(t, the_same_channels_are_added_one_by_one);
	tcase_add_test(t, mono_goes_to_every_channel);
	tcase_add_test(t, stereo_on_a_mono_device_is_its_mean);
	tcase_add_test(t, fades_go_by_source_frames_and_gains_by_device_frames);
	tcase_add_test(t, a_frame_mixed_alone_is_the_same_as_in_a_run);
	tcase_add_test(t, a_ramp_starts_and_ends_where_it_says);
	tcase_add_test(t, up_and_down_a_ramp_of_equal_power_keeps_the_power);
	return suite_run("mix", t);
}
