/* SPDX-License-Identifier: MIT */
/*
 * The house, and its time.
 */
#include "stage.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "config_keys.h"
#include "hall.h"

enum { STEP = STAGE_RATE / 1000 };

#define BEGINNING_NS UINT64_C(1000000000000)

static void on_bell(void *user, struct output *o)
{
	struct stage *st = user;

	st->bells++;
	sources_serve(&st->sources, o);
}

static void set(struct config *c, const char *key, const char *value)
{
	char *error = NULL;

	ck_assert_msg(config_set(c, key, value, &error) == 0, "%s", error);
}

static void add_outputs(struct config *c, uint32_t rate)
{
	struct config_output *o;

	config_add_output(c, "main", 1);
	o = config_add_output(c, "other", 2);
	o->rate = rate;
	o->lines.key[config_key_find("output", "rate") - config_keys] = 2;
}

static void open_sink(struct output *o, struct fake_sink *sink)
{
	uint32_t rate = output_config(o)->rate;

	fake_sink_init(sink, rate, 2, rate / 5);
	sink->sink.guard = rate / 1000;
	player_offer(output_player(o), &sink->sink);
}

static struct stage *make_stage(uint32_t rate, uint32_t other_rate)
{
	struct stage *st = calloc(1, sizeof(*st));
	char *error = NULL, text[16];

	clock_set(BEGINNING_NS);
	ck_assert_int_ge(sd_event_new(&st->event), 0);
	ck_assert_int_eq(config_init(&st->config), 0);
	snprintf(text, sizeof(text), "%u", rate);
	set(&st->config, "output.backend", "null");
	set(&st->config, "output.rate", text);
	set(&st->config, "daemon.max_sources", "8");
	set(&st->config, "daemon.linger_ms", "60");
	if (other_rate)
		add_outputs(&st->config, other_rate);
	ck_assert_int_eq(config_finish(&st->config, &error), 0);
	ck_assert_int_ge(
		outputs_init(&st->outputs, st->event, &st->config, on_bell, st, &error),
		0);
	st->output = st->outputs.standard;
	ck_assert_int_eq(sources_init(&st->sources, st->event, &st->config, &st->outputs),
			 0);
	st->user = users_get(&st->users, 1000);
	st->clients[0].stage = st->clients[1].stage = st;

	open_sink(st->output, &st->sink);
	st->other = outputs_find(&st->outputs, "other");
	if (st->other)
		open_sink(st->other, &st->other_sink);
	st->s = stage_source_at(st, rate, 1000);
	stage_settle(st);
	return st;
}

struct stage *stage_new(void)
{
	return make_stage(STAGE_RATE, 0);
}

struct stage *stage_new_with(uint32_t other_rate)
{
	return make_stage(STAGE_RATE, other_rate);
}

struct stage *stage_new_at(uint32_t rate)
{
	return make_stage(rate, 0);
}

static void close_sink(struct output *o, struct fake_sink *sink)
{
	struct player *p = output_player(o);

	player_finish(p);
	player_returned(p);
	player_offer(p, NULL);
	fake_sink_done(sink);
}

void stage_free(struct stage *st)
{
	for (uint32_t i = 0; i < st->sources.num; i++)
		stage_assert_ledger(st->sources.items[i]);
	close_sink(st->output, &st->sink);
	if (st->other)
		close_sink(st->other, &st->other_sink);
	outputs_stop(&st->outputs);
	sources_done(&st->sources);
	user_unref(st->user);
	ck_assert(LIST_EMPTY(&st->users));
	outputs_done(&st->outputs);
	config_done(&st->config);
	sd_event_unref(st->event);
	clock_set(0);
	free(st);
}

struct source *stage_source(struct stage *st, uint32_t queue_ms)
{
	return stage_source_at(st, STAGE_RATE, queue_ms);
}

struct source *stage_source_at(struct stage *st, uint32_t rate, uint32_t queue_ms)
{
	struct source_order order = {
		.shape = {.rate = rate,
			  .channels = 2,
			  .format = FORMAT_S16,
			  .limit = (uint32_t)((uint64_t)queue_ms * rate / 1000)},
		.output = st->output,
		.queue_ms = queue_ms,
		.name = "voice",
		.client = "test",
		.owner = (struct conn *)&st->clients[0],
		.user = st->user,
		.linger_ms = st->config.linger_ms,
	};
	struct source *s;

	ck_assert_int_ge(sources_add(&st->sources, &order, &s), 0);
	return s;
}

/* ---- time ------------------------------------------------------------------------ */

/* The main thread's turn. */
static void serve(struct stage *st)
{
	while (sd_event_run(st->event, 0) > 0)
		;
	outputs_flush(&st->outputs);
}

/* Returns whether the player wanted it. */
static bool take_turn(struct output *o, uint64_t now_ns)
{
	if (!hall_is_due(o, now_ns))
		return false;
	player_turn(output_player(o));
	return true;
}

void stage_settle(struct stage *st)
{
	bool any = true;

	serve(st);
	for (int turns = 0; any; turns++) {
		ck_assert_msg(turns < 2000, "the players do not come to rest");
		any = take_turn(st->output, st->sink.now_ns);
		if (st->other && take_turn(st->other, st->other_sink.now_ns))
			any = true;
		serve(st);
	}
}

void stage_play(struct stage *st, uint32_t frames)
{
	stage_settle(st);
	while (frames > 0) {
		uint32_t n = frames < STEP ? frames : STEP;

		fake_sink_advance(&st->sink, n);
		if (st->other)
			fake_sink_advance(&st->other_sink,
					  n * st->other_sink.sink.rate / STAGE_RATE);
		stage_settle(st);
		frames -= n;
	}
}

void stage_refresh(struct stage *st)
{
	player_ring(output_player(st->output));
	if (st->other)
		player_ring(output_player(st->other));
	stage_settle(st);
}

void stage_unplug(struct stage *st)
{
	struct player *p = output_player(st->output);

	st->sink.error = -ENODEV;
	player_turn(p);
	ck_assert_ptr_eq(player_returned(p), &st->sink.sink);
	stage_settle(st);
}

void stage_plug_in(struct stage *st)
{
	fake_sink_plug_in(&st->sink);
	player_offer(output_player(st->output), &st->sink.sink);
	stage_settle(st);
}

void stage_pass(uint64_t ns)
{
	clock_set(clock_now() + ns);
}

void stage_wait_for_timer(struct stage *st)
{
	stage_settle(st);
	ck_assert_uint_ne(clock_next(), UINT64_MAX);
	clock_set(clock_next());
	stage_settle(st);
}

void stage_assert_ledger(const struct source *s)
{
	char buf[160];
	const char *imbalance = hall_imbalance(s, buf, sizeof(buf));

	if (imbalance)
		ck_abort_msg("%s", imbalance);
}
