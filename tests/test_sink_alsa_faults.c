/* SPDX-License-Identifier: MIT */
/*
 * The ALSA sink stops, and is stopped: underruns, drivers in trouble, sleep, a cable that
 * was pulled out.
 */
#include <check.h>
#include <errno.h>
#include <unistd.h>

#include "alsa_bed.h"
#include "suite.h"

/* ---- stops, wanted and not ---------------------------------------------------------- */

START_TEST(a_stop_drops_what_was_not_heard_and_it_can_be_started_again)
{
	struct alsa_bed b;
	struct sink_clock c;

	bed_init(&b, _i, true);
	bed_write(&b, BED_BUFFER);
	bed_start(&b);
	bed_play(&b, 100);

	ck_assert_int_eq(bed_stop(&b), 0);
	ck_assert_int_eq(bed_look(&b, &c), 0);
	ck_assert_uint_eq(c.unheard, 0);
	ck_assert_uint_eq(c.room, BED_BUFFER);
	b.next = 1000;
	bed_write(&b, 200);
	ck_assert_int_eq(bed_start(&b), 0);
	bed_play(&b, 150);

	ck_assert_uint_eq(b.fake.tape_frames, 250);
	bed_assert_heard(&b, 0, 0, 100);
	bed_assert_heard(&b, 100, 1000, 150);
	bed_done(&b);
}
END_TEST

START_TEST(an_underrun_is_told_with_nothing_left_and_a_stop_makes_it_ready)
{
	struct alsa_bed b;
	struct sink_clock c;

	bed_init(&b, _i, true);
	bed_write(&b, 100);
	bed_start(&b);
	bed_play(&b, 200);

	ck_assert_int_eq(bed_look(&b, &c), -EPIPE);
	ck_assert_uint_eq(c.unheard, 0);
	ck_assert_int_eq(bed_write(&b, 10), -EPIPE);
	ck_assert_int_eq(bed_take_back(&b, 10), -EPIPE);

	ck_assert_int_eq(bed_stop(&b), 0);
	ck_assert_int_eq(bed_look(&b, &c), 0);
	ck_assert_int_eq(bed_write(&b, 10), 10);
	ck_assert_int_eq(bed_start(&b), 0);
	bed_done(&b);
}
END_TEST

START_TEST(a_driver_that_stops_by_itself_tells_what_it_had_not_played)
{
	static const snd_pcm_state_t states[] = {
		SND_PCM_STATE_XRUN, SND_PCM_STATE_SUSPENDED, SND_PCM_STATE_SETUP};
	struct alsa_bed b;
	struct sink_clock c;

	bed_init(&b, 0, true);
	bed_write(&b, 400);
	bed_start(&b);
	bed_play(&b, 150);
	fake_pcm_break(&b.fake, states[_i]);

	ck_assert_int_eq(bed_look(&b, &c), -EPIPE);
	ck_assert_uint_eq(c.unheard, 250);
	ck_assert_int_eq(bed_stop(&b), 0);
	ck_assert_int_eq(bed_look(&b, &c), 0);
	ck_assert_uint_eq(c.unheard, 0);
	bed_done(&b);
}
END_TEST

START_TEST(a_plugin_that_tells_an_underrun_has_played_all_whatever_its_pointers_say)
{
	struct alsa_bed b;
	struct sink_clock c;

	bed_init(&b, 0, false);
	bed_write(&b, 400);
	bed_start(&b);
	bed_play(&b, 150);
	fake_pcm_break(&b.fake, SND_PCM_STATE_XRUN);

	ck_assert_int_eq(bed_look(&b, &c), -EPIPE);

	ck_assert_uint_eq(c.unheard, 0);
	bed_done(&b);
}
END_TEST

START_TEST(a_suspended_device_has_stopped_by_itself)
{
	struct alsa_bed b;

	bed_init(&b, _i, true);
	bed_write(&b, 400);
	bed_start(&b);
	fake_pcm_break(&b.fake, SND_PCM_STATE_SUSPENDED);

	ck_assert_int_eq(bed_write(&b, 10), -EPIPE);
	ck_assert_int_eq(bed_take_back(&b, 10), -EPIPE);

	ck_assert_int_eq(bed_stop(&b), 0);
	ck_assert_int_eq(bed_write(&b, 10), 10);
	ck_assert_int_eq(bed_start(&b), 0);
	bed_done(&b);
}
END_TEST

