/* SPDX-License-Identifier: MIT */
/*
 * A capture may have got into the queue in part, or all of it, without our knowing. The daemon
 * was asked how many of our frames it has ever taken; those that were not answered for are the
 * first frames of the captures that were not answered, in their order. The rest of them is sent.
 * Everything else can be asked twice. A daemon that has not counted them says where the queue
 * ends; then all between there and the last frame that was answered for is taken for ours.
 */
#include "resend.h"

#include <errno.h>
#include <stdlib.h>

#include "clock.h"
#include "error.h"
#include "link.h"

/* A time that was given for all of it, less what has passed. */
static uint32_t time_left(const struct request *r, uint32_t ms)
{
	uint64_t passed = (clock_ns() - r->sent_ns) / NS_PER_MS;

	return passed < ms ? ms - (uint32_t)passed : 0;
}

static int end_with(struct aud *a, struct request *r, struct outcome *o)
{
	request_table_take(&a->requests, r->id);
	return connection_tell(a, r, o);
}

static int end_gone(struct aud *a, struct request *r)
{
	struct outcome o;

	outcome_fail(&o, -ENOENT,
		     "the source is gone: the daemon was away, and its sources with it");
	return end_with(a, r, &o);
}

/* ---- captures -------------------------------------------------------------------- */

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Nothing of it has to be sent. */
static int end_captured(struct aud *a, struct request *r, struct memory *m,
			uint64_t dropped, Aud__DropReason reason)
{
	uint64_t queued = m->written - m->played;
	struct outcome o = {
		.captured = {
			.first = r->already ? r->first : AUD_NO_POSITION,
			.accepted = r->already,
			.skipped = r->skipped,
			.dropped = dropped,
			.reason = (enum aud_drop_reason)reason,
			.free = queued < m->queue_frames ? m->queue_frames - queued : 0,
		}};

	memory_note_captured(m, r->already, r->already_end);
	return end_with(a, r, &o);
}

/* Leaves what has yet to be sent in c; returns how many frames that is. */
static uint64_t cut_down(struct request *r, struct memory *m, Aud__CaptureAudioFrame *c)
{
	Aud__AudioFrameBuffer *b = c->buffer;
	uint64_t n = b->samples_per_channel, off;
	size_t frame_bytes = n ? b->data.len / n : 0;

	r->skipped = c->has_at && c->at < m->next ? smaller(n, m->next - c->at) : 0;
	r->already = smaller(n - r->skipped, m->unseen);
	m->unseen -= r->already;
	r->first = m->is_whole || m->unseen == 0 ? m->next : AUD_NO_POSITION;
	r->already_end = m->next + r->already;
	m->next += n - r->skipped;
	off = r->skipped + r->already;
	if (off == 0)
		return n;
	c->at += off;
	b->data.data += off * frame_bytes;
	b->data.len -= off * frame_bytes;
	b->samples_per_channel -= (uint32_t)off;
	return n - off;
}

/* What is left of it is to be sent, or it has ended. Returns how many callbacks were run. */
static int prepare_capture(struct aud *a, struct request *r, struct memory *m,
			   Aud__CaptureAudioFrame *c, bool *ret_send)
{
	uint64_t left = cut_down(r, m, c);

	*ret_send = false;
	if (c->continues && m->dropped != AUD__DROP_REASON__NOT_DROPPED)
		return end_captured(a, r, m, left, m->dropped);
	if (left == 0)
		return end_captured(a, r, m, 0, AUD__DROP_REASON__NOT_DROPPED);
	if (c->has_timeout_ms)
		c->timeout_ms = time_left(r, c->timeout_ms);
	*ret_send = true;
	return 0;
}

/* ---- all of them ----------------------------------------------------------------- */

/* A clear may have ended it without our knowing. */
static void prepare_wait(const struct request *r, const struct memory *m,
			 Aud__WaitForPlayout *w)
{
	if (w->has_timeout_ms)
		w->timeout_ms = time_left(r, w->timeout_ms);
	w->has_asked_at = true;
	w->asked_at = m && m->held && m->is_alone ? m->next : AUD_NO_POSITION;
}

static int send_one(struct aud *a, struct request *r, Aud__Request *m)
{
	struct memory *of = r->handle ? memory_find(&a->memories, r->handle) : NULL;
	Aud__CaptureAudioFrame *c = m->capture_audio_frame;
	ProtobufCBinaryData data = {0};
	bool send = true;
	int callbacks = 0, error = 0;

	if (of && of->gone)
		return end_gone(a, r);
	if (m->kind_case == AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME && of && c->buffer) {
		data = c->buffer->data;
		callbacks = prepare_capture(a, r, of, c, &send);
	} else if (m->kind_case == AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT) {
		prepare_wait(r, of, m->wait_for_playout);
	}
	if (send)
		error = wire_writer_add(&a->writer, &m->base);
	if (data.data)
		c->buffer->data = data; /* what is freed is what was allocated */
	return error < 0 ? error : callbacks;
}

static int resend(struct aud *a, struct request *r)
{
	Aud__Request *m = aud__request__unpack(NULL, r->size, r->message);
	int callbacks;

	if (!m)
		return -ENOMEM;
	m->has_async_id = true;
	m->async_id = r->id;
	callbacks = send_one(a, r, m);
	aud__request__free_unpacked(m, NULL);
	wire_writer_flush(&a->writer, a->fd);
	return callbacks;
}

static void find_ends(struct aud *a)
{
	struct memory *m;

	TAILQ_FOREACH (m, &a->memories, link) {
		if (m->uncounted || !m->held) {
			m->unseen = m->written > m->end ? m->written - m->end : 0;
			m->unseen_end = m->end + m->unseen;
		}
		m->next = m->unseen ? m->unseen_end - m->unseen : m->end;
		m->is_whole = m->next == m->end;
		m->is_alone = m->written == m->end + m->unseen;
	}
}

int resend_all(struct aud *a)
{
	uint64_t last = 0;
	int callbacks = 0;
	struct request *r;

	find_ends(a);
	while ((r = request_table_next(&a->requests, last))) {
		int n;

		last = r->id;
		n = r->message ? resend(a, r) : 0;
		if (n < 0)
			return n;
		callbacks += n;
	}
	return callbacks;
}
