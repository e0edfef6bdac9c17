/* SPDX-License-Identifier: MIT */
/*
 * From requests and their replies to what is known.
 */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

struct memory *memory_find(const struct memories *all, uint64_t handle)
{
	struct memory *m;

	TAILQ_FOREACH (m, all, link) {
		if (m->handle == handle)
			return m;
	}
	return NULL;
}

/* NULL: no memory. */
static struct memory *find_or_make(struct memories *all, uint64_t handle)
{
	struct memory *m = memory_find(all, handle);

	if (m)
		return m;
	m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->handle = handle;
	TAILQ_INIT(&m->marks);
	TAILQ_INSERT_TAIL(all, m, link);
	return m;
}

static void forget_mark(struct memory *m, struct memory_mark *mark)
{
	TAILQ_REMOVE(&m->marks, mark, link);
	free(mark);
}

static void forget(struct memories *all, struct memory *m)
{
	while (!TAILQ_EMPTY(&m->marks))
		forget_mark(m, TAILQ_FIRST(&m->marks));
	TAILQ_REMOVE(all, m, link);
	free(m);
}

/* There is nothing left that a daemon would have to be asked for again; what is gone stays
 * known as that until it is closed. */
static void forget_if_idle(struct memories *all, struct memory *m)
{
	if (!m->held && !m->subscribed && !m->gone && TAILQ_EMPTY(&m->marks))
		forget(all, m);
}

void memories_done(struct memories *all)
{
	while (!TAILQ_EMPTY(all))
		forget(all, TAILQ_FIRST(all));
}

/* ---- what was asked -------------------------------------------------------------- */

static struct memory *hold(struct memories *all, uint64_t handle,
			   const ProtobufCBinaryData *token, uint64_t end)
{
	struct memory *m =
		token->len == AUD_TOKEN_BYTES ? find_or_make(all, handle) : NULL;

	if (!m)
		return NULL;
	m->held = true;
	memcpy(m->token, token->data, AUD_TOKEN_BYTES);
	if (m->end < end)
		m->end = end;
	return m;
}

void memory_note_captured(struct memory *m, uint64_t frames, uint64_t end)
{
	if (frames && m->end < end)
		m->end = end;
	m->accepted += frames;
}

/* What a daemon before this one took of it is in the queue even if the rest is refused. */
static void note_capture(struct memory *m, const struct request *r,
			 const Aud__CaptureAudioFrameReply *in)
{
	memory_note_captured(m, r->already, r->already_end);
	if (!in)
		return;
	memory_note_captured(m, in->accepted, in->first + in->accepted);
	m->dropped = in->reason;
}

static void note_mark(struct memory *m, uint64_t id, uint64_t position)
{
	struct memory_mark *mark = calloc(1, sizeof(*mark));

	if (!mark)
		return;
	mark->id = id;
	mark->position = position;
	TAILQ_INSERT_TAIL(&m->marks, mark, link);
}

/* One that is gone is closed whatever the daemon says. m NULL: nothing is known of it. */
static void note_close(struct memories *all, struct memory *m, bool closed)
{
	if (m && m->gone) {
		forget(all, m);
	} else if (m && closed) {
		m->held = false;
		forget_if_idle(all, m);
	}
}

/* Those whose reply does not say all. */
static void note_request(struct memories *all, const Aud__Request *in,
			 const Aud__Reply *reply)
{
	struct memory *m;

	switch (in->kind_case) {
	case AUD__REQUEST__KIND_ATTACH_AUDIO_SOURCE:
		m = hold(all, in->attach_audio_source->source_handle,
			 &in->attach_audio_source->token,
			 reply->attach_audio_source->written);
		if (m && !reply->attach_audio_source->has_accepted)
			m->uncounted = true;
		break;
	case AUD__REQUEST__KIND_SET_MARK:
		m = find_or_make(all, in->set_mark->source_handle);
		if (m)
			note_mark(m, in->set_mark->mark_id, reply->set_mark->position);
		break;
	case AUD__REQUEST__KIND_SUBSCRIBE:
		m = find_or_make(all, in->subscribe->source_handle);
		if (m) {
			m->subscribed = !in->subscribe->off;
			m->low_water_ms = in->subscribe->low_water_ms;
			forget_if_idle(all, m);
		}
		break;
	default:
		break;
	}
}

static void note_kept(struct memories *all, const struct request *r,
		      const Aud__Reply *reply)
{
	Aud__Request *in = aud__request__unpack(NULL, r->size, r->message);

	if (!in)
		return;
	note_request(all, in, reply);
	aud__request__free_unpacked(in, NULL);
}

void memory_note_reply(struct memories *all, const struct request *r,
		       const Aud__Reply *reply)
{
	const Aud__NewAudioSourceReply *made = reply->new_audio_source;
	struct memory *m = r->handle ? memory_find(all, r->handle) : NULL;

	if (m && r->kind == AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME)
		note_capture(m, r,
			     reply->kind_case == r->kind ? reply->capture_audio_frame
							 : NULL);
	if (r->kind == AUD__REPLY__KIND_CLOSE_AUDIO_SOURCE) {
		note_close(all, m, reply->kind_case == r->kind);
		return;
	}
	if (reply->kind_case != r->kind)
		return;
	switch (r->kind) {
	case AUD__REPLY__KIND_NEW_AUDIO_SOURCE:
		hold(all, made->source_handle, &made->token, 0);
		break;
	case AUD__REPLY__KIND_ATTACH_AUDIO_SOURCE:
	case AUD__REPLY__KIND_SET_MARK:
	case AUD__REPLY__KIND_SUBSCRIBE:
		note_kept(all, r, reply);
		break;
	default:
		break;
	}
}

/* ---- what has happened ----------------------------------------------------------- */

void memory_forget_mark(struct memories *all, uint64_t handle, uint64_t id)
{
	struct memory *m = memory_find(all, handle);
	struct memory_mark *mark;

	if (!m)
		return;
	TAILQ_FOREACH (mark, &m->marks, link) {
		if (mark->id == id) {
			forget_mark(m, mark);
			forget_if_idle(all, m);
			return;
		}
	}
}

void memory_note_event(struct memories *all, const Aud__Event *event)
{
	struct memory *m;

	switch (event->kind_case) {
	case AUD__EVENT__KIND_MARK_HEARD:
		memory_forget_mark(all, event->source_handle, event->mark_heard->mark_id);
		break;
	case AUD__EVENT__KIND_MARK_DROPPED:
		memory_forget_mark(all, event->source_handle,
				   event->mark_dropped->mark_id);
		break;
	case AUD__EVENT__KIND_SOURCE_CLOSED:
		m = memory_find(all, event->source_handle);
		if (m)
			forget(all, m);
		break;
	default:
		break;
	}
}
