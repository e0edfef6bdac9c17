/* SPDX-License-Identifier: MIT */
/*
 * Two clients, three sources, and a device that comes and goes.
 */
#include "mischief.h"

#include <check.h>
#include <stdlib.h>

#include "attach.h"
#include "change.h"
#include "events.h"
#include "mark.h"
#include "stats.h"

static void note_request(struct mischief *m, uint64_t id, int client, bool is_mark)
{
	ck_assert_int_lt(m->num_requests, MISCHIEF_REQUESTS);
	m->requests[m->num_requests++] =
		(struct mischief_request){.id = id, .client = client, .is_mark = is_mark};
}

/* How often a mark was told, by events. */
static int times_told(struct mischief *m, uint64_t mark)
{
	int n = 0;

	for (int i = 0; i < m->st->num_events; i++) {
		const struct stage_event *e = &m->st->events[i];

		n += e->kind == AUD__EVENT__KIND_MARK_HEARD && e->heard.mark_id == mark;
		n += e->kind == AUD__EVENT__KIND_MARK_DROPPED &&
		     e->dropped.mark_id == mark;
	}
	return n;
}

/* Nothing more must come for it. */
static void forget_client(struct mischief *m, int client)
{
	for (int i = 0; i < m->num_requests; i++) {
		struct mischief_request *r = &m->requests[i];

		if (r->client != client)
			continue;
		r->left |= !stage_note(m->st, r->id);
		r->unheard |= r->is_mark && !times_told(m, r->id);
	}
}

static void assert_all_were_told_once(struct mischief *m)
{
	for (int i = 0; i < m->num_requests; i++) {
		const struct mischief_request *r = &m->requests[i];

		ck_assert_int_eq(stage_note(m->st, r->id) != NULL, !r->left);
		if (r->is_mark)
			ck_assert_int_eq(times_told(m, r->id), !r->unheard);
	}
}

static void plug_in(struct mischief *m)
{
	if (m->is_unplugged)
		stage_plug_in(m->st);
	m->is_unplugged = false;
}

/* One source of those there are; a new one where there is none. */
static void choose_source(struct mischief *m)
{
	struct sources *set = &m->st->sources;

	if (set->num < 3) {
		struct source *s = stage_source_at(
			m->st, m->rates[rand() % MISCHIEF_RATES],
			m->least_queued + (uint32_t)rand() %
						  (m->most_queued - m->least_queued + 1));

		if (m->born)
			m->born(s);
	}
	m->st->s = set->items[(uint32_t)rand() % set->num];
}

static struct fade any_fade(struct mischief *m)
{
	return source_fade(m->st->s, (uint32_t)rand() % 20,
			   rand() % 2 ? CURVE_LINEAR : CURVE_EQUAL_POWER);
}

static void push_something(struct mischief *m, int client)
{
	struct capture_order order = {
		.n = (uint32_t)rand() % m->most_pushed,
		.at = rand() % 4 ? CAPTURE_ANYWHERE : captures_end(m->st->s),
		.timeout_ms = rand() % 3 ? CAPTURE_NO_TIMEOUT : (uint64_t)(rand() % 3),
		.continues = rand() % 4 == 0,
		.only_what_fits = rand() % 4 == 0,
	};

	if (m->st->s->state == SOURCE_LIVE &&
	    attachment_find(m->st->s, (struct conn *)&m->st->clients[client]) &&
	    stage_capture(m->st, client, captures_end(m->st->s), &order) == 0)
		note_request(m, m->st->last_id, client, false);
}

static int await_something(struct mischief *m, const struct ticket *t)
{
	const struct playout_order order = {
		.timeout_ms = rand() % 8 ? PLAYOUT_NEVER : (uint64_t)(rand() % 3),
		.device_lost_ms = rand() % 8 ? PLAYOUT_NEVER : 100,
		.only_present = rand() % 2,
	};

	return playout_wait(m->st->s, t, &order);
}

static int mark_something(struct mischief *m, const struct ticket *t)
{
	uint64_t end = captures_end(m->st->s);
	uint64_t before = rand() % 2 ? (uint64_t)rand() % 4000 : 0;

	return mark_set(m->st->s, t, t->async_id, before < end ? end - before : 0);
}

static int follow_something(struct mischief *m, const struct ticket *t)
{
	if (rand() % 2)
		return events_subscribe(m->st->s, t, (uint32_t)rand() % 9600);
	events_unsubscribe(m->st->s, t);
	return 0;
}

