/* SPDX-License-Identifier: MIT */
/*
 * The device's clock against the machine's: looks at both, once in a millisecond, and a straight
 * line through them. A look that came late moves one point, a clock that jumps moves all that
 * follow: so a jump is told by the medians on both of its sides, and the line is drawn through
 * the longest piece between two of them.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"

#define NS_PER_S  1e9
#define NS_PER_MS UINT64_C(1000000)
#define LOOK_NS   NS_PER_MS
#define CLOSE_NS  UINT64_C(60000) /* between looks for the step */

enum { SIDE = 7, CLOSE_LOOKS = 800 };

/* ---- judging ---------------------------------------------------------------------- */

struct line {
	double slope, error; /* frames in a second */
	double t0, y0;       /* it goes through here */
};

static double seconds_of(const struct clock_sample *a, const struct clock_sample *b)
{
	return (double)(b->when_ns - a->when_ns) / NS_PER_S;
}

/* Least squares. Times and frames count from the first sample, so that no digits are lost. */
static struct line fit(const struct clock_sample *s, uint32_t n)
{
	double t = 0, y = 0, tt = 0, ty = 0, rest = 0;
	struct line l = {0};

	for (uint32_t i = 0; i < n; i++) {
		t += seconds_of(s, &s[i]) / n;
		y += (double)(s[i].heard - s[0].heard) / n;
	}
	for (uint32_t i = 0; i < n; i++) {
		double dt = seconds_of(s, &s[i]) - t;

		tt += dt * dt;
		ty += dt * ((double)(s[i].heard - s[0].heard) - y);
	}
	l.t0 = t;
	l.y0 = y;
	l.slope = tt > 0 ? ty / tt : 0;
	for (uint32_t i = 0; i < n; i++) {
		double off = (double)(s[i].heard - s[0].heard) - y -
			     l.slope * (seconds_of(s, &s[i]) - t);

		rest += off * off;
	}
	l.error = n > 2 && tt > 0 ? sqrt(rest / (n - 2) / tt) : 0;
	return l;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of how far SIDE samples are from where the rate would have them. */
static double median_off(const struct clock_sample *s, const struct clock_sample *from,
			 double slope)
{
	double off[SIDE];

	for (int i = 0; i < SIDE; i++)
		off[i] = (double)(from[i].heard - s->heard) -
			 slope * seconds_of(s, &from[i]);
	qsort(off, SIDE, sizeof(off[0]), compare);
	return off[SIDE / 2];
}

/* Where the next lasting jump is, from sample `at` on; n: there is none. */
static uint32_t next_jump(const struct clock_sample *s, uint32_t at, uint32_t n,
			  double slope, double limit, double *ret_frames)
{
	uint32_t best = n;

	*ret_frames = 0;
	for (uint32_t i = at + SIDE; i + SIDE <= n; i++) {
		double jump =
			median_off(s, s + i, slope) - median_off(s, s + i - SIDE, slope);

		if (fabs(jump) > limit && fabs(jump) > fabs(*ret_frames)) {
			*ret_frames = jump;
			best = i;
		} else if (best < n && i > best + SIDE) {
			break;
		}
	}
	return best;
}

/* Counts the jumps, and finds the longest piece without one. */
static void find_jumps(const struct clock_sample *s, uint32_t n, uint32_t rate,
		       struct clock_figures *f, uint32_t *ret_from, uint32_t *ret_n)
{
	double slope = fit(s, n).slope, limit = 2.0 * f->step + rate / 1000.0, frames;
	uint32_t from = 0;

	/* A clock that is far off says so by its line; here its jumps would bend that line. */
	if (fabs(slope / rate - 1) > 0.05)
		slope = rate;
	*ret_n = 0;
	while (from < n) {
		uint32_t to = next_jump(s, from, n, slope, limit, &frames);
		uint32_t most = to - from < 2 * SIDE ? 0 : to - from - 2 * SIDE;

		/* A median does not tell to the sample where it was. */
		if (most > *ret_n) {
			*ret_from = from + SIDE;
			*ret_n = most;
		}
		if (to < n) {
			f->jumps++;
			if (fabs(frames) > fabs((double)f->most_jump))
				f->most_jump = (int64_t)llrint(frames);
		}
		from = to;
	}
}

static void find_standstills(const struct clock_sample *s, uint32_t n,
			     struct clock_figures *f)
{
	uint32_t moved = 0;

	for (uint32_t i = 1; i < n; i++) {
		int64_t back = s[i - 1].heard - s[i].heard;
		double stood = seconds_of(&s[moved], &s[i]) * 1000;

		if (back > 0) {
			f->backward++;
			f->most_backward =
				back > f->most_backward ? back : f->most_backward;
		}
		if (llabs(s[i].heard - s[moved].heard) > 1) /* more than rounding */
			moved = i;
		else if (stood > f->stood_ms)
			f->stood_ms = stood;
	}
}

static void find_jitter(const struct clock_sample *s, uint32_t n, struct line l,
			struct clock_figures *f)
{
	double *off = malloc(n * sizeof(*off));

