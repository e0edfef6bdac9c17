/* SPDX-License-Identifier: MIT */
/*
 * What clears have left in the row of a source's frames.
 */
#include "holes.h"
#include "suite.h"

static struct holes holes;

static void set_up(void)
{
	holes = (struct holes){0};
	holes_add(&holes, 100, 200);
	holes_add(&holes, 300, 350);
}

START_TEST(a_position_is_swallowed_if_the_frame_below_it_was_taken)
{
	ck_assert(!holes_swallow(&holes, 100));
	ck_assert(holes_swallow(&holes, 101));
	ck_assert(holes_swallow(&holes, 200));
	ck_assert(!holes_swallow(&holes, 201));
	ck_assert(holes_swallow(&holes, 350));
}
END_TEST

START_TEST(frames_between_two_positions_are_those_that_were_not_taken)
{
	ck_assert_uint_eq(holes_frames(&holes, 0, 50), 50);
	ck_assert_uint_eq(holes_frames(&holes, 90, 210), 20);
	ck_assert_uint_eq(holes_frames(&holes, 150, 400), 150);
	ck_assert_uint_eq(holes_frames(&holes, 150, 160), 0);
	ck_assert_uint_eq(holes_frames(&holes, 7, 7), 0);
}
END_TEST

START_TEST(what_is_passed_is_forgotten)
{
	holes_pass(&holes, 199);
	ck_assert_uint_eq(holes.count, 2);
	holes_pass(&holes, 200);
	ck_assert_uint_eq(holes.count, 1);
	ck_assert(holes_swallow(&holes, 320));
	holes_pass(&holes, 1000);
	ck_assert_uint_eq(holes.count, 0);
}
END_TEST

START_TEST(holes_that_touch_are_one_and_empty_ones_are_none)
{
	holes_add(&holes, 350, 400);
	holes_add(&holes, 500, 500);

	ck_assert_uint_eq(holes.count, 2);
	ck_assert(holes_swallow(&holes, 400));
	ck_assert(!holes_swallow(&holes, 500));
}
END_TEST

START_TEST(there_is_room_for_the_newest)
{
	for (uint64_t i = 0; i < HOLES_MAX; i++)
		holes_add(&holes, 1000 + 10 * i, 1005 + 10 * i);

	ck_assert_uint_eq(holes.count, HOLES_MAX);
	ck_assert(!holes_swallow(&holes, 350));
	ck_assert(holes_swallow(&holes, 1005 + 10 * (HOLES_MAX - 1)));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("holes");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, a_position_is_swallowed_if_the_frame_below_it_was_taken);
	tcase_add_test(tc, frames_between_two_positions_are_those_that_were_not_taken);
	tcase_add_test(tc, what_is_passed_is_forgotten);
	tcase_add_test(tc, holes_that_touch_are_one_and_empty_ones_are_none);
	tcase_add_test(tc, there_is_room_for_the_newest);
	return suite_run("holes", tc);
}
