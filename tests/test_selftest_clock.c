/* SPDX-License-Identifier: MIT */
/*
 * What a selftest finds of a card's clock, of wake-ups and buffers. Each fault must be found, and
 * nothing where there is none.
 */
#include <math.h>
#include <string.h>

#include "selftest_bed.h"
#include "suite.h"

/* As far as some seconds can tell. */
static void assert_ppm(double wanted)
{
	const char *at = strstr(bed.said, " Hz: ");

	ck_assert_ptr_nonnull(at);
	ck_assert_double_eq_tol(strtod(at + 5, NULL), wanted, 3);
}

/* ---- nothing is wrong --------------------------------------------------------------- */

START_TEST(a_good_card_has_no_problems)
{
	selftest_bed_run();

	assert_fine();
	assert_said("48000.00 Hz: +0.0 ppm");
	assert_said("it rewinds");
	assert_said("it holds down to 50 us");
	assert_said("steps      none");
	assert_said("smallest that held: 2.0 ms");
	assert_said("rewind_guard_us = 250");
	assert_said("jumps      0; it went back 0 times");
	ck_assert_ptr_null(bed.card.fake.io.pcm);
}
END_TEST

START_TEST(a_quartz_that_is_a_little_off_is_measured_and_is_no_problem)
{
	bed.ppm = -37;

	selftest_bed_run();

	assert_fine();
	assert_ppm(-37);
}
END_TEST

START_TEST(what_lies_behind_the_buffer_is_told_and_is_no_problem)
{
	bed.card.fake.delay = 480;

	selftest_bed_run();

	assert_fine();
	assert_said("behind the buffer lie 10.0 to 10.0 ms");
}
END_TEST

START_TEST(a_pointer_that_moves_by_steps_is_no_problem_and_they_are_told)
{
	bed.granule = 48;

	selftest_bed_run();

	assert_fine();
	assert_said("it moves by 48 frames (1.00 ms) at a time");
}
END_TEST

/* ---- its clock ----------------------------------------------------------------------- */

START_TEST(a_clock_that_is_one_percent_fast_is_found)
{
	bed.ppm = 10000;

	selftest_bed_run();

	assert_problem(
		"off by +10000 ppm: it plays 48480.0 frames in a second, not 48000. "
		"Sound is too fast");
}
END_TEST

START_TEST(a_clock_that_is_one_percent_slow_is_found)
{
	bed.ppm = -10000;

	selftest_bed_run();

	assert_problem("off by -10000 ppm");
	assert_said("too slow");
}
END_TEST

START_TEST(a_delay_that_is_less_than_what_the_buffer_holds_is_found)
{
	bed.card.fake.delay = -2400;

	selftest_bed_run();

	assert_problem(
		"Its delay lies: it says 50.0 ms less than what its buffer holds.");
}
END_TEST

START_TEST(a_delay_that_is_far_too_long_is_found)
{
	bed.card.fake.delay = 48000 * 5;

	selftest_bed_run();

	assert_problem(
		"Its delay lies: it says 5000 ms more than what its buffer holds.");
}
END_TEST

static void jump_once(void)
{
	bed.card.fake.delay = seconds_gone() > 2 ? 480 : 0;
}

START_TEST(a_delay_that_jumps_is_found_and_does_not_bend_the_rate)
{
	bed.each_sleep = jump_once;
	bed.ppm = 50;

	selftest_bed_run();

	assert_problem("Its delay jumps: 1 time, by -10.0 ms at the most.");
	assert_ppm(50);
}
END_TEST

static void go_back_now_and_then(void)
{
	bed.card.fake.delay = fmod(seconds_gone(), 0.1) > 0.09 ? 960 : 0;
}

START_TEST(a_clock_that_goes_back_is_found)
{
	bed.each_sleep = go_back_now_and_then;

	selftest_bed_run();

	assert_problem("Its clock goes back:");
}
END_TEST

/* The delay grows as the buffer empties. */
static void stand_still(void)
{
	double from = 1.5, to = 1.65, now = seconds_gone();

	bed.card.fake.delay =
		now > from && now < to ? (snd_pcm_sframes_t)((now - from) * 48000) : 0;
}

START_TEST(a_clock_that_stands_still_is_found)
{
	bed.each_sleep = stand_still;

	selftest_bed_run();

	assert_problem("Its clock stood still for 1");
}
END_TEST

START_TEST(a_clock_that_moves_by_long_steps_is_told)
{
	bed.granule = 2400;

	selftest_bed_run();

	assert_said("it moves by 2400 frames (50.00 ms) at a time");
	assert_not_said("stood still for 50 ms while");
	assert_said("rewind = no");
}
END_TEST

/* ---- wake-ups and buffers ------------------------------------------------------------- */

START_TEST(wake_ups_that_come_too_late_are_found)
{
	bed.late_every = 90;
	bed.late_ns = 13 * NS_PER_MS;

	selftest_bed_run();

	assert_problem("A wake-up came 13.0 ms late");
}
END_TEST

START_TEST(the_smallest_buffer_is_the_one_that_late_wake_ups_leave)
{
	bed.card.fake.fails[FAKE_REWIND] = -EINVAL;
	bed.late_every = 8;
	bed.late_ns = 6 * NS_PER_MS;

	selftest_bed_run();

	assert_fine();
	assert_said("smallest that held: 15.0 ms");
	assert_said("short_buffer_ms = 45");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("selftest_clock");

	tcase_add_checked_fixture(t, selftest_bed_set_up, selftest_bed_tear_down);
	tcase_add_test(t, a_good_card_has_no_problems);
	tcase_add_test(t, a_quartz_that_is_a_little_off_is_measured_and_is_no_problem);
	tcase_add_test(t, what_lies_behind_the_buffer_is_told_and_is_no_problem);
	tcase_add_test(t, a_pointer_that_moves_by_steps_is_no_problem_and_they_are_told);
	tcase_add_test(t, a_clock_that_is_one_percent_fast_is_found);
	tcase_add_test(t, a_clock_that_is_one_percent_slow_is_found);
	tcase_add_test(t, a_delay_that_is_less_than_what_the_buffer_holds_is_found);
	tcase_add_test(t, a_delay_that_is_far_too_long_is_found);
	tcase_add_test(t, a_delay_that_jumps_is_found_and_does_not_bend_the_rate);
	tcase_add_test(t, a_clock_that_goes_back_is_found);
	tcase_add_test(t, a_clock_that_stands_still_is_found);
	tcase_add_test(t, a_clock_that_moves_by_long_steps_is_told);
	tcase_add_test(t, wake_ups_that_come_too_late_are_found);
	tcase_add_test(t, the_smallest_buffer_is_the_one_that_late_wake_ups_leave);
	return suite_run("selftest_clock", t);
}
