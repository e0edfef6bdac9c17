/* SPDX-License-Identifier: MIT */
/*
 * What is known of those who push into a source, whatever a kill has left of it.
 */
#include "attach.h"
#include "pushers.h"
#include "stage.h"
#include "suite.h"

static struct stage *st;
static struct queue_keep *keep;

static void set_up(void)
{
	st = stage_new();
	keep = st->s->keep;
}

static void tear_down(void)
{
	stage_free(st);
}

static struct conn *client(int i)
{
	return (struct conn *)&st->clients[i];
}

static struct queue_pusher *join(int i, uint64_t id)
{
	struct attachment *a;

	ck_assert_int_eq(sources_attach(st->s, client(i)), 0);
	a = attachment_find(st->s, client(i));
	pushers_join(st->s, a, id);
	return a->pusher;
}

static void assert_taken(const struct queue_pusher *p, uint64_t written,
			 uint64_t accepted, uint64_t end)
{
	struct queue_taken taken = pushers_taken(p, written);

	ck_assert_uint_eq(taken.accepted, accepted);
	ck_assert_uint_eq(taken.end, end);
}

START_TEST(each_counts_what_it_pushes)
{
	struct queue_pusher *a = join(0, 7), *b = join(1, 8);
	const struct capture_order order = {
		.n = 500, .at = CAPTURE_ANYWHERE, .timeout_ms = CAPTURE_NO_TIMEOUT};

	stage_push(st, 0, 1000);
	stage_capture(st, 1, 1000, &order);
	stage_push(st, 1500, 200);

	assert_taken(a, 1700, 1200, 1700);
	assert_taken(b, 1700, 500, 1500);
}
END_TEST

/* The rest of it never gets there. */
START_TEST(only_what_is_in_the_queue_counts)
{
	struct queue_pusher *a = join(0, 7);

	stage_push(st, 0, 48000 + 500);
	assert_taken(a, 48000, 48000, 48000);

	stage_play(st, 4800);
	assert_taken(a, 48500, 48500, 48500);
}
END_TEST

START_TEST(who_comes_back_is_known_again)
{
	struct queue_pusher *a = join(0, 7);

	stage_push(st, 0, 1000);
	attachment_remove(st->s, client(0));

	ck_assert_ptr_eq(join(0, 7), a);
	assert_taken(a, 1000, 1000, 1000);
}
END_TEST

START_TEST(who_says_no_number_is_not_counted)
{
	ck_assert_ptr_null(join(0, 0));
	stage_push(st, 0, 1000);
}
END_TEST

START_TEST(who_is_away_and_has_not_pushed_for_longest_makes_room)
{
	struct queue_pusher *all[QUEUE_PUSHERS];

	for (uint64_t i = 0; i < QUEUE_PUSHERS; i++) {
		all[i] = join(0, 100 + i);
		stage_push(st, 0, 10);
		attachment_remove(st->s, client(0));
	}

	ck_assert_ptr_eq(join(0, 200), all[0]);
	assert_taken(all[0], source_written(st->s), 0, 0);
	ck_assert_ptr_eq(join(1, 300), all[1]);
	attachment_remove(st->s, client(0));
	ck_assert_ptr_eq(join(0, 102), all[2]);
}
END_TEST

/* ---- kills -------------------------------------------------------------------------- */

START_TEST(a_kill_before_the_frames_are_written_takes_them_back)
{
	struct queue_pusher p = {.client = 7};

	pushers_note(&p, 0, 100);
	assert_taken(&p, 0, 0, 0);
	assert_taken(&p, 100, 100, 100);
	pushers_note(&p, 100, 50);
	assert_taken(&p, 100, 100, 100);
	assert_taken(&p, 150, 150, 150);

	/* Somebody else's frames get there instead. */
	pushers_note(&p, 150, 20);
	keep->pushers[0] = p;
	pushers_settle(keep, 150);
	assert_taken(&keep->pushers[0], 400, 150, 150);
	ck_assert(pushers_are_sane(keep, 400));
}
END_TEST

START_TEST(what_contradicts_itself_is_not_sane)
{
	keep->pushers[3] = (struct queue_pusher){7, {{100, 100}, {300, 200}}};

	ck_assert(pushers_are_sane(keep, 199));
	ck_assert(!pushers_are_sane(keep, 200));
	ck_assert(!pushers_are_sane(keep, 99));
	keep->pushers[3].client = 0;
	ck_assert(pushers_are_sane(keep, 200));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("pushers");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, each_counts_what_it_pushes);
	tcase_add_test(t, only_what_is_in_the_queue_counts);
	tcase_add_test(t, who_comes_back_is_known_again);
	tcase_add_test(t, who_says_no_number_is_not_counted);
	tcase_add_test(t, who_is_away_and_has_not_pushed_for_longest_makes_room);
	tcase_add_test(t, a_kill_before_the_frames_are_written_takes_them_back);
	tcase_add_test(t, what_contradicts_itself_is_not_sane);
	return suite_run("pushers", t);
}
