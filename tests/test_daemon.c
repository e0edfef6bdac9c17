/* SPDX-License-Identifier: MIT */
/*
 * The daemon as a whole: what clients push is what is heard, bit for bit. Time is real
 * here.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "stream.h"
#include "suite.h"

enum {
	RATE = 48000,
	PUSHES = SANITIZED ? 3000 : RATE / 2, /* of one frame; each takes its time */
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- streams of numbered frames -------------------------------------------------- */

struct stream_case {
	uint32_t channels, queue_ms, piece, total; /* frames */
};

/* Each has a daemon for itself, so that all can run at the same time. */
struct stream_run {
	const struct stream_case *is;
	struct audd audd;
	pthread_t thread;
};

static void *run_case(void *user)
{
	struct stream_run *run = user;
	const struct stream_case *sc = run->is;
	const Aud__AudioSourceStatus *s;
	struct client c;
	uint64_t source, silence;

	client_init(&c, run->audd.socket);
	source = client_source(&c, sc->channels, sc->queue_ms);
	stream_push(&c, source, sc->channels, sc->piece, sc->total);
	client_play_out(&c, source);
	s = client_look_at(&c, source);
	ck_assert_uint_eq(s->pushed, sc->total);
	ck_assert_uint_eq(s->heard, sc->total);
	silence = s->silence;
	client_done(&c);

	ck_assert_int_eq(audd_stop(&run->audd), 0);
	stream_assert_heard(&run->audd, sc->total, silence);
	return NULL;
}

START_TEST(what_is_pushed_is_heard_bit_for_bit)
{
	static const struct stream_case cases[] = {
		{2, 20, 1, PUSHES},         {2, 1000, 7, 7 * (PUSHES / 5)},
		{2, 20, 480, RATE * 3},     {2, 200, 960, RATE * 4},
		{1, 60000, 4800, RATE * 5}, {2, 1000, 48000, RATE * 6},
		{1, 20, 480000, RATE * 10}, {1, 60000, 480000, RATE * 10},
	};
	enum { NUM = sizeof(cases) / sizeof(cases[0]) };
	struct stream_run runs[NUM];

	for (int i = 0; i < NUM; i++) {
		runs[i].is = &cases[i];
		audd_start(&runs[i].audd, NULL);
	}
	for (int i = 0; i < NUM; i++)
		pthread_create(&runs[i].thread, NULL, run_case, &runs[i]);
	for (int i = 0; i < NUM; i++) {
		pthread_join(runs[i].thread, NULL);
		audd_done(&runs[i].audd);
	}
}
END_TEST

/* ---- one daemon ------------------------------------------------------------------ */

static struct audd audd;
static struct client client;

static void set_up(void)
{
	audd_start(&audd, "[output]\nidle_ms = 50\ndither = no\n");
	client_init(&client, audd.socket);
}

static void tear_down(void)
{
	client_done(&client);
	if (audd.pid)
		ck_assert_int_eq(audd_stop(&audd), 0);
	audd_done(&audd);
}

static void push_constant(uint64_t source, uint32_t channels, int16_t value,
			  uint32_t frames)
{
	int16_t *samples = malloc(frames * channels * sizeof(*samples));

	for (uint32_t i = 0; i < frames * channels; i++)
		samples[i] = value;
	client_capture(&client, source, samples, channels, frames);
	free(samples);
}

/* One carries its numbers in the upper bits, the other in the lower ones; both are
 * counted in what was heard, wherever they lay over each other. */
START_TEST(two_sources_are_heard_as_their_exact_sum)
{
	enum { TOTAL = 40000, HIGH = 100, LOW = 255 };
	uint64_t a = client_source(&client, 2, 1000), b = client_source(&client, 1, 1000);
	int16_t *high = malloc(TOTAL * 4), *low = malloc(TOTAL * 2), *heard;
	uint32_t next_high = 0, next_low = 0;
	size_t n;

	for (int i = 0; i < TOTAL; i++) {
		high[2 * i] = high[2 * i + 1] = (int16_t)((i % HIGH + 1) * 256);
		low[i] = (int16_t)(i % LOW + 1);
	}
	client_capture(&client, a, high, 2, TOTAL);
	client_capture(&client, b, low, 1, TOTAL);
	client_play_out(&client, a);
	client_play_out(&client, b);
	ck_assert_int_eq(audd_stop(&audd), 0);

	n = audd_recording(&audd, &heard);
	for (size_t i = 0; i < n; i += 2) {
		ck_assert_int_eq(heard[i], heard[i + 1]);
		if (heard[i] / 256)
			ck_assert_int_eq(heard[i] / 256, next_high++ % HIGH + 1);
		if (heard[i] % 256)
			ck_assert_int_eq(heard[i] % 256, next_low++ % LOW + 1);
	}
	ck_assert_uint_eq(next_high, TOTAL);
	ck_assert_uint_eq(next_low, TOTAL);
	free(high);
	free(low);
	free(heard);
}
END_TEST

START_TEST(a_clear_is_not_stuck_behind_a_waiting_capture)
{
	enum { CAPTURE_MS = 4000, FRAMES = RATE / 1000 * CAPTURE_MS };
	uint64_t source = client_source(&client, 2, 100), capture, clear, begin;
	const Aud__Reply *r;

	push_constant(source, 2, 1000, FRAMES);
	capture = client.last_id;
	audd_pause(50);
	begin = now_ms();
	clear = client_clear(&client, source, 5);

	r = client_await(&client, clear);
	ck_assert_uint_lt(now_ms() - begin, CAPTURE_MS / 2);
	ck_assert_uint_gt(r->clear_audio_buffer->dropped, 0);
	r = client_await(&client, capture);
	ck_assert_int_eq(r->capture_audio_frame->reason,
			 AUD__DROP_REASON__DROPPED_BY_CLEAR);
	ck_assert_uint_eq(r->capture_audio_frame->accepted +
				  r->capture_audio_frame->dropped,
			  FRAMES);
	ck_assert_uint_lt(r->capture_audio_frame->accepted, FRAMES / 2);
}
END_TEST

