/* SPDX-License-Identifier: MIT */
/*
 * Moves of a living source from one output to another, to the frame: what is heard on the one
 * and then on the other is all that was pushed, once.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "mark.h"
#include "move.h"
#include "stage.h"
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

static uint64_t move_by(int client, struct output *to, uint32_t fade_ms)
{
	struct ticket t = stage_ticket(st, client);

	ck_assert_int_eq(move_source(&st->sources, st->s, &t, to,
				     source_fade(st->s, fade_ms, CURVE_LINEAR)),
			 0);
	return t.async_id;
}

static uint64_t move_to(struct output *to, uint32_t fade_ms)
{
	return move_by(1, to, fade_ms);
}

static uint64_t moved(uint64_t id)
{
	const struct note *n = stage_note(st, id);

	ck_assert_ptr_nonnull(n);
	ck_assert_int_eq(n->kind, AUD__REPLY__KIND_MOVE_AUDIO_SOURCE);
	return n->moved.position;
}

/* Plays until the move is answered; returns where it goes on. */
static uint64_t await_move(uint64_t id)
{
	stage_settle(st);
	for (int ms = 0; !stage_note(st, id); ms++) {
		ck_assert_int_lt(ms, 1000);
		stage_play(st, MS);
	}
	return moved(id);
}

/* The number that frame `at` of a tape carries, or -1. */
static int64_t number(const struct fake_sink *f, uint64_t at)
{
	return lrintf(f->tape[2 * at] * 32768.0f) - 1;
}

/* Where on a tape there is sound from `at` on. */
static uint64_t find_sound(const struct fake_sink *f, uint64_t at)
{
	while (at < f->taped && number(f, at) < 0)
		at++;
	return at;
}

/* From `at` on a tape holds these numbers, wherever they begin, and then silence. Returns where
 * that begins. */
static uint64_t assert_segment(const struct fake_sink *f, uint64_t at, uint64_t first,
			       uint64_t end)
{
	if (first == end)
		return at;
	at = find_sound(f, at);
	for (uint64_t n = first; n < end; n++, at++) {
		ck_assert_uint_lt(at, f->taped);
		if (number(f, at) != (int64_t)(n % STAGE_NUMBERS))
			ck_abort_msg("frame %d of the tape is %d, not %d", (int)at,
				     (int)number(f, at), (int)n);
	}
	ck_assert(at == f->taped || number(f, at) < 0);
	return at;
}

static void assert_silent(const struct fake_sink *f, uint64_t at)
{
	ck_assert_uint_eq(find_sound(f, at), f->taped);
}

/* ---- frames ---------------------------------------------------------------------- */

START_TEST(the_rest_is_heard_at_the_other_output_and_nothing_twice)
{
	uint64_t at, end;

	stage_push(st, 0, 24000);
	stage_play(st, 100 * MS);
	at = await_move(move_to(st->other, 0));
	stage_play(st, 500 * MS);

	ck_assert_uint_ge(at, 100 * MS);
	ck_assert_uint_le(at, 103 * MS);
	end = assert_segment(&st->sink, 0, 0, at);
	assert_silent(&st->sink, end);
	assert_segment(&st->other_sink, 0, at, 24000);
	ck_assert_ptr_eq(st->s->output, st->other);
	ck_assert_uint_eq(stage_look(st).heard, 24000);
	ck_assert_uint_eq(stage_look(st).silence, 0);
	ck_assert_str_eq(stage_look(st).output, "other");
}
END_TEST

START_TEST(it_begins_there_within_milliseconds)
{
	uint64_t id;

	stage_push(st, 0, 24000);
	stage_play(st, 100 * MS);
	id = move_to(st->other, 5);
	stage_play(st, 8 * MS);

	ck_assert_ptr_nonnull(stage_note(st, id));
	ck_assert_uint_lt(find_sound(&st->other_sink, 0), st->other_sink.taped);
}
END_TEST

START_TEST(a_move_fades_out_here_and_in_there)
{
	const float *out, *in;
	uint64_t at, end;

	stage_push(st, 16000, 8000);
	stage_play(st, 50 * MS);
	at = await_move(move_to(st->other, 5));
	stage_play(st, 200 * MS);

	/* Nothing jumps: one step is 1/240 of what is about half of full scale. */
	for (end = 1; end < st->sink.taped; end++) {
		out = &st->sink.tape[2 * end];
		ck_assert_float_lt(fabsf(out[0] - out[-2]), end == 1 ? 1.0f : 0.005f);
	}
	ck_assert_float_eq(st->sink.tape[2 * at], 0.0f);
	ck_assert_float_gt(st->sink.tape[2 * (at - 6 * MS)], 0.45f);
	in = &st->other_sink.tape[2 * find_sound(&st->other_sink, 0)];
	for (uint64_t n = 1; n < 8000 - at; n++)
		ck_assert_float_lt(fabsf(in[2 * n] - in[2 * n - 2]), 0.005f);
	ck_assert_float_gt(in[2 * 6 * MS], 0.45f);
	ck_assert_uint_eq(stage_look(st).heard, 8000);
}
END_TEST

