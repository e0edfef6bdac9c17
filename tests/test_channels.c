/* SPDX-License-Identifier: MIT */
/*
 * Which channel goes where, and how loud.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "layout.h"
#include "suite.h"

#define HALF 0.70710678f

static struct channel_map map;
static struct channels from;
static char error[160];

static struct layout layout_of(const char *text, uint32_t *ret_count)
{
	struct layout l;

	for (*ret_count = 1; *ret_count <= CHANNELS_MAX; (*ret_count)++)
		if (layout_read(text, *ret_count, &l, error, sizeof(error)) == 0)
			return l;
	ck_abort_msg("%s: %s", text, error);
}

static void make(const char *source, const char *device)
{
	uint32_t in, out;
	struct layout to = layout_of(device, &out);

	from = (struct channels){.layout = layout_of(source, &in)};
	channel_map_make(&map, &from, in, &to, out);
}

/* A row for each of the device's channels. */
static void assert_levels(const float *want)
{
	for (uint32_t o = 0; o < map.out; o++)
		for (uint32_t i = 0; i < map.in; i++, want++)
			ck_assert_msg(
				fabsf(channel_map_level(&map, o, i) - *want) < 1e-6f,
				"out %u in %u: %f, not %f", o, i,
				(double)channel_map_level(&map, o, i), (double)*want);
}

#define assert_map(source, device, ...)                                                  \
	do {                                                                             \
		make(source, device);                                                    \
		assert_levels((const float[]){__VA_ARGS__});                             \
	} while (0)

/* ---- by names -------------------------------------------------------------------- */

START_TEST(equal_layouts_are_one_to_one)
{
	static const char *const layouts[] = {"mono", "stereo", "2.1", "3.0", "quad",
					      "5.0",  "5.1",    "6.1", "7.1"};

	make(layouts[_i], layouts[_i]);

	ck_assert_int_eq(map.kind, MAP_SAME);
}
END_TEST

START_TEST(another_order_of_the_same_channels_is_put_right)
{
	assert_map("FL FR FC LFE RL RR", "5.1", 1, 0, 0, 0, 0, 0, /* FL */
		   0, 1, 0, 0, 0, 0,                              /* FR */
		   0, 0, 0, 0, 1, 0,                              /* RL */
		   0, 0, 0, 0, 0, 1,                              /* RR */
		   0, 0, 1, 0, 0, 0,                              /* FC */
		   0, 0, 0, 1, 0, 0 /* LFE */);
	ck_assert_int_eq(map.kind, MAP_ROUTES);
}
END_TEST

START_TEST(mono_goes_to_all_that_can_be_heard)
{
	make("mono", "7.1");
	ck_assert_int_eq(map.kind, MAP_SPREAD);
	assert_map("mono", "FL NA FR", 1, 0, 1);
	ck_assert_int_eq(map.kind, MAP_ROUTES);
}
END_TEST

