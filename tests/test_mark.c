/* SPDX-License-Identifier: MIT */
/*
 * Marks: each is told once, heard or dropped, and as the tape has it.
 */
#include <errno.h>

#include "change.h"
#include "mark.h"
#include "stage.h"
#include "suite.h"

#define HEARD   AUD__EVENT__KIND_MARK_HEARD
#define DROPPED AUD__EVENT__KIND_MARK_DROPPED
#define END     UINT64_MAX

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

START_TEST(a_mark_is_heard_when_the_frame_at_it_begins_to_sound)
{
	const struct stage_event *e;

	stage_push(st, 0, 48000);
	stage_mark(st, 7, 4801);
	stage_play(st, 4800);
	ck_assert_int_eq(stage_fate(st, 7), NOT_TOLD);

	stage_play(st, MS);
	ck_assert_int_eq(stage_fate(st, 7), WAS_HEARD);
	e = stage_event(st, HEARD, 0);
	ck_assert_ptr_eq(e->client, &st->clients[1]);
	ck_assert_uint_eq(e->source, st->s->id);
	ck_assert_uint_eq(e->heard.position, 4801);
	stage_assert_time(e->heard.at_ns, 4801);
}
END_TEST

START_TEST(the_default_is_the_end_of_what_is_captured)
{
	uint64_t id;

	stage_push(st, 0, 60000);
	id = stage_mark(st, 1, END);
	ck_assert_uint_eq(stage_note(st, id)->marked.position, 60000);

	stage_play(st, 60000 - MS);
	ck_assert_int_eq(stage_fate(st, 1), NOT_TOLD);
	stage_play(st, 2 * MS);
	ck_assert_int_eq(stage_fate(st, 1), WAS_HEARD);
}
END_TEST

START_TEST(the_answer_comes_before_the_event)
{
	uint64_t id = stage_mark(st, 1, 0);

	ck_assert_ptr_nonnull(stage_note(st, id));
	ck_assert_int_eq(stage_fate(st, 1), WAS_HEARD);
}
END_TEST

START_TEST(a_mark_has_to_lie_between_what_is_played_and_what_is_captured)
{
	struct ticket t = stage_ticket(st, 1);

	stage_push(st, 0, 50000);
	stage_play(st, 4800);
	stage_refresh(st);

	ck_assert_int_eq(mark_set(st->s, &t, 1, 4799), -ERANGE);
	ck_assert_int_eq(mark_set(st->s, &t, 1, 50001), -ERANGE);
	ck_assert_int_eq(mark_set(st->s, &t, 1, UINT64_MAX), -ERANGE);
	ck_assert_ptr_null(stage_note(st, t.async_id));
	stage_mark(st, 2, 4800);
	ck_assert_int_eq(stage_fate(st, 2), WAS_HEARD);
	stage_mark(st, 3, 50000);
}
END_TEST

START_TEST(there_are_at_most_so_many)
{
	struct ticket t = stage_ticket(st, 1);

	st->config.max_marks = 10;
	stage_push(st, 0, 4800);
	for (uint64_t i = 0; i < 10; i++)
		ck_assert_int_eq(mark_set(st->s, &t, i, 100 * i + 1), 0);
	ck_assert_int_eq(mark_set(st->s, &t, 10, 4800), -ENOBUFS);

	stage_play(st, 4 * MS);
	ck_assert_int_eq(mark_set(st->s, &t, 11, 4800), 0);
	stage_play(st, 9600);
	for (uint64_t i = 0; i < 12; i++)
		ck_assert_int_eq(stage_fate(st, i), i == 10 ? NOT_TOLD : WAS_HEARD);
}
END_TEST

START_TEST(there_are_at_most_so_many_of_one_user)
{
	struct ticket t = stage_ticket(st, 1);
	struct source *first = st->s, *second = stage_source(st, 1000);

	st->config.max_marks_per_user = 3;
	stage_push(st, 0, 4800);
	ck_assert_int_eq(mark_set(first, &t, 1, 4800), 0);
	ck_assert_int_eq(mark_set(first, &t, 2, 4800), 0);
	ck_assert_int_eq(mark_set(second, &t, 3, 0), 0); /* heard at once */
	ck_assert_uint_eq(st->user->marks, 2);
	ck_assert_int_eq(mark_set(first, &t, 4, 4800), 0);

	ck_assert_int_eq(mark_set(second, &t, 5, 0), -EDQUOT);
	ck_assert_int_eq(mark_set(first, &t, 5, 4800), -EDQUOT);

	stage_play(st, 9600);
	ck_assert_uint_eq(st->user->marks, 0);
}
END_TEST

