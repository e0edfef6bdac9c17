/* SPDX-License-Identifier: MIT */
/*
 * What subscribers are told, and when.
 */
#include "change.h"
#include "events.h"
#include "stage.h"
#include "suite.h"

#define STARTED   AUD__EVENT__KIND_PLAYBACK_STARTED
#define UNDERRUN  AUD__EVENT__KIND_UNDERRUN
#define DRAINED   AUD__EVENT__KIND_DRAINED
#define LOW_WATER AUD__EVENT__KIND_LOW_WATER
#define LOST      AUD__EVENT__KIND_DEVICE_LOST
#define BACK      AUD__EVENT__KIND_DEVICE_BACK
#define CLOSED    AUD__EVENT__KIND_SOURCE_CLOSED

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

START_TEST(a_subscription_is_answered_with_where_the_source_stands)
{
	uint64_t id;

	stage_push(st, 0, 4800);
	stage_play(st, 480);
	stage_refresh(st);
	id = stage_subscribe(st, 0);

	ck_assert_uint_eq(stage_note(st, id)->subscribed.written, 4800);
	ck_assert_uint_eq(stage_note(st, id)->subscribed.played, 480);
	ck_assert_int_eq(st->num_events, 0);
}
END_TEST

START_TEST(the_first_frame_and_the_last_are_told)
{
	stage_subscribe(st, 0);
	stage_push(st, 0, 4800);
	stage_play(st, 9600);

	ck_assert_int_eq(st->num_events, 2);
	ck_assert_uint_eq(stage_event(st, STARTED, 0)->started.position, 0);
	stage_assert_time(stage_event(st, STARTED, 0)->started.at_ns, 0);
	ck_assert_uint_eq(stage_event(st, DRAINED, 0)->drained.position, 4800);
	stage_assert_time(stage_event(st, DRAINED, 0)->drained.at_ns, 4800);
}
END_TEST

START_TEST(a_stream_that_goes_on_is_started_once_and_drained_once)
{
	stage_subscribe(st, 0);
	for (int i = 0; i < 50; i++) {
		stage_push(st, 0, 960);
		stage_play(st, i ? 960 : 480);
	}
	stage_play(st, 9600);

	ck_assert_int_eq(stage_count_events(st, STARTED), 1);
	ck_assert_int_eq(stage_count_events(st, UNDERRUN), 0);
	ck_assert_int_eq(stage_count_events(st, DRAINED), 1);
	ck_assert_uint_eq(stage_event(st, DRAINED, 0)->drained.position, 48000);
}
END_TEST

START_TEST(a_queue_is_not_drained_while_a_capture_waits)
{
	stage_subscribe(st, 0);
	stage_push(st, 0, 3 * 48000);
	stage_play(st, 4 * 48000);

	ck_assert_int_eq(stage_count_events(st, DRAINED), 1);
	ck_assert_uint_eq(stage_event(st, DRAINED, 0)->drained.position, 3 * 48000);
}
END_TEST

START_TEST(a_short_gap_is_an_underrun_of_the_client)
{
	const struct stage_event *e;

	stage_subscribe(st, 0);
	stage_push(st, 0, 4800);
	stage_play(st, 4800 + 960);
	stage_push(st, 0, 4800);
	stage_play(st, 9600);

	ck_assert_int_eq(stage_count_events(st, STARTED), 1);
	ck_assert_int_eq(stage_count_events(st, UNDERRUN), 1);
	e = stage_event(st, UNDERRUN, 0);
	ck_assert_uint_eq(e->underrun.position, 4800);
	ck_assert_uint_ge(e->underrun.frames, 960);
	ck_assert_uint_le(e->underrun.frames, 960 + 2 * GUARD);
	ck_assert_int_eq(e->underrun.cause, AUD__UNDERRUN_CAUSE__CLIENT_LATE);
	ck_assert_int_eq(stage_count_events(st, DRAINED), 2);
}
END_TEST

START_TEST(after_a_long_silence_a_segment_begins)
{
	uint64_t began;

	st->sink.sink.idle = 48000;
	stage_subscribe(st, 0);
	stage_push(st, 0, 4800);
	stage_play(st, 4800 + 20000);
	began = st->sink.taped;
	stage_push(st, 0, 4800);
	stage_play(st, 9600);

	ck_assert_int_eq(stage_count_events(st, UNDERRUN), 0);
	ck_assert_int_eq(stage_count_events(st, STARTED), 2);
	ck_assert_uint_eq(stage_event(st, STARTED, 1)->started.position, 4800);
	stage_assert_time(stage_event(st, STARTED, 1)->started.at_ns, began + GUARD);
}
END_TEST

START_TEST(a_silence_in_which_the_device_has_stopped_counts_in_full)
{
	st->sink.sink.idle = 480;
	stage_subscribe(st, 0);
	stage_push(st, 0, 4800);
	stage_play(st, 48000);
	ck_assert(!st->sink.running);
	stage_push(st, 0, 4800);
	stage_play(st, 9600);

	ck_assert_int_eq(stage_count_events(st, UNDERRUN), 0);
	ck_assert_int_eq(stage_count_events(st, STARTED), 2);
}
END_TEST

