/* SPDX-License-Identifier: MIT */
/*
 * What clears have left in the row of a source's frames.
 */
#include "holes.h"
#include "suite.h"

static struct queue_holes holes;

static void set_up(void)
{
	holes = (struct queue_holes){0};
	holes_add(&holes, 100, 200);
	holes_add(&holes, 300, 350);
}

START_TEST(a_position_is_swallowed_if_the_frame_below_it_was_taken)
{
	ck_assert(!holes_swallow(&holes, 100, 0));
	ck_assert(holes_swallow(&holes, 101, 0));
	ck_assert(holes_swallow(&holes, 200, 0));
	ck_assert(!holes_swallow(&holes, 201, 0));
	ck_assert(holes_swallow(&holes, 350, 0));
}
END_TEST

START_TEST(what_ends_at_or_below_a_position_may_be_left_out)
{
	ck_assert(holes_swallow(&holes, 200, 199));
	ck_assert(!holes_swallow(&holes, 200, 200));
	ck_assert(holes_swallow(&holes, 350, 200));
	ck_assert(!holes_swallow(&holes, 350, 350));
}
END_TEST

START_TEST(the_newest_tells_how_far_they_reach)
{
	static const struct queue_holes none;

	ck_assert(holes_reach(&holes, 0));
	ck_assert(holes_reach(&holes, 350));
	ck_assert(!holes_reach(&holes, 351));
	ck_assert(!holes_reach(&none, 0));
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

START_TEST(an_empty_one_is_none)
{
	holes_add(&holes, 500, 500);

	ck_assert_uint_eq(holes.count, 2);
	ck_assert(!holes_swallow(&holes, 500, 0));
}
END_TEST

START_TEST(there_is_room_for_the_newest)
{
	for (uint64_t i = 0; i < HOLES_MAX; i++)
		holes_add(&holes, 1000 + 10 * i, 1005 + 10 * i);

	ck_assert(!holes_swallow(&holes, 350, 0));
	for (uint64_t i = 0; i < HOLES_MAX; i++)
		ck_assert(holes_swallow(&holes, 1005 + 10 * i, 0));
	ck_assert(holes_are_sane(&holes, 2000));
}
END_TEST

/* ---- after a restart ---------------------------------------------------------------- */

START_TEST(frames_that_nobody_has_told_of_lie_right_below_the_cut)
{
	holes_complete(&holes, 1000, 150 + 70);

	ck_assert(!holes_swallow(&holes, 930, 0));
	ck_assert(holes_swallow(&holes, 931, 0));
	ck_assert(holes_swallow(&holes, 1000, 0));
	ck_assert_uint_eq(holes_frames(&holes, 0, 1000), 1000 - 220);
}
END_TEST

START_TEST(they_lie_around_those_that_were_told_of)
{
	holes_complete(&holes, 400, 150 + 50 + 80); /* [220, 300) and [350, 400) */

	ck_assert(!holes_swallow(&holes, 220, 0));
	for (uint64_t position = 221; position <= 400; position++)
		ck_assert(holes_swallow(&holes, position, 0));
	ck_assert_uint_eq(holes_frames(&holes, 0, 400), 400 - 280);
	ck_assert_uint_eq(holes_frames(&holes, 310, 330), 0);
}
END_TEST

/* Killed again before anything has changed. */
START_TEST(they_are_found_once)
{
	holes_complete(&holes, 400, 150);
	ck_assert_uint_eq(holes.count, 2);

	holes_complete(&holes, 400, 280);
	ck_assert_uint_eq(holes.count, 3);
	holes_complete(&holes, 400, 280);
	ck_assert_uint_eq(holes.count, 3);
}
END_TEST

START_TEST(what_lies_is_not_looked_at_for_ever)
{
	holes_complete(&holes, 400, UINT64_MAX);

	ck_assert(holes_swallow(&holes, 1, 0));
	ck_assert(holes_are_sane(&holes, 400));
}
END_TEST

START_TEST(they_are_sane_in_order_and_below_the_cut)
{
	struct queue_holes h = holes;

	ck_assert(holes_are_sane(&h, 350));
	ck_assert(!holes_are_sane(&h, 349));
	h.list[0].to = 351;
	ck_assert(!holes_are_sane(&h, 400));
	h.list[0].to = 100;
	ck_assert(!holes_are_sane(&h, 400));
	h.count = UINT64_MAX;
	ck_assert(!holes_are_sane(&h, 400));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("holes");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, a_position_is_swallowed_if_the_frame_below_it_was_taken);
	tcase_add_test(tc, what_ends_at_or_below_a_position_may_be_left_out);
	tcase_add_test(tc, the_newest_tells_how_far_they_reach);
	tcase_add_test(tc, frames_between_two_positions_are_those_that_were_not_taken);
	tcase_add_test(tc, an_empty_one_is_none);
	tcase_add_test(tc, there_is_room_for_the_newest);
	tcase_add_test(tc, frames_that_nobody_has_told_of_lie_right_below_the_cut);
	tcase_add_test(tc, they_lie_around_those_that_were_told_of);
	tcase_add_test(tc, they_are_found_once);
	tcase_add_test(tc, what_lies_is_not_looked_at_for_ever);
	tcase_add_test(tc, they_are_sane_in_order_and_below_the_cut);
	return suite_run("holes", tc);
}
