/* SPDX-License-Identifier: MIT */
/*
 * A voice agent's day, by libaud on a real daemon: 24 kHz, mono, frames of 20 ms, a queue of
 * 200 ms. Waits end when the last frame was heard, or when there is nothing to wait for.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "aud.h"
#include "audd.h"
#include "suite.h"

enum {
	RATE = 24000,
	FRAME = RATE / 50, /* 20 ms */
	QUEUE_MS = 200,
	UTTERANCE = 30 * FRAME,
	LONG_MS = 20000, /* a queue that lasts longer than any test */
	AT_ONCE_NS = 50000000,
	TRIES = 10,
	NUMBERS = 32000, /* frames are numbered modulo this, and from 1 on */
};

static struct audd audd;
static struct aud *connection;
static struct aud_source *voice;
static uint64_t pushed; /* frames */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static void must(int r)
{
	ck_assert_msg(r >= 0, "%s", aud_error(NULL));
}

static void open_voice(uint32_t queue_ms)
{
	const struct aud_source_options options = {.queue_size_ms = queue_ms};

	must(aud_source_new(connection, &voice, RATE, 1, &options));
}

static void set_up(void)
{
	audd_start(&audd, "[output]\nrate = 24000\n");
	must(aud_connect(&connection, audd.socket, "agent"));
	open_voice(QUEUE_MS);
}

static void tear_down(void)
{
	aud_free(connection);
	if (audd.pid)
		ck_assert_int_eq(audd_stop(&audd), 0);
	audd_done(&audd);
}

static void push(uint32_t frames)
{
	int16_t samples[FRAME];
	struct aud_captured captured;

	ck_assert_uint_eq(frames % FRAME, 0);
	for (; frames > 0; frames -= FRAME) {
		for (int i = 0; i < FRAME; i++)
			samples[i] = (int16_t)(pushed++ % NUMBERS + 1);
		must(aud_source_capture_frame(voice, samples, FRAME, &captured));
		ck_assert_uint_eq(captured.accepted, FRAME);
	}
}

/* Waits until all is heard, and it is: not before the last frame has had its time since
 * `began`. */
static void play_out(uint64_t began, uint32_t frames)
{
	struct aud_source_status *status;
	struct aud_playout playout;

	must(aud_source_wait_for_playout(voice, NULL, &playout));
	ck_assert_int_eq(playout.reason, AUD_PLAYED);
	ck_assert_uint_eq(playout.played, pushed);
	ck_assert_uint_ge(playout.at_ns, began + frames * UINT64_C(1000000000) / RATE);
	ck_assert_uint_ge(now_ns(), playout.at_ns);

	must(aud_source_status(voice, &status));
	ck_assert_uint_eq(status->queued, 0);
	ck_assert_uint_eq(status->heard + status->dropped_cleared, pushed);
	aud_source_status_free(status);
}

/* The recording has the frames [0, until) and [from, pushed), each once and in order. */
static void assert_heard(uint64_t until, uint64_t from)
{
	int16_t *samples;
	uint64_t next = 0;
	size_t n;

	ck_assert_int_eq(audd_stop(&audd), 0);
	n = audd_recording(&audd, &samples);
	for (size_t i = 0; i < n; i += 2) {
		if (samples[i] == 0)
			continue;
		if (next == until)
			next = from;
		ck_assert_int_eq(samples[i], (int16_t)(next++ % NUMBERS + 1));
	}
	ck_assert_uint_eq(next, pushed);
	free(samples);
}

/* ---- the last frame ---------------------------------------------------------------- */

START_TEST(a_wait_ends_when_the_last_frame_was_heard)
{
	uint64_t began = now_ns();

	push(UTTERANCE);

	play_out(began, UTTERANCE);
	assert_heard(pushed, pushed);
}
END_TEST

START_TEST(it_does_after_one_frame_and_a_gap)
{
	uint64_t began;

	push(FRAME);
	audd_pause(60);
	began = now_ns();
	push(UTTERANCE);

	play_out(began, UTTERANCE);
	assert_heard(pushed, pushed);
}
END_TEST

