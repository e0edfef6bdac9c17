/* SPDX-License-Identifier: MIT */
/*
 * Clears, pauses and gains that come in the middle of one another, or when the device goes. On a
 * device whose clock the test moves; frames number themselves (see rig.h), so that each step of
 * the level is seen.
 */
#include <check.h>
#include <errno.h>
#include <math.h>

#include "rig.h"
#include "suite.h"

enum { BUFFER = 9600, GUARD = 48, IDLE = 4800, LIMIT = 48000, FADE = 480, LAST = 5000 };

static struct rig rig;
static struct rig_source *src;

static void set_up(void)
{
	rig_init(&rig, 1, BUFFER);
	rig.sink.sink.guard = GUARD;
	rig.sink.sink.idle = IDLE;
	src = rig_add(&rig, 0, LIMIT);
	rig_turn(&rig);
}

static void tear_down(void)
{
	rig_done(&rig);
}

/* The source has played 1000 frames and goes on. */
static void play_a_thousand(void)
{
	rig_push(&rig, src, 40000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
}

/* A pause or a resume with a fade; then a tenth of the fade passes. */
static void hold_for_a_moment(bool held)
{
	rig_hold(&rig, src, held, FADE);
	rig_turn(&rig);
	rig_play(&rig, FADE / 10, FADE / 10);
}

static float level_at(uint64_t at)
{
	float level;

	rig_number(&rig, 0, at, &level);
	return level;
}

/* The biggest difference of level between two frames of the tape, side by side. */
static float biggest_step(void)
{
	float most = 0;

	for (uint64_t i = 1; i < rig.sink.taped; i++)
		most = fmaxf(most, fabsf(level_at(i) - level_at(i - 1)));
	return most;
}

static float lowest_level(void)
{
	float least = 1;

	for (uint64_t i = 0; i < rig.sink.taped; i++)
		least = fminf(least, level_at(i));
	return least;
}

static uint64_t sounding_frames(void)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < rig.sink.taped; i++)
		n += level_at(i) > 0;
	return n;
}

static void lose_the_device(void)
{
	rig.sink.error = -ENODEV;
	rig_turn(&rig);
	ck_assert_ptr_eq(player_returned(&rig.player), &rig.sink.sink);
}

static void give_it_back(void)
{
	rig.sink.error = 0;
	rig.sink.running = false;
	rig.sink.written = rig.sink.played;
	player_offer(&rig.player, &rig.sink.sink);
	rig_turn(&rig);
}

/* ---- pauses ------------------------------------------------------------------------- */

START_TEST(a_resume_in_the_fade_of_a_pause_turns_round_where_it_is)
{
	float lowest = 1 - (float)(FADE / 10) / FADE;

	play_a_thousand();

	hold_for_a_moment(true);
	hold_for_a_moment(false);
	rig_play(&rig, 3000, 480);

	rig_assert_heard(&rig, 0, 0, 0, 4000);
	ck_assert(fabsf(lowest_level() - lowest) < 1e-3f);
	ck_assert(biggest_step() < 1.1f / FADE);
	ck_assert(level_at(1000 + GUARD + 2 * FADE) == 1.0f);
}
END_TEST

START_TEST(pauses_and_resumes_inside_one_fade_do_not_click)
{
	play_a_thousand();

	hold_for_a_moment(true);
	hold_for_a_moment(false);
	hold_for_a_moment(true);
	hold_for_a_moment(false);
	rig_play(&rig, 3000, 480);

	rig_assert_heard(&rig, 0, 0, 0, 4000);
	ck_assert(biggest_step() < 1.1f / FADE);
	ck_assert(level_at(3500) == 1.0f);
}
END_TEST

START_TEST(a_second_pause_in_the_fade_of_the_first_fades_out_and_back_in)
{
	uint64_t stop;

	play_a_thousand();

	hold_for_a_moment(true);
	hold_for_a_moment(false);
	hold_for_a_moment(true);
	rig_play(&rig, 2000, 48);
	stop = rig_played(src);
	ck_assert(level_at(rig.sink.taped - 1) == 0.0f);
	rig_hold(&rig, src, false, FADE);
	rig_turn(&rig);
	rig_play(&rig, 3000, 480);

	rig_assert_heard(&rig, 0, 0, 0, stop - 1);
	ck_assert(biggest_step() < 1.1f / FADE);
	ck_assert(level_at(rig.sink.taped - 1) == 1.0f);
}
END_TEST