START_TEST(it_can_move_again_and_again_while_it_is_pushed)
{
	uint64_t first = 0, pushed = 0, ends[2] = {0, 0};

	srand(1);
	for (int i = 0; i < 40; i++) {
		bool there = st->s->output == st->other;
		struct fake_sink *f = there ? &st->other_sink : &st->sink;
		uint64_t at;

		stage_push(st, pushed, 20 * MS);
		pushed += 20 * MS;
		stage_play(st, rand() % (20 * MS));
		at = await_move(move_to(there ? st->output : st->other, 0));
		ends[there] = assert_segment(f, ends[there], first, at);
		first = at;
	}
	stage_play(st, 1000 * MS);

	assert_segment(&st->sink, ends[0], first, pushed);
	ck_assert_uint_eq(stage_look(st).heard, pushed);
}
END_TEST

/* The numbers are a straight line, which every filter leaves one, but where it begins and ends. */
static void assert_line(const struct fake_sink *f, uint64_t first, uint64_t end)
{
	double step = (double)RATE / f->sink.rate;
	uint64_t start = find_sound(f, 0);
	uint64_t n = (uint64_t)((double)(end - first) / step);
	uint64_t edge = 100 + 100 * f->sink.rate / RATE;

	for (uint64_t k = edge; k + edge < n; k++) {
		double heard = f->tape[2 * (start + k)] * 32768.0 - 1;

		ck_assert_double_lt(fabs(heard - ((double)first + (double)k * step)),
				    1.5);
	}
	ck_assert_uint_le(find_sound(f, start + n + edge), f->taped);
	ck_assert_uint_eq(find_sound(f, start + n + edge), f->taped);
}

START_TEST(the_other_output_may_have_another_rate)
{
	static const uint32_t rates[] = {8000, 24000, 32000, 44000, 96000, 192000};
	uint64_t at;

	stage_free(st);
	st = stage_new_with(rates[_i]);
	stage_push(st, 0, 24000);
	stage_play(st, 101 * MS);
	at = await_move(move_to(st->other, 0));
	stage_play(st, 600 * MS);

	assert_segment(&st->sink, 0, 0, at);
	assert_line(&st->other_sink, at, 24000);
	ck_assert_uint_eq(stage_look(st).heard, 24000);

	/* And back, with nothing left over. */
	stage_push(st, 24000, 4800);
	stage_play(st, 50 * MS);
	at = await_move(move_to(st->output, 0));
	stage_play(st, 200 * MS);
	ck_assert_uint_eq(stage_look(st).heard, 28800);
	assert_segment(&st->sink, 6000, at, 28800);
}
END_TEST

START_TEST(silence_that_was_counted_stays_what_it_was)
{
	uint64_t before;

	stage_free(st);
	st = stage_new_with(24000);
	stage_push(st, 0, 4800);
	stage_play(st, 150 * MS);
	stage_push(st, 4800, 9600);
	stage_play(st, 20 * MS);
	before = stage_look(st).silence;
	ck_assert_uint_gt(before, 1000);
	await_move(move_to(st->other, 0));

	ck_assert_uint_le(stage_look(st).silence, before + 1);
	ck_assert_uint_ge(stage_look(st).silence + 1, before);
}
END_TEST

/* ---- states ---------------------------------------------------------------------- */

START_TEST(a_source_that_is_paused_stays_paused)
{
	uint64_t at;

	stage_push(st, 0, 9600);
	stage_play(st, 50 * MS);
	stage_hold(st, true);
	stage_play(st, 50 * MS);
	at = await_move(move_to(st->other, 0));
	stage_play(st, 100 * MS);
	assert_silent(&st->other_sink, 0);
	ck_assert(stage_look(st).paused);

	stage_hold(st, false);
	stage_play(st, 300 * MS);
	ck_assert_uint_eq(stage_look(st).heard, 9600);
	ck_assert_uint_eq(number(&st->other_sink, st->other_sink.taped - 1), UINT64_MAX);
	assert_segment(&st->other_sink, find_sound(&st->other_sink, 0) + 5 * MS,
		       at + 5 * MS, 9600);
}
END_TEST

