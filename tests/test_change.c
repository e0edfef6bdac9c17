/* SPDX-License-Identifier: MIT */
/*
 * Clear, pause, resume and gain: what is heard of them, and what is said about it.
 */
#include "change.h"
#include "stage.h"
#include "suite.h"

enum { MS = STAGE_RATE / 1000, GUARD = MS, FADE = 5 * MS };

static struct stage *st;

static void set_up(void)
{
	st = stage_new();
}

static void tear_down(void)
{
	stage_free(st);
}

/* ---- clear ----------------------------------------------------------------------- */

START_TEST(a_clear_takes_back_what_the_device_has)
{
	uint64_t played, id;

	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	played = stage_look(st).played;
	id = stage_clear(st, 5);
	stage_settle(st);

	ck_assert_uint_eq(stage_cleared(st, id)->heard_until, played + GUARD + FADE);
	ck_assert_uint_eq(stage_cleared(st, id)->dropped, 48000 - played - GUARD - FADE);
	ck_assert_uint_gt(stage_cleared(st, id)->taken_back, 4800);
	ck_assert_uint_eq(stage_cleared(st, id)->in_device, GUARD + FADE);
	ck_assert_uint_eq(stage_cleared(st, id)->at_ns, st->sink.now_ns);
	stage_play(st, 9600);
	ck_assert_uint_eq(stage_look(st).heard, stage_cleared(st, id)->heard_until);
	ck_assert_uint_eq(stage_look(st).dropped_cleared, stage_cleared(st, id)->dropped);
	ck_assert_int_eq(stage_heard(st, stage_cleared(st, id)->heard_until), -1);
}
END_TEST

START_TEST(a_clear_without_rewinding_says_what_will_still_be_heard)
{
	uint64_t id, end;

	st->sink.sink.rewinds = false;
	stage_push(st, 0, 48000);
	stage_play(st, 960);
	end = st->sink.written;
	id = stage_clear(st, 0);
	stage_settle(st);

	ck_assert_uint_eq(stage_cleared(st, id)->heard_until, end);
	ck_assert_uint_eq(stage_cleared(st, id)->taken_back, 0);
	ck_assert_uint_eq(stage_cleared(st, id)->in_device, end - 960);
	stage_play(st, 12000);
	stage_assert_heard(st, 0, 0, end);
	ck_assert_uint_eq(stage_look(st).heard, end);
}
END_TEST

START_TEST(a_clear_answers_the_waiting_captures_with_what_got_in)
{
	uint64_t half, none, id;

	half = stage_push(st, 0, 50000);
	none = stage_push(st, 50000, 100);
	id = stage_clear(st, 0);

	ck_assert_uint_eq(stage_captured(st, half)->accepted, 48000);
	ck_assert_uint_eq(stage_captured(st, half)->dropped, 2000);
	ck_assert_int_eq(stage_captured(st, half)->reason,
			 AUD__DROP_REASON__DROPPED_BY_CLEAR);
	ck_assert_uint_eq(stage_captured(st, none)->accepted, 0);
	ck_assert_uint_eq(stage_captured(st, none)->dropped, 100);
	stage_settle(st);
	ck_assert_uint_eq(stage_cleared(st, id)->dropped, 48000);
}
END_TEST

START_TEST(what_is_pushed_behind_a_clear_is_heard)
{
	uint64_t id;

	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	stage_clear(st, 0);
	id = stage_push(st, 20000, 1000);
	stage_play(st, 9600);

	ck_assert_uint_eq(stage_captured(st, id)->first, 48000);
	ck_assert_uint_eq(stage_captured(st, id)->accepted, 1000);
	ck_assert_uint_eq(stage_look(st).heard, 4800 + GUARD + 1000);
	stage_assert_heard(st, 4800 + GUARD, 20000, 21000);
}
END_TEST

START_TEST(two_clears_before_one_turn_share_what_is_dropped)
{
	uint64_t first, second;

	stage_push(st, 0, 10000);
	stage_play(st, 4800);
	first = stage_clear(st, 0);
	stage_push(st, 10000, 500);
	second = stage_clear(st, 0);
	stage_settle(st);

	ck_assert_uint_eq(stage_cleared(st, first)->heard_until, 4800 + GUARD);
	ck_assert_uint_eq(stage_cleared(st, first)->dropped, 10000 - 4800 - GUARD);
	ck_assert_uint_eq(stage_cleared(st, second)->dropped, 500);
	ck_assert_uint_eq(stage_look(st).dropped_cleared, 10500 - 4800 - GUARD);
}
END_TEST

START_TEST(two_clears_with_a_turn_between_are_told_together_and_exactly)
{
	uint64_t first, second;

	stage_push(st, 0, 10000);
	stage_play(st, 4800);
	first = stage_clear(st, 0);
	player_turn(output_player(st->output)); /* and main is not told yet */
	stage_push(st, 10000, 500);
	second = stage_clear(st, 0);
	stage_settle(st);

	ck_assert_uint_eq(stage_cleared(st, first)->heard_until, 4800 + GUARD);
	ck_assert_uint_eq(stage_cleared(st, first)->dropped, 10000 - 4800 - GUARD);
	ck_assert_uint_le(stage_cleared(st, second)->dropped, 500);
	ck_assert_uint_eq(stage_cleared(st, first)->dropped +
				  stage_cleared(st, second)->dropped,
			  stage_look(st).dropped_cleared);
}
END_TEST

