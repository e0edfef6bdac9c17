/* SPDX-License-Identifier: MIT */
/*
 * Ever smaller buffers, each filled at the player's own low-water mark, until one runs dry.
 */
#include <errno.h>
#include <stdlib.h>

#include "parts.h"

static const uint32_t sizes_ms[] = {100, 70, 50, 40, 30, 20, 15, 10, 7, 5, 3, 2};

_Static_assert(sizeof(sizes_ms) / sizeof(sizes_ms[0]) == SELFTEST_SIZES, "a trial each");

/* A device whose pointer moves by more than that stands below it for a while. */
#define PAUSE_NS UINT64_C(100000)

/* When the buffer will hold no more than the low-water mark, or soon. */
static uint64_t when_low(const struct sink *s, const struct look *look)
{
	uint32_t more = look->held > s->low_water ? look->held - s->low_water : 0;

	uint64_t low = look->when_ns + (uint64_t)more * UINT64_C(1000000000) / s->rate;
	uint64_t soon = selftest_now() + PAUSE_NS;

	return low > soon ? low : soon;
}

struct playing {
	struct stream *stream;
	uint64_t for_ns;
	struct size_trial *trial;
};

static int play(void *arg)
{
	const struct playing *p = arg;
	struct stream *s = p->stream;
	struct size_trial *t = p->trial;
	uint64_t end = selftest_now() + p->for_ns;
	int r = stream_start(s, s->sink->buffer);
	struct look look;

	t->least = s->sink->buffer;
	while (r == 0 && selftest_now() < end) {
		r = stream_look(s, &look);
		if (r == 0 && look.held < t->least)
			t->least = look.held;
		if (r == 0)
			r = stream_fill(s, s->sink->buffer);
		if (r == 0)
			r = stream_look(s, &look);
		if (r == -EPIPE) {
			t->xruns++;
			t->least = 0;
			return 0;
		}
		if (r == 0 && !selftest_sleep_until(when_low(s->sink, &look)))
			return -EINTR;
	}
	return r;
}

/* -EALREADY: the device has made the same buffer of it as of the one before. */
static int try_size(struct realtime *realtime, const struct config_output *c,
		    uint64_t for_ns, struct size_figures *f)
{
	struct size_trial *t = &f->trials[f->num];
	struct stream s;
	struct playing playing = {.stream = &s, .for_ns = for_ns, .trial = t};
	char *error = NULL;
	int r = stream_open(&s, c, &error);

	if (r == 0 && f->num > 0 && s.sink->buffer >= t[-1].frames)
		r = -EALREADY;
	if (r == 0) {
		*t = (struct size_trial){.frames = s.sink->buffer};
		r = realtime_run(realtime, play, &playing);
	}
	stream_close(&s);
	free(error);
	return r;
}

int size_measure(struct realtime *t, const struct config_output *c, uint64_t for_ns,
		 struct size_figures *f)
{
	struct config_output one = *c;

	f->smallest = -1;
	one.rewind = REWIND_NO;
	one.xrun_margin_ms = 0; /* it would lie behind each of them */
	for (int i = 0; i < SELFTEST_SIZES; i++) {
		int r;

		one.short_buffer_ms = sizes_ms[i];
		r = try_size(t, &one, for_ns / SELFTEST_SIZES, f);
		if (r == -EALREADY)
			continue;
		if (r < 0)
			return r;
		if (f->trials[f->num++].xruns > 0)
			return 0;
		f->smallest = (int)f->num - 1;
	}
	return 0;
}
