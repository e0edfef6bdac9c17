/* SPDX-License-Identifier: MIT */
/*
 * A source of our own while it is played: what was sent and what became of it.
 */
#include "stream.h"

#include <stdio.h>

static void set_error(struct stream *s, int error, const char *message)
{
	if (s->error)
		return;
	s->error = error;
	snprintf(s->message, sizeof(s->message), "%s", message);
}

int stream_open(struct stream *s, struct aud *aud, const struct input *in,
		const struct options *options, const char *name)
{
	const struct aud_source_options source_options = {
		.queue_size_ms = (uint32_t)options->queue_ms,
		.format = in->format,
		.name = name,
		.drop_on_disconnect = options->drop_on_exit,
		.linger_ms = (uint32_t)options->linger_ms,
		.output = options->output,
		.layout = options->layout ? options->layout
			  : *in->layout   ? in->layout
					  : NULL,
		.role = options->role,
	};
	int r;

	*s = (struct stream){.aud = aud};
	r = aud_source_new(aud, &s->source, in->rate, in->channels, &source_options);
	if (r >= 0 && options->gain != 1.0f)
		r = aud_source_set_gain(s->source, options->gain, 0);
	return r;
}

void stream_close(struct stream *s)
{
	aud_source_free(s->source);
	s->source = NULL;
}

static void captured(const struct aud_result *result, void *user)
{
	struct stream *s = user;

	s->captures--;
	if (result->error) {
		set_error(s, result->error, result->message);
		return;
	}
	s->was_cleared |= result->captured->reason == AUD_DROPPED_BY_CLEAR;
	s->was_closed |= result->captured->reason == AUD_DROPPED_BY_CLOSE;
}

/* Counts a request that was sent, or keeps why it was not. */
static void requested(struct stream *s, int r)
{
	if (r < 0)
		set_error(s, r, aud_error(s->aud));
	else
		s->requests++;
}

static void played_out(const struct aud_result *result, void *user)
{
	struct stream *s = user;

	s->requests--;
	s->waits--;
	if (result->error)
		set_error(s, result->error, result->message);
	else if (result->playout->reason == AUD_CLEARED)
		s->was_cleared = true;
	else if (result->playout->reason == AUD_SOURCE_CLOSED)
		s->was_closed = true;
}

void stream_wait_for_playout(struct stream *s)
{
	int r = aud_source_wait_for_playout_async(s->source, NULL, played_out, s);

	requested(s, r);
	s->waits += r >= 0;
}

/* As long as there is something to be heard, somebody waits for it: that is how a clear
 * by another program is noticed, also when it finds no capture waiting. */
void stream_capture(struct stream *s, const void *data, uint32_t frames)
{
	int r = aud_source_capture_frame_async(s->source, data, frames, NULL, captured,
					       s);

	if (r < 0) {
		set_error(s, r, aud_error(s->aud));
		return;
	}
	s->sent += frames;
	s->captures++;
	if (!s->waits)
		stream_wait_for_playout(s);
}

static void cleared(const struct aud_result *result, void *user)
{
	struct stream *s = user;

	s->requests--;
	if (result->error)
		set_error(s, result->error, result->message);
	else
		s->taken_back += result->cleared->taken_back;
}

void stream_clear(struct stream *s)
{
	requested(s, aud_source_clear_queue_async(s->source, NULL, cleared, s));
}

static bool is_waiting(const struct aud_source_status *status)
{
	return status->queued && !status->sounding && !status->paused;
}

static void reported(const struct aud_result *result, void *user)
{
	struct stream *s = user;

	s->requests--;
	s->questions--;
	if (result->error) {
		set_error(s, result->error, result->message);
		return;
	}
	s->report = (struct stream_report){
		.number = s->report.number + 1,
		.position = result->status->played,
		.paused = result->status->paused,
		.waiting = is_waiting(result->status) ? s->report.waiting + 1 : 0,
		.ledger = ledger_of(result->status),
	};
}

void stream_ask(struct stream *s)
{
	int r = aud_source_status_async(s->source, reported, s);

	requested(s, r);
	s->questions += r >= 0;
}
