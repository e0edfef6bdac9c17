/* SPDX-License-Identifier: MIT */
/*
 * Marks and subscriptions over the wire: what is refused, and what becomes of a client that
 * does not read.
 */
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "stream.h"
#include "suite.h"

#define INVALID AUD__ERROR_CODE__INVALID_ARGUMENT
#define MISSING INT64_C(-1)

enum { RATE = 48000, MARKS = 8000, SOURCES = 4 };

static struct audd audd;
static struct client client;
/* Sources of client's: 2 channels, 1000 ms, paused, 4800 frames pushed. */
static uint64_t handles[SOURCES], handle; /* the first of them */
static int16_t samples[2 * RATE];

static void set_up(void)
{
	audd_start(&audd, "[daemon]\nmax_marks = 8000\nmax_marks_per_user = 32000\n");
	client_init(&client, audd.socket);
	for (int i = 0; i < SOURCES; i++) {
		handles[i] = client_source(&client, 2, 1000);
		client_await(&client, client_pause(&client, handles[i]));
		client_await(&client,
			     client_capture(&client, handles[i], samples, 2, 4800));
	}
	handle = handles[0];
}

static void tear_down(void)
{
	client_done(&client);
	if (audd.pid)
		ck_assert_int_eq(audd_stop(&audd), 0);
	audd_done(&audd);
}

static uint64_t put_mark(struct client *c, const uint64_t *source, int64_t position)
{
	Aud__SetMark body = AUD__SET_MARK__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = source != NULL;
	body.source_handle = source ? *source : 0;
	body.has_mark_id = true;
	body.mark_id = UINT64_MAX;
	body.has_position = position != MISSING;
	body.position = (uint64_t)position;
	r.kind_case = AUD__REQUEST__KIND_SET_MARK;
	r.set_mark = &body;
	return client_put(c, &r);
}

static uint64_t mark(struct client *c, const uint64_t *source, int64_t position)
{
	uint64_t id = put_mark(c, source, position);

	client_push_out(c);
	return id;
}

static uint64_t subscribe(struct client *c, const uint64_t *source, int64_t low_water_ms,
			  bool off)
{
	Aud__Subscribe body = AUD__SUBSCRIBE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = source != NULL;
	body.source_handle = source ? *source : 0;
	body.has_low_water_ms = low_water_ms != MISSING;
	body.low_water_ms = (uint32_t)low_water_ms;
	body.has_off = off;
	body.off = off;
	r.kind_case = AUD__REQUEST__KIND_SUBSCRIBE;
	r.subscribe = &body;
	return client_send(c, &r);
}

/* The n-th event that has come, of those of a kind; waits for it. */
static const Aud__Event *await_event(struct client *c, Aud__Event__KindCase kind, int n)
{
	for (;;) {
		int seen = 0;

		for (size_t i = 0; i < c->num_messages; i++) {
			const Aud__Message *m = c->messages[i];

			if (m->kind_case == AUD__MESSAGE__KIND_EVENT &&
			    m->event->kind_case == kind && seen++ == n)
				return m->event;
		}
		client_await(c, client_status(c));
	}
}

START_TEST(a_wrong_mark_is_refused)
{
	uint64_t none = handle + SOURCES;

	client_assert_refused(&client, mark(&client, NULL, MISSING), INVALID,
			      "source_handle is missing");
	client_assert_refused(&client, mark(&client, &none, MISSING),
			      AUD__ERROR_CODE__NOT_FOUND, "no source");
	client_assert_refused(&client, mark(&client, &handle, 4801), INVALID,
			      "position is 4801");
	client_assert_refused(&client, mark(&client, &handle, INT64_MIN), INVALID,
			      "to what is captured, 4800");
	client_await(&client, client_clear(&client, handle, 0));
	client_assert_refused(&client, mark(&client, &handle, 4799), INVALID,
			      "from what is played, 4800");
}
END_TEST

START_TEST(marks_are_told_by_events)
{
	uint64_t source = handle;
	const Aud__Event *e;

	ck_assert_uint_eq(client_await(&client, mark(&client, &source, MISSING))
				  ->set_mark->position,
			  4800);
	client_await(&client, client_resume(&client, handle));
	e = await_event(&client, AUD__EVENT__KIND_MARK_HEARD, 0);

	ck_assert_uint_eq(e->source_handle, handle);
	ck_assert_uint_eq(e->mark_heard->mark_id, UINT64_MAX);
	ck_assert_uint_eq(e->mark_heard->position, 4800);
	ck_assert_uint_gt(e->mark_heard->at_ns, 0);
}
END_TEST

START_TEST(there_are_no_more_marks_than_allowed)
{
	uint64_t id = 0;

	for (int i = 0; i < MARKS; i++)
		id = put_mark(&client, &handle, 4800);
	client_push_out(&client);
	client_await(&client, id);

	client_assert_refused(&client, mark(&client, &handle, 4800),
			      AUD__ERROR_CODE__LIMIT_REACHED, "8000 marks");
}
END_TEST

START_TEST(a_wrong_subscription_is_refused)
{
	uint64_t none = handle + SOURCES;

	client_assert_refused(&client, subscribe(&client, NULL, MISSING, false), INVALID,
			      "source_handle is missing");
	client_assert_refused(&client, subscribe(&client, &none, MISSING, false),
			      AUD__ERROR_CODE__NOT_FOUND, "no source");
	client_assert_refused(&client, subscribe(&client, &handle, 0, false), INVALID,
			      "low_water_ms is 0");
	client_assert_refused(&client, subscribe(&client, &handle, 60001, false), INVALID,
			      "low_water_ms is 60001");
	client_await(&client, subscribe(&client, &handle, MISSING, true));
}
END_TEST

