/* SPDX-License-Identifier: MIT */
/*
 * What a source's status says of the time between two turns of the player.
 */
#include "stage.h"
#include "suite.h"

enum { MS = STAGE_RATE / 1000 };

static struct stage *st;

static void set_up(void)
{
	st = stage_new();
}

static void tear_down(void)
{
	stage_free(st);
}

/* The device is at work and has silence to play. */
static void play_silence(bool rewinds)
{
	st->sink.sink.rewinds = rewinds;
	stage_push(st, 0, 10);
	stage_play(st, 480);
	stage_refresh(st);
	ck_assert(st->sink.running);
}

static uint64_t ns_of(uint64_t frames)
{
	return frames * 1000000000 / STAGE_RATE;
}

START_TEST(what_lies_behind_silence_is_not_heard_before_it_begins)
{
	Aud__AudioSourceStatus a;
	uint64_t now, begins;

	play_silence(_i);
	stage_push(st, 100, 4800);
	stage_settle(st);
	a = stage_look(st);
	now = begins = st->sink.taped;
	ck_assert_uint_gt(a.in_device, 0);
	ck_assert_uint_eq(a.queued, 4800);
	stage_play(st, 4800);

	while (stage_heard(st, begins) < 0)
		begins++;
	ck_assert_uint_gt(begins, now);
	ck_assert_uint_eq(a.begins_ns, ns_of(begins - now));
}
END_TEST

START_TEST(what_sounds_has_begun)
{
	stage_push(st, 0, 4800);
	stage_play(st, 480);

	ck_assert_uint_eq(stage_look(st).begins_ns, 0);
	stage_hold(st, true);
	stage_settle(st);
	ck_assert_uint_eq(stage_look(st).begins_ns, 0);
	stage_play(st, 48 * MS);
	ck_assert_uint_eq(stage_look(st).begins_ns, 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("stats");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, what_lies_behind_silence_is_not_heard_before_it_begins, 0,
			    2);
	tcase_add_test(tc, what_sounds_has_begun);
	return suite_run("stats", tc);
}
