/* SPDX-License-Identifier: MIT */
/*
 * Few wake-ups matter more here than an early answer: a capture that waits is looked at
 * when there is room for a good piece, yet always long before the queue has run out.
 */
#include "capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "optional.h"

enum {
	PIECE_MS = 100, /* less room than that is not worth waking up for */
	MAX_BYTES = 1024 * 1024,
};

struct capture {
	STAILQ_ENTRY(capture) link;
	struct ticket ticket;
	uint64_t first;    /* position of its first frame that is, or will be, accepted */
	uint64_t accepted; /* frames in the queue */
	uint64_t skipped;  /* frames that the queue had before */
	uint32_t left;     /* frames not yet in the queue */
	const uint8_t *next; /* the first of these */
	uint64_t cost;       /* bytes; 0: it was never kept */
	uint8_t frames[];
};

uint64_t captures_end(const struct source *s)
{
	return source_written(s) + s->captures.frames;
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
	r.kind_case = AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME;
	r.capture_audio_frame = &body;
	ticket_answer(&c->ticket, &r);
}

/* Puts n frames into the queue, which has room for them. */
static void feed(struct source *s, struct capture *c, uint32_t n)
{
	if (n == 0)
		return;
	if (queue_write(&s->queue, c->next, n))
		output_ring(s->output);
	c->next += (size_t)n * s->queue.frame_bytes;
	c->accepted += n;
	c->left -= n;
}

static uint32_t fitting(const struct source *s, const struct capture *c)
{
	uint32_t room = queue_room(&s->queue);

	return c->left < room ? c->left : room;
}

/* ---- those that are kept --------------------------------------------------------- */

static void forget(struct source *s, struct capture *c)
{
	STAILQ_REMOVE_HEAD(&s->captures.list, link);
	s->captures.frames -= c->left;
	s->captures.bytes -= c->cost;
	s->captures.count--;
	free(c);
}

/* The position of `played` that leaves room enough to go on. */
static uint64_t wake_at(const struct source *s, const struct capture *c)
{
	uint32_t limit = s->queue.shape.limit;
	uint32_t piece = source_frames(s, PIECE_MS);
	uint32_t want = c->left > piece ? c->left : piece;
	uint64_t written = source_written(s);

	if (want > limit / 2)
		want = limit / 2 ? limit / 2 : 1;
	return written + want > limit ? written + want - limit : 0;
}

static void captures_due(struct waiter *w)
{
	struct source *s = SOURCE_OF(w, captures.room);
	struct capture *c;

	while ((c = STAILQ_FIRST(&s->captures.list))) {
		uint32_t n = fitting(s, c);

		feed(s, c, n);
		s->captures.frames -= n;
		if (c->left) {
			waiter_add(&s->waiters, w, MARK_ROOM, wake_at(s, c));
			return;
		}
		answer(c, AUD__DROP_REASON__NOT_DROPPED);
		forget(s, c);
	}
}

static uint64_t max_bytes(const struct source *s)
{
	uint64_t queue = (uint64_t)s->queue.shape.limit * s->queue.frame_bytes;

	return queue > MAX_BYTES ? queue : MAX_BYTES;
}

/* A copy of what will not have gone in when `fed` frames have. */
static int keep(struct source *s, const struct capture *c, uint32_t fed,
		struct capture **ret)
{
	size_t done = (size_t)fed * s->queue.frame_bytes;
	size_t bytes = (size_t)c->left * s->queue.frame_bytes - done;
	uint64_t cost = sizeof(*c) + bytes;
	struct capture *kept;

	if (s->captures.count && s->captures.bytes + cost > max_bytes(s))
		return -ENOBUFS;
	kept = malloc(cost);
	if (!kept)
		return -ENOMEM;
	*kept = *c;
	kept->cost = cost;
	kept->next = kept->frames;
	kept->left = c->left - fed;
	kept->accepted = fed;
	memcpy(kept->frames, c->next + done, bytes);
	*ret = kept;
	return 0;
}

static void append(struct source *s, struct capture *c)
{
	STAILQ_INSERT_TAIL(&s->captures.list, c, link);
	s->captures.frames += c->left;
	s->captures.bytes += c->cost;
	if (s->captures.count++ > 0)
		return;
	s->captures.room.due = captures_due;
	waiter_add(&s->waiters, &s->captures.room, MARK_ROOM, wake_at(s, c));
	source_serve(s);
}

int capture_add(struct source *s, const struct ticket *t, const void *frames, uint32_t n,
		uint64_t at)
{
	uint64_t end = captures_end(s);
	uint64_t known = at < end ? end - at : 0;
	struct capture c = {.ticket = *t, .first = end, .next = frames};
	struct capture *kept = NULL;
	uint32_t fits;
	int r = 0;

	s->captures.cut = false;
	if (n == 0) {
		answer(&c, AUD__DROP_REASON__NOT_DROPPED);
		return 0;
	}
	if (at != CAPTURE_ANYWHERE && at > end)
		return -ERANGE;
	c.skipped = known < n ? known : n;
	c.next += c.skipped * s->queue.frame_bytes;
	c.left = n - (uint32_t)c.skipped;

	/* Nothing may pass those that wait, not even one that has nothing to add. */
	fits = s->captures.count ? 0 : fitting(s, &c);
	if (s->captures.count || fits < c.left)
		r = keep(s, &c, fits, &kept);
	if (r < 0)
		return r;
	feed(s, &c, fits);
	if (kept)
		append(s, kept);
	else
		answer(&c, AUD__DROP_REASON__NOT_DROPPED);
	return 0;
}

bool capture_drop_rest(struct source *s, const struct ticket *t, uint32_t n)
{
	struct capture c = {.ticket = *t, .first = captures_end(s), .left = n};

	if (s->captures.cut)
		answer(&c, AUD__DROP_REASON__DROPPED_BY_CLEAR);
	return s->captures.cut;
}

void captures_cancel(struct source *s, Aud__DropReason reason)
{
	struct capture *c;

	s->captures.cut = true;
	waiter_remove(&s->captures.room);
	while ((c = STAILQ_FIRST(&s->captures.list))) {
		answer(c, reason);
		forget(s, c);
	}
}

void captures_forget(struct source *s)
{
	waiter_remove(&s->captures.room);
	while (!STAILQ_EMPTY(&s->captures.list))
		forget(s, STAILQ_FIRST(&s->captures.list));
}