/* ---- clears ------------------------------------------------------------------------- */

START_TEST(a_clear_without_a_fade_cuts_the_fade_of_a_pause_short)
{
	uint64_t silent = 1100 + GUARD;

	play_a_thousand();
	rig_hold(&rig, src, true, 12000);
	rig_turn(&rig);
	rig_play(&rig, 100, 100);

	rig_clear(&rig, src, 0);
	rig_turn(&rig);
	rig_play(&rig, 4000, 480);
	rig_assert_heard(&rig, 0, 0, 0, silent);
	rig_assert_silent(&rig, 0, silent, rig.sink.taped);
	rig_push(&rig, src, 1000);
	rig_hold(&rig, src, false, 0);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	rig_assert_silent(&rig, 0, silent, 5100 + GUARD);
	rig_assert_heard(&rig, 0, 5100 + GUARD, 40000, 1000);
	ck_assert(level_at(5100 + GUARD) == 1.0f);
	ck_assert_uint_eq(rig_heard(src), silent + 1000);
	ck_assert_uint_eq(rig_dropped(src), 40000 - silent);
}
END_TEST

/* There is nothing behind the fade. The clear comes as it is, or with a fade that is longer than
 * what is left; and the resume comes in what would have been the rest. */
START_TEST(a_clear_in_a_pauses_fade_over_all_there_is_takes_the_rest)
{
	uint64_t begins = LAST - FADE / 2 + GUARD, stop = _i ? LAST : begins + 48;

	rig_push(&rig, src, LAST);
	rig_turn(&rig);
	rig_play(&rig, LAST - FADE / 2, LAST);
	rig_hold(&rig, src, true, FADE);
	rig_turn(&rig);
	rig_play(&rig, 48, 48);

	rig_clear(&rig, src, _i ? FADE : 0);
	rig_turn(&rig);
	rig_hold(&rig, src, false, 0);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	ck_assert_uint_eq(rig_cut_from(src), stop);
	ck_assert_uint_eq(rig_dropped(src), LAST - stop);
	rig_assert_heard(&rig, 0, 0, 0, stop);
	rig_assert_silent(&rig, 0, stop, rig.sink.taped);
	for (uint64_t i = begins + 1; i < stop; i++)
		ck_assert(level_at(i) < level_at(i - 1));
}
END_TEST

START_TEST(a_clear_in_a_pauses_fade_with_no_device_drops_at_once)
{
	play_a_thousand();
	rig_hold(&rig, src, true, 12000);
	rig_turn(&rig);
	rig_play(&rig, 100, 100);
	lose_the_device();

	rig_push(&rig, src, 1000);
	rig_clear(&rig, src, 12000);
	rig_turn(&rig);

	ck_assert_uint_eq(queue_room(&src->queue), LIMIT);
	ck_assert_uint_eq(rig_heard(src), 1100);
	ck_assert_uint_eq(rig_dropped(src), rig_written(src) - 1100);
}
END_TEST

/* Each clear leaves ten frames, and ten of silence behind them, in a device that gives nothing
 * back: the breaks of more than VOICE_BREAKS do not all fit. */
static void clear_again_and_again(int times)
{
	rig.sink.sink.rewinds = false;
	rig.sink.most_written = 10;
	for (int i = 0; i < times; i++) {
		rig_push(&rig, src, 200);
		rig_turn(&rig);
		rig_clear(&rig, src, 0);
		rig_turn(&rig);
	}
	rig.sink.most_written = UINT32_MAX;
}

/* A clear whose fade takes all that there still is, and drops nothing; a part of it passes. */
static void clear_the_last_frames(void)
{
	rig_push(&rig, src, LAST);
	rig_turn(&rig);
	rig_play(&rig, LAST - FADE / 2, LAST);
	rig_clear(&rig, src, FADE);
	rig_turn(&rig);
	ck_assert_uint_eq(rig_dropped(src), 0);
	rig_play(&rig, 48, 48);
}

