/* SPDX-License-Identifier: MIT */
/*
 * What clears of earlier lives took is known: to marks that are set again, and to waits that are
 * asked for again.
 */
#include "suite.h"
#include "survivor.h"

enum { PIECE = SURVIVOR_PIECE };

static struct survivor survivor;

/* Of [0, 4 PIECE), the second and the third piece are cleared, one by one; the source is
 * held at the fourth. */
static void set_up(void)
{
	struct client *c = &survivor.client;

	survivor_init(&survivor);
	survivor_make(&survivor, 1000);
	survivor_push(&survivor, PIECE);
	client_play_out(c, survivor.source);
	client_await(c, client_pause(c, survivor.source));
	for (int i = 0; i < 2; i++) {
		survivor_push(&survivor, PIECE);
		client_await(c, client_clear(c, survivor.source, 0));
	}
	survivor_push(&survivor, PIECE);
	survivor_next_life(&survivor, true);
	survivor_attach(&survivor);
}

static void tear_down(void)
{
	survivor_done(&survivor);
}

/* ---- marks ---------------------------------------------------------------------------- */

static void mark_again(uint64_t position)
{
	Aud__SetMark body = AUD__SET_MARK__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_mark_id = body.has_position = true;
	body.source_handle = survivor.source;
	body.mark_id = body.position = position;
	body.has_again = body.again = true;
	r.kind_case = AUD__REQUEST__KIND_SET_MARK;
	r.set_mark = &body;
	client_await(&survivor.client, client_send(&survivor.client, &r));
}

/* NOT_SET: nothing was told yet. */
static Aud__Event__KindCase fate(uint64_t position)
{
	Aud__Event__KindCase kind = AUD__EVENT__KIND__NOT_SET;

	client_await(&survivor.client, client_status(&survivor.client));
	for (size_t i = 0; i < survivor.client.num_messages; i++) {
		const Aud__Event *e = survivor.client.messages[i]->event;
		bool is_it;

		if (survivor.client.messages[i]->kind_case != AUD__MESSAGE__KIND_EVENT)
			continue;
		is_it = e->kind_case == AUD__EVENT__KIND_MARK_HEARD
				? e->mark_heard->mark_id == position
				: e->mark_dropped->mark_id == position;
		ck_assert(!is_it || kind == AUD__EVENT__KIND__NOT_SET);
		if (is_it)
			kind = e->kind_case;
	}
	return kind;
}

static void assert_fates(void)
{
	static const struct {
		uint64_t position;
		Aud__Event__KindCase fate;
	} rows[] = {
		{1, AUD__EVENT__KIND_MARK_HEARD},
		{PIECE, AUD__EVENT__KIND_MARK_HEARD},
		{PIECE + 1, AUD__EVENT__KIND_MARK_DROPPED},
		{2 * PIECE, AUD__EVENT__KIND_MARK_DROPPED},
		{2 * PIECE + 1, AUD__EVENT__KIND_MARK_DROPPED},
		{3 * PIECE, AUD__EVENT__KIND_MARK_DROPPED},
		{3 * PIECE + 1, AUD__EVENT__KIND__NOT_SET},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mark_again(rows[i].position);
		ck_assert_msg(fate(rows[i].position) == rows[i].fate, "%lu: %d",
			      (unsigned long)rows[i].position, fate(rows[i].position));
	}
}

START_TEST(a_mark_on_what_earlier_clears_took_is_dropped_when_it_is_set_again)
{
	assert_fates();
}
END_TEST

START_TEST(so_it_is_after_another_life_and_at_another_rate)
{
	survivor_next_life(&survivor, false);
	lives_configure(&survivor.lives, "[output]\nrewind = yes\nrate = 44100\n");
	survivor_next_life(&survivor, true);
	survivor_attach(&survivor);

	assert_fates();
}
END_TEST

/* ---- waits ---------------------------------------------------------------------------- */

static uint64_t wait_again(uint64_t asked_at)
{
	Aud__WaitForPlayout body = AUD__WAIT_FOR_PLAYOUT__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_asked_at = true;
	body.source_handle = survivor.source;
	body.asked_at = asked_at;
	r.kind_case = AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT;
	r.wait_for_playout = &body;
	return client_send(&survivor.client, &r);
}

static Aud__PlayoutReason reason_of(uint64_t id)
{
	const Aud__Reply *r = client_await(&survivor.client, id);

	ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_WAIT_FOR_PLAYOUT);
	return r->wait_for_playout->reason;
}

START_TEST(a_wait_for_what_was_cleared_ends_as_cleared)
{
	ck_assert_int_eq(reason_of(wait_again(PIECE)), AUD__PLAYOUT_REASON__CLEARED);
	ck_assert_int_eq(reason_of(wait_again(3 * PIECE)), AUD__PLAYOUT_REASON__CLEARED);
}
END_TEST

START_TEST(a_wait_for_what_came_after_the_clear_goes_on)
{
	uint64_t known = wait_again(3 * PIECE + 1), unknown = wait_again(UINT64_MAX);

	client_await(&survivor.client, client_status(&survivor.client));
	ck_assert_ptr_null(client_look(&survivor.client, known));
	ck_assert_ptr_null(client_look(&survivor.client, unknown));

	client_resume(&survivor.client, survivor.source);
	ck_assert_int_eq(reason_of(known), AUD__PLAYOUT_REASON__PLAYED);
	ck_assert_int_eq(reason_of(unknown), AUD__PLAYOUT_REASON__PLAYED);
}
END_TEST

START_TEST(a_wait_at_an_unknown_end_was_cleared_if_the_end_was)
{
	client_await(&survivor.client,
		     client_clear(&survivor.client, survivor.source, 0));
	survivor_next_life(&survivor, true);

	ck_assert_int_eq(reason_of(wait_again(UINT64_MAX)), AUD__PLAYOUT_REASON__CLEARED);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("restart_fates");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(
		t, a_mark_on_what_earlier_clears_took_is_dropped_when_it_is_set_again);
	tcase_add_test(t, so_it_is_after_another_life_and_at_another_rate);
	tcase_add_test(t, a_wait_for_what_was_cleared_ends_as_cleared);
	tcase_add_test(t, a_wait_for_what_came_after_the_clear_goes_on);
	tcase_add_test(t, a_wait_at_an_unknown_end_was_cleared_if_the_end_was);
	return suite_run("restart_fates", t);
}