START_TEST(a_failed_look_that_means_a_stop_is_one)
{
	static const int errors[] = {-EPIPE, -ESTRPIPE, -EBADFD};
	struct alsa_bed b;
	struct sink_clock c;

	bed_init(&b, 0, true);
	bed_write(&b, 400);
	bed_start(&b);
	b.fake.fails[FAKE_STATUS] = errors[_i];

	ck_assert_int_eq(bed_look(&b, &c), -EPIPE);

	ck_assert_uint_le(c.unheard, 400); /* by the clock: see test_device_faults */
	ck_assert_uint_le(c.room, BED_BUFFER);
	bed_done(&b);
}
END_TEST

START_TEST(an_unplugged_device_is_gone_though_its_state_says_that_it_runs)
{
	struct alsa_bed b;
	struct sink_clock c;

	bed_init(&b, _i, true);
	bed_write(&b, 400);
	bed_start(&b);
	bed_play(&b, 10);
	fake_pcm_unplug(&b.fake);
	ck_assert_int_eq(snd_pcm_state(b.fake.io.pcm), SND_PCM_STATE_RUNNING);

	ck_assert_int_eq(bed_look(&b, &c), -ENODEV);
	ck_assert_int_eq(bed_write(&b, 10), -ENODEV);
	ck_assert_int_eq(bed_take_back(&b, 10), -ENODEV);
	ck_assert_int_eq(bed_start(&b), -ENODEV);
	ck_assert_int_eq(bed_stop(&b), -ENODEV);
	bed_done(&b);
}
END_TEST

START_TEST(a_device_whose_state_says_that_it_is_gone_is_gone)
{
	struct alsa_bed b;
	struct sink_clock c;

	bed_init(&b, _i, true);
	bed_write(&b, 400);
	bed_start(&b);
	fake_pcm_break(&b.fake, SND_PCM_STATE_DISCONNECTED);

	ck_assert_int_eq(bed_look(&b, &c), -ENODEV);
	ck_assert_int_eq(bed_write(&b, 10), -ENODEV);
	ck_assert_int_eq(bed_take_back(&b, 10), -ENODEV);
	ck_assert_int_eq(bed_stop(&b), -ENODEV);
	bed_done(&b);
}
END_TEST

START_TEST(an_empty_device_does_not_start_and_says_why)
{
	struct alsa_bed b;

	bed_init(&b, 0, true);
	b.fake.fails[FAKE_START] = -EPIPE;

	ck_assert_int_eq(bed_start(&b), -EPIPE);
	bed_done(&b);
}
END_TEST

START_TEST(only_errors_wake_up_who_polls)
{
	struct alsa_bed b;
	struct pollfd fds[4];

	bed_init(&b, 0, true);

	ck_assert_int_eq(b.sink->ops->pollfds(b.sink, fds, 4), 1);
	ck_assert_int_eq(fds[0].events, 0);
	ck_assert_int_eq(poll(fds, 1, 0), 0);

	close(b.fake.io.poll_fd);
	ck_assert_int_eq(poll(fds, 1, 0), 1);
	ck_assert_int_eq(b.sink->ops->pollfds(b.sink, fds, 0), 0);
	bed_done(&b);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("sink_alsa_faults");

	tcase_add_loop_test(t,
			    a_stop_drops_what_was_not_heard_and_it_can_be_started_again,
			    0, BED_KINDS);
	tcase_add_loop_test(
		t, an_underrun_is_told_with_nothing_left_and_a_stop_makes_it_ready, 0,
		BED_KINDS);
	tcase_add_loop_test(t, a_driver_that_stops_by_itself_tells_what_it_had_not_played,
			    0, 3);
	tcase_add_test(
		t,
		a_plugin_that_tells_an_underrun_has_played_all_whatever_its_pointers_say);
	tcase_add_loop_test(t, a_suspended_device_has_stopped_by_itself, 0, BED_KINDS);
	tcase_add_loop_test(t, a_failed_look_that_means_a_stop_is_one, 0, 3);
	tcase_add_loop_test(
		t, an_unplugged_device_is_gone_though_its_state_says_that_it_runs, 0,
		BED_KINDS);
	tcase_add_loop_test(t, a_device_whose_state_says_that_it_is_gone_is_gone, 0,
			    BED_KINDS);
	tcase_add_test(t, an_empty_device_does_not_start_and_says_why);
	tcase_add_test(t, only_errors_wake_up_who_polls);
	return suite_run("sink_alsa_faults", t);
}