/* They were told to be heard. */
static void assert_last_frames_faded(void)
{
	uint64_t begins = LAST - FADE / 2 + GUARD;

	rig_assert_heard(&rig, 0, 0, 0, LAST);
	ck_assert(biggest_step() < 1.1f / (float)(LAST - begins));
	for (uint64_t i = begins + 1; i < LAST; i++)
		ck_assert(level_at(i) < level_at(i - 1));
}

START_TEST(a_clear_in_the_fade_of_one_that_takes_nothing_lets_it_end)
{
	clear_the_last_frames();

	rig_push(&rig, src, 1000);
	rig_clear(&rig, src, 0);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	assert_last_frames_faded();
	ck_assert_uint_eq(rig_dropped(src), 1000);
	ck_assert_uint_eq(rig_cut_from(src), LAST);
}
END_TEST

START_TEST(a_pause_and_a_resume_in_the_fade_of_a_clear_change_nothing)
{
	clear_the_last_frames();

	rig_hold(&rig, src, true, FADE);
	rig_turn(&rig);
	rig_hold(&rig, src, false, FADE);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	assert_last_frames_faded();
}
END_TEST

START_TEST(what_comes_behind_a_clear_that_was_paused_comes_unfaded)
{
	clear_the_last_frames();
	rig_hold(&rig, src, true, FADE);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	rig_push(&rig, src, 1000);
	rig_hold(&rig, src, false, FADE);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	ck_assert(level_at(LAST - FADE / 2 + 48 + 2000 + GUARD) == 1.0f);
	rig_assert_heard(&rig, 0, LAST - FADE / 2 + 48 + 2000 + GUARD, LAST, 1000);
}
END_TEST

/* The device is lost before or in what the last two left. */
START_TEST(more_clears_than_fit_and_a_loss_keep_the_first_wanted_frame)
{
	uint64_t wanted, begins, lost_at, from, number;

	clear_again_and_again(VOICE_BREAKS + 2);
	wanted = rig_written(src);
	begins = rig.player.dev_fed;
	lost_at = begins - (uint64_t)_i;

	rig_push(&rig, src, 5000);
	rig_turn(&rig);
	rig_play(&rig, (uint32_t)(lost_at - rig.sink.played), 1000);
	lose_the_device();
	from = rig.sink.taped;
	give_it_back();
	rig_play(&rig, 6000, 480);

	while ((number = rig_number(&rig, 0, from, &(float){0})) == RIG_SILENCE)
		from++;
	ck_assert_uint_eq(number, wanted);
	rig_assert_heard(&rig, 0, from, wanted, 5000);
	ck_assert(level_at(from) == 1.0f);
	ck_assert_uint_eq(rig_heard(src), sounding_frames());
	ck_assert_uint_eq(rig_heard(src) + rig_dropped(src), rig_written(src));
}
END_TEST

static void clear_what_the_device_has(void)
{
	rig.sink.sink.rewinds = false;
	rig_push(&rig, src, 1000);
	rig_turn(&rig);
	rig_clear(&rig, src, 0);
	rig_turn(&rig);
	ck_assert_uint_eq(rig_dropped(src), 0);
}

START_TEST(silence_behind_a_clear_that_takes_nothing_is_no_gap)
{
	if (_i)
		clear_what_the_device_has();
	else
		clear_the_last_frames();

	rig_play(&rig, 2000, 480);
	rig_push(&rig, src, 1000);
	rig_turn(&rig);
	rig_play(&rig, BUFFER, 480);

	ck_assert_uint_eq(rig_heard(src), rig_written(src));
	ck_assert_uint_eq(atomic_load(&src->queue.player->gaps), 0);
	ck_assert_uint_eq(atomic_load(&src->queue.player->dry), 0);
}
END_TEST

START_TEST(silence_behind_a_clear_is_no_gap_however_many_clears_there_were)
{
	clear_again_and_again(_i);
	rig_play(&rig, 2000, 480);
	rig_push(&rig, src, 1000);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	ck_assert_uint_eq(rig_heard(src), sounding_frames());
	ck_assert_uint_eq(atomic_load(&src->queue.player->gaps), 0);
}
END_TEST

