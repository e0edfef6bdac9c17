/* SPDX-License-Identifier: MIT */
/*
 * A frame's number is in its left channel, never 0 there; the right one is as it should
 * be.
 */
#include "stage.h"

#include <check.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config_keys.h"
#include "change.h"
#include "events.h"
#include "hall.h"
#include "mark.h"
#include "stats.h"

enum { STEP = STAGE_RATE / 1000 };

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

/* ---- answers --------------------------------------------------------------------- */

static void copy_body(struct note *n, const Aud__Reply *r)
{
	switch (r->kind_case) {
	case AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME:
		n->captured = *r->capture_audio_frame;
		break;
	case AUD__REPLY__KIND_CLEAR_AUDIO_BUFFER:
		n->cleared = *r->clear_audio_buffer;
		break;
	case AUD__REPLY__KIND_WAIT_FOR_PLAYOUT:
		n->playout = *r->wait_for_playout;
		break;
	case AUD__REPLY__KIND_PAUSE_AUDIO_SOURCE:
		n->paused = *r->pause_audio_source;
		break;
	case AUD__REPLY__KIND_RESUME_AUDIO_SOURCE:
		n->resumed = *r->resume_audio_source;
		break;
	case AUD__REPLY__KIND_SET_MARK:
		n->marked = *r->set_mark;
		break;
	case AUD__REPLY__KIND_SUBSCRIBE:
		n->subscribed = *r->subscribe;
		break;
	case AUD__REPLY__KIND_MOVE_AUDIO_SOURCE:
		n->moved = *r->move_audio_source;
		break;
	case AUD__REPLY__KIND_ERROR:
		n->error = r->error->code;
		break;
	default:
		ck_abort_msg("an answer of kind %d", r->kind_case);
	}
}

static void take_note(struct conn *c, const Aud__Reply *r)
{
	const struct stage_client *client = (void *)c;
	struct stage *st = client->stage;
	struct note *n = &st->notes[st->num_notes++];

	if (st->num_notes >= STAGE_NOTES)
		ck_abort_msg("too many answers");
	n->client = client;
	n->async_id = r->async_id;
	n->kind = r->kind_case;
	copy_body(n, r);
}

struct ticket stage_ticket(struct stage *st, int client)
{
	return (struct ticket){
		.conn = (struct conn *)&st->clients[client],
		.async_id = ++st->last_id,
		.answer = take_note,
		.tell = stage_take_event,
	};
}

const struct note *stage_note(const struct stage *st, uint64_t async_id)
{
	const struct note *found = NULL;

	for (int i = 0; i < st->num_notes; i++) {
		if (st->notes[i].async_id != async_id)
			continue;
		ck_assert_msg(!found, "request %d was answered twice", (int)async_id);
		found = &st->notes[i];
	}
	return found;
}

/* ---- frames ---------------------------------------------------------------------- */

int stage_capture(struct stage *st, int client, uint64_t first,
		  const struct capture_order *order)
{
	int16_t(*frames)[2] = malloc((order->n + 1) * sizeof(*frames));
	struct ticket t = stage_ticket(st, client);
	struct capture_order o = *order;
	int r;

	for (uint32_t i = 0; i < o.n; i++)
		frames[i][0] = frames[i][1] = (int16_t)((first + i) % STAGE_NUMBERS + 1);
	o.frames = frames;
	r = capture_add(st->s, &t, &o);
	free(frames);
	return r;
}

int stage_try(struct stage *st, uint64_t first, uint32_t n, uint64_t at)
{
	struct capture_order order = {.n = n, .at = at, .timeout_ms = CAPTURE_NO_TIMEOUT};

	return stage_capture(st, 0, first, &order);
}

int64_t stage_heard(const struct stage *st, uint64_t at)
{
	if (at >= st->sink.taped) /* an assertion for each frame takes too long */
		ck_abort_msg("frame %d is not heard yet", (int)at);
	return lrintf(st->sink.tape[2 * at] * 32768.0f) - 1;
}

