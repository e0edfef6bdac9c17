/* SPDX-License-Identifier: MIT */
/*
 * No memory. A client asks for everything that there is to ask for, while another one plays; and of
 * all allocations that the daemon makes for that, one after the other is made to fail, alone or with
 * those behind it. Each time the request is refused for that reason, or the connection is closed, or
 * the daemon can do without; asked once more it is done; and whatever else there is does not notice.
 */
#include <stdio.h>
#include <string.h>

#include "asks.h"
#include "log.h"
#include "sandbox.h"
#include "shortage.h"
#include "stage.h"
#include "suite.h"

enum {
	TRIES = 100,
	PLAYING_S = 2, /* so long the other one plays, at least */
};

/* What has been tried, in all, for the last line. */
static uint64_t failed, refused, closed;

/* The client that asks. */
static struct session {
	struct venue v; /* of the other one */
	struct asker a;
} s;

/* ---- a session ------------------------------------------------------------------- */

static bool was_refused(const Aud__Reply *r)
{
	if (!r || r->kind_case != AUD__REPLY__KIND_ERROR)
		return false;
	ck_assert_msg(r->error->code == AUD__ERROR_CODE__NO_MEMORY, "%s",
		      r->error->message);
	refused++;
	return true;
}

/* The reply, or NULL: the connection was closed instead. One that lies has some time. */
static const Aud__Reply *answer(uint64_t id, bool lies)
{
	const Aud__Reply *r;

	for (int i = 0; !(r = client_look(&s.a.c, id)); i++) {
		if (client_is_closed(&s.a.c) || (lies && i > 3))
			return NULL;
		s.v.ops->go_on(&s.v);
	}
	return r;
}

/* Whether it was done. */
static bool try(const struct ask *ask)
{
	const Aud__Reply *r = answer(ask->ask(&s.a), ask->lies);

	if (was_refused(r))
		return false;
	if (!r && client_is_closed(&s.a.c))
		return false;
	if (r)
		asker_note(&s.a, r);
	return true;
}

/* After the connection was closed: what an able client does then. */
static void come_back(void)
{
	for (int i = 0; client_is_closed(&s.a.c) || !s.a.greeted; i++) {
		ck_assert_int_lt(i, TRIES);
		closed++;
		client_done(&s.a.c);
		sandbox_connect(s.v.sandbox, &s.a.c);
		s.a.greeted = false;
		if (try(&ask_hello) && s.a.handle)
			try(&ask_attach);
	}
}

static void ask_until_done(const struct ask *ask)
{
	for (int i = 0; !try(ask); i++) {
		ck_assert_msg(i < TRIES, "request of kind %d is never done", ask->kind);
		if (client_is_closed(&s.a.c))
			come_back();
		if (ask->kind == AUD__REQUEST__KIND_HELLO && s.a.greeted)
			return;
	}
}

static void begin_session(void)
{
	memset(&s, 0, sizeof(s));
	venue_open(&s.v, VENUE_FAKE_SINK, 1000 * PLAYING_S);
	for (int i = 0; i < 2 * PLAYING_S; i++)
		venue_captured(&s.v, venue_push(&s.v, venue_frames(&s.v, 500)));
	sandbox_connect(s.v.sandbox, &s.a.c);
}

/* The one that plays has not noticed; and nothing is left of the other. */
static void end_session(void)
{
	struct hub *hub = sandbox_hub(s.v.sandbox);
	uint64_t id = venue_wait(&s.v), next = 0;
	const struct user *user;

	ck_assert_uint_gt(venue_status(&s.v)->queued, 0);
	client_done(&s.a.c);
	for (uint32_t i = 0; i < hub->sources.num; i++)
		stage_assert_ledger(hub->sources.items[i]);
	ck_assert_int_eq(venue_played(&s.v, id)->reason, AUD__PLAYOUT_REASON__PLAYED);
	s.v.ops->pass(&s.v, 100);
	user = LIST_FIRST(&hub->users);
	ck_assert_uint_eq(hub->num_conns, 1);
	ck_assert_uint_eq(user->requests, 0);
	ck_assert_uint_eq(user->marks, 0);
	ck_assert_uint_eq(user->connections, 1);
	ck_assert_uint_eq(venue_status(&s.v)->heard, s.v.pushed);
	venue_close(&s.v);
	for (uint64_t i = 0; i < s.v.num_heard; i++) {
		if (s.v.heard[i] && s.v.heard[i] != venue_number(next++))
			ck_abort_msg("frame %d is not what was pushed", (int)next - 1);
	}
	ck_assert_uint_eq(next, s.v.pushed);
	venue_free(&s.v);
}

/* Whether an allocation has failed. */
static bool run_session(uint64_t n, uint64_t more)
{
	bool happened;

	begin_session();
	shortage_begin(n, more);
	for (int i = 0; i < NUM_ASKS; i++)
		ask_until_done(&asks[i]);
	happened = shortage_end();
	end_session();
	return happened;
}

/* Returns how many could fail. */
static uint64_t fail_in_turn(uint64_t more)
{
	uint64_t n = 1;

	while (run_session(n, more)) {
		failed += 1 + more;
		n++;
	}
	return n - 1;
}

/* ---- tests ----------------------------------------------------------------------- */

START_TEST(every_kind_of_request_is_among_those_that_are_tried)
{
	const ProtobufCMessageDescriptor *d = &aud__request__descriptor;

	for (unsigned int i = 0; i < d->n_fields; i++) {
		bool found = !(d->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF);

		for (int k = 0; k < NUM_ASKS; k++)
			found |= asks[k].kind == d->fields[i].id;
		ck_assert_msg(found, "%s is not tried", d->fields[i].name);
	}
}
END_TEST

START_TEST(any_allocation_may_fail_and_nobody_else_notices)
{
	uint64_t n;

	shortage_everywhere(_i);
	n = fail_in_turn(0);
	ck_assert_uint_gt(n, 20);
	printf("allocations made to fail in turn: %d; requests refused: %d, connections "
	       "closed: %d\n",
	       (int)n, (int)refused, (int)closed);
}
END_TEST

START_TEST(memory_may_be_short_for_a_while)
{
	ck_assert_uint_gt(fail_in_turn(12), 20);
	printf("several in a row: %d; requests refused: %d, connections closed: %d\n",
	       (int)failed, (int)refused, (int)closed);
}
END_TEST

/* The one that loops: for what the daemon allocates itself; and for what libraries do as well. */
int main(void)
{
	TCase *tc = tcase_create("shortage");

	log_set_level(LEVEL_ERROR);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, every_kind_of_request_is_among_those_that_are_tried);
	tcase_add_loop_test(tc, any_allocation_may_fail_and_nobody_else_notices, 0, 2);
	tcase_add_test(tc, memory_may_be_short_for_a_while);
	return suite_run("shortage", tc);
}
