/* SPDX-License-Identifier: MIT */
/*
 * Captures: frames on their way into a source's queue. A blocking capture is cut into
 * pieces of a message each; several of them are under way at a time, so that the next one
 * is there when the daemon has room again.
 */
#include <errno.h>
#include <stdlib.h>

#include "clock.h"
#include "connection.h"
#include "error.h"
#include "source.h"

enum {
	MESSAGE_FRAMES = 65536,
	MESSAGE_BYTES = 960 * 1024,

	/* All pieces that are under way are within what any source may have outstanding.
	 * */
	NUM_PIECES = 4,
	PIECE_BYTES = MESSAGE_BYTES / NUM_PIECES,
};

struct piece {
	struct request request;
	struct outcome outcome;
};

/* A blocking capture. */
struct capture {
	struct aud_source *source;
	const uint8_t *data;
	uint32_t frames;
	uint32_t sent;                   /* frames */
	uint32_t num_sent, num_answered; /* pieces */
	struct piece pieces[NUM_PIECES]; /* a ring: those sent and not answered */
	struct aud_captured sum;         /* of those answered */
	struct outcome failure;          /* the first one; error is 0: none */
};

/* A message with frames, which points at all of its arguments. */
struct capture_message {
	Aud__Request request;
	Aud__CaptureAudioFrame capture;
	Aud__AudioFrameBuffer buffer;
};

static void message_init(struct capture_message *m, const struct aud_source *s,
			 const void *data, uint32_t frames)
{
	m->request = (Aud__Request)AUD__REQUEST__INIT;
	m->capture = (Aud__CaptureAudioFrame)AUD__CAPTURE_AUDIO_FRAME__INIT;
	m->buffer = (Aud__AudioFrameBuffer)AUD__AUDIO_FRAME_BUFFER__INIT;
	m->request.kind_case = AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME;
	m->request.capture_audio_frame = &m->capture;
	m->capture.has_source_handle = true;
	m->capture.source_handle = s->handle;
	m->capture.buffer = &m->buffer;
	m->buffer.has_data = true;
	m->buffer.data.data = (uint8_t *)data;
	m->buffer.data.len = (size_t)frames * s->frame_bytes;
	m->buffer.has_sample_rate = true;
	m->buffer.sample_rate = s->sample_rate;
	m->buffer.has_num_channels = true;
	m->buffer.num_channels = s->num_channels;
	m->buffer.has_samples_per_channel = true;
	m->buffer.samples_per_channel = frames;
}

static int check(const struct aud_source *s, const void *data, uint32_t frames)
{
	if (!s->owned)
		return error_set(-EACCES,
				 "source %llu: only the connection that made it can push",
				 (unsigned long long)s->handle);
	if (!data && frames > 0)
		return error_set(-EINVAL, "%u frames to capture, but no data", frames);
	return 0;
}

int aud_source_capture_frame_async(struct aud_source *s, const void *data,
				   uint32_t samples_per_channel, aud_done_fn *done,
				   void *user)
{
	struct capture_message m;
	int r;

	r = check(s, data, samples_per_channel);
	if (r < 0)
		return r;
	if (samples_per_channel > MESSAGE_FRAMES ||
	    (uint64_t)samples_per_channel * s->frame_bytes > MESSAGE_BYTES)
		return error_set(-EMSGSIZE,
				 "%u frames of %u bytes in one call: the most is %d "
				 "frames and %d bytes",
				 samples_per_channel, s->frame_bytes, MESSAGE_FRAMES,
				 MESSAGE_BYTES);
	message_init(&m, s, data, samples_per_channel);
	return connection_request(s->aud, &m.request, ending_told(done, user));
}

static uint32_t piece_frames(const struct capture *c)
{
	uint32_t most = PIECE_BYTES / c->source->frame_bytes;
	uint32_t left = c->frames - c->sent;

	if (most > MESSAGE_FRAMES)
		most = MESSAGE_FRAMES;
	return left < most ? left : most;
}

/* Once frames were dropped, or refused, none of the rest is sent. */
static bool may_send(const struct capture *c)
{
	return c->sent < c->frames && c->num_sent - c->num_answered < NUM_PIECES &&
	       !c->failure.error && c->sum.reason == AUD_NOT_DROPPED;
}

static void send_piece(struct capture *c)
{
	struct piece *p = &c->pieces[c->num_sent % NUM_PIECES];
	const uint8_t *data = c->data + (size_t)c->sent * c->source->frame_bytes;
	uint32_t n = piece_frames(c);
	struct capture_message m;
	int r;

	message_init(&m, c->source, data, n);
	m.capture.has_continues = true;
	m.capture.continues = c->num_sent > 0;
	p->request = (struct request){.outcome = &p->outcome};
	r = connection_send(c->source->aud, &m.request, &p->request);
	if (r < 0) {
		outcome_fail(&c->failure, r, aud_error(NULL));
		return;
	}
	c->sent += n;
	c->num_sent++;
}

static void add_up(struct capture *c, const struct aud_captured *got)
{
	if (c->sum.accepted == 0)
		c->sum.first = got->first;
	c->sum.accepted += got->accepted;
	c->sum.skipped += got->skipped;
	if (c->sum.reason == AUD_NOT_DROPPED)
		c->sum.reason = got->reason;
}

/* Waits for the oldest piece: the daemon answers captures in their order. */
static void take_answer(struct capture *c)
{
	struct piece *p = &c->pieces[c->num_answered++ % NUM_PIECES];

	connection_await(c->source->aud, &p->request, CLOCK_NEVER);
	if (p->outcome.error == 0)
		add_up(c, &p->outcome.captured);
	else if (c->failure.error == 0 && c->sum.reason == AUD_NOT_DROPPED)
		c->failure = p->outcome;
	else
		outcome_done(&p->outcome);
}

/* (lock held) */
static void capture_in_turn(struct capture *c)
{
	struct aud_source *s = c->source;
	uint64_t ticket = s->tickets++;

	while (s->turn != ticket)
		pthread_cond_wait(&s->turned, &s->aud->lock);
	do {
		while (may_send(c))
			send_piece(c);
		if (c->num_answered < c->num_sent)
			take_answer(c);
	} while (may_send(c) || c->num_answered < c->num_sent);
	s->turn++;
	pthread_cond_broadcast(&s->turned);
}

static int capture(struct capture *c)
{
	struct aud *a = c->source->aud;
	int r;

	pthread_mutex_lock(&a->lock);
	r = connection_may_block(a);
	if (r == 0)
		capture_in_turn(c);
	pthread_mutex_unlock(&a->lock);
	return c->failure.error < 0 ? outcome_error(&c->failure) : r;
}

int aud_source_capture_frame(struct aud_source *s, const void *data,
			     uint32_t samples_per_channel, struct aud_captured *ret)
{
	struct capture c = {
		.source = s,
		.data = data,
		.frames = samples_per_channel,
		.sum.first = AUD_NO_POSITION,
	};
	int r;

	r = check(s, data, samples_per_channel);
	if (r == 0 && samples_per_channel > 0)
		r = capture(&c);
	if (r < 0)
		return r;
	if (c.sum.reason != AUD_NOT_DROPPED)
		c.sum.dropped = c.frames - c.sum.accepted - c.sum.skipped;
	if (ret)
		*ret = c.sum;
	return 0;
}
