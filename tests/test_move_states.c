/* SPDX-License-Identifier: MIT */
/*
 * Moves of a source in every state that it and the devices can be in, and what else is asked for
 * meanwhile.
 */
#include <errno.h>

#include "change.h"
#include "mark.h"
#include "moves.h"
#include "suite.h"

enum { MS = STAGE_RATE / 1000, RATE = STAGE_RATE };

static struct stage *st;

static void set_up(void)
{
	st = stage_new_with(RATE);
}

static void tear_down(void)
{
	stage_free(st);
}

/* ---- states ---------------------------------------------------------------------- */

START_TEST(a_source_that_is_paused_stays_paused)
{
	uint64_t at;

	stage_push(st, 0, 9600);
	stage_play(st, 50 * MS);
	stage_hold(st, true);
	stage_play(st, 50 * MS);
	at = stage_await_move(st, stage_move(st, st->other, 0));
	stage_play(st, 100 * MS);
	tape_assert_silent(&st->other_sink, 0);
	ck_assert(stage_look(st).paused);

	stage_hold(st, false);
	stage_play(st, 300 * MS);
	ck_assert_uint_eq(stage_look(st).heard, 9600);
	ck_assert_uint_eq(tape_number(&st->other_sink, st->other_sink.taped - 1),
			  UINT64_MAX);
	tape_assert_segment(&st->other_sink, tape_find_sound(&st->other_sink, 0) + 5 * MS,
			    at + 5 * MS, 9600);
}
END_TEST

START_TEST(a_pause_while_it_moves_holds_it_there_and_a_resume_lets_it_go_on)
{
	uint64_t id, pause, at;

	stage_push(st, 0, 9600);
	stage_play(st, 50 * MS);
	id = stage_move(st, st->other, 0);
	pause = stage_hold(st, true);
	at = stage_await_move(st, id);
	stage_play(st, 100 * MS);

	ck_assert_uint_eq(stage_note(st, pause)->paused.position, at);
	tape_assert_silent(&st->other_sink, 0);

	stage_move(st, st->output, 0);
	stage_hold(st, false);
	stage_play(st, 300 * MS);
	ck_assert_uint_eq(stage_look(st).heard, 9600);
	tape_assert_silent(&st->other_sink, 0);
}
END_TEST

/* A device of half its rate has gone half a step beyond its end. */
static uint64_t play_out_at_half_the_rate(void)
{
	enum { ODD = 9601 };

	st->s = stage_source_at(st, 2 * RATE, 1000);
	stage_push(st, 0, ODD);
	stage_play(st, 200 * MS);
	ck_assert_uint_eq(stage_look(st).heard, ODD);
	return ODD;
}

START_TEST(a_source_that_has_nothing_left_moves)
{
	uint64_t pushed;

	stage_free(st);
	st = stage_new_with(2 * RATE);
	pushed = play_out_at_half_the_rate();
	ck_assert_uint_eq(stage_await_move(st, stage_move(st, st->other, 0)), pushed);
	stage_push(st, pushed, 1000);
	stage_play(st, 100 * MS);
	tape_assert_segment(&st->other_sink, 0, pushed, pushed + 1000);
	ck_assert_uint_eq(stage_look(st).heard, pushed + 1000);
}
END_TEST

START_TEST(a_source_that_has_nothing_left_is_paused_at_its_end)
{
	uint64_t pushed = play_out_at_half_the_rate(), id = stage_hold(st, true);

	stage_settle(st);
	ck_assert_uint_eq(stage_note(st, id)->paused.position, pushed);
	stage_push(st, pushed, 1000);
	stage_hold(st, false);
	stage_play(st, 100 * MS);
	ck_assert_uint_eq(stage_look(st).heard, pushed + 1000);
}
END_TEST

START_TEST(without_a_device_it_moves_at_once)
{
	uint64_t id;

	stage_unplug(st);
	stage_push(st, 0, 9600);
	id = stage_move(st, st->other, 0);
	stage_settle(st);

	ck_assert_uint_eq(stage_moved(st, id), 0);
	stage_play(st, 300 * MS);
	tape_assert_segment(&st->other_sink, 0, 0, 9600);
}
END_TEST

