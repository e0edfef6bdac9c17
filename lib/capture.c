/* SPDX-License-Identifier: MIT */
/*
 * Captures: frames on their way into a source's queue. A blocking capture is cut into
 * pieces of a message each; several of them are under way at a time, so that the next one
 * is there when the daemon has room again. Not so if a piece may end before it is all in
 * the queue, by a deadline or for want of room: the next one must not get in behind it.
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

	/* All that are under way are within what any source may have outstanding. */
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
	struct capture *next; /* in the source's line */
	const uint8_t *data;
	uint32_t frames;
	const struct aud_capture_options *options;
	uint64_t deadline;               /* CLOCK_MONOTONIC, ns */
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

static const struct aud_capture_options no_options = AUD_CAPTURE_OPTIONS_INIT;

static void message_init(struct capture_message *m, const struct aud_source *s,
			 const void *data, uint32_t frames,
			 const struct aud_capture_options *options)
{
	m->request = (Aud__Request)AUD__REQUEST__INIT;
	m->capture = (Aud__CaptureAudioFrame)AUD__CAPTURE_AUDIO_FRAME__INIT;
	m->buffer = (Aud__AudioFrameBuffer)AUD__AUDIO_FRAME_BUFFER__INIT;
	m->request.kind_case = AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME;
	m->request.capture_audio_frame = &m->capture;
	m->capture.has_source_handle = true;
	m->capture.source_handle = s->handle;
	m->capture.buffer = &m->buffer;
	m->capture.has_at = options->at != AUD_NO_POSITION;
	m->capture.at = options->at;
	m->capture.has_timeout_ms = options->timeout_ms != AUD_NO_TIMEOUT;
	m->capture.timeout_ms = options->timeout_ms;
	m->capture.has_only_what_fits = true;
	m->capture.only_what_fits = options->only_what_fits;
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
	if (!s->held)
		return error_set(-EACCES,
				 "source %llu: only who made it, or attached to it, can "
				 "push",
				 (unsigned long long)s->handle);
	if (!data && frames > 0)
		return error_set(-EINVAL, "%u frames to capture, but no data", frames);
	return 0;
}

int aud_source_capture_frame_async(struct aud_source *s, const void *data,
				   uint32_t samples_per_channel,
				   const struct aud_capture_options *options,
				   aud_done_fn *done, void *user)
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
	message_init(&m, s, data, samples_per_channel, options ? options : &no_options);
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

/* How many pieces may be under way. */
static uint32_t max_pieces(const struct capture *c)
{
	bool patient = c->deadline == CLOCK_NEVER && !c->options->only_what_fits;

	return patient ? NUM_PIECES : 1;
}

/* Once frames were dropped, or refused, none of the rest is sent. */
static bool may_send(const struct capture *c)
{
	return c->sent < c->frames && c->num_sent - c->num_answered < max_pieces(c) &&
	       !c->failure.error && c->sum.reason == AUD_NOT_DROPPED;
}

/* The options as they are for the next piece: the frames before it have their place, and
 * took their time. */
static struct aud_capture_options piece_options(const struct capture *c)
{
	struct aud_capture_options options = *c->options;

	if (options.at != AUD_NO_POSITION)
		options.at += c->sent;
	if (options.timeout_ms != AUD_NO_TIMEOUT)
		options.timeout_ms =
			(clock_left(c->deadline) + NS_PER_MS - 1) / NS_PER_MS;
	return options;
}

static void send_piece(struct capture *c)
{
	struct piece *p = &c->pieces[c->num_sent % NUM_PIECES];
	const uint8_t *data = c->data + (size_t)c->sent * c->source->frame_bytes;
	struct aud_capture_options options = piece_options(c);
	uint32_t n = piece_frames(c);
	struct capture_message m;
	int r;

	message_init(&m, c->source, data, n, &options);
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
	c->sum.free = got->free;
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

/* Steps out of the line, from wherever in it. (lock held) */
static void leave_line(struct capture *c)
{
	struct aud_source *s = c->source;
	struct capture **p;

	for (p = &s->line; *p != c; p = &(*p)->next)
		;
	*p = c->next;
	pthread_cond_broadcast(&s->moved);
}

/* Stands in line until it is first. False: it may not wait so long, and has left. (lock
 * held; not while waiting) */
static bool wait_for_turn(struct capture *c)
{
	struct aud_source *s = c->source;
	struct capture **p;

	for (p = &s->line; *p; p = &(*p)->next)
		;
	*p = c;
	while (s->line != c) {
		if (c->options->only_what_fits || clock_left(c->deadline) == 0) {
			leave_line(c);
			return false;
		}
		clock_wait(&s->moved, &s->aud->lock, c->deadline);
	}
	return true;
}

/* (lock held; not while waiting) */
static void capture_in_turn(struct capture *c)
{
	if (!wait_for_turn(c)) {
		c->sum.reason = c->options->only_what_fits ? AUD_DROPPED_FOR_ROOM
							   : AUD_DROPPED_BY_DEADLINE;
		return;
	}
	do {
		while (may_send(c))
			send_piece(c);
		if (c->num_answered < c->num_sent)
			take_answer(c);
	} while (may_send(c) || c->num_answered < c->num_sent);
	leave_line(c);
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

int aud_source_capture_frame_with(struct aud_source *s, const void *data,
				  uint32_t samples_per_channel,
				  const struct aud_capture_options *options,
				  struct aud_captured *ret)
{
	struct capture c = {
		.source = s,
		.data = data,
		.frames = samples_per_channel,
		.options = options ? options : &no_options,
		.deadline = CLOCK_NEVER,
		.sum.first = AUD_NO_POSITION,
	};
	int r;

	if (c.options->timeout_ms != AUD_NO_TIMEOUT)
		c.deadline = clock_ns() + c.options->timeout_ms * NS_PER_MS;
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

int aud_source_capture_frame(struct aud_source *s, const void *data,
			     uint32_t samples_per_channel, struct aud_captured *ret)
{
	return aud_source_capture_frame_with(s, data, samples_per_channel, NULL, ret);
}

int aud_source_try_capture_frame(struct aud_source *s, const void *data,
				 uint32_t samples_per_channel, struct aud_captured *ret)
{
	struct aud_capture_options options = AUD_CAPTURE_OPTIONS_INIT;

	options.only_what_fits = true;
	return aud_source_capture_frame_with(s, data, samples_per_channel, &options, ret);
}
