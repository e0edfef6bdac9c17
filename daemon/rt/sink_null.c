/* SPDX-License-Identifier: MIT */
/*
 * A device made of a clock and of memory.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "sink_null.h"

#include "room.h"

#define NS_PER_S UINT64_C(1000000000)

static struct sink_null *null_of(struct sink *s)
{
	return (struct sink_null *)((char *)s - offsetof(struct sink_null, sink));
}

static uint64_t machine_now(void *context)
{
	struct timespec t;

	(void)context;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* ---- the tape ----------------------------------------------------------------------- */

static void tape_put(struct tape *t, const uint8_t *src, uint64_t bytes)
{
	uint64_t head = atomic_load_explicit(&t->head, memory_order_relaxed);
	uint64_t tail = atomic_load_explicit(&t->tail, memory_order_acquire);
	uint64_t fits = smaller(bytes, t->bytes - (head - tail));
	uint64_t first = smaller(fits, t->bytes - head % t->bytes);
	uint64_t lost = atomic_load_explicit(&t->lost, memory_order_relaxed);

	memcpy(t->data + head % t->bytes, src, first);
	memcpy(t->data, src + first, fits - first);
	atomic_store_explicit(&t->lost, lost + (bytes - fits), memory_order_relaxed);
	atomic_store_explicit(&t->head, head + fits, memory_order_release);
}

static uint64_t tape_used(const struct tape *t)
{
	return atomic_load_explicit(&t->head, memory_order_relaxed) -
	       atomic_load_explicit(&t->tail, memory_order_relaxed);
}

uint64_t tape_read(struct tape *t, void *dst, uint64_t bytes)
{
	uint64_t tail = atomic_load_explicit(&t->tail, memory_order_relaxed);
	uint64_t head = atomic_load_explicit(&t->head, memory_order_acquire);
	uint64_t n = smaller(bytes, head - tail);
	uint64_t first = smaller(n, t->bytes - tail % t->bytes);

	memcpy(dst, t->data + tail % t->bytes, first);
	memcpy((uint8_t *)dst + first, t->data, n - first);
	atomic_store_explicit(&t->tail, tail + n, memory_order_release);
	return n;
}

/* ---- the sink ----------------------------------------------------------------------- */

static uint8_t *frame_at(const struct sink_null *s, uint64_t pos)
{
	return s->data + pos % s->sink.buffer * s->frame_bytes;
}

/* How many of n frames from pos on lie in one piece. */
static uint32_t piece(const struct sink_null *s, uint64_t pos, uint64_t n)
{
	return (uint32_t)smaller(n, s->sink.buffer - pos % s->sink.buffer);
}

static void play_until(struct sink_null *s, uint64_t end)
{
	while (s->played < end) {
		uint32_t n = piece(s, s->played, end - s->played);

		if (s->tape)
			tape_put(s->tape, frame_at(s, s->played),
				 (uint64_t)n * s->frame_bytes);
		s->played += n;
	}
	if (s->tape && tape_used(s->tape) > s->tape->bytes / 2)
		s->sink.wants_main = true;
}

static int null_clock(struct sink *sink, struct sink_clock *ret)
{
	struct sink_null *s = null_of(sink);
	uint64_t now = s->now(s->context), due = s->played;

	if (s->running)
		due = s->start_played +
		      (uint64_t)((unsigned __int128)(now - s->start_ns) * sink->rate /
				 NS_PER_S);
	play_until(s, smaller(due, s->written));
	ret->when_ns = now;
	ret->unheard = (uint32_t)(s->written - s->played);
	ret->room = sink->buffer - ret->unheard;
	return due > s->written ? -EPIPE : 0;
}

static int null_write(struct sink *sink, const float *frames, uint32_t n)
{
	struct sink_null *s = null_of(sink);
	uint32_t fits = (uint32_t)smaller(n, sink->buffer - (s->written - s->played));
	uint32_t done = 0;

	while (done < fits) {
		uint32_t len = piece(s, s->written, fits - done);

		sink->clipped += s->loops->format->from_float(
			sink->format, frame_at(s, s->written),
			frames + (size_t)done * sink->channels,
			(size_t)len * sink->channels);
		s->written += len;
		done += len;
	}
	return (int)fits;
}

static int null_take_back(struct sink *sink, uint32_t n)
{
	struct sink_null *s = null_of(sink);
	uint32_t got = (uint32_t)smaller(n, s->written - s->played);

	s->written -= got;
	return (int)got;
}

static int null_start(struct sink *sink)
{
	struct sink_null *s = null_of(sink);

	s->start_ns = s->now(s->context);
	s->start_played = s->played;
	s->running = true;
	return 0;
}

static int null_stop(struct sink *sink)
{
	struct sink_null *s = null_of(sink);

	s->running = false;
	s->written = s->played;
	sink->wants_main = s->tape != NULL;
	return 0;
}

static int null_pollfds(struct sink *sink, struct pollfd *fds, unsigned int max)
{
	(void)sink;
	(void)fds;
	(void)max;
	return 0;
}

static const struct sink_ops null_ops = {
	.clock = null_clock,
	.write = null_write,
	.take_back = null_take_back,
	.start = null_start,
	.stop = null_stop,
	.pollfds = null_pollfds,
};

void sink_null_init(struct sink_null *s, uint8_t *data, struct tape *tape,
		    uint64_t (*now)(void *), void *context)
{
	s->sink.ops = &null_ops;
	s->loops = loops_best();
	s->now = now ? now : machine_now;
	s->context = context;
	s->data = data;
	s->frame_bytes = s->sink.channels * formats[s->sink.format].bytes;
	s->tape = tape;
	s->written = s->played = s->start_ns = s->start_played = 0;
	s->running = false;
}