START_TEST(a_clear_of_an_empty_source_drops_nothing)
{
	uint64_t never_pushed, all_heard, again;

	never_pushed = stage_clear(st, 5);
	stage_settle(st);
	stage_push(st, 0, 1000);
	stage_play(st, 4800);
	all_heard = stage_clear(st, 5);
	stage_settle(st);
	again = stage_clear(st, 5);
	stage_settle(st);

	ck_assert_uint_eq(stage_cleared(st, never_pushed)->dropped, 0);
	ck_assert_uint_eq(stage_cleared(st, never_pushed)->heard_until, 0);
	ck_assert_uint_eq(stage_cleared(st, all_heard)->dropped, 0);
	ck_assert_uint_eq(stage_cleared(st, all_heard)->heard_until, 1000);
	ck_assert_uint_eq(stage_cleared(st, all_heard)->in_device, 0);
	ck_assert_uint_eq(stage_cleared(st, again)->heard_until, 1000);
}
END_TEST

START_TEST(a_clear_without_a_device_drops_all)
{
	uint64_t id;

	stage_unplug(st);
	stage_push(st, 0, 1000);
	stage_play(st, 4800);
	id = stage_clear(st, 5);
	stage_settle(st);

	ck_assert_uint_eq(stage_cleared(st, id)->dropped, 1000);
	ck_assert_uint_eq(stage_cleared(st, id)->in_device, 0);
	ck_assert_uint_eq(stage_look(st).queued, 0);
}
END_TEST

/* ---- pause, resume, gain --------------------------------------------------------- */

START_TEST(a_pause_holds_the_frame_with_which_the_resume_goes_on)
{
	uint64_t paused, resumed, position;

	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	paused = stage_hold(st, true);
	stage_settle(st);
	position = stage_note(st, paused)->paused.position;
	ck_assert_uint_eq(position, 4800 + GUARD + FADE);
	ck_assert_uint_eq(stage_look(st).in_device, GUARD + FADE);

	stage_play(st, 9600);
	ck_assert_uint_eq(stage_look(st).played, position);
	ck_assert_uint_eq(stage_look(st).queued, 48000 - position);
	ck_assert_uint_eq(stage_look(st).in_device, 0);

	resumed = stage_hold(st, false);
	stage_settle(st);
	ck_assert_uint_eq(stage_note(st, resumed)->resumed.position, position);
	stage_play(st, 60000);
	ck_assert_uint_eq(stage_look(st).heard, 48000);
}
END_TEST

START_TEST(pausing_twice_is_pausing_once)
{
	uint64_t first, second;

	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	first = stage_hold(st, true);
	stage_play(st, 9600);
	second = stage_hold(st, true);
	stage_settle(st);

	ck_assert_uint_eq(stage_note(st, first)->paused.position,
			  stage_note(st, second)->paused.position);
}
END_TEST

START_TEST(a_resume_of_what_plays_says_where_it_is)
{
	uint64_t id;

	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	id = stage_hold(st, false);
	stage_settle(st);

	ck_assert_uint_le(stage_note(st, id)->resumed.position, 4800);
}
END_TEST

START_TEST(pause_and_resume_before_one_turn_change_nothing)
{
	uint64_t paused, resumed;

	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	paused = stage_hold(st, true);
	resumed = stage_hold(st, false);
	stage_play(st, 9600);

	ck_assert_ptr_nonnull(stage_note(st, paused));
	ck_assert_ptr_nonnull(stage_note(st, resumed));
	stage_assert_heard(st, 0, 0, 14400);
}
END_TEST

START_TEST(a_paused_source_takes_captures_until_it_is_full)
{
	uint64_t fits, waits;

	stage_hold(st, true);
	fits = stage_push(st, 0, 48000);
	waits = stage_push(st, 48000, 10);
	stage_play(st, 48000);
	ck_assert_uint_eq(stage_captured(st, fits)->accepted, 48000);
	ck_assert_ptr_null(stage_note(st, waits));
	ck_assert_uint_eq(stage_look(st).heard, 0);

	stage_hold(st, false);
	stage_play(st, 60000);
	ck_assert_uint_eq(stage_look(st).heard, 48010);
}
END_TEST

START_TEST(a_gain_is_heard)
{
	change_gain(st->s, (struct gain){.factor = 0.5f});
	stage_settle(st);
	stage_push(st, 19999, 4800);
	stage_play(st, 4800);

	ck_assert_int_eq(stage_heard(st, 0), 10000 - 1);
	ck_assert_float_eq(stage_look(st).gain, 0.5f);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("change");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_clear_takes_back_what_the_device_has);
	tcase_add_test(tc, a_clear_without_rewinding_says_what_will_still_be_heard);
	tcase_add_test(tc, a_clear_answers_the_waiting_captures_with_what_got_in);
	tcase_add_test(tc, what_is_pushed_behind_a_clear_is_heard);
	tcase_add_test(tc, two_clears_before_one_turn_share_what_is_dropped);
	tcase_add_test(tc, two_clears_with_a_turn_between_are_told_together_and_exactly);
	tcase_add_test(tc, a_clear_of_an_empty_source_drops_nothing);
	tcase_add_test(tc, a_clear_without_a_device_drops_all);
	tcase_add_test(tc, a_pause_holds_the_frame_with_which_the_resume_goes_on);
	tcase_add_test(tc, pausing_twice_is_pausing_once);
	tcase_add_test(tc, a_resume_of_what_plays_says_where_it_is);
	tcase_add_test(tc, pause_and_resume_before_one_turn_change_nothing);
	tcase_add_test(tc, a_paused_source_takes_captures_until_it_is_full);
	tcase_add_test(tc, a_gain_is_heard);
	return suite_run("change", tc);
}