	if (!off)
		return;
	for (uint32_t i = 0; i < n; i++)
		off[i] = fabs((double)(s[i].heard - s[0].heard) - l.y0 -
			      l.slope * (seconds_of(s, &s[i]) - l.t0)) /
			 l.slope * 1e6;
	qsort(off, n, sizeof(*off), compare);
	f->jitter_us = off[(uint64_t)n * 99 / 100];
	f->worst_us = off[n - 1];
	free(off);
}

/* By how much the pointer moves, if it stands still between most looks. 0: it does not, or never
 * moves. */
static uint32_t step_of(const struct clock_sample *s, uint32_t n)
{
	double *moves = malloc(n * sizeof(*moves));
	uint32_t moved = 0, step = 0;

	if (!moves)
		return 0;
	for (uint32_t i = 1; i < n; i++)
		if (s[i].heard != s[i - 1].heard)
			moves[moved++] = (double)llabs(s[i].heard - s[i - 1].heard);
	qsort(moves, moved, sizeof(*moves), compare);
	if (moved > 0 && moved < n / 2)
		step = (uint32_t)moves[moved / 2];
	free(moves);
	return step;
}

void clock_judge(const struct clock_sample *samples, uint32_t n, uint32_t rate,
		 struct clock_figures *f)
{
	uint32_t from = 0, length = 0;
	struct line line;

	f->looks = n;
	if (n < 4 * SIDE)
		return;
	if (f->step == 0)
		f->step = step_of(samples, n);
	find_standstills(samples, n, f);
	find_jumps(samples, n, rate, f, &from, &length);
	line = fit(samples + from, length);
	f->rate = line.slope;
	f->ppm = (line.slope / rate - 1) * 1e6;
	f->ppm_error = line.error / rate * 1e6;
	if (line.slope > 0)
		find_jitter(samples + from, length, line, f);
}

/* ---- looking ---------------------------------------------------------------------- */

/* What is written is heard before it is started, or at once behind that. */
static int find_whether_it_has_one(struct stream *s, struct clock_figures *f)
{
	struct look look;
	int r = stream_start(s, s->sink->buffer);

	if (r == 0)
		r = stream_look(s, &look);
	f->stands_for_nothing =
		r == -EPIPE || (r == 0 && look.held == 0) ||
		(r == 0 && look.heard >= (int64_t)s->written && s->sink->buffer > 64);
	return r == -EPIPE ? 0 : r;
}

/* Looks so close to each other that steps are seen which later ones may pass over. */
static int look_closely(struct stream *s, struct clock_figures *f)
{
	struct clock_sample samples[CLOSE_LOOKS];
	uint64_t next = selftest_now();
	struct look look;

	for (int i = 0; i < CLOSE_LOOKS; i++) {
		int r = stream_fill(s, s->sink->buffer);

		next += CLOSE_NS;
		if (!selftest_sleep_until(next))
			return -EINTR;
		if (r == 0)
			r = stream_look(s, &look);
		if (r < 0)
			return r;
		samples[i] = (struct clock_sample){look.when_ns, look.heard};
	}
	f->seen = (double)(look.heard - samples[0].heard) / CLOSE_LOOKS;
	f->step = step_of(samples, CLOSE_LOOKS);
	return 0;
}

static void note_look(struct clock_figures *f, const struct look *look, uint32_t n)
{
	if (n == 0 || look->behind < f->behind_min)
		f->behind_min = look->behind;
	if (n == 0 || look->behind > f->behind_max)
		f->behind_max = look->behind;
}

/* Until the time is over. An xrun begins it anew: what was before it is forgotten. */
static int gather(struct stream *s, struct clock_figures *f, struct clock_sample *samples,
		  uint32_t most, uint32_t *ret_n)
{
	uint64_t next = selftest_now();
	struct look look;

	for (uint32_t i = 0; i < most; i++) {
		int r;

		next += LOOK_NS;
		if (!selftest_sleep_until(next))
			return -EINTR;
		r = stream_look(s, &look);
		if (r == 0) {
			note_look(f, &look, *ret_n);
			samples[(*ret_n)++] =
				(struct clock_sample){look.when_ns, look.heard};
			r = stream_fill(s, s->sink->buffer);
		}
		if (r == -EPIPE) {
			f->xruns++;
			*ret_n = 0;
			r = stream_start(s, s->sink->buffer);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

struct following {
	struct stream *stream;
	struct clock_figures *figures;
	struct clock_sample *samples;
	uint32_t most, num;
};

static int follow(void *arg)
{
	struct following *f = arg;
	struct stream *s = f->stream;
	int r = look_closely(s, f->figures);

	if (r == -EPIPE) {
		f->figures->xruns++;
		r = stream_start(s, s->sink->buffer);
	}
	return r == 0 ? gather(s, f->figures, f->samples, f->most, &f->num) : r;
}

int clock_measure(struct realtime *t, struct stream *s, uint64_t for_ns,
		  struct clock_figures *ret)
{
	struct following f = {
		.stream = s,
		.figures = ret,
		.most = (uint32_t)(for_ns / LOOK_NS) + 1,
	};
	int r;

	f.samples = calloc(f.most, sizeof(*f.samples));
	r = f.samples ? find_whether_it_has_one(s, ret) : -ENOMEM;
	if (r == 0 && !ret->stands_for_nothing) {
		r = realtime_run(t, follow, &f);
		if (r == 0)
			clock_judge(f.samples, f.num, s->sink->rate, ret);
	}
	free(f.samples);
	return r;
}