void stage_assert_heard(const struct stage *st, uint64_t at, uint64_t first, uint64_t end)
{
	for (uint64_t n = first; n < end; n++, at++) {
		if (stage_heard(st, at) != (int64_t)(n % STAGE_NUMBERS))
			ck_abort_msg("frame %d of the tape is %d, not %d", (int)at,
				     (int)stage_heard(st, at), (int)(n % STAGE_NUMBERS));
	}
}

/* ---- requests and answers -------------------------------------------------------- */

uint64_t stage_push(struct stage *st, uint64_t first, uint32_t n)
{
	ck_assert_int_eq(stage_try(st, first, n, CAPTURE_ANYWHERE), 0);
	return st->last_id;
}

uint64_t stage_clear(struct stage *st, uint32_t fade_ms)
{
	struct ticket t = stage_ticket(st, 1);

	ck_assert_int_eq(
		change_clear(st->s, &t, source_fade(st->s, fade_ms, CURVE_LINEAR)), 0);
	return t.async_id;
}

uint64_t stage_hold(struct stage *st, bool paused)
{
	struct ticket t = stage_ticket(st, 1);

	ck_assert_int_eq(
		change_hold(st->s, &t, paused, source_fade(st->s, 5, CURVE_LINEAR)), 0);
	return t.async_id;
}

uint64_t stage_await_this(struct stage *st, const struct playout_order *order)
{
	struct ticket t = stage_ticket(st, 1);

	ck_assert_int_eq(playout_wait(st->s, &t, order), 0);
	return t.async_id;
}

uint64_t stage_await(struct stage *st)
{
	const struct playout_order order = {.timeout_ms = PLAYOUT_NEVER,
					    .device_lost_ms = PLAYOUT_NEVER};

	return stage_await_this(st, &order);
}

uint64_t stage_mark(struct stage *st, uint64_t mark_id, uint64_t position)
{
	struct ticket t = stage_ticket(st, 1);

	if (position == UINT64_MAX)
		position = captures_end(st->s);
	ck_assert_int_eq(mark_set(st->s, &t, mark_id, position), 0);
	return t.async_id;
}

uint64_t stage_subscribe(struct stage *st, uint32_t low_water_ms)
{
	struct ticket t = stage_ticket(st, 1);

	ck_assert_int_eq(events_subscribe(st->s, &t, source_frames(st->s, low_water_ms)),
			 0);
	return t.async_id;
}

static const struct note *note_of(const struct stage *st, uint64_t id,
				  Aud__Reply__KindCase kind)
{
	const struct note *n = stage_note(st, id);

	ck_assert_msg(n != NULL, "request %d is not answered", (int)id);
	ck_assert_int_eq(n->kind, kind);
	return n;
}

const Aud__CaptureAudioFrameReply *stage_captured(const struct stage *st, uint64_t id)
{
	return &note_of(st, id, AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME)->captured;
}

const Aud__ClearAudioBufferReply *stage_cleared(const struct stage *st, uint64_t id)
{
	return &note_of(st, id, AUD__REPLY__KIND_CLEAR_AUDIO_BUFFER)->cleared;
}

Aud__PlayoutReason stage_playout(const struct stage *st, uint64_t id)
{
	if (!stage_note(st, id))
		return AUD__PLAYOUT_REASON__PLAYOUT_UNSPECIFIED;
	return note_of(st, id, AUD__REPLY__KIND_WAIT_FOR_PLAYOUT)->playout.reason;
}

Aud__AudioSourceStatus stage_look(struct stage *st)
{
	Aud__AudioSourceStatus ret;

	stage_refresh(st);
	stats_source(st->s, &ret);
	return ret;
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

void stage_wait_for_timer(struct stage *st)
{
	sd_event_run(st->event, 1000000);
	stage_settle(st);
}

void stage_assert_ledger(const struct source *s)
{
	char buf[160];
	const char *imbalance = hall_imbalance(s, buf, sizeof(buf));

	if (imbalance)
		ck_abort_msg("%s", imbalance);
}
