/* SPDX-License-Identifier: MIT */
/*
 * Take-backs down to ever less before the speaker. One holds when the device gave back what was
 * asked for, its pointers say the same, and what is then written comes in time. What a card has
 * fetched ahead of its pointer they do not tell.
 */
#include <errno.h>

#include "parts.h"

static const uint32_t guards_us[] = {10000, 5000, 3000, 2000, 1330, 1000,
				     750,   500,  300,  200,  100,  50};

_Static_assert(sizeof(guards_us) / sizeof(guards_us[0]) == SELFTEST_GUARDS,
	       "a trial each");

enum { TRIES = 12, DEEP_MS = 100 };

/* One take-back of all but the guard. */
struct attempt {
	struct look before, after;
	uint32_t asked, given;
	bool late; /* it ran dry */
};

/* How many frames the device's pointer may have moved between the two looks. */
static int64_t moved_most(const struct stream *s, const struct attempt *a, uint32_t step)
{
	uint64_t ns = a->after.when_ns - a->before.when_ns;

	return (int64_t)(ns * s->sink->rate / UINT64_C(1000000000)) + 2 * (int64_t)step +
	       s->sink->rate / 1000;
}

static int try(struct stream *s, uint32_t guard, uint32_t deep, struct attempt *a)
{
	int r = stream_look(s, &a->before), given;

	a->late = false;
	a->asked = a->given = 0;
	if (r < 0 || a->before.held <= guard)
		return r;
	a->asked = a->before.held - guard;
	given = s->sink->ops->take_back(s->sink, a->asked);
	if (given < 0)
		return given;
	a->given = (uint32_t)given;
	s->written -= a->given;
	r = stream_look(s, &a->after);
	return r == 0 ? stream_fill(s, deep) : r;
}

/* Whether it did what it said. */
static bool is_true(const struct stream *s, const struct attempt *a, uint32_t step)
{
	int64_t went = (int64_t)a->before.held - a->after.held;

	return went >= (int64_t)a->given &&
	       went <= (int64_t)a->given + moved_most(s, a, step);
}

static void judge(const struct stream *s, const struct attempt *a, uint32_t step,
		  struct rewind_figures *f)
{
	if (a->given > f->deepest)
		f->deepest = a->given;
	if ((int64_t)a->before.held - a->after.held < (int64_t)a->given)
		f->boasts = true;
	/* Less by what it has played since is no fault. */
	if (f->asked == 0 && a->given + moved_most(s, a, step) < a->asked) {
		f->asked = a->asked;
		f->given = a->given;
	}
}

/* 0, or a negative errno: then nothing more can be tried. */
static int try_guard(struct stream *s, uint32_t step, uint32_t deep,
		     struct guard_trial *t, struct rewind_figures *f)
{
	uint64_t next = selftest_now();

	for (uint32_t i = 0; i < TRIES; i++) {
		struct attempt a;
		int r;

		next += UINT64_C(1700000) +
			i % 5 * UINT64_C(310000); /* any phase of a period */
		if (!selftest_sleep_until(next))
			return -EINTR;
		r = try(s, t->frames, deep, &a);
		if (r == -EPIPE) {
			t->tries++;
			t->failed++;
			r = stream_start(s, deep);
		} else if (r == 0 && a.asked > 0) {
			judge(s, &a, step, f);
			t->tries++;
			t->failed += a.given != a.asked || !is_true(s, &a, step);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

struct taking_back {
	struct stream *stream;
	uint32_t step;
	struct rewind_figures *figures;
};

static int try_all(void *arg)
{
	const struct taking_back *t = arg;
	struct stream *s = t->stream;
	struct rewind_figures *f = t->figures;
	uint32_t deep = s->sink->rate * DEEP_MS / 1000, frames;
	bool all = true;
	int r;

	f->works = s->sink->rewinds;
	f->smallest = -1;
	/* One that has failed the daemon's trial is asked all the same: to say how it fails. */
	s->sink->rewinds = true;
	deep = deep < s->sink->buffer ? deep : s->sink->buffer;
	r = stream_start(s, deep);
	for (int i = 0; i < SELFTEST_GUARDS && r == 0 && (f->works || i < 1); i++) {
		struct guard_trial *trial = &f->guards[f->num_guards];

		frames = (uint32_t)(((uint64_t)guards_us[i] * s->sink->rate + 999999) /
				    1000000);
		*trial = (struct guard_trial){.us = guards_us[i], .frames = frames};
		r = try_guard(s, t->step, deep, trial, f);
		all = all && trial->tries > 0 && trial->failed == 0;
		if (r == 0 && all)
			f->smallest = (int)f->num_guards;
		f->num_guards++;
	}
	s->sink->rewinds = f->works;
	return r;
}

int rewind_measure(struct realtime *t, struct stream *s, uint32_t step,
		   struct rewind_figures *ret)
{
	struct taking_back all = {.stream = s, .step = step, .figures = ret};

	return realtime_run(t, try_all, &all);
}
