/* SPDX-License-Identifier: MIT */
/*
 * Anything, in any order: nothing is lost, every request is answered once, every mark is
 * told once, and all comes to an end.
 */
#include <stdlib.h>

#include "attach.h"
#include "change.h"
#include "events.h"
#include "mark.h"
#include "stage.h"
#include "stats.h"
#include "suite.h"

static struct stage *st;
static bool is_plugged_in;

/* What was asked for in this round. */
enum { REQUESTS = 300, LOOPS = 8 };

struct request {
	uint64_t id;
	int client;
	bool is_mark; /* its event has the request's id */
	bool left;    /* its client left before it was answered, */
	bool unheard; /* before it was told of the mark */
};

static struct request requests[REQUESTS];
static int num_requests;

static void note_request(uint64_t id, int client, bool is_mark)
{
	ck_assert_int_lt(num_requests, REQUESTS);
	requests[num_requests++] =
		(struct request){.id = id, .client = client, .is_mark = is_mark};
}

/* How often a mark was told, by events. */
static int times_told(uint64_t mark)
{
	int n = 0;

	for (int i = 0; i < st->num_events; i++) {
		const struct stage_event *e = &st->events[i];

		n += e->kind == AUD__EVENT__KIND_MARK_HEARD && e->heard.mark_id == mark;
		n += e->kind == AUD__EVENT__KIND_MARK_DROPPED &&
		     e->dropped.mark_id == mark;
	}
	return n;
}

/* Nothing more must come for it. */
static void forget_client(int client)
{
	for (int i = 0; i < num_requests; i++) {
		struct request *r = &requests[i];

		if (r->client != client)
			continue;
		r->left |= !stage_note(st, r->id);
		r->unheard |= r->is_mark && !times_told(r->id);
	}
}

static void assert_all_were_told_once(void)
{
	for (int i = 0; i < num_requests; i++) {
		const struct request *r = &requests[i];

		ck_assert_int_eq(stage_note(st, r->id) != NULL, !r->left);
		if (r->is_mark)
			ck_assert_int_eq(times_told(r->id), !r->unheard);
	}
}

static void set_up(void)
{
	st = stage_new();
	st->config.max_marks = 30;
	is_plugged_in = true;
}

static void tear_down(void)
{
	stage_free(st);
}

static void plug_in(void)
{
	if (!is_plugged_in)
		stage_plug_in(st);
	is_plugged_in = true;
}

/* One source of those there are; a new one where there is none. */
static void choose_source(void)
{
	static const uint32_t rates[] = {STAGE_RATE, STAGE_RATE, 8000,
					 22050,      44100,      192000};
	struct sources *set = &st->sources;

	if (set->num < 3)
		stage_source_at(st, rates[rand() % 6], 1 + (uint32_t)rand() % 400);
	st->s = set->items[(uint32_t)rand() % set->num];
}

static struct fade any_fade(void)
{
	return source_fade(st->s, (uint32_t)rand() % 20,
			   rand() % 2 ? CURVE_LINEAR : CURVE_EQUAL_POWER);
}

static void push_something(int client)
{
	struct capture_order order = {
		.n = (uint32_t)rand() % 4000,
		.at = rand() % 4 ? CAPTURE_ANYWHERE : captures_end(st->s),
		.timeout_ms = rand() % 3 ? CAPTURE_NO_TIMEOUT : (uint64_t)(rand() % 3),
		.continues = rand() % 4 == 0,
		.only_what_fits = rand() % 4 == 0,
	};

	if (st->s->state == SOURCE_LIVE &&
	    attachment_find(st->s, (struct conn *)&st->clients[client]) &&
	    stage_capture(st, client, captures_end(st->s), &order) == 0)
		note_request(st->last_id, client, false);
}

static int await_something(const struct ticket *t)
{
	const struct playout_order order = {
		.timeout_ms = rand() % 8 ? PLAYOUT_NEVER : (uint64_t)(rand() % 3),
		.device_lost_ms = rand() % 8 ? PLAYOUT_NEVER : 100,
		.only_present = rand() % 2,
	};

	return playout_wait(st->s, t, &order);
}

static int mark_something(const struct ticket *t)
{
	uint64_t end = captures_end(st->s);
	uint64_t before = rand() % 2 ? (uint64_t)rand() % 4000 : 0;

	return mark_set(st->s, t, t->async_id, before < end ? end - before : 0);
}

static int follow_something(const struct ticket *t)
{
	if (rand() % 2)
		return events_subscribe(st->s, t, (uint32_t)rand() % 9600);
	events_unsubscribe(st->s, t);
	return 0;
}