START_TEST(a_clear_drops_what_it_took_and_no_more)
{
	uint64_t until = 4800 + GUARD + FADE;

	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	stage_mark(st, 1, 4800 + GUARD);
	stage_mark(st, 2, until);
	stage_mark(st, 3, until + 1);
	stage_mark(st, 4, 48000);
	stage_clear(st, 5);
	stage_push(st, 0, 1000);
	stage_mark(st, 5, 48001);
	ck_assert_int_eq(stage_fate(st, 4), NOT_TOLD);
	stage_settle(st);
	ck_assert_int_eq(stage_fate(st, 3), WAS_DROPPED);
	ck_assert_int_eq(stage_fate(st, 4), WAS_DROPPED);
	ck_assert_int_eq(stage_fate(st, 2), NOT_TOLD);

	stage_play(st, 4800);
	ck_assert_int_eq(stage_fate(st, 1), WAS_HEARD);
	ck_assert_int_eq(stage_fate(st, 2), WAS_HEARD);
	ck_assert_int_eq(stage_fate(st, 5), WAS_HEARD);
	stage_assert_time(stage_event(st, HEARD, 2)->heard.at_ns, until + 1);
}
END_TEST

START_TEST(a_mark_on_what_a_clear_has_taken_is_dropped_when_it_is_set)
{
	st->sink.sink.rewinds = false;
	stage_push(st, 0, 48000);
	stage_play(st, 960);
	stage_clear(st, 0);
	stage_settle(st);
	stage_mark(st, 1, 48000);
	stage_mark(st, 2, 2000);

	ck_assert_int_eq(stage_fate(st, 1), WAS_DROPPED);
	stage_play(st, 4800);
	ck_assert_int_eq(stage_fate(st, 2), WAS_HEARD);
}
END_TEST

START_TEST(a_mark_that_is_heard_before_the_clear_is_told_is_decided_by_the_clear)
{
	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	stage_mark(st, 1, 4800 + GUARD);
	stage_mark(st, 2, 20000);
	stage_clear(st, 0);
	player_turn(output_player(st->output)); /* and main is not told yet */
	fake_sink_advance(&st->sink, 2 * GUARD);
	player_turn(output_player(st->output));
	stage_settle(st);

	ck_assert_int_eq(stage_fate(st, 1), WAS_HEARD);
	ck_assert_int_eq(stage_fate(st, 2), WAS_DROPPED);
}
END_TEST

START_TEST(marks_on_captures_that_wait_go_with_them)
{
	stage_push(st, 0, 48000);
	stage_push(st, 48000, 1000);
	stage_mark(st, 1, 48000);
	stage_mark(st, 2, 48001);
	stage_mark(st, 3, 49000);
	stage_hold(st, true);
	sources_close(st->s, false);

	ck_assert_int_eq(stage_fate(st, 1), NOT_TOLD);
	ck_assert_int_eq(stage_fate(st, 2), WAS_DROPPED);
	ck_assert_int_eq(stage_fate(st, 3), WAS_DROPPED);
	stage_hold(st, false);
	stage_play(st, 60000);
	ck_assert_int_eq(stage_fate(st, 1), WAS_HEARD);
}
END_TEST

START_TEST(a_mark_behind_a_capture_that_is_dropped_stays_with_its_frame)
{
	const struct capture_order hasty = {
		.n = 1000, .at = CAPTURE_ANYWHERE, .timeout_ms = 1};
	const struct stage_event *e;

	stage_push(st, 0, 48000);
	ck_assert_int_eq(stage_capture(st, 0, 1, &hasty), 0);
	stage_mark(st, 1, 48500);
	stage_mark(st, 2, END);
	stage_push(st, 2, 1000);
	stage_mark(st, 3, 49500);
	stage_wait_for_timer(st);
	ck_assert_int_eq(stage_fate(st, 1), WAS_DROPPED);
	ck_assert_int_eq(stage_fate(st, 2), WAS_DROPPED);

	stage_play(st, 60000);
	ck_assert_int_eq(stage_fate(st, 3), WAS_HEARD);
	e = stage_event(st, HEARD, 0);
	ck_assert_uint_eq(e->heard.position, 48500);
}
END_TEST

START_TEST(a_mark_is_held_by_a_pause)
{
	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	stage_mark(st, 1, 4800 + GUARD + FADE);
	stage_mark(st, 2, 4800 + GUARD + FADE + 1);
	stage_hold(st, true);
	stage_play(st, 9600);
	ck_assert_int_eq(stage_fate(st, 1), WAS_HEARD);
	ck_assert_int_eq(stage_fate(st, 2), NOT_TOLD);

	stage_hold(st, false);
	stage_play(st, 2 * GUARD);
	ck_assert_int_eq(stage_fate(st, 2), WAS_HEARD);
}
END_TEST