START_TEST(stereo_leaves_the_other_channels_silent)
{
	assert_map("stereo", "5.1", 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
}
END_TEST

START_TEST(stereo_on_one_channel_is_its_mean)
{
	assert_map("stereo", "mono", 0.5f, 0.5f);
	assert_map("stereo", "FC", 0.5f, 0.5f);
}
END_TEST

START_TEST(five_channels_come_to_two_by_bs_775)
{
	assert_map("5.1", "stereo", 1, 0, HALF, 0, HALF, 0, /* left */
		   0, 1, 0, HALF, HALF, 0 /* right; the low-frequency channel to none */);
	assert_map("FL FR FC SL SR", "stereo", 1, 0, HALF, HALF, 0, 0, 1, HALF, 0, HALF);
}
END_TEST

START_TEST(five_channels_on_one_are_the_mean_of_the_two)
{
	assert_map("5.1", "mono", 0.5f, 0.5f, HALF / 2, HALF / 2, HALF, 0);
}
END_TEST

START_TEST(a_surround_in_the_middle_comes_to_two_at_half)
{
	assert_map("FL FR FC RC", "stereo", 1, 0, HALF, 0.5f, 0, 1, HALF, 0.5f);
	assert_map("FL FR RC", "quad", 1, 0, 0, 0, 1, 0, 0, 0, HALF, 0, 0, HALF);
}
END_TEST

START_TEST(seven_channels_on_five_share_the_rear_at_half_the_power_each)
{
	make("7.1", "5.1");

	ck_assert_float_eq_tol(channel_map_level(&map, 2, 2), 1.0f, 1e-6f);
	ck_assert_float_eq_tol(channel_map_level(&map, 2, 6), HALF, 1e-6f);
	ck_assert_float_eq_tol(channel_map_level(&map, 3, 7), HALF, 1e-6f);
}
END_TEST

START_TEST(side_and_rear_stand_for_each_other)
{
	assert_map("FL FR SL SR", "quad", 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
	ck_assert_int_eq(map.kind, MAP_SAME);
}
END_TEST

/* But for the low-frequency one: it is what the table says. */
START_TEST(every_channel_is_heard_on_every_usual_device)
{
	static const char *const devices[] = {"mono", "stereo", "2.1", "3.0", "quad",
					      "5.0",  "5.1",    "6.1", "7.1"};
	static const char all[] = "FL FR RL RR FC LFE SL SR RC FLC FRC RLC RRC";

	make(all, devices[_i]);

	for (uint32_t i = 0; i < map.in; i++) {
		float sum = 0;

		for (uint32_t o = 0; o < map.out; o++)
			sum += channel_map_level(&map, o, i);
		ck_assert_msg(sum > 0.3f || from.layout.at[i] == CHANNEL_LFE,
			      "channel %u", i);
	}
}
END_TEST

START_TEST(channels_without_names_go_to_their_places)
{
	struct layout to = layout_default(12);

	from = (struct channels){0};
	channel_map_make(&map, &from, 12, &to, 12);
	ck_assert_int_eq(map.kind, MAP_SAME);
	from.layout = layout_default(2);
	channel_map_make(&map, &from, 2, &to, 12);
	for (uint32_t o = 0; o < 12; o++)
		for (uint32_t i = 0; i < 2; i++)
			ck_assert(channel_map_level(&map, o, i) ==
				  (o == i ? 1.0f : 0.0f));
}
END_TEST

/* ---- a matrix of the source's own -------------------------------------------------- */

START_TEST(a_matrix_is_taken_as_it_is)
{
	struct layout to = layout_default(3);
	static const float own[] = {0.1f, 0.2f, 0.3f, 0.4f, -0.5f, 0.6f};

	from = (struct channels){.outputs = 3};
	memcpy(from.matrix, own, sizeof(own));
	channel_map_make(&map, &from, 2, &to, 3);

	assert_levels(own);
}
END_TEST

START_TEST(a_matrix_for_another_device_counts_as_none)
{
	struct layout to = layout_default(2);

	from = (struct channels){.layout = layout_default(2), .outputs = 3};
	channel_map_make(&map, &from, 2, &to, 2);

	ck_assert_int_eq(map.kind, MAP_SAME);
}
END_TEST

START_TEST(a_map_is_for_one_layout)
{
	struct layout to = layout_default(2), other = {{CHANNEL_FR, CHANNEL_FL}};

	from = (struct channels){.layout = to};
	memset(&map, 0, sizeof(map));
	ck_assert(!channel_map_fits(&map, &to, 2));
	channel_map_make(&map, &from, 2, &to, 2);

	ck_assert(channel_map_fits(&map, &to, 2));
	ck_assert(!channel_map_fits(&map, &other, 2));
	ck_assert(!channel_map_fits(&map, &to, 3));
}
END_TEST

/* ---- names ------------------------------------------------------------------------- */

START_TEST(what_is_written_is_read_again)
{
	char text[LAYOUT_TEXT];
	struct layout l = layout_default(8), again;

	ck_assert_str_eq(layout_write(&l, 8, text), "FL FR RL RR FC LFE SL SR");
	ck_assert_int_eq(layout_read(text, 8, &again, error, sizeof(error)), 0);
	ck_assert_mem_eq(&l, &again, sizeof(l));
	ck_assert_int_eq(layout_read("7.1", 8, &again, error, sizeof(error)), 0);
	ck_assert_mem_eq(&l, &again, sizeof(l));
	ck_assert_int_eq(layout_read(" FL,FR , RL RR FC LFE SL SR", 8, &again, error,
				     sizeof(error)),
			 0);
	ck_assert_mem_eq(&l, &again, sizeof(l));
}
END_TEST

START_TEST(wrong_names_are_refused_with_the_reason)
{
	static const struct {
		const char *text, *reason;
		uint32_t count;
	} cases[] = {
		{"FL FX", "'FX' is no channel", 2},
		{"fl fr", "'fl' is no channel", 2},
		{"8.2",
		 "'8.2' is no layout; there are mono, stereo, 2.1, 3.0, quad, 5.0, 5.1, "
		 "6.1 and 7.1, or names of channels",
		 10},
		{"FL\nFR", "'FL\\x0aFR' is no layout", 2},
		{"FL FR", "it names 2 channels, not 3", 3},
		{"5.1", "it names 6 channels, not 2", 2},
		{"", "it names 0 channels, not 2", 2},
		{"FL FL", "there are two channels called FL", 2},
		{"FL MONO", "MONO is the name of an only channel", 2},
	};
	struct layout l;
	char many[400] = "";

	ck_assert_int_lt(
		layout_read(cases[_i].text, cases[_i].count, &l, error, sizeof(error)),
		0);
	ck_assert_msg(strstr(error, cases[_i].reason) == error, "%s", error);
	for (int i = 0; i < 100; i++)
		strcat(many, "NA ");
	ck_assert_int_lt(layout_read(many, 32, &l, error, sizeof(error)), 0);
	ck_assert_str_eq(error, "it names more than 32 channels, not 32");
}
END_TEST

START_TEST(what_has_no_name_needs_its_place)
{
	struct layout l = layout_default(10);
	uint32_t lost;

	ck_assert(layout_is_playable(&l, 10, 10, &lost));
	ck_assert(layout_is_playable(&l, 8, 2, &lost));
	ck_assert(!layout_is_playable(&l, 10, 9, &lost));
	ck_assert_uint_eq(lost, 9);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("channels");

	tcase_add_loop_test(t, equal_layouts_are_one_to_one, 0, 9);
	tcase_add_test(t, another_order_of_the_same_channels_is_put_right);
	tcase_add_test(t, mono_goes_to_all_that_can_be_heard);
	tcase_add_test(t, stereo_leaves_the_other_channels_silent);
	tcase_add_test(t, stereo_on_one_channel_is_its_mean);
	tcase_add_test(t, five_channels_come_to_two_by_bs_775);
	tcase_add_test(t, five_channels_on_one_are_the_mean_of_the_two);
	tcase_add_test(t, a_surround_in_the_middle_comes_to_two_at_half);
	tcase_add_test(t, seven_channels_on_five_share_the_rear_at_half_the_power_each);
	tcase_add_test(t, side_and_rear_stand_for_each_other);
	tcase_add_loop_test(t, every_channel_is_heard_on_every_usual_device, 0, 9);
	tcase_add_test(t, channels_without_names_go_to_their_places);
	tcase_add_test(t, a_matrix_is_taken_as_it_is);
	tcase_add_test(t, a_matrix_for_another_device_counts_as_none);
	tcase_add_test(t, a_map_is_for_one_layout);
	tcase_add_test(t, what_is_written_is_read_again);
	tcase_add_loop_test(t, wrong_names_are_refused_with_the_reason, 0, 9);
	tcase_add_test(t, what_has_no_name_needs_its_place);
	return suite_run("channels", t);
}
