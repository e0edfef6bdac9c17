/* SPDX-License-Identifier: MIT */
/*
 * Anything, in any order: nothing is lost, every request is answered once, every mark is
 * told once, and all comes to an end.
 */
#include <stdlib.h>

#include "mischief.h"
#include "suite.h"

enum { LOOPS = 8 };

static struct stage *st;

static void set_up(void)
{
	st = stage_new();
	st->config.max_marks = 30;
}

static void tear_down(void)
{
	stage_free(st);
}

static uint64_t turns_taken(void)
{
	return atomic_load(&output_player(st->output)->counts.turns);
}

/* WALK_TURNS says how far, in turns of the player, all loops together. */
START_TEST(the_ledger_balances_whatever_is_done)
{
	const char *value = getenv("WALK_TURNS");
	uint64_t turns = (value ? strtoull(value, NULL, 10) : 200000) / LOOPS;
	struct mischief m = {
		.st = st,
		.rates = {STAGE_RATE, STAGE_RATE, 8000, 22050, 44100, 192000},
		.least_queued = 1,
		.most_queued = 400,
		.most_pushed = 4000,
	};

	srand((unsigned int)_i + 1);
	while (turns_taken() < turns) {
		mischief_begin(&m);
		for (int i = 0; i < 150; i++) {
			mischief_do(&m);
			mischief_drift(&m, rand() % 30, rand() % 8 ? 100 : 1000);
		}
		mischief_end(&m, 480);
	}
}
END_TEST

/* ---- marks and the tape ---------------------------------------------------------- */

/* Every frame that is pushed has the next number; which one is at which position is known
 * when its capture is answered. */
enum { POSITIONS = 1 << 20, PUSHES = 300 };

static uint64_t number_at[POSITIONS];
static bool was_heard[POSITIONS];

struct pushed {
	uint64_t id, number;
};

static void learn_positions(const struct pushed *p)
{
	const Aud__CaptureAudioFrameReply *r = stage_captured(st, p->id);

	ck_assert_uint_lt(r->first + r->accepted, POSITIONS);
	for (uint64_t i = 0; i < r->accepted; i++)
		number_at[r->first + i] = p->number + i;
}

/* What the tape has, in the order of positions. */
static void learn_what_was_heard(void)
{
	uint64_t position = 0, end = source_written(st->s);

	for (uint64_t i = 0; i < st->sink.taped && position <= end; i++) {
		int64_t number = stage_heard(st, i);

		if (number < 0)
			continue;
		while (position < end &&
		       number_at[position] % STAGE_NUMBERS != (uint64_t)number)
			position++;
		was_heard[position++] = true;
	}
	ck_assert_uint_le(position, end);
}

static void assert_marks_agree(void)
{
	for (int i = 0; i < st->num_events; i++) {
		const struct stage_event *e = &st->events[i];
		bool heard = e->kind == AUD__EVENT__KIND_MARK_HEARD;
		uint64_t position = heard ? e->heard.position : e->dropped.position;

		if (position > 0)
			ck_assert_int_eq(was_heard[position - 1], heard);
	}
}

static void wander(struct pushed *p, uint64_t *number)
{
	const struct capture_order order = {
		.n = 1 + (uint32_t)rand() % 3000,
		.at = CAPTURE_ANYWHERE,
		.timeout_ms = CAPTURE_NO_TIMEOUT,
		.only_what_fits = true,
	};

	ck_assert_int_eq(stage_capture(st, 0, *number, &order), 0);
	*p = (struct pushed){.id = st->last_id, .number = *number};
	*number += order.n;
	stage_mark(st, 1, UINT64_MAX);
	if (captures_end(st->s) - stage_look(st).played > 100)
		stage_mark(st, 2, captures_end(st->s) - (uint64_t)rand() % 100);
	if (rand() % 10 == 0)
		stage_clear(st, 0);
	if (rand() % 16 == 0)
		st->sink.most_given_back = (uint32_t)rand() % 4800;
	stage_play(st, (uint32_t)rand() % 3000);
}

START_TEST(every_mark_is_told_as_it_was_heard)
{
	static struct pushed pushed[PUSHES];
	uint64_t number = 0;

	srand((unsigned int)_i + 1);
	for (int i = 0; i < PUSHES; i++)
		wander(&pushed[i], &number);
	stage_play(st, 2 * STAGE_RATE);

	for (int i = 0; i < PUSHES; i++)
		learn_positions(&pushed[i]);
	learn_what_was_heard();
	assert_marks_agree();
	ck_assert_int_gt(stage_count_events(st, AUD__EVENT__KIND_MARK_DROPPED), 10);
	ck_assert_uint_eq(st->s->marks.clients, 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("ledger");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, the_ledger_balances_whatever_is_done, 0, LOOPS);
	tcase_add_loop_test(tc, every_mark_is_told_as_it_was_heard, 0, 20);
	return suite_run("ledger", tc);
}