START_TEST(the_end_of_the_source_drops_the_rest)
{
	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	stage_mark(st, 1, 4800 + GUARD + FADE);
	stage_mark(st, 2, 48000);
	sources_close(st->s, true);
	stage_play(st, 4800);

	ck_assert_uint_eq(st->sources.num, 0);
	ck_assert_int_eq(stage_fate(st, 1), WAS_HEARD);
	ck_assert_int_eq(stage_fate(st, 2), WAS_DROPPED);
}
END_TEST

START_TEST(whoever_has_gone_is_told_of_no_mark)
{
	stage_push(st, 0, 4800);
	stage_mark(st, 1, 2400);
	stage_mark(st, 2, 4800);
	stage_clear(st, 0);
	sources_leave(&st->sources, (struct conn *)&st->clients[1]);
	stage_play(st, 9600);

	ck_assert_int_eq(st->num_events, 0);
	ck_assert_uint_eq(st->s->marks.clients, 0);
}
END_TEST

START_TEST(every_mark_is_told_as_the_tape_has_it)
{
	uint64_t until;
	int heard = 0;

	stage_push(st, 0, 48000);
	for (uint64_t i = 0; i < 480; i++)
		stage_mark(st, i, 100 * i + 1);
	stage_play(st, 11111);
	stage_clear(st, 7);
	stage_play(st, 9600);
	until = stage_look(st).heard;

	for (uint64_t i = 0; i < 480; i++) {
		ck_assert_int_eq(stage_fate(st, i),
				 100 * i + 1 <= until ? WAS_HEARD : WAS_DROPPED);
		heard += stage_fate(st, i) == WAS_HEARD;
	}
	for (int i = 0; i < heard; i++) {
		const struct stage_event *e = stage_event(st, HEARD, i);

		stage_assert_time(e->heard.at_ns, e->heard.position);
	}
	ck_assert_int_gt(heard, 100);
}
END_TEST

/* More clears lie in the device than a voice can tell apart, and it is lost. */
START_TEST(a_loss_after_many_clears_leaves_no_mark_behind)
{
	st->sink.sink.rewinds = false;
	st->sink.most_written = 10;
	for (int i = 0; i < VOICE_BREAKS + 2; i++) {
		stage_push(st, 0, 200);
		player_turn(output_player(st->output));
		stage_clear(st, 0);
		player_turn(output_player(st->output));
	}
	st->sink.most_written = UINT32_MAX;
	stage_push(st, 0, 4800);
	stage_mark(st, 1, END);
	stage_settle(st);
	stage_unplug(st);
	stage_plug_in(st);
	stage_play(st, 2 * 4800);

	ck_assert_int_eq(stage_fate(st, 1), WAS_HEARD);
}
END_TEST

/* It was set in a life before this one, which could not tell. */
START_TEST(a_mark_that_is_set_again_behind_its_time_is_told_at_once)
{
	struct ticket t = stage_ticket(st, 1);

	stage_push(st, 0, 9600);
	stage_play(st, 4800);
	stage_refresh(st);
	ck_assert_int_eq(mark_set_again(st->s, &t, 7, 2400), 0);
	stage_settle(st);

	ck_assert_uint_eq(stage_event(st, HEARD, 0)->heard.mark_id, 7);
	ck_assert_uint_eq(stage_event(st, HEARD, 0)->heard.at_ns,
			  2400 * UINT64_C(1000000) / 48);
	ck_assert_int_eq(mark_set_again(st->s, &t, 8, 9601), -ERANGE);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("mark");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_mark_is_heard_when_the_frame_at_it_begins_to_sound);
	tcase_add_test(tc, the_default_is_the_end_of_what_is_captured);
	tcase_add_test(tc, the_answer_comes_before_the_event);
	tcase_add_test(tc, a_mark_has_to_lie_between_what_is_played_and_what_is_captured);
	tcase_add_test(tc, there_are_at_most_so_many);
	tcase_add_test(tc, there_are_at_most_so_many_of_one_user);
	tcase_add_test(tc, a_clear_drops_what_it_took_and_no_more);
	tcase_add_test(tc, a_mark_on_what_a_clear_has_taken_is_dropped_when_it_is_set);
	tcase_add_test(
		tc,
		a_mark_that_is_heard_before_the_clear_is_told_is_decided_by_the_clear);
	tcase_add_test(tc, marks_on_captures_that_wait_go_with_them);
	tcase_add_test(tc, a_mark_behind_a_capture_that_is_dropped_stays_with_its_frame);
	tcase_add_test(tc, a_mark_is_held_by_a_pause);
	tcase_add_test(tc, the_end_of_the_source_drops_the_rest);
	tcase_add_test(tc, whoever_has_gone_is_told_of_no_mark);
	tcase_add_test(tc, every_mark_is_told_as_the_tape_has_it);
	tcase_add_test(tc, a_loss_after_many_clears_leaves_no_mark_behind);
	tcase_add_test(tc, a_mark_that_is_set_again_behind_its_time_is_told_at_once);
	return suite_run("mark", tc);
}
