/* SPDX-License-Identifier: MIT */
/*
 * What a source promises to its client, kept to the frame on every kind of device: each of
 * these runs on all venues. What was heard is compared with a model that knows only the
 * requests and their answers; so the answers are proved by the recording.
 */
#include "model.h"
#include "moment.h"
#include "suite.h"
#include "venue_clock.h"

static struct model model;
static struct timing timing;

/* ---- beginning and end ------------------------------------------------------------- */

static void begin(int which, uint32_t queue_ms)
{
	venue_open(&venue, which, queue_ms);
}

/* Everything plays out; then the ledger and the recording must be as the model says. */
static void finish(void)
{
	const Aud__AudioSourceStatus *s;
	uint64_t silence;

	venue_played(&venue, venue_wait(&venue));
	s = venue_status(&venue);
	model_check_ledger(&model, s);
	silence = s->silence;
	timing.steady = venue_is_steady(&venue);
	venue_close(&venue);
	model_check(&model, venue.heard, venue.num_heard,
		    venue.ops->is_virtual ? 0 : silence);
}

static void tear_down(void)
{
	venue_free(&venue);
	model_done(&model);
}

static uint32_t ms(uint32_t n)
{
	return venue_frames(&venue, n);
}

/* ---- requests, for the model too --------------------------------------------------- */

struct push {
	uint64_t id, number;
	uint32_t frames;
};

static struct push push(uint32_t frames)
{
	uint64_t number = venue.pushed;

	return (struct push){venue_push(&venue, frames), number, frames};
}

static void await_push(struct push p)
{
	model_push(&model, p.number, p.frames, venue_captured(&venue, p.id));
}

static const Aud__ClearAudioBufferReply *await_clear(uint64_t id)
{
	const Aud__ClearAudioBufferReply *r = venue_cleared(&venue, id);

	model_clear(&model, r);
	if (venue.ops->rewinds)
		ck_assert_uint_le(r->in_device, ms(1) * VENUE_GUARD_US / 1000);
	return r;
}

/* Waits until all is played out. */
static struct moment await_playout(uint64_t id)
{
	const Aud__WaitForPlayoutReply *r = venue_played(&venue, id);
	struct moment m = moment_note(&venue, r->at_ns);

	ck_assert_int_eq(r->reason, AUD__PLAYOUT_REASON__PLAYED);
	ck_assert_uint_eq(r->played, model.written);
	return m;
}

/* ---- captures ---------------------------------------------------------------------- */

START_TEST(a_capture_larger_than_the_queue_is_heard_whole)
{
	begin(_i, 100);

	await_push(push(ms(350)));
	await_push(push(ms(20) + 1));

	finish();
	ck_assert_uint_eq(model_heard(&model), ms(370) + 1);
}
END_TEST

/* ---- clear ------------------------------------------------------------------------- */

START_TEST(nothing_behind_heard_until_is_heard_and_all_before_it_is)
{
	const Aud__ClearAudioBufferReply *r;

	begin(_i, 1000);
	await_push(push(ms(400)));
	venue.ops->pass(&venue, 60);

	r = await_clear(venue_clear(&venue));
	ck_assert_uint_gt(r->dropped, 0);
	ck_assert_int_eq(r->taken_back > 0, venue.ops->rewinds);
	await_push(push(ms(100)));

	finish();
}
END_TEST

START_TEST(a_clear_in_mid_capture_drops_all_the_rest_of_it)
{
	struct push capture;
	uint64_t clear;

	begin(_i, 100);
	capture = push(ms(500));
	venue.ops->pass(&venue, 120);

	clear = venue_clear(&venue);
	await_push(capture);
	await_clear(clear);
	ck_assert_uint_gt(model.refused, ms(100));
	await_push(push(ms(50)));

	finish();
}
END_TEST

START_TEST(two_clears_at_once_each_tell_what_they_took)
{
	uint64_t first, second;
	struct push between;

	begin(_i, 1000);
	await_push(push(ms(200)));
	venue.ops->pass(&venue, 30);

	first = venue_clear(&venue);
	between = push(ms(40));
	second = venue_clear(&venue);
	await_clear(first);
	await_push(between);
	await_clear(second);
	await_push(push(ms(20)));

	finish();
}
END_TEST

/* ---- pause ------------------------------------------------------------------------- */

START_TEST(after_a_pause_it_goes_on_at_the_very_frame)
{
	uint64_t position, silence;

	begin(_i, 1000);
	await_push(push(ms(200)));
	venue.ops->pass(&venue, 60);
	position = venue_hold(&venue, true);
	model_rest(&model, position);
	venue.ops->pass(&venue, 60);
	await_push(push(ms(10)));
	ck_assert_uint_eq(venue_hold(&venue, false), position);

	finish();
	ck_assert_uint_gt(position, 0);
	silence = model.at[position] - model.at[position - 1] - 1;
	ck_assert_uint_gt(silence, 0);
	if (venue.ops->is_virtual)
		ck_assert_uint_eq(silence, ms(60));
}
END_TEST

START_TEST(a_clear_of_what_is_paused_drops_all_from_there_on)
{
	uint64_t position;

	begin(_i, 1000);
	await_push(push(ms(200)));
	venue.ops->pass(&venue, 60);
	position = venue_hold(&venue, true);
	venue.ops->pass(&venue, 50);

	ck_assert_uint_eq(await_clear(venue_clear(&venue))->heard_until, position);
	await_push(push(ms(50)));
	ck_assert_uint_eq(venue_hold(&venue, false), model.cuts[0].to);

	finish();
}
END_TEST

/* ---- marks ------------------------------------------------------------------------- */