START_TEST(a_device_that_goes_while_it_is_left_takes_nothing_with_it)
{
	uint64_t id, at;

	st->sink.sink.rewinds = false;
	stage_push(st, 0, 24000);
	stage_play(st, 50 * MS);
	id = stage_move(st, st->other, 0);
	stage_play(st, 10 * MS);
	ck_assert_ptr_null(stage_note(st, id));
	stage_refresh(st);
	stage_unplug(st);
	stage_play(st, 600 * MS);

	at = stage_moved(st, id);
	ck_assert_uint_eq(at, 60 * MS);
	tape_assert_segment(&st->other_sink, 0, at, 24000);
	ck_assert_uint_eq(stage_look(st).heard, 24000);
}
END_TEST

START_TEST(to_an_output_without_a_device_it_waits_for_one)
{
	struct player *p = output_player(st->other);
	uint64_t at;

	st->other_sink.error = -ENODEV;
	player_turn(p);
	ck_assert_ptr_eq(player_returned(p), &st->other_sink.sink);
	stage_push(st, 0, 9600);
	stage_play(st, 50 * MS);
	at = stage_await_move(st, stage_move(st, st->other, 0));
	stage_play(st, 100 * MS);
	ck_assert_uint_eq(stage_look(st).heard, at);

	fake_sink_plug_in(&st->other_sink);
	player_offer(p, &st->other_sink.sink);
	stage_play(st, 300 * MS);
	tape_assert_segment(&st->other_sink, 0, at, 9600);
}
END_TEST

START_TEST(moves_are_done_one_after_the_other)
{
	uint64_t one, other, third;

	stage_push(st, 0, 24000);
	stage_play(st, 50 * MS);
	one = stage_move(st, st->other, 0);
	other = stage_move(st, st->output, 0);
	third = stage_move(st, st->output, 0);
	stage_play(st, 600 * MS);

	ck_assert_uint_ge(stage_moved(st, other), stage_moved(st, one));
	ck_assert_uint_ge(stage_moved(st, third), stage_moved(st, other));
	ck_assert_ptr_eq(st->s->output, st->output);
	ck_assert_uint_eq(stage_look(st).heard, 24000);
}
END_TEST

START_TEST(to_where_it_is_it_moves_at_once)
{
	uint64_t id;

	stage_push(st, 0, 9600);
	stage_play(st, 50 * MS);
	id = stage_move(st, st->output, 5);

	ck_assert_ptr_nonnull(stage_note(st, id));
	stage_play(st, 300 * MS);
	tape_assert_segment(&st->sink, 0, 0, 9600);
}
END_TEST

START_TEST(a_clear_while_it_moves_is_told_what_it_took)
{
	uint64_t id, clear;
	const Aud__ClearAudioBufferReply *r;

	stage_push(st, 0, 24000);
	stage_play(st, 50 * MS);
	id = stage_move(st, st->other, 0);
	if (_i > 0)
		player_turn(output_player(st->output)); /* parked, and we do not know */
	if (_i > 1)
		stage_settle(st);
	clear = stage_clear(st, 0);
	stage_push(st, 24000, 4800);
	stage_play(st, 300 * MS);

	r = stage_cleared(st, clear);
	ck_assert_uint_gt(stage_moved(st, id), 0);
	ck_assert_uint_eq(stage_look(st).heard + r->dropped, 28800);
	tape_assert_segment(&st->sink, 0, 0, r->heard_until);
	tape_assert_segment(&st->other_sink, 0, 24000, 28800);
}
END_TEST

START_TEST(closed_while_it_moves_it_plays_out_there)
{
	uint64_t id, handle = st->s->id;

	stage_push(st, 0, 9600);
	stage_play(st, 50 * MS);
	id = stage_move(st, st->other, 0);
	sources_close(st->s, false);
	stage_play(st, 300 * MS);

	ck_assert_uint_gt(stage_moved(st, id), 0);
	tape_assert_segment(&st->other_sink, 0, stage_moved(st, id), 9600);
	ck_assert_ptr_null(sources_find(&st->sources, handle));
	st->s = stage_source(st, 10);
}
END_TEST