START_TEST(a_clear_is_heard_where_it_says)
{
	uint64_t source = client_source(&client, 2, 1000), until;
	int16_t *heard;
	uint64_t count = 0;
	size_t n;

	push_constant(source, 2, 1000, 40000);
	audd_pause(100);
	until = client_await(&client, client_clear(&client, source, 0))
			->clear_audio_buffer->heard_until;
	client_play_out(&client, source);
	ck_assert_uint_eq(client_look_at(&client, source)->heard, until);
	ck_assert_int_eq(audd_stop(&audd), 0);

	n = audd_recording(&audd, &heard);
	for (size_t i = 0; i < n; i += 2)
		count += heard[i] == 1000;
	ck_assert_uint_eq(count, until);
	free(heard);
}
END_TEST

START_TEST(requests_of_one_connection_take_effect_in_their_order)
{
	uint64_t source = client_source(&client, 2, 1000), ids[30];

	for (int i = 0; i < 30; i += 3) {
		push_constant(source, 2, 100, 2000);
		ids[i] = client.last_id;
		ids[i + 1] = client_clear(&client, source, 0);
		push_constant(source, 2, 200, 10);
		ids[i + 2] = client.last_id;
	}
	for (int i = 0; i < 30; i += 3) {
		uint64_t end = 2010 * (uint64_t)(i / 3) + 2000;

		ck_assert_uint_eq(
			client_await(&client, ids[i + 2])->capture_audio_frame->first,
			end);
		ck_assert_uint_le(client_await(&client, ids[i + 1])
					  ->clear_audio_buffer->heard_until,
				  end);
	}
	client_play_out(&client, source);
	ck_assert_uint_eq(client_look_at(&client, source)->pushed, 20100);
}
END_TEST

/* ---- the end --------------------------------------------------------------------- */

START_TEST(sigterm_ends_it_with_a_complete_recording)
{
	enum { TOTAL = RATE * 10 };
	uint64_t source = client_source(&client, 2, 10000);
	int16_t *heard;
	uint64_t next = 0;
	size_t n;

	stream_push(&client, source, 2, 4800, TOTAL);
	while (client_look_at(&client, source)->heard < RATE / 10)
		audd_pause(10);
	ck_assert_int_eq(audd_stop(&audd), 0);
	ck_assert_int_ne(access(audd.socket, F_OK), 0);

	n = audd_recording(&audd, &heard);
	for (size_t i = 0; i < n; i += 2) {
		if (heard[i])
			ck_assert_int_eq(heard[i], next++ % STREAM_NUMBERS + 1);
	}
	ck_assert_uint_ge(next, RATE / 10);
	ck_assert_uint_lt(next, TOTAL);
	free(heard);
}
END_TEST

START_TEST(a_source_plays_out_when_its_client_has_gone)
{
	struct client other;
	uint64_t source;

	client_init(&other, audd.socket);
	source = client_source(&other, 2, 1000);
	stream_push(&other, source, 2, 4800, 19200);
	client_await(&other, other.last_id);
	client_done(&other);
	client_play_out(&client, source);

	ck_assert_int_eq(audd_stop(&audd), 0);
	stream_assert_heard(&audd, 19200, 0);
}
END_TEST

/* ---- rest ------------------------------------------------------------------------ */

static void await_idle(void)
{
	const Aud__DaemonStatus *s;

	do
		s = client_await(&client, client_status(&client))->get_daemon_status;
	while (strcmp(s->outputs[0]->state, "ready") != 0);
}

START_TEST(nobody_wakes_up_when_nothing_sounds)
{
	uint64_t source = client_source(&client, 2, 1000);

	push_constant(source, 2, 100, 4800);
	client_play_out(&client, source);
	await_idle();

	ck_assert(audd_rests(&audd, 1000));
}
END_TEST

START_TEST(a_source_costs_little_but_its_ring)
{
	enum {
		SOURCES = 30,
		WITHOUT_RING = 16 - 8 /* KiB; the queue's numbers have 8 */
	};
	uint64_t before = audd_memory_kib(&audd);

	for (int i = 0; i < SOURCES; i++)
		client_source(&client, 2, 1000);

	ck_assert_uint_le(audd_memory_kib(&audd) - before, SOURCES * WITHOUT_RING);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("daemon");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_is_pushed_is_heard_bit_for_bit);
	tcase_add_test(tc, two_sources_are_heard_as_their_exact_sum);
	tcase_add_test(tc, a_clear_is_not_stuck_behind_a_waiting_capture);
	tcase_add_test(tc, a_clear_is_heard_where_it_says);
	tcase_add_test(tc, requests_of_one_connection_take_effect_in_their_order);
	tcase_add_test(tc, sigterm_ends_it_with_a_complete_recording);
	tcase_add_test(tc, a_source_plays_out_when_its_client_has_gone);
	if (!SANITIZED) {
		tcase_add_test(tc, nobody_wakes_up_when_nothing_sounds);
		tcase_add_test(tc, a_source_costs_little_but_its_ring);
	}
	return suite_run("daemon", tc);
}
