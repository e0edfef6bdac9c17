/* SPDX-License-Identifier: MIT */
/*
 * Many clients at once: those that play, those that do nothing, those that come and go. Every frame is
 * heard once: all samples have the same value, so the sum of what was heard says how many there were.
 */
#include <stdlib.h>

#include "audd.h"
#include "client.h"
#include "crowd.h"
#include "suite.h"

enum {
	RATE = 48000,
	CLIENTS = SANITIZED ? 200 : 1000,
	SOURCES = SANITIZED ? 64 : 512,
	SOUNDING = SOURCES / 4,
	KIB_A_CLIENT = 4,
};

static struct audd audd;
static struct client client;

static void set_up(void)
{
	audd_start(&audd,
		   "[daemon]\nmax_connections = 1024\nmax_connections_per_user = 1024\n"
		   "max_sources = 512\nmax_sources_per_user = 512\nlinger_ms = 0\n"
		   "[output]\ndither = no\nbuffer_ms = 40\n");
	client_init(&client, audd.socket);
}

static void tear_down(void)
{
	client_done(&client);
	if (audd.pid)
		ck_assert_int_eq(audd_stop(&audd), 0);
	audd_done(&audd);
}

static const Aud__DaemonStatus *status(void)
{
	return client_await(&client, client_status(&client))->get_daemon_status;
}

/* Frames of the crowd in the recording, on either side. */
static uint64_t frames_heard(void)
{
	int16_t *heard;
	size_t n = audd_recording(&audd, &heard);
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i += 2) {
		ck_assert_int_eq(heard[i], heard[i + 1]);
		sum += (uint64_t)heard[i];
	}
	free(heard);
	ck_assert_uint_eq(sum % CROWD_SAMPLE, 0);
	return sum / CROWD_SAMPLE;
}

START_TEST(all_sources_of_a_crowd_are_heard_to_the_frame)
{
	struct crowd *c = crowd_new(audd.socket, CLIENTS);
	uint64_t frames;

	crowd_open(c, SOURCES, RATE);
	ck_assert_uint_eq(status()->sources, SOURCES);
	ck_assert_uint_eq(status()->connections, CLIENTS + 1);
	for (uint32_t i = 0; i < SOURCES; i += SOUNDING)
		crowd_stream(c, i, SOUNDING, 30);
	frames = crowd_heard(c);
	crowd_free(c);
	client_await_connections(&client, 1);
	ck_assert_int_eq(audd_stop(&audd), 0);

	ck_assert_uint_eq(frames, SOURCES * 30 * (RATE / 50));
	ck_assert_uint_eq(frames_heard(), frames);
}
END_TEST

START_TEST(clients_that_do_nothing_cost_little_memory_and_no_time)
{
	uint64_t memory = audd_memory_kib(&audd);
	struct crowd *c = crowd_new(audd.socket, CLIENTS);

	ck_assert_uint_le(audd_memory_kib(&audd), memory + KIB_A_CLIENT * CLIENTS);
	ck_assert(audd_rests(&audd, 300));

	crowd_free(c);
	client_await_connections(&client, 1);
}
END_TEST

START_TEST(a_client_that_comes_and_goes_leaves_nothing)
{
	struct crowd *c = crowd_new(audd.socket, 2);
	int files = audd_files(&audd);
	uint64_t memory;

	crowd_open(c, 1, RATE);
	crowd_storm(c, 1, 200);
	memory = audd_memory_kib(&audd);
	for (int i = 0; i < 10; i++) {
		crowd_storm(c, 1, 200);
		crowd_stream(c, 0, 1, 2);
	}

	client_await_connections(&client, 3);
	ck_assert_int_eq(audd_files(&audd), files + 1); /* the source's */
	if (!SANITIZED)
		ck_assert_uint_le(audd_memory_kib(&audd), memory + 64);
	crowd_heard(c);
	crowd_free(c);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("crowd");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, all_sources_of_a_crowd_are_heard_to_the_frame);
	if (!SANITIZED)
		tcase_add_test(tc,
			       clients_that_do_nothing_cost_little_memory_and_no_time);
	tcase_add_test(tc, a_client_that_comes_and_goes_leaves_nothing);
	return suite_run("crowd", tc);
}
