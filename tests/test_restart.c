/* SPDX-License-Identifier: MIT */
/*
 * The daemon from one life to the next: what was queued is heard, what was heard is not heard
 * again.
 */
#include "suite.h"
#include "survivor.h"

static struct survivor survivor;

static void set_up(void)
{
	survivor_init(&survivor);
}

static void tear_down(void)
{
	survivor_done(&survivor);
}

enum { LOST_AND_BACK = 5 }; /* lives of one source */

START_TEST(after_sigterm_it_goes_on_at_the_very_frame)
{
	enum { TOTAL = SURVIVOR_RATE };

	survivor_make(&survivor, 2000);
	survivor_push(&survivor, TOTAL);

	for (int i = 0; i < LOST_AND_BACK; i++) {
		audd_pause(100);
		survivor_next_life(&survivor, false);
		ck_assert_uint_eq(survivor_attach(&survivor)->written, TOTAL);
	}
	client_play_out(&survivor.client, survivor.source);

	ck_assert_uint_eq(client_look_at(&survivor.client, survivor.source)->heard,
			  TOTAL);
	survivor_assert_ledger(&survivor);
	ck_assert_uint_eq(survivor_assert_heard(&survivor, TOTAL, 0), 0);
}
END_TEST

START_TEST(after_sigkill_nothing_is_lost)
{
	enum { TOTAL = SURVIVOR_RATE };

	survivor_make(&survivor, 2000);
	survivor_push(&survivor, TOTAL);

	for (int i = 0; i < LOST_AND_BACK; i++) {
		audd_pause(100);
		survivor_next_life(&survivor, true);
		ck_assert_uint_eq(survivor_attach(&survivor)->written, TOTAL);
	}
	client_play_out(&survivor.client, survivor.source);

	ck_assert_uint_eq(client_look_at(&survivor.client, survivor.source)->heard,
			  TOTAL);
	survivor_assert_ledger(&survivor);
	survivor_assert_heard(&survivor, TOTAL, SURVIVOR_BUFFER);
}
END_TEST

START_TEST(what_nobody_comes_back_for_is_played_out_and_gone)
{
	enum { TOTAL = SURVIVOR_RATE / 2 };

	survivor_make(&survivor, 1000);
	survivor_push(&survivor, TOTAL);
	survivor_next_life(&survivor, true);

	for (int ms = 0; fake_systemd_count(&survivor.lives.systemd, "source-"); ms++) {
		ck_assert_int_lt(ms, 5000);
		audd_pause(1);
	}

	survivor_assert_heard(&survivor, TOTAL, SURVIVOR_BUFFER);
	client_assert_refused(&survivor.client,
			      client_get(&survivor.client, survivor.source),
			      AUD__ERROR_CODE__NOT_FOUND, "no source");
}
END_TEST

START_TEST(an_id_is_never_given_out_again)
{
	uint64_t first;

	survivor_make(&survivor, 100);
	first = survivor.source;
	survivor_make(&survivor, 100);
	client_await(&survivor.client,
		     client_close(&survivor.client, survivor.source, true));
	client_await(&survivor.client, client_close(&survivor.client, first, true));
	while (fake_systemd_count(&survivor.lives.systemd, "source-"))
		audd_pause(1);
	survivor_next_life(&survivor, true);

	survivor_make(&survivor, 100);

	ck_assert_uint_gt(survivor.source, first + 1);
}
END_TEST

/* The device's rate is another in the next life, and the old memory has no frames for the
 * resampler to look back at. */
START_TEST(another_rate_of_the_device_loses_nothing)
{
	enum { TOTAL = SURVIVOR_RATE / 2 };
	const Aud__AudioSourceStatus *s;

	survivor_make(&survivor, 1000);
	survivor_push(&survivor, TOTAL);
	lives_configure(&survivor.lives, "[output]\nrewind = yes\nrate = 44100\n");
	survivor_next_life(&survivor, true);
	survivor_attach(&survivor);
	survivor_next_life(&survivor, true);
	survivor_attach(&survivor);

	client_play_out(&survivor.client, survivor.source);

	s = client_look_at(&survivor.client, survivor.source);
	ck_assert_uint_eq(s->heard, TOTAL);
	survivor_assert_ledger(&survivor);
	ck_assert_int_eq(fake_systemd_count(&survivor.lives.systemd, "source-"), 1);
}
END_TEST

static void move_to(const char *output)
{
	Aud__MoveAudioSource move = AUD__MOVE_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	move.has_source_handle = true;
	move.source_handle = survivor.source;
	move.output = (char *)output;
	r.kind_case = AUD__REQUEST__KIND_MOVE_AUDIO_SOURCE;
	r.move_audio_source = &move;
	ck_assert_int_eq(client_await(&survivor.client, client_send(&survivor.client, &r))
				 ->kind_case,
			 AUD__REPLY__KIND_MOVE_AUDIO_SOURCE);
}

START_TEST(a_source_goes_on_at_its_output_or_where_that_is_none_at_the_default_one)
{
	lives_configure(&survivor.lives, "[output a]\n[output b]\nbackend = null\n");
	survivor_next_life(&survivor, true);
	survivor_make(&survivor, 1000);
	survivor_push(&survivor, SURVIVOR_PIECE);
	move_to("b");
	survivor_next_life(&survivor, false);
	survivor_attach(&survivor);
	ck_assert_str_eq(client_look_at(&survivor.client, survivor.source)->output, "b");

	lives_configure(&survivor.lives, "[output c]\nbackend = null\n[output a]\n");
	survivor_next_life(&survivor, true);
	survivor_attach(&survivor);
	ck_assert_str_eq(client_look_at(&survivor.client, survivor.source)->output, "c");
	client_play_out(&survivor.client, survivor.source);
	survivor_assert_ledger(&survivor);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("restart");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, after_sigterm_it_goes_on_at_the_very_frame);
	tcase_add_test(t, after_sigkill_nothing_is_lost);
	tcase_add_test(t, what_nobody_comes_back_for_is_played_out_and_gone);
	tcase_add_test(t, an_id_is_never_given_out_again);
	tcase_add_test(t, another_rate_of_the_device_loses_nothing);
	tcase_add_test(
		t,
		a_source_goes_on_at_its_output_or_where_that_is_none_at_the_default_one);
	return suite_run("restart", t);
}