static void ask_something(int client)
{
	struct ticket t = stage_ticket(st, client);
	int what = rand() % 14, r = -1;

	if (what == 0)
		r = change_clear(st->s, &t, any_fade());
	else if (what == 1)
		r = change_hold(st->s, &t, true, any_fade());
	else if (what <= 3)
		r = change_hold(st->s, &t, false, any_fade());
	else if (what == 4)
		r = await_something(&t);
	else if (what <= 6)
		r = mark_something(&t);
	else if (what == 7)
		r = follow_something(&t);
	else
		push_something(client);
	if (r == 0)
		note_request(t.async_id, client, what == 5 || what == 6);
}

static void come_or_go(int client)
{
	struct conn *c = (struct conn *)&st->clients[client];

	if (rand() % 4 == 0) {
		forget_client(client);
		sources_leave(&st->sources, c);
	} else if (st->s->state == SOURCE_LIVE) {
		ck_assert_int_eq(sources_attach(st->s, c), 0);
	}
}

/* The device goes or comes, stops because nobody came in time, or gives back less than asked. */
static void hurt_the_device(void)
{
	switch (rand() % 5) {
	case 0:
		if (is_plugged_in)
			stage_unplug(st);
		is_plugged_in = false;
		break;
	case 1:
		fake_sink_advance(&st->sink, STAGE_BUFFER + (uint32_t)rand() % 5000);
		stage_settle(st);
		break;
	case 2:
		st->sink.most_given_back = (uint32_t)rand() % 9600;
		break;
	case 3:
		st->sink.most_written =
			rand() % 2 ? UINT32_MAX : 200 + (uint32_t)rand() % 400;
		break;
	default:
		plug_in();
	}
}

static void do_something(void)
{
	int client = rand() % 2;

	choose_source();
	if (st->s->state == SOURCE_GONE)
		return;
	switch (rand() % 40) {
	case 0:
		sources_close(st->s, rand() % 2);
		break;
	case 1:
		hurt_the_device();
		break;
	case 2:
	case 3:
		come_or_go(client);
		break;
	default:
		ask_something(client);
	}
}

static void assert_all_is_well(void)
{
	for (uint32_t i = 0; i < st->sources.num; i++) {
		struct source *each = st->sources.items[i];

		stage_assert_ledger(each);
		if (each->captures.count == 0 && each->captures.bytes > 0)
			ck_abort_msg("no captures, and what they hold is counted");
	}
}

/* So many turns of the player, with a little of the device's time between them. The main thread
 * has its own now and then: it may come late. */
static void drift(int turns, uint32_t frames)
{
	while (turns-- > 0) {
		fake_sink_advance(&st->sink, (uint32_t)rand() % frames);
		player_turn(output_player(st->output));
		if (rand() % 8 == 0)
			stage_settle(st);
		assert_all_is_well();
	}
	st->sink.taped = 0;
}

static bool is_quiet(void)
{
	for (uint32_t i = 0; i < st->sources.num; i++) {
		const struct source *s = st->sources.items[i];
		Aud__AudioSourceStatus a;

		stats_source(s, &a);
		if (a.queued || s->num_waiting || s->captures.count)
			return false;
	}
	return true;
}

/* Everything goes on, and plays out. */
static void let_all_end(void)
{
	plug_in();
	st->sink.most_given_back = st->sink.most_written = UINT32_MAX;
	for (uint32_t i = 0; i < st->sources.num; i++) {
		st->s = st->sources.items[i];
		if (st->s->state == SOURCE_GONE)
			continue;
		stage_hold(st, false);
	}
	for (int i = 0; i < 1000 && !is_quiet(); i++)
		drift(50, 480);
	stage_settle(st);
}

static void assert_all_has_ended(void)
{
	for (uint32_t i = 0; i < st->sources.num; i++) {
		st->s = st->sources.items[i];
		ck_assert_uint_eq(stage_look(st).queued, 0);
		ck_assert_uint_eq(st->s->num_waiting, 0);
		ck_assert_uint_eq(st->s->captures.count, 0);
	}
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

	srand((unsigned int)_i + 1);
	while (turns_taken() < turns) {
		st->num_notes = st->num_events = num_requests = 0;
		for (int i = 0; i < 150; i++) {
			do_something();
			assert_all_is_well();
			drift(rand() % 30, rand() % 8 ? 100 : 1000);
		}
		let_all_end();
		assert_all_is_well();
		assert_all_has_ended();
		assert_all_were_told_once();
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
