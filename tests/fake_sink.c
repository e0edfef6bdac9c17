/* SPDX-License-Identifier: MIT */
/*
 * A device made of an array and of the test's word for what time it is.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fake_sink.h"

static struct fake_sink *fake_of(struct sink *s)
{
	return (struct fake_sink *)((char *)s - offsetof(struct fake_sink, sink));
}

static float *frame_at(struct fake_sink *f, uint64_t pos)
{
	return f->buffer + pos % f->sink.buffer * f->sink.channels;
}

static int fake_clock(struct sink *s, struct sink_clock *ret)
{
	struct fake_sink *f = fake_of(s);

	if (f->error)
		return f->error;
	ret->when_ns = f->now_ns;
	ret->unheard = (uint32_t)(f->written - f->played);
	ret->room = s->buffer - ret->unheard;
	if (f->running && f->xruns) {
		f->xruns = 0;
		return -EPIPE;
	}
	return 0;
}

static int fake_write(struct sink *s, const float *frames, uint32_t n)
{
	struct fake_sink *f = fake_of(s);
	uint32_t room = s->buffer - (uint32_t)(f->written - f->played);

	if (f->error)
		return f->error;
	n = n < room ? n : room;
	n = n < f->most_written ? n : f->most_written;
	for (uint32_t i = 0; i < n; i++)
		memcpy(frame_at(f, f->written++), frames + (size_t)i * s->channels,
		       s->channels * sizeof(float));
	return (int)n;
}

static int fake_take_back(struct sink *s, uint32_t n)
{
	struct fake_sink *f = fake_of(s);
	uint32_t there = (uint32_t)(f->written - f->played);

	f->takebacks++;
	if (f->error)
		return f->error;
	n = n < there ? n : there;
	n = n < f->most_given_back ? n : f->most_given_back;
	f->written -= n;
	return (int)n;
}

static int fake_start(struct sink *s)
{
	struct fake_sink *f = fake_of(s);

	if (f->error)
		return f->error;
	f->running = true;
	f->starts++;
	return 0;
}

static int fake_stop(struct sink *s)
{
	struct fake_sink *f = fake_of(s);

	if (f->error)
		return f->error;
	f->running = false;
	f->written = f->played;
	f->stops++;
	return 0;
}

static int fake_pollfds(struct sink *s, struct pollfd *fds, unsigned int max)
{
	(void)s;
	(void)fds;
	(void)max;
	return 0;
}

static const struct sink_ops fake_ops = {
	.clock = fake_clock,
	.write = fake_write,
	.take_back = fake_take_back,
	.start = fake_start,
	.stop = fake_stop,
	.pollfds = fake_pollfds,
};

void fake_sink_init(struct fake_sink *f, uint32_t rate, uint32_t channels,
		    uint32_t buffer)
{
	*f = (struct fake_sink){
		.sink = {.ops = &fake_ops,
			 .rate = rate,
			 .channels = channels,
			 .layout = layout_default(channels),
			 .format = 1,
			 .buffer = buffer,
			 .low_water = buffer / 4,
			 .idle = buffer,
			 .rewinds = true},
		.most_written = UINT32_MAX,
		.most_given_back = UINT32_MAX,
		.buffer = calloc((size_t)buffer * channels, sizeof(float)),
	};
}

void fake_sink_done(struct fake_sink *f)
{
	free(f->buffer);
	free(f->tape);
}

void fake_sink_plug_in(struct fake_sink *f)
{
	f->error = 0;
	f->running = false;
	f->written = f->played;
	f->xruns = 0;
}

static void record(struct fake_sink *f)
{
	if (f->taped == f->tape_size) {
		f->tape_size = f->tape_size ? 2 * f->tape_size : 4096;
		f->tape =
			realloc(f->tape, f->tape_size * f->sink.channels * sizeof(float));
	}
	memcpy(f->tape + f->taped++ * f->sink.channels, frame_at(f, f->played++),
	       f->sink.channels * sizeof(float));
}

void fake_sink_advance(struct fake_sink *f, uint32_t n)
{
	f->now_ns += n * UINT64_C(1000000000) / f->sink.rate;
	if (!f->running)
		return;
	for (; n > 0; n--) {
		if (f->played == f->written) {
			f->xruns = 1;
			return;
		}
		record(f);
	}
}
