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

/* ---- frames ---------------------------------------------------------------------- */

START_TEST(the_rest_is_heard_at_the_other_output_and_nothing_twice)
{
	uint64_t at, end;

	stage_push(st, 0, 24000);
	stage_play(st, 100 * MS);
	at = stage_await_move(st, stage_move(st, st->other, 0));
	stage_play(st, 500 * MS);

	ck_assert_uint_ge(at, 100 * MS);
	ck_assert_uint_le(at, 103 * MS);
	end = tape_assert_segment(&st->sink, 0, 0, at);
	tape_assert_silent(&st->sink, end);
	tape_assert_segment(&st->other_sink, 0, at, 24000);
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
	id = stage_move(st, st->other, 5);
	stage_play(st, 8 * MS);

	ck_assert_ptr_nonnull(stage_note(st, id));
	ck_assert_uint_lt(tape_find_sound(&st->other_sink, 0), st->other_sink.taped);
}
END_TEST

START_TEST(a_move_fades_out_here_and_in_there)
{
	const float *out, *in;
	uint64_t at, end;

	stage_push(st, 16000, 8000);
	stage_play(st, 50 * MS);
	at = stage_await_move(st, stage_move(st, st->other, 5));
	stage_play(st, 200 * MS);

	/* Nothing jumps: one step is 1/240 of what is about half of full scale. */
	for (end = 1; end < st->sink.taped; end++) {
		out = &st->sink.tape[2 * end];
		ck_assert_float_lt(fabsf(out[0] - out[-2]), end == 1 ? 1.0f : 0.005f);
	}
	ck_assert_float_eq(st->sink.tape[2 * at], 0.0f);
	ck_assert_float_gt(st->sink.tape[2 * (at - 6 * MS)], 0.45f);
	in = &st->other_sink.tape[2 * tape_find_sound(&st->other_sink, 0)];
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
		at = stage_await_move(st,
				      stage_move(st, there ? st->output : st->other, 0));
		ends[there] = tape_assert_segment(f, ends[there], first, at);
		first = at;
	}
	stage_play(st, 1000 * MS);

	tape_assert_segment(&st->sink, ends[0], first, pushed);
	ck_assert_uint_eq(stage_look(st).heard, pushed);
}
END_TEST

/* The numbers are a straight line, which every filter leaves one, but where it begins and ends. */
static void assert_line(const struct fake_sink *f, uint64_t first, uint64_t end)
{
	double step = (double)RATE / f->sink.rate;
	uint64_t start = tape_find_sound(f, 0);
	uint64_t n = (uint64_t)((double)(end - first) / step);
	uint64_t edge = 100 + 100 * f->sink.rate / RATE;

	for (uint64_t k = edge; k + edge < n; k++) {
		double heard = f->tape[2 * (start + k)] * 32768.0 - 1;

		ck_assert_double_lt(fabs(heard - ((double)first + (double)k * step)),
				    1.5);
	}
	ck_assert_uint_le(tape_find_sound(f, start + n + edge), f->taped);
	ck_assert_uint_eq(tape_find_sound(f, start + n + edge), f->taped);
}

START_TEST(the_other_output_may_have_another_rate)
{
	static const uint32_t rates[] = {8000, 24000, 32000, 44000, 96000, 192000};
	uint64_t at;

	stage_free(st);
	st = stage_new_with(rates[_i]);
	stage_push(st, 0, 24000);
	stage_play(st, 101 * MS);
	at = stage_await_move(st, stage_move(st, st->other, 0));
	stage_play(st, 600 * MS);

	tape_assert_segment(&st->sink, 0, 0, at);
	assert_line(&st->other_sink, at, 24000);
	ck_assert_uint_eq(stage_look(st).heard, 24000);

	/* And back, with nothing left over. */
	stage_push(st, 24000, 4800);
	stage_play(st, 50 * MS);
	at = stage_await_move(st, stage_move(st, st->output, 0));
	stage_play(st, 200 * MS);
	ck_assert_uint_eq(stage_look(st).heard, 28800);
	tape_assert_segment(&st->sink, 6000, at, 28800);
}
END_TEST