START_TEST(a_pause_while_it_moves_holds_it_there_and_a_resume_lets_it_go_on)
{
	uint64_t id, pause, at;

	stage_push(st, 0, 9600);
	stage_play(st, 50 * MS);
	id = move_to(st->other, 0);
	pause = stage_hold(st, true);
	at = await_move(id);
	stage_play(st, 100 * MS);

	ck_assert_uint_eq(stage_note(st, pause)->paused.position, at);
	assert_silent(&st->other_sink, 0);

	move_to(st->output, 0);
	stage_hold(st, false);
	stage_play(st, 300 * MS);
	ck_assert_uint_eq(stage_look(st).heard, 9600);
	assert_silent(&st->other_sink, 0);
}
END_TEST

START_TEST(without_a_device_it_moves_at_once)
{
	uint64_t id;

	stage_unplug(st);
	stage_push(st, 0, 9600);
	id = move_to(st->other, 0);
	stage_settle(st);

	ck_assert_uint_eq(moved(id), 0);
	stage_play(st, 300 * MS);
	assert_segment(&st->other_sink, 0, 0, 9600);
}
END_TEST

START_TEST(a_device_that_goes_while_it_is_left_takes_nothing_with_it)
{
	uint64_t id, at;

	st->sink.sink.rewinds = false;
	stage_push(st, 0, 24000);
	stage_play(st, 50 * MS);
	id = move_to(st->other, 0);
	stage_play(st, 10 * MS);
	ck_assert_ptr_null(stage_note(st, id));
	stage_refresh(st);
	stage_unplug(st);
	stage_play(st, 600 * MS);

	at = moved(id);
	ck_assert_uint_eq(at, 60 * MS);
	assert_segment(&st->other_sink, 0, at, 24000);
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
	at = await_move(move_to(st->other, 0));
	stage_play(st, 100 * MS);
	ck_assert_uint_eq(stage_look(st).heard, at);

	fake_sink_plug_in(&st->other_sink);
	player_offer(p, &st->other_sink.sink);
	stage_play(st, 300 * MS);
	assert_segment(&st->other_sink, 0, at, 9600);
}
END_TEST

START_TEST(moves_are_done_one_after_the_other)
{
	uint64_t one, other, third;

	stage_push(st, 0, 24000);
	stage_play(st, 50 * MS);
	one = move_to(st->other, 0);
	other = move_to(st->output, 0);
	third = move_to(st->output, 0);
	stage_play(st, 600 * MS);

	ck_assert_uint_ge(moved(other), moved(one));
	ck_assert_uint_ge(moved(third), moved(other));
	ck_assert_ptr_eq(st->s->output, st->output);
	ck_assert_uint_eq(stage_look(st).heard, 24000);
}
END_TEST

START_TEST(to_where_it_is_it_moves_at_once)
{
	uint64_t id;

	stage_push(st, 0, 9600);
	stage_play(st, 50 * MS);
	id = move_to(st->output, 5);

	ck_assert_ptr_nonnull(stage_note(st, id));
	stage_play(st, 300 * MS);
	assert_segment(&st->sink, 0, 0, 9600);
}
END_TEST

START_TEST(a_clear_while_it_moves_is_told_what_it_took)
{
	uint64_t id, clear;
	const Aud__ClearAudioBufferReply *r;

	stage_push(st, 0, 24000);
	stage_play(st, 50 * MS);
	id = move_to(st->other, 0);
	if (_i > 0)
		player_turn(output_player(st->output)); /* parked, and we do not know */
	if (_i > 1)
		stage_settle(st);
	clear = stage_clear(st, 0);
	stage_push(st, 24000, 4800);
	stage_play(st, 300 * MS);

	r = stage_cleared(st, clear);
	ck_assert_uint_gt(moved(id), 0);
	ck_assert_uint_eq(stage_look(st).heard + r->dropped, 28800);
	assert_segment(&st->sink, 0, 0, r->heard_until);
	assert_segment(&st->other_sink, 0, 24000, 28800);
}
END_TEST

START_TEST(closed_while_it_moves_it_plays_out_there)
{
	uint64_t id, handle = st->s->id;

	stage_push(st, 0, 9600);
	stage_play(st, 50 * MS);
	id = move_to(st->other, 0);
	sources_close(st->s, false);
	stage_play(st, 300 * MS);

	ck_assert_uint_gt(moved(id), 0);
	assert_segment(&st->other_sink, 0, moved(id), 9600);
	ck_assert_ptr_null(sources_find(&st->sources, handle));
	st->s = stage_source(st, 10);
}
END_TEST