/* ---- gains -------------------------------------------------------------------------- */

static void set_gain(float gain, uint32_t ramp)
{
	queue_set_gain(&src->queue, (struct gain){.factor = gain, .ramp = ramp});
	player_ask(&rig.player);
	rig_turn(&rig);
}

START_TEST(a_gain_that_begins_late_leaves_the_ramp_before_it_alone)
{
	float expected = 1 - 0.5f * (9000 - 1000 - GUARD) / 20000;

	play_a_thousand();
	set_gain(0.5f, 20000);
	rig_play(&rig, 10, 10);
	rig.sink.most_given_back = 0;
	set_gain(1.0f, 20000);
	rig.sink.most_given_back = UINT32_MAX;
	rig_play(&rig, 200, 200);

	player_ask(&rig.player);
	rig_turn(&rig);
	rig_play(&rig, 20000, 480);

	ck_assert(biggest_step() < 1e-4f);
	ck_assert(fabsf(level_at(9000) - expected) < 1e-3f);
}
END_TEST

/* Several gains lie in what the device holds, each on its way when the next one comes; then
 * the device is lost, and what it held is mixed again. */
START_TEST(gains_that_are_mixed_again_go_the_same_way)
{
	enum { STEPS = 6, EACH = 300 };
	float expected[STEPS * EACH];
	uint64_t first;

	rig.sink.sink.rewinds = false;
	rig.sink.sink.buffer = BUFFER;
	rig_push(&rig, src, 40000);
	rig.sink.most_written = EACH;
	rig_turn(&rig);
	for (int i = 0; i < STEPS; i++)
		set_gain(i % 2 ? 0.75f : 0.25f, 2 * EACH);
	first = rig.sink.played;
	ck_assert_uint_eq(rig.sink.written - first, (STEPS + 1) * EACH);
	for (uint64_t i = 0; i < STEPS * EACH; i++)
		expected[i] = rig.sink.buffer[2 * ((first + i) % BUFFER) + 1];

	lose_the_device();
	rig.sink.most_written = UINT32_MAX;
	give_it_back();
	rig_play(&rig, STEPS * EACH, 480);

	for (uint64_t i = 0; i < STEPS * EACH; i++)
		ck_assert_msg(level_at(first + i) == expected[i],
			      "frame %d: %f, and %f when it was mixed first", (int)i,
			      (double)level_at(first + i), (double)expected[i]);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("player_corners");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_resume_in_the_fade_of_a_pause_turns_round_where_it_is);
	tcase_add_test(t, pauses_and_resumes_inside_one_fade_do_not_click);
	tcase_add_test(t, a_second_pause_in_the_fade_of_the_first_fades_out_and_back_in);
	tcase_add_test(t, a_clear_without_a_fade_cuts_the_fade_of_a_pause_short);
	tcase_add_test(t, a_clear_in_a_pauses_fade_with_no_device_drops_at_once);
	tcase_add_loop_test(t, a_clear_in_a_pauses_fade_over_all_there_is_takes_the_rest,
			    0, 2);
	tcase_add_test(t, a_clear_in_the_fade_of_one_that_takes_nothing_lets_it_end);
	tcase_add_test(t, a_pause_and_a_resume_in_the_fade_of_a_clear_change_nothing);
	tcase_add_test(t, what_comes_behind_a_clear_that_was_paused_comes_unfaded);
	tcase_add_loop_test(
		t, more_clears_than_fit_and_a_loss_keep_the_first_wanted_frame, 1, 40);
	tcase_add_loop_test(t, silence_behind_a_clear_that_takes_nothing_is_no_gap, 0, 2);
	tcase_add_loop_test(
		t, silence_behind_a_clear_is_no_gap_however_many_clears_there_were, 1,
		VOICE_BREAKS + 4);
	tcase_add_test(t, a_gain_that_begins_late_leaves_the_ramp_before_it_alone);
	tcase_add_test(t, gains_that_are_mixed_again_go_the_same_way);
	return suite_run("player_corners", t);
}