START_TEST(after_a_clear_a_segment_begins)
{
	uint64_t until = 4800 + GUARD;

	stage_subscribe(st, 0);
	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	stage_clear(st, 0);
	stage_push(st, 0, 4800);
	stage_play(st, 9600);

	ck_assert_int_eq(stage_count_events(st, STARTED), 2);
	ck_assert_uint_eq(stage_event(st, STARTED, 1)->started.position, 48000);
	stage_assert_time(stage_event(st, STARTED, 1)->started.at_ns, until);
	ck_assert_int_eq(stage_count_events(st, UNDERRUN), 0);
	ck_assert_int_eq(stage_count_events(st, DRAINED), 1);
}
END_TEST

START_TEST(what_is_pushed_some_time_after_a_clear_is_no_underrun)
{
	stage_subscribe(st, 0);
	stage_push(st, 0, 4800);
	stage_play(st, 9600);
	stage_clear(st, 5);
	stage_play(st, 960);
	stage_push(st, 0, 4800);
	stage_play(st, 9600);

	ck_assert_int_eq(stage_count_events(st, STARTED), 2);
	ck_assert_int_eq(stage_count_events(st, UNDERRUN), 0);
}
END_TEST

START_TEST(what_is_cut_off_before_it_sounds_never_started)
{
	stage_subscribe(st, 0);
	stage_push(st, 0, 4800);
	stage_clear(st, 0);
	stage_push(st, 0, 4800);
	stage_play(st, 9600);

	ck_assert_int_eq(stage_count_events(st, STARTED), 1);
	ck_assert_uint_eq(stage_event(st, STARTED, 0)->started.position, 4800);
}
END_TEST

START_TEST(a_clear_is_not_drained)
{
	stage_subscribe(st, 0);
	stage_push(st, 0, 4800);
	stage_play(st, 480);
	stage_clear(st, 5);
	stage_play(st, 9600);

	ck_assert_int_eq(stage_count_events(st, DRAINED), 0);
}
END_TEST

START_TEST(whoever_comes_while_a_clear_fades_out_is_told_of_the_next_end)
{
	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	stage_clear(st, 5);
	stage_settle(st);
	stage_subscribe(st, 0);
	stage_push(st, 0, 4800);
	stage_play(st, 9600);

	ck_assert_int_eq(stage_count_events(st, DRAINED), 1);
	ck_assert_uint_eq(stage_event(st, DRAINED, 0)->drained.position, 48000 + 4800);
}
END_TEST

START_TEST(a_pause_is_no_underrun)
{
	stage_subscribe(st, 0);
	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	stage_hold(st, true);
	stage_play(st, 4800);
	stage_hold(st, false);
	stage_play(st, 60000);

	ck_assert_int_eq(stage_count_events(st, UNDERRUN), 0);
	ck_assert_int_eq(stage_count_events(st, STARTED), 1);
	ck_assert_uint_eq(stage_look(st).silence, 0);
}
END_TEST

START_TEST(a_device_that_stops_is_an_underrun_of_another_cause)
{
	stage_subscribe(st, 0);
	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	fake_sink_advance(&st->sink, STAGE_BUFFER + 960);
	stage_play(st, 4800);

	ck_assert_int_eq(stage_count_events(st, UNDERRUN), 1);
	ck_assert_int_eq(stage_event(st, UNDERRUN, 0)->underrun.cause,
			 AUD__UNDERRUN_CAUSE__WAKEUP_LATE);
	ck_assert_uint_ge(stage_event(st, UNDERRUN, 0)->underrun.frames, 480);
}
END_TEST

START_TEST(low_water_is_told_once_each_time)
{
	uint64_t low = 100 * MS;

	stage_subscribe(st, 100);
	stage_push(st, 0, low / 2);
	stage_play(st, low / 4);
	ck_assert_int_eq(stage_count_events(st, LOW_WATER), 0);

	for (int i = 1; i <= 3; i++) {
		stage_push(st, 0, (uint32_t)low);
		stage_play(st, (uint32_t)low / 8);
		ck_assert_int_eq(stage_count_events(st, LOW_WATER), i - 1);
		stage_play(st, (uint32_t)low / 8 * 7);
		ck_assert_int_eq(stage_count_events(st, LOW_WATER), i);
		ck_assert_uint_lt(stage_event(st, LOW_WATER, i - 1)->low_water.queued,
				  low);
		ck_assert_uint_gt(stage_event(st, LOW_WATER, i - 1)->low_water.queued,
				  low - 2 * MS);
	}
}
END_TEST

START_TEST(a_clear_brings_low_water)
{
	stage_subscribe(st, 100);
	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	stage_clear(st, 5);
	stage_play(st, 4800);

	ck_assert_int_eq(stage_count_events(st, LOW_WATER), 1);
}
END_TEST