START_TEST(a_move_of_a_source_that_ends_first_is_refused)
{
	uint64_t one, other, handle = st->s->id;

	stage_push(st, 0, 9600);
	stage_play(st, 50 * MS);
	one = move_to(st->other, 0);
	other = move_to(st->output, 0);
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
	id = move_by(1, st->other, 0);
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
	await_move(move_to(st->other, 0));
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
	id = move_to(st->other, 0);
	stage_settle(st);
	if (_i)
		change_gain(st->s, (struct gain){.factor = 0.25f});
	await_move(id);
	stage_play(st, 100 * MS);

	ck_assert_float_eq_tol(
		st->other_sink.tape[2 * (find_sound(&st->other_sink, 0) + 20 * MS)],
		_i ? 0.16f : 0.32f, 0.05f);
}
END_TEST

/* ---- at random ------------------------------------------------------------------- */

enum { WALK = 3000 };

static uint8_t heard[WALK * 200 + 1];

/* Each number at most once over both tapes. Returns how many. */
static uint64_t count_heard(const struct fake_sink *f)
{
	int64_t last = -1;
	uint64_t n = 0;

	for (uint64_t at = 0; at < f->taped; at++) {
		int64_t k = number(f, at);

		if (k < 0)
			continue;
		if (heard[k]++)
			ck_abort_msg("frame %d was heard twice", (int)k);
		if (k < last)
			ck_abort_msg("frame %d was heard after %d", (int)k, (int)last);
		last = k;
		n++;
	}
	return n;
}

static uint64_t walk_step(uint64_t *pushed)
{
	struct fade none = {0};
	struct ticket t = stage_ticket(st, 1);

	switch (rand() % 16) {
	case 0:
		return move_to(st->other, 0);
	case 1:
		return move_to(st->output, 0);
	case 2:
		return stage_clear(st, 0);
	case 3:
	case 4:
		ck_assert_int_eq(change_hold(st->s, &t, rand() % 3 == 0, none), 0);
		return t.async_id;
	case 5:
	case 6:
		if (*pushed + 200 > STAGE_NUMBERS)
			return 0;
		*pushed += 200;
		return stage_push(st, *pushed - 200, 200);
	case 7:
	case 8:
	case 9:
		player_turn(output_player(st->output));
		return 0;
	case 10:
	case 11:
	case 12:
		player_turn(output_player(st->other));
		return 0;
	case 13:
		fake_sink_advance(&st->sink, MS);
		fake_sink_advance(&st->other_sink, MS);
		return 0;
	default:
		sd_event_run(st->event, 0);
		return 0;
	}
}

START_TEST(whatever_comes_between_nothing_is_lost_or_heard_twice)
{
	static uint64_t asked[WALK];
	struct fade none = {0};
	struct ticket t = stage_ticket(st, 1);
	uint64_t pushed = 0, dropped = 0, n;
	Aud__AudioSourceStatus s;

	srand((unsigned)_i);
	memset(heard, 0, sizeof(heard));
	st->sink.sink.rewinds = _i % 3 != 0;
	st->other_sink.sink.rewinds = _i % 4 != 0;
	for (int i = 0; i < WALK; i++)
		asked[i] = walk_step(&pushed);
	change_hold(st->s, &t, false, none);
	stage_play(st, 2000 * MS);

	for (int i = 0; i < WALK; i++) {
		const struct note *note = asked[i] ? stage_note(st, asked[i]) : NULL;

		ck_assert(!asked[i] || note);
		if (note && note->kind == AUD__REPLY__KIND_CLEAR_AUDIO_BUFFER)
			dropped += note->cleared.dropped;
	}
	n = count_heard(&st->sink) + count_heard(&st->other_sink);
	s = stage_look(st);
	ck_assert_uint_eq(s.queued, 0);
	ck_assert_uint_eq(s.heard, n);
	ck_assert_uint_eq(s.dropped_cleared, dropped);
	ck_assert_uint_eq(s.heard + dropped, pushed);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("move");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, the_rest_is_heard_at_the_other_output_and_nothing_twice);
	tcase_add_test(tc, it_begins_there_within_milliseconds);
	tcase_add_test(tc, a_move_fades_out_here_and_in_there);
	tcase_add_test(tc, it_can_move_again_and_again_while_it_is_pushed);
	tcase_add_loop_test(tc, the_other_output_may_have_another_rate, 0, 6);
	tcase_add_test(tc, silence_that_was_counted_stays_what_it_was);
	tcase_add_test(tc, a_source_that_is_paused_stays_paused);
	tcase_add_test(tc,
		       a_pause_while_it_moves_holds_it_there_and_a_resume_lets_it_go_on);
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
	tcase_add_loop_test(tc, whatever_comes_between_nothing_is_lost_or_heard_twice, 0,
			    100);
	return suite_run("move", tc);
}