START_TEST(a_move_of_a_source_that_ends_first_is_refused)
{
	uint64_t one, other, handle = st->s->id;

	stage_push(st, 0, 9600);
	stage_play(st, 50 * MS);
	one = stage_move(st, st->other, 0);
	other = stage_move(st, st->output, 0);
	sources_close(st->s, true);
	stage_play(st, 300 * MS);

	ck_assert_ptr_nonnull(stage_note(st, one));
	ck_assert_int_eq(stage_note(st, other)->kind, AUD__REPLY__KIND_ERROR);
	ck_assert_int_eq(stage_note(st, other)->error, AUD__ERROR_CODE__CLOSED);
	ck_assert_ptr_null(sources_find(&st->sources, handle));
	st->s = stage_source(st, 10);
}
END_TEST

START_TEST(it_moves_also_if_nobody_waits_for_the_answer_any_more)
{
	uint64_t id;

	stage_push(st, 0, 9600);
	stage_play(st, 50 * MS);
	id = stage_move_by(st, 1, st->other, 0);
	sources_leave(&st->sources, (struct conn *)&st->clients[1]);
	stage_play(st, 300 * MS);

	ck_assert_ptr_null(stage_note(st, id));
	ck_assert_ptr_eq(st->s->output, st->other);
	ck_assert_uint_eq(stage_look(st).heard, 9600);
}
END_TEST

START_TEST(marks_and_waits_go_with_it)
{
	uint64_t wait;

	stage_push(st, 0, 9600);
	stage_mark(st, 7, 9000);
	wait = stage_await(st);
	stage_play(st, 50 * MS);
	stage_await_move(st, stage_move(st, st->other, 0));
	ck_assert_int_eq(stage_count_events(st, AUD__EVENT__KIND_MARK_HEARD), 0);
	stage_play(st, 300 * MS);

	ck_assert_int_eq(stage_count_events(st, AUD__EVENT__KIND_MARK_HEARD), 1);
	ck_assert_int_eq(stage_playout(st, wait), AUD__PLAYOUT_REASON__PLAYED);
}
END_TEST

START_TEST(a_gain_stays_and_one_that_is_set_on_the_way_is_obeyed_there)
{
	uint64_t id;

	stage_push(st, 16000, 24000);
	change_gain(st->s, (struct gain){.factor = 0.5f});
	stage_play(st, 50 * MS);
	id = stage_move(st, st->other, 0);
	stage_settle(st);
	if (_i)
		change_gain(st->s, (struct gain){.factor = 0.25f});
	stage_await_move(st, id);
	stage_play(st, 100 * MS);

	ck_assert_float_eq_tol(
		st->other_sink.tape[2 * (tape_find_sound(&st->other_sink, 0) + 20 * MS)],
		_i ? 0.16f : 0.32f, 0.05f);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("move_states");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_source_that_is_paused_stays_paused);
	tcase_add_test(tc,
		       a_pause_while_it_moves_holds_it_there_and_a_resume_lets_it_go_on);
	tcase_add_test(tc, a_source_that_has_nothing_left_moves);
	tcase_add_test(tc, a_source_that_has_nothing_left_is_paused_at_its_end);
	tcase_add_test(tc, without_a_device_it_moves_at_once);
	tcase_add_test(tc, a_device_that_goes_while_it_is_left_takes_nothing_with_it);
	tcase_add_test(tc, to_an_output_without_a_device_it_waits_for_one);
	tcase_add_test(tc, moves_are_done_one_after_the_other);
	tcase_add_test(tc, to_where_it_is_it_moves_at_once);
	tcase_add_loop_test(tc, a_clear_while_it_moves_is_told_what_it_took, 0, 3);
	tcase_add_test(tc, closed_while_it_moves_it_plays_out_there);
	tcase_add_test(tc, a_move_of_a_source_that_ends_first_is_refused);
	tcase_add_test(tc, it_moves_also_if_nobody_waits_for_the_answer_any_more);
	tcase_add_test(tc, marks_and_waits_go_with_it);
	tcase_add_loop_test(
		tc, a_gain_stays_and_one_that_is_set_on_the_way_is_obeyed_there, 0, 2);
	return suite_run("move_states", tc);
}