/* Its last device frames are parts of the frame with which it goes on, when it leaves. */
START_TEST(it_leaves_in_the_midst_of_a_frame_that_lasts_long)
{
	for (int i = 0; i < 6; i++) {
		struct output *to = i % 2 ? st->output : st->other;
		struct fake_sink *f = i % 2 ? &st->other_sink : &st->sink;
		uint64_t id;

		st->s = i ? st->s : stage_source_at(st, RATE / 6, 1000);
		stage_push(st, 0, 1000);
		stage_play(st, 20 * MS + (uint32_t)i);
		id = stage_move(st, to, 0);
		for (int frame = 0; frame < 10 * MS && !stage_note(st, id); frame++) {
			fake_sink_advance(f, 1);
			player_turn(output_player(st->s->output));
			stage_settle(st);
		}
		stage_await_move(st, id);
	}
	stage_play(st, 2 * RATE);

	ck_assert_uint_eq(stage_look(st).heard, 6000);
	ck_assert_uint_eq(stage_look(st).queued, 0);
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
	stage_await_move(st, stage_move(st, st->other, 0));

	ck_assert_uint_le(stage_look(st).silence, before + 1);
	ck_assert_uint_ge(stage_look(st).silence + 1, before);
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
		int64_t k = tape_number(f, at);

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
		return stage_move(st, st->other, 0);
	case 1:
		return stage_move(st, st->output, 0);
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

/* ---- at any rates ---------------------------------------------------------------- */

static void lose_or_find_the_device(bool *is_lost)
{
	if (*is_lost)
		stage_plug_in(st);
	else
		stage_unplug(st);
	*is_lost = !*is_lost;
}

static void pass_time(uint32_t most)
{
	uint32_t us = (uint32_t)rand() % most;

	fake_sink_advance(&st->sink, us * MS / 1000);
	fake_sink_advance(&st->other_sink,
			  (uint32_t)((uint64_t)us * st->other_sink.sink.rate / 1000000));
}

/* Also with fades, and a device that goes and comes. */
static uint64_t rough_step(bool *is_lost)
{
	struct ticket t = stage_ticket(st, 1);
	uint32_t fade_ms = (uint32_t)rand() % 12;

	switch (rand() % 20) {
	case 0:
		return stage_move(st, rand() % 2 ? st->other : st->output, fade_ms);
	case 1:
	case 2:
	case 3:
		return stage_clear(st, fade_ms);
	case 4:
	case 5:
	case 6:
		ck_assert_int_eq(change_hold(st->s, &t, rand() % 3 == 0,
					     source_fade(st->s, fade_ms, CURVE_LINEAR)),
				 0);
		return t.async_id;
	case 7:
		if (rand() % 10 == 0)
			lose_or_find_the_device(is_lost);
		return 0;
	case 8:
	case 9:
	case 10:
		return stage_push(st, 0, 1 + (uint32_t)rand() % 600);
	case 11:
	case 12:
		player_turn(output_player(st->output));
		return 0;
	case 13:
	case 14:
		player_turn(output_player(st->other));
		return 0;
	case 15:
	case 16:
		pass_time(3000);
		return 0;
	default:
		sd_event_run(st->event, 0);
		return 0;
	}
}

static void assert_in_what_was_pushed(const struct note *n)
{
	uint64_t written = source_written(st->s);

	ck_assert(n->kind != AUD__REPLY__KIND_PAUSE_AUDIO_SOURCE ||
		  n->paused.position <= written);
	ck_assert(n->kind != AUD__REPLY__KIND_MOVE_AUDIO_SOURCE ||
		  n->moved.position <= written);
}

START_TEST(at_whatever_rates_all_is_answered_and_the_answers_add_up)
{
	static const uint32_t rates[] = {RATE, 2 * RATE, 8000, 22050, 191999};
	static const uint32_t others[] = {RATE, 8000, 44000, 192000};
	static uint64_t asked[WALK];
	uint64_t dropped = 0, captured = 0;
	bool is_lost = false;

	srand((unsigned)_i);
	stage_free(st);
	st = stage_new_with(others[_i % 4]);
	st->s = stage_source_at(st, rates[_i % 5], 500);
	st->sink.sink.rewinds = _i % 3 != 0;
	st->other_sink.sink.rewinds = _i % 7 != 0;
	for (int i = 0; i < WALK; i++)
		asked[i] = rough_step(&is_lost);
	if (is_lost)
		lose_or_find_the_device(&is_lost);
	stage_hold(st, false);
	stage_play(st, 2000 * MS);

	for (int i = 0; i < WALK; i++) {
		const struct note *n = asked[i] ? stage_note(st, asked[i]) : NULL;

		ck_assert(!asked[i] || n);
		if (!n)
			continue;
		assert_in_what_was_pushed(n);
		if (n->kind == AUD__REPLY__KIND_CLEAR_AUDIO_BUFFER)
			dropped += n->cleared.dropped;
		if (n->kind == AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME)
			captured += n->captured.dropped;
	}
	ck_assert_uint_eq(stage_look(st).queued, 0);
	ck_assert_uint_eq(stage_look(st).dropped_cleared, dropped + captured);
	stage_assert_ledger(st->s);
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
	tcase_add_test(tc, it_leaves_in_the_midst_of_a_frame_that_lasts_long);
	tcase_add_test(tc, silence_that_was_counted_stays_what_it_was);
	tcase_add_loop_test(tc, whatever_comes_between_nothing_is_lost_or_heard_twice, 0,
			    100);
	tcase_add_loop_test(tc, at_whatever_rates_all_is_answered_and_the_answers_add_up,
			    0, 140);
	return suite_run("move", tc);
}
