/* SPDX-License-Identifier: MIT */
/*
 * The stage's clients: what they ask for, what they are answered, and the frames that they push. A
 * frame's number is in its left channel, never 0 there; the right one is as it should be.
 */
#include <check.h>
#include <stdlib.h>

#include "change.h"
#include "events.h"
#include "mark.h"
#include "stage.h"
#include "stats.h"

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