START_TEST(a_subscriber_follows_a_source)
{
	struct client other;
	const Aud__Event *e;

	client_init(&other, audd.socket);
	ck_assert_uint_eq(client_await(&other, subscribe(&other, &handle, 50, false))
				  ->subscribe->written,
			  4800);
	client_await(&client, client_resume(&client, handle));
	e = await_event(&other, AUD__EVENT__KIND_PLAYBACK_STARTED, 0);
	ck_assert_uint_eq(e->playback_started->position, 0);
	e = await_event(&other, AUD__EVENT__KIND_LOW_WATER, 0);
	ck_assert_uint_lt(e->low_water->queued, RATE / 20);
	e = await_event(&other, AUD__EVENT__KIND_DRAINED, 0);
	ck_assert_uint_eq(e->drained->position, 4800);
	client_await(&client, client_close(&client, handle, false));
	e = await_event(&other, AUD__EVENT__KIND_SOURCE_CLOSED, 0);
	ck_assert_uint_eq(e->source_closed->heard, 4800);
	ck_assert_uint_eq(e->source_closed->dropped, 0);
	client_done(&other);
}
END_TEST

START_TEST(a_stranger_follows_nothing)
{
	struct client stranger;

	client_init_as(&stranger, audd.socket, 65534, 65534);

	client_assert_refused(&stranger, mark(&stranger, &handle, MISSING),
			      AUD__ERROR_CODE__PERMISSION_DENIED, "another user");
	client_assert_refused(&stranger, subscribe(&stranger, &handle, MISSING, false),
			      AUD__ERROR_CODE__PERMISSION_DENIED, "another user");
	client_done(&stranger);
}
END_TEST

/* ---- a client that does not read -------------------------------------------------- */

/* Marks on all sources are told, all at once, while `deaf` is not reading. */
static void tell_many(struct client *deaf)
{
	uint64_t id = 0;

	for (int i = 0; i < SOURCES * MARKS; i++)
		id = put_mark(deaf, &handles[i % SOURCES], 4800);
	client_push_out(deaf);
	client_await(deaf, id);
	for (int i = 0; i < SOURCES; i++)
		client_await(&client, client_clear(&client, handles[i], 0));
}

/* How many events have come to it, and how many it was told that it lost. */
static void count(const struct client *c, uint64_t *told, uint64_t *lost)
{
	*told = *lost = 0;
	for (size_t i = 0; i < c->num_messages; i++) {
		const Aud__Message *m = c->messages[i];

		if (m->kind_case != AUD__MESSAGE__KIND_EVENT)
			continue;
		if (m->event->kind_case == AUD__EVENT__KIND_EVENTS_LOST)
			*lost += m->event->events_lost->count;
		else
			++*told;
	}
}

START_TEST(who_does_not_read_is_told_how_many_events_it_has_lost)
{
	struct client deaf;
	uint64_t told, lost;

	client_init(&deaf, audd.socket);
	tell_many(&deaf);
	ck_assert_int_eq(client_await(&deaf, client_status(&deaf))->kind_case,
			 AUD__REPLY__KIND_GET_DAEMON_STATUS);
	await_event(&deaf, AUD__EVENT__KIND_EVENTS_LOST, 0);

	count(&deaf, &told, &lost);
	ck_assert_uint_eq(told + lost, SOURCES * MARKS);
	ck_assert_uint_gt(told, 1000);
	ck_assert_uint_gt(lost, 1000);
	client_await(&deaf, mark(&deaf, &handle, 4800));
	await_event(&deaf, AUD__EVENT__KIND_MARK_HEARD, 0);
	client_done(&deaf);
}
END_TEST

static void *play(void *user)
{
	struct client *c = user;

	stream_push(c, client_source(c, 2, 500), 2, 960, RATE);
	return NULL;
}

START_TEST(who_does_not_read_costs_little_and_disturbs_nobody)
{
	struct client deaf, plays;
	uint64_t before, playing;
	pthread_t thread;

	client_init(&deaf, audd.socket);
	client_init(&plays, audd.socket);
	tell_many(&deaf);
	before = audd_memory_kib(&audd);
	pthread_create(&thread, NULL, play, &plays);
	for (int i = 0; i < 3; i++) {
		client_await(&client, client_capture(&client, handle, samples, 2, 4800));
		client_await(&client, client_clear(&client, handle, 0));
	}
	pthread_join(thread, NULL);
	playing = handle + SOURCES; /* the next one that was made */
	client_play_out(&plays, playing);

	if (!SANITIZED)
		ck_assert_uint_le(audd_memory_kib(&audd), before + 1024);
	ck_assert_uint_eq(client_look_at(&plays, playing)->heard, RATE);
	ck_assert_int_eq(audd_log_lines(&audd, "connection closed"), 0);
	client_done(&deaf);
	client_done(&plays);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("request_event");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_wrong_mark_is_refused);
	tcase_add_test(tc, marks_are_told_by_events);
	tcase_add_test(tc, there_are_no_more_marks_than_allowed);
	tcase_add_test(tc, a_wrong_subscription_is_refused);
	tcase_add_test(tc, a_subscriber_follows_a_source);
	if (geteuid() == 0)
		tcase_add_test(tc, a_stranger_follows_nothing);
	tcase_add_test(tc, who_does_not_read_is_told_how_many_events_it_has_lost);
	tcase_add_test(tc, who_does_not_read_costs_little_and_disturbs_nobody);
	return suite_run("request_event", tc);
}
