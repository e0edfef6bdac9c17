/* SPDX-License-Identifier: MIT */
/*
 * Pauses and resumes hold the very frame. On a device whose clock the test moves; frames
 * number themselves (see rig.h), so positions are exact.
 */
#include <check.h>
#include <errno.h>
#include <math.h>

#include "rig.h"
#include "suite.h"

enum { BUFFER = 9600, GUARD = 48, IDLE = 4800, LIMIT = 48000 };

static struct rig rig;
static struct rig_source *src;

static void set_up(void)
{
	rig_init(&rig, 2, BUFFER);
	rig.sink.sink.guard = GUARD;
	rig.sink.sink.idle = IDLE;
	src = rig_add(&rig, 0, LIMIT);
	rig_turn(&rig);
	rig_rung(&rig);
}

static void tear_down(void)
{
	rig_done(&rig);
}

START_TEST(a_pause_holds_the_very_frame_and_a_resume_goes_on_with_it)
{
	uint64_t stop = 1000 + GUARD, back;

	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_hold(&rig, src, true, 0);
	rig_turn(&rig);
	ck_assert_uint_eq(atomic_load(&src->queue.player->stopped_at), stop);
	rig_play(&rig, 3000, 480);
	rig_assert_silent(&rig, 0, stop, 4000);
	rig_hold(&rig, src, false, 0);
	rig_turn(&rig);
	back = 4000 + GUARD;
	rig_play(&rig, 2000, 480);

	rig_assert_silent(&rig, 0, 4000, back);
	rig_assert_heard(&rig, 0, back, stop, 1900);
	ck_assert_uint_eq(rig_dropped(src), 0);
}
END_TEST

START_TEST(a_pause_fades_out_and_a_resume_fades_in)
{
	uint64_t stop = 1000 + GUARD + 100, back = 3000 + GUARD;
	float level;

	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_hold(&rig, src, true, 100);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);
	rig_hold(&rig, src, false, 50);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	rig_assert_heard(&rig, 0, 0, 0, stop);
	rig_assert_silent(&rig, 0, stop, back);
	rig_assert_heard(&rig, 0, back, stop, 1000);
	rig_number(&rig, 0, stop - 50, &level);
	ck_assert(fabsf(level - 0.5f) < 1e-6f);
	rig_number(&rig, 0, back + 24, &level);
	ck_assert(fabsf(level - 0.5f) < 1e-6f);
	rig_number(&rig, 0, back + 50, &level);
	ck_assert(level == 1.0f);
}
END_TEST

START_TEST(a_pause_and_a_resume_before_the_next_turn_are_nothing)
{
	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_hold(&rig, src, true, 100);
	rig_hold(&rig, src, false, 100);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	rig_assert_heard(&rig, 0, 0, 0, 3000);
}
END_TEST

START_TEST(a_clear_while_paused_drops_and_the_next_frame_comes_unfaded_after_the_resume)
{
	float level;

	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_hold(&rig, src, true, 100);
	rig_turn(&rig);
	rig_play(&rig, 1000, 480);
	rig_clear(&rig, src, 100);
	rig_turn(&rig);
	ck_assert_uint_eq(rig_played(src), 20000);
	rig_push(&rig, src, 1000);
	rig_play(&rig, 1000, 480);
	rig_hold(&rig, src, false, 100);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	rig_assert_silent(&rig, 0, 1000 + GUARD + 100, 3000 + GUARD);
	rig_assert_heard(&rig, 0, 3000 + GUARD, 20000, 1000);
	rig_number(&rig, 0, 3000 + GUARD, &level);
	ck_assert(level == 1.0f);
	ck_assert_uint_eq(rig_heard(src), 1000 + GUARD + 100 + 1000);
}
END_TEST

START_TEST(a_paused_source_goes_on_taking_frames)
{
	rig_hold(&rig, src, true, 0);
	rig_turn(&rig);

	ck_assert_uint_eq(rig_push(&rig, src, LIMIT + 10), LIMIT);
	rig_turn(&rig);
	ck_assert_uint_eq(rig.sink.starts, 0);
}
END_TEST

START_TEST(a_lost_device_is_a_pause_and_no_frame_is_missing)
{
	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig.sink.error = -ENODEV;
	rig_turn(&rig);
	ck_assert_ptr_eq(player_returned(&rig.player), &rig.sink.sink);
	ck_assert_int_eq(rig.sink.sink.error, -ENODEV);
	ck_assert_uint_eq(rig_heard(src), 1000);
	rig.sink.error = 0;
	rig.sink.running = false;
	rig.sink.written = rig.sink.played;
	player_offer(&rig.player, &rig.sink.sink);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	rig_assert_heard(&rig, 0, 0, 0, 3000);
	ck_assert_uint_eq(rig.player.counts.losses, 1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("player_pause");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_pause_holds_the_very_frame_and_a_resume_goes_on_with_it);
	tcase_add_test(t, a_pause_fades_out_and_a_resume_fades_in);
	tcase_add_test(t, a_pause_and_a_resume_before_the_next_turn_are_nothing);
	tcase_add_test(
		t,
		a_clear_while_paused_drops_and_the_next_frame_comes_unfaded_after_the_resume);
	tcase_add_test(t, a_paused_source_goes_on_taking_frames);
	tcase_add_test(t, a_lost_device_is_a_pause_and_no_frame_is_missing);
	return suite_run("player_pause", t);
}