START_TEST(a_mark_is_heard_when_its_frame_begins_to_sound)
{
	enum { MARKS = 6, FRAMES = 7000 };
	static const uint64_t positions[MARKS] = {1, 2, 441, 442, FRAMES - 1, FRAMES};
	struct moment heard[MARKS];

	begin(_i, 1000);
	venue_hold(&venue, true);
	await_push(push(FRAMES));
	for (uint64_t i = 0; i < MARKS; i++)
		venue_await(&venue, venue_mark(&venue, i, positions[i]),
			    AUD__REPLY__KIND_SET_MARK);
	venue.ops->pass(&venue, 20);
	venue_hold(&venue, false);

	for (uint64_t i = 0; i < MARKS; i++) {
		const Aud__Event *e = venue_marked(&venue, i);

		ck_assert_int_eq(e->kind_case, AUD__EVENT__KIND_MARK_HEARD);
		ck_assert_uint_eq(e->mark_heard->position, positions[i]);
		heard[i] = moment_note(&venue, e->mark_heard->at_ns);
	}
	finish();
	for (int i = 0; i < MARKS; i++)
		moment_check(&heard[i], &venue, &timing, model.at[positions[i]]);
}
END_TEST

START_TEST(a_late_wake_up_is_not_told_as_when_it_was_heard)
{
	struct moment mark, end;
	const Aud__Event *e;

	begin(_i, 1000);
	venue.late = 29;
	await_push(push(4000));
	venue_mark(&venue, 1, 1003);
	e = venue_marked(&venue, 1);
	mark = moment_note(&venue, e->mark_heard->at_ns);
	end = await_playout(venue_wait(&venue));

	finish();
	moment_check(&mark, &venue, &timing, model.at[1003]);
	moment_check(&end, &venue, &timing, model.at[4000]);
}
END_TEST

START_TEST(a_clear_drops_the_marks_that_it_takes_and_no_others)
{
	enum { MARKS = 20 };
	uint64_t until;

	begin(_i, 1000);
	venue_hold(&venue, true);
	await_push(push(ms(200)));
	for (uint64_t i = 1; i <= MARKS; i++)
		venue_mark(&venue, i, i * ms(10));
	venue_hold(&venue, false);
	venue.ops->pass(&venue, 65);
	until = await_clear(venue_clear(&venue))->heard_until;
	await_push(push(ms(20)));

	for (uint64_t i = 1; i <= MARKS; i++) {
		const Aud__Event *e = venue_marked(&venue, i);

		ck_assert_int_eq(e->kind_case, i * ms(10) < until
						       ? AUD__EVENT__KIND_MARK_HEARD
						       : AUD__EVENT__KIND_MARK_DROPPED);
	}
	finish();
}
END_TEST

/* ---- waits ------------------------------------------------------------------------- */

START_TEST(a_wait_ends_when_the_last_frame_was_heard)
{
	struct moment first, second;
	uint64_t wait, end;

	begin(_i, 1000);
	await_push(push(ms(80) + 1));
	wait = venue_wait(&venue);
	venue.ops->pass(&venue, 30);
	await_push(push(33));
	first = await_playout(wait);
	end = model.written;
	model_rest(&model, end);
	venue.ops->pass(&venue, 15);
	await_push(push(ms(60)));
	second = await_playout(venue_wait(&venue));

	finish();
	moment_check(&first, &venue, &timing, model.at[end - 1] + 1);
	moment_check(&second, &venue, &timing, model.at[model.written]);
}
END_TEST

START_TEST(a_short_tail_is_heard_in_time_and_not_before_the_next_utterance)
{
	enum { TAILS = 2 };
	const uint32_t tails[TAILS] = {1, 7 * 40};
	struct moment ends[TAILS];
	uint64_t positions[TAILS];

	begin(_i, 1000);
	for (int i = 0; i < TAILS; i++) {
		await_push(push(ms(40)));
		venue.ops->pass(&venue, 15);
		await_push(push(tails[i]));
		ends[i] = await_playout(venue_wait(&venue));
		positions[i] = model.written;
		model_rest(&model, model.written);
		venue.ops->pass(&venue, 20);
	}
	await_push(push(ms(40)));

	finish();
	for (int i = 0; i < TAILS; i++)
		moment_check(&ends[i], &venue, &timing, model.at[positions[i] - 1] + 1);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("promises");

	tcase_add_checked_fixture(tc, NULL, tear_down);
	tcase_set_timeout(tc, 30);
#define ON_ALL_VENUES(test) tcase_add_loop_test(tc, test, 0, NUM_VENUES)
	ON_ALL_VENUES(a_capture_larger_than_the_queue_is_heard_whole);
	ON_ALL_VENUES(nothing_behind_heard_until_is_heard_and_all_before_it_is);
	ON_ALL_VENUES(a_clear_in_mid_capture_drops_all_the_rest_of_it);
	ON_ALL_VENUES(two_clears_at_once_each_tell_what_they_took);
	ON_ALL_VENUES(after_a_pause_it_goes_on_at_the_very_frame);
	ON_ALL_VENUES(a_clear_of_what_is_paused_drops_all_from_there_on);
	ON_ALL_VENUES(a_mark_is_heard_when_its_frame_begins_to_sound);
	tcase_add_loop_test(tc, a_late_wake_up_is_not_told_as_when_it_was_heard, 0,
			    NUM_VIRTUAL_VENUES);
	ON_ALL_VENUES(a_clear_drops_the_marks_that_it_takes_and_no_others);
	ON_ALL_VENUES(a_wait_ends_when_the_last_frame_was_heard);
	ON_ALL_VENUES(a_short_tail_is_heard_in_time_and_not_before_the_next_utterance);
	return suite_run("promises", tc);
}