START_TEST(a_device_that_goes_and_comes_is_told)
{
	stage_subscribe(st, 0);
	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	stage_refresh(st);
	stage_unplug(st);
	ck_assert_int_eq(stage_count_events(st, LOST), 1);
	ck_assert_uint_eq(stage_event(st, LOST, 0)->lost.position, 4800);
	ck_assert_int_eq(stage_count_events(st, BACK), 0);

	stage_plug_in(st);
	ck_assert_int_eq(stage_count_events(st, BACK), 1);
	ck_assert_uint_eq(stage_event(st, BACK, 0)->back.position, 4800);
}
END_TEST

START_TEST(the_end_is_told_with_what_was_heard_and_what_was_not)
{
	uint64_t id = st->s->id;

	stage_subscribe(st, 0);
	stage_push(st, 0, 60000);
	stage_play(st, 4800);
	sources_close(st->s, true);
	stage_play(st, 9600);

	ck_assert_int_eq(stage_count_events(st, CLOSED), 1);
	ck_assert_uint_eq(stage_event(st, CLOSED, 0)->source, id);
	ck_assert_uint_eq(stage_event(st, CLOSED, 0)->closed.heard, 4800 + GUARD + FADE);
	ck_assert_uint_eq(stage_event(st, CLOSED, 0)->closed.dropped,
			  60000 - 4800 - GUARD - FADE);
	ck_assert_int_eq(st->events[st->num_events - 1].kind, CLOSED);
}
END_TEST

START_TEST(a_closed_source_that_plays_out_is_drained_and_then_closed)
{
	stage_subscribe(st, 0);
	stage_push(st, 0, 4800);
	sources_close(st->s, false);
	stage_play(st, 9600);

	ck_assert_int_eq(stage_count_events(st, DRAINED), 1);
	ck_assert_int_eq(st->events[st->num_events - 1].kind, CLOSED);
}
END_TEST

START_TEST(each_subscriber_is_told_until_it_wants_no_more)
{
	struct ticket t = stage_ticket(st, 0);

	stage_subscribe(st, 0);
	stage_subscribe(st, 0);
	ck_assert_int_eq(events_subscribe(st->s, &t, 0), 0);
	stage_push(st, 0, 4800);
	stage_play(st, 480);
	ck_assert_int_eq(st->num_events, 2);

	t = stage_ticket(st, 0);
	events_unsubscribe(st->s, &t);
	ck_assert_ptr_nonnull(stage_note(st, t.async_id));
	stage_play(st, 9600);
	ck_assert_int_eq(st->num_events, 3);
	ck_assert_ptr_eq(st->events[2].client, &st->clients[1]);

	sources_leave(&st->sources, (struct conn *)&st->clients[1]);
	stage_push(st, 0, 4800);
	stage_play(st, 9600);
	ck_assert_int_eq(st->num_events, 3);
}
END_TEST

START_TEST(nobody_is_woken_when_nobody_has_subscribed)
{
	stage_push(st, 0, 48000);
	stage_settle(st);
	st->bells = 0;
	stage_play(st, 60000);

	ck_assert_uint_eq(st->bells, 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("events");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_subscription_is_answered_with_where_the_source_stands);
	tcase_add_test(tc, the_first_frame_and_the_last_are_told);
	tcase_add_test(tc, a_stream_that_goes_on_is_started_once_and_drained_once);
	tcase_add_test(tc, a_queue_is_not_drained_while_a_capture_waits);
	tcase_add_test(tc, a_short_gap_is_an_underrun_of_the_client);
	tcase_add_test(tc, after_a_long_silence_a_segment_begins);
	tcase_add_test(tc, a_silence_in_which_the_device_has_stopped_counts_in_full);
	tcase_add_test(tc, after_a_clear_a_segment_begins);
	tcase_add_test(tc, what_is_pushed_some_time_after_a_clear_is_no_underrun);
	tcase_add_test(tc, what_is_cut_off_before_it_sounds_never_started);
	tcase_add_test(tc, a_clear_is_not_drained);
	tcase_add_test(tc, whoever_comes_while_a_clear_fades_out_is_told_of_the_next_end);
	tcase_add_test(tc, a_pause_is_no_underrun);
	tcase_add_test(tc, a_device_that_stops_is_an_underrun_of_another_cause);
	tcase_add_test(tc, low_water_is_told_once_each_time);
	tcase_add_test(tc, a_clear_brings_low_water);
	tcase_add_test(tc, a_device_that_goes_and_comes_is_told);
	tcase_add_test(tc, the_end_is_told_with_what_was_heard_and_what_was_not);
	tcase_add_test(tc, a_closed_source_that_plays_out_is_drained_and_then_closed);
	tcase_add_test(tc, each_subscriber_is_told_until_it_wants_no_more);
	tcase_add_test(tc, nobody_is_woken_when_nobody_has_subscribed);
	return suite_run("events", tc);
}
