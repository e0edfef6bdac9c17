/* SPDX-License-Identifier: MIT */
/*
 * What a capture comes to: frames in the queue, an answer, a place among those that wait.
 */
#include <assert.h>
#include <errno.h>

#include "attach.h"
#include "capture_parts.h"
#include "events.h"
#include "optional.h"
#include "pushers.h"
#include "rt/loops.h"

/* ---- answers --------------------------------------------------------------------- */

static void count_lost(struct source *s, uint32_t n, Aud__DropReason reason)
{
	if (reason == AUD__DROP_REASON__DROPPED_BY_CLEAR)
		s->keep->cleared += n;
	else if (reason == AUD__DROP_REASON__DROPPED_BY_CLOSE)
		s->keep->closed += n;
	else
		s->keep->refused += n;
}

/* Room for the next one, if none stands before it. */
static uint32_t room(const struct source *s)
{
	return s->captures.count ? 0 : queue_room(&s->queue);
}

static void answer(const struct capture *c, Aud__DropReason reason)
{
	Aud__CaptureAudioFrameReply body = AUD__CAPTURE_AUDIO_FRAME_REPLY__INIT;
	Aud__Reply r = AUD__REPLY__INIT;

	SET(&body, first, c->first);
	SET(&body, accepted, c->accepted);
	SET(&body, dropped, c->left);
	SET(&body, reason, c->left ? reason : AUD__DROP_REASON__NOT_DROPPED);
	SET(&body, skipped, c->skipped);
	SET(&body, free, room(c->source));
	r.kind_case = AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME;
	r.capture_audio_frame = &body;
	ticket_answer(&c->ticket, &r);
}

void capture_finish(const struct capture *c, Aud__DropReason reason)
{
	struct attachment *a;

	if (!c->ticket.conn)
		return;
	answer(c, reason);
	if (!c->left)
		return;
	count_lost(c->source, c->left, reason);
	a = attachment_find(c->source, c->ticket.conn);
	if (a && a->call == c->call)
		a->ended = reason;
}

static void note_pushed(const struct capture *c, uint32_t n)
{
	const struct attachment *a = attachment_find(c->source, c->ticket.conn);

	pushers_note(a ? a->pusher : NULL, source_written(c->source), n);
}

void capture_feed(struct capture *c, uint32_t n)
{
	struct source *s = c->source;

	if (n == 0)
		return;
	s->keep->not_finite += loops_best()->format->not_finite(
		s->queue.shape.format, c->next, (size_t)n * s->queue.shape.channels);
	note_pushed(c, n);
	if (queue_write(&s->queue, c->next, n))
		output_ring(s->output);
	c->next += (size_t)n * s->queue.frame_bytes;
	c->accepted += n;
	c->left -= n;
	events_pushed(s);
}

uint32_t capture_fitting(const struct capture *c)
{
	uint32_t fits = queue_room(&c->source->queue);

	return c->left < fits ? c->left : fits;
}

/* ---- new ones -------------------------------------------------------------------- */

/* Takes what fits, and keeps the rest or drops it. Nothing may pass those that wait, not
 * even one that has nothing to add. */
static int take(struct capture *c, const struct capture_order *o)
{
	struct source *s = c->source;
	bool may_wait = !o->only_what_fits && o->timeout_ms > 0;
	uint32_t fits = s->captures.count ? 0 : capture_fitting(c);
	struct capture *kept = NULL;
	int r = 0;

	if (may_wait && (s->captures.count || fits < c->left))
		r = capture_keep(c, fits, o->timeout_ms, &kept);
	if (r < 0) {
		count_lost(s, c->left, AUD__DROP_REASON__DROPPED_FOR_ROOM);
		return r;
	}
	capture_feed(c, fits);
	if (kept)
		captures_append(kept);
	else
		capture_finish(c, o->only_what_fits
					  ? AUD__DROP_REASON__DROPPED_FOR_ROOM
					  : AUD__DROP_REASON__DROPPED_BY_DEADLINE);
	return 0;
}

int capture_add(struct source *s, const struct ticket *t, const struct capture_order *o)
{
	struct attachment *a = attachment_find(s, t->conn);
	uint64_t end = captures_end(s);
	uint64_t known = o->at < end ? end - o->at : 0;
	struct capture c = {
		.source = s, .ticket = *t, .first = end, .left = o->n, .next = o->frames};
	int r;

	assert(a);
	/* The first of an attachment continues nothing, whatever it says. */
	if (!o->continues || !a->call) {
		a->call++;
		a->ended = AUD__DROP_REASON__NOT_DROPPED;
	}
	c.call = a->call;
	if (o->n == 0 || a->ended != AUD__DROP_REASON__NOT_DROPPED) {
		capture_finish(&c, a->ended);
		return 0;
	}
	if (o->at != CAPTURE_ANYWHERE && o->at > end)
		return -ERANGE;
	c.placed = o->at != CAPTURE_ANYWHERE;
	c.skipped = known < o->n ? known : o->n;
	c.next += c.skipped * s->queue.frame_bytes;
	c.left -= (uint32_t)c.skipped;
	r = take(&c, o);
	if (r < 0)
		a->ended = AUD__DROP_REASON__DROPPED_FOR_ROOM;
	if (s->captures.count || s->events.count)
		source_serve(s);
	return r;
}