START_TEST(it_does_after_a_clear)
{
	struct aud_cleared cleared;
	uint64_t began, from;

	push(UTTERANCE);
	must(aud_source_clear_queue(voice, &(struct aud_fade){.ms = 0}, &cleared));
	ck_assert_uint_gt(cleared.dropped, 0);
	began = now_ns();
	from = pushed;
	push(UTTERANCE);

	play_out(began, UTTERANCE);
	assert_heard(cleared.heard_until, from);
}
END_TEST

/* ---- how soon ---------------------------------------------------------------------- */

/* On a machine that does other things as well anything may take longer: so each is tried several
 * times, and one has to end at once. */
static void assert_ends_at_once(uint64_t (*how_long_ns)(void))
{
	uint64_t ns = UINT64_MAX;

	for (int i = 0; i < TRIES && ns >= AT_ONCE_NS; i++)
		ns = how_long_ns();
	printf("ended within %" PRIu64 " us\n", ns / 1000);
	ck_assert_uint_lt(ns, AT_ONCE_NS);
}

static uint64_t wait_for_nothing(void)
{
	uint64_t began = now_ns();
	struct aud_playout playout;

	must(aud_source_wait_for_playout(voice, NULL, &playout));
	ck_assert_int_eq(playout.reason, AUD_PLAYED);
	ck_assert_uint_eq(playout.played, pushed);
	return now_ns() - began;
}

START_TEST(a_wait_for_nothing_ends_at_once)
{
	assert_ends_at_once(wait_for_nothing);
	push(5 * FRAME);
	must(aud_source_wait_for_playout(voice, NULL, NULL));
	assert_ends_at_once(wait_for_nothing);
}
END_TEST

/* ---- what releases a wait ---------------------------------------------------------- */

struct waiting {
	pthread_t thread;
	struct aud_playout playout;
	int result;
	uint64_t ended_ns;
};

static void *wait_for_playout(void *user)
{
	struct waiting *w = user;

	w->result = aud_source_wait_for_playout(voice, NULL, &w->playout);
	w->ended_ns = now_ns();
	return NULL;
}

/* Somebody waits for a source that has much to play, and it must end for this reason. */
static uint64_t release(void (*by)(void), enum aud_playout_reason reason)
{
	struct waiting w;
	uint64_t began;

	aud_source_free(voice);
	open_voice(LONG_MS);
	push(LONG_MS / 20 * FRAME);
	pthread_create(&w.thread, NULL, wait_for_playout, &w);
	audd_pause(50); /* so that it does wait */
	began = now_ns();
	by();
	pthread_join(w.thread, NULL);
	must(w.result);
	ck_assert_int_eq(w.playout.reason, reason);
	ck_assert_uint_ge(w.ended_ns, began);
	return w.ended_ns - began;
}

static void clear(void)
{
	must(aud_source_clear_queue(voice, NULL, NULL));
}

static void close_and_play_out(void)
{
	must(aud_source_close(voice, false));
}

static void close_now(void)
{
	must(aud_source_close(voice, true));
}

static uint64_t release_by_clear(void)
{
	return release(clear, AUD_CLEARED);
}

static uint64_t release_by_close(void)
{
	return release(close_and_play_out, AUD_SOURCE_CLOSED);
}

static uint64_t release_by_close_now(void)
{
	return release(close_now, AUD_SOURCE_CLOSED);
}

START_TEST(a_clear_releases_who_waits)
{
	assert_ends_at_once(release_by_clear);
}
END_TEST

START_TEST(closing_releases_who_waits)
{
	assert_ends_at_once(release_by_close);
	assert_ends_at_once(release_by_close_now);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("utterances");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, a_wait_ends_when_the_last_frame_was_heard);
	tcase_add_test(tc, it_does_after_one_frame_and_a_gap);
	tcase_add_test(tc, it_does_after_a_clear);
	tcase_add_test(tc, a_wait_for_nothing_ends_at_once);
	tcase_add_test(tc, a_clear_releases_who_waits);
	tcase_add_test(tc, closing_releases_who_waits);
	return suite_run("utterances", tc);
}