static void ask_something(struct mischief *m, int client)
{
	struct ticket t = stage_ticket(m->st, client);
	int what = rand() % 14, r = -1;

	if (what == 0)
		r = change_clear(m->st->s, &t, any_fade(m));
	else if (what == 1)
		r = change_hold(m->st->s, &t, true, any_fade(m));
	else if (what <= 3)
		r = change_hold(m->st->s, &t, false, any_fade(m));
	else if (what == 4)
		r = await_something(m, &t);
	else if (what <= 6)
		r = mark_something(m, &t);
	else if (what == 7)
		r = follow_something(m, &t);
	else
		push_something(m, client);
	if (r == 0)
		note_request(m, t.async_id, client, what == 5 || what == 6);
}

static void come_or_go(struct mischief *m, int client)
{
	struct conn *c = (struct conn *)&m->st->clients[client];

	if (rand() % 4 == 0) {
		forget_client(m, client);
		sources_leave(&m->st->sources, c);
	} else if (m->st->s->state == SOURCE_LIVE) {
		ck_assert_int_eq(sources_attach(m->st->s, c), 0);
	}
}

/* The device goes or comes, stops because nobody came in time, or gives back less than asked. */
static void hurt_the_device(struct mischief *m)
{
	switch (rand() % 5) {
	case 0:
		if (!m->is_unplugged)
			stage_unplug(m->st);
		m->is_unplugged = true;
		break;
	case 1:
		fake_sink_advance(&m->st->sink,
				  m->st->sink.sink.buffer + (uint32_t)rand() % 5000);
		stage_settle(m->st);
		break;
	case 2:
		m->st->sink.most_given_back = (uint32_t)rand() % 9600;
		break;
	case 3:
		m->st->sink.most_written =
			rand() % 2 ? UINT32_MAX : 200 + (uint32_t)rand() % 400;
		break;
	default:
		plug_in(m);
	}
}

void mischief_do(struct mischief *m)
{
	int client = rand() % 2;

	choose_source(m);
	if (m->st->s->state == SOURCE_GONE)
		return;
	switch (rand() % 40) {
	case 0:
		if (!m->stay)
			sources_close(m->st->s, rand() % 2);
		break;
	case 1:
		hurt_the_device(m);
		break;
	case 2:
	case 3:
		come_or_go(m, client);
		break;
	default:
		ask_something(m, client);
	}
}

static void assert_all_is_well(struct mischief *m)
{
	for (uint32_t i = 0; i < m->st->sources.num; i++) {
		struct source *each = m->st->sources.items[i];

		stage_assert_ledger(each);
		if (each->captures.count == 0 && each->captures.bytes > 0)
			ck_abort_msg("no captures, and what they hold is counted");
	}
}

void mischief_drift(struct mischief *m, int turns, uint32_t frames)
{
	while (turns-- > 0) {
		uint32_t n = (uint32_t)rand() % frames;

		fake_sink_advance(&m->st->sink, n);
		stage_pass(n * UINT64_C(1000000000) / m->st->sink.sink.rate);
		player_turn(output_player(m->st->output));
		if (rand() % 8 == 0)
			stage_settle(m->st);
		assert_all_is_well(m);
	}
	m->st->sink.taped = 0;
}

static bool is_quiet(struct mischief *m)
{
	for (uint32_t i = 0; i < m->st->sources.num; i++) {
		const struct source *s = m->st->sources.items[i];
		Aud__AudioSourceStatus a;

		stats_source(s, &a);
		if (a.queued || s->num_waiting || s->captures.count)
			return false;
	}
	return true;
}

/* Everything goes on, and plays out. */
static void let_all_end(struct mischief *m, uint32_t frames)
{
	plug_in(m);
	m->st->sink.most_given_back = m->st->sink.most_written = UINT32_MAX;
	for (uint32_t i = 0; i < m->st->sources.num; i++) {
		m->st->s = m->st->sources.items[i];
		if (m->st->s->state == SOURCE_GONE)
			continue;
		stage_hold(m->st, false);
	}
	for (int i = 0; i < 1000 && !is_quiet(m); i++)
		mischief_drift(m, 50, frames);
	stage_settle(m->st);
}

static void assert_all_has_ended(struct mischief *m)
{
	for (uint32_t i = 0; i < m->st->sources.num; i++) {
		m->st->s = m->st->sources.items[i];
		ck_assert_uint_eq(stage_look(m->st).queued, 0);
		ck_assert_uint_eq(m->st->s->num_waiting, 0);
		ck_assert_uint_eq(m->st->s->captures.count, 0);
	}
}

void mischief_begin(struct mischief *m)
{
	m->st->num_notes = m->st->num_events = m->num_requests = 0;
}

void mischief_end(struct mischief *m, uint32_t frames)
{
	let_all_end(m, frames);
	assert_all_is_well(m);
	assert_all_has_ended(m);
	assert_all_were_told_once(m);
}
