/* SPDX-License-Identifier: MIT */
/*
 * What the figures mean: problems, notes, and lines for audd.conf. What cannot be known on a
 * device is said as such.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_keys.h"
#include "parts.h"

enum {
	PPM_WRONG = 1000, /* no quartz is so far off */
	PPM_POOR = 200,
	LATE_MS = 10,  /* the least that a device has left when the player wakes */
	STOOD_MS = 30, /* of a clock that moves by no steps so large */
	BACK_MS = 1,
	BEHIND_MS = 2000,
	GUARD_US_MIN = 250,
	SHORT_MS_MIN = 20,
};

__attribute__((format(printf, 2, 3))) static void problem(struct selftest_result *r,
							  const char *format, ...)
{
	va_list args;

	if (r->num_problems == SELFTEST_FINDINGS)
		return;
	va_start(args, format);
	vsnprintf(r->problems[r->num_problems++], SELFTEST_TEXT, format, args);
	va_end(args);
}

__attribute__((format(printf, 2, 3))) static void note(struct selftest_result *r,
						       const char *format, ...)
{
	va_list args;

	if (r->num_notes == SELFTEST_FINDINGS)
		return;
	va_start(args, format);
	vsnprintf(r->notes[r->num_notes++], SELFTEST_TEXT, format, args);
	va_end(args);
}

/* A line for audd.conf. */
__attribute__((format(printf, 3, 4))) static void
hint(struct selftest_result *r, const char *why, const char *format, ...)
{
	struct config_hint *h = &r->lines[r->num_lines];
	va_list args;

	if (r->num_lines == SELFTEST_LINES)
		return;
	r->num_lines++;
	snprintf(h->why, sizeof(h->why), "%s", why);
	va_start(args, format);
	vsnprintf(h->line, sizeof(h->line), format, args);
	va_end(args);
}

/* The most that a number of [output] may be. */
static uint32_t most_of(const char *key)
{
	return config_key_find("output", key)->max;
}

static double ms_of(const struct selftest_result *r, double frames)
{
	return frames * 1000 / r->output->rate;
}

/* ---- one part after the other ------------------------------------------------------ */

static bool has_rate(const struct offer *o, uint32_t rate)
{
	for (uint32_t i = 0; i < o->num_rates; i++)
		if (o->rates[i] == rate)
			return true;
	return o->num_rates == 0;
}

/* The usual rate that comes nearest, the higher one of two. */
static uint32_t nearest_rate(const struct offer *o, uint32_t rate)
{
	uint32_t best = o->num_rates ? o->rates[0] : rate;

	for (uint32_t i = 0; i < o->num_rates; i++)
		if (labs((long)o->rates[i] - (long)rate) <= labs((long)best - (long)rate))
			best = o->rates[i];
	return best;
}

static void find_in_offer(struct selftest_result *r)
{
	const struct config_output *c = r->output;
	const struct offer *o = &r->offer;

	if (r->others > 0)
		note(r,
		     "The output has %u more device%s, which can be tested by --output "
		     "%s "
		     "--device PCM.",
		     r->others, r->others == 1 ? "" : "s", c->name);
	if (r->error_number == -EBUSY)
		note(r, "Something plays on it. If that is audd: systemctl stop "
			"audd.socket audd.service, or test another device by --device.");
	if (!o->kind[0] || r->error_number == 0)
		return;
	if (!has_rate(o, c->rate))
		hint(r, "the usual rate of the device that is nearest", "rate = %u",
		     nearest_rate(o, c->rate));
	if (o->channels_max > 0 && c->channels > o->channels_max)
		hint(r, "the device has no more", "channels = %u", o->channels_max);
	else if (c->channels < o->channels_min && o->channels_min <= most_of("channels"))
		hint(r, "the device has no fewer", "channels = %u", o->channels_min);
}

static void find_in_rate(struct selftest_result *r)
{
	const struct clock_figures *f = &r->clock;
	double off = f->ppm < 0 ? -f->ppm : f->ppm;

	if (f->looks == 0)
		problem(r,
			"The device never played for long enough to look at its "
			"clock: %u xruns.",
			f->xruns);
	else if (off > PPM_WRONG)
		problem(r,
			"Its clock is off by %+.0f ppm: it plays %.1f frames in a "
			"second, not %u. Sound is too %s, and times drift.",
			f->ppm, f->rate, r->output->rate, f->ppm > 0 ? "fast" : "slow");
	else if (off > PPM_POOR)
		note(r, "Its clock is off by %+.0f ppm, more than a quartz should be.",
		     f->ppm);
}

static void find_in_clock(struct selftest_result *r)
{
	const struct clock_figures *f = &r->clock;
	uint32_t step_ms = (uint32_t)ms_of(r, f->step) + 1;

	if (f->stands_for_nothing) {
		note(r, "It has no clock: all that is written counts as heard at once. "
			"Its rate, take-backs and the smallest buffer cannot be known.");
		return;
	}
	find_in_rate(r);
	if (f->jumps)
		problem(r, "Its delay jumps: %u time%s, by %+.1f ms at the most.",
			f->jumps, f->jumps == 1 ? "" : "s",
			ms_of(r, (double)f->most_jump));
	if (ms_of(r, (double)f->most_backward) > BACK_MS + step_ms)
		problem(r, "Its clock goes back: %u time%s, by %.1f ms at the most.",
			f->backward, f->backward == 1 ? "" : "s",
			ms_of(r, (double)f->most_backward));
	if (f->stood_ms > STOOD_MS + 3.0 * step_ms)
		problem(r, "Its clock stood still for %.0f ms while it played.",
			f->stood_ms);
	if (ms_of(r, (double)f->behind_min) < -(double)BACK_MS - step_ms)
		problem(r,
			"Its delay lies: it says %.1f ms less than what its buffer "
			"holds.",
			-ms_of(r, (double)f->behind_min));
	if (ms_of(r, (double)f->behind_max) > BEHIND_MS)
		problem(r,
			"Its delay lies: it says %.0f ms more than what its buffer "
			"holds.",
			ms_of(r, (double)f->behind_max));
	if (f->xruns)
		problem(r, "It ran dry %u time%s on a buffer of %.0f ms.", f->xruns,
			f->xruns == 1 ? "" : "s", ms_of(r, r->deep));
}

/* Twice what held, and what the pointer moves by, unless that is the period which the daemon adds
 * by itself; whole 50 us. */
static uint32_t good_guard_us(const struct selftest_result *r)
{
	const struct rewind_figures *f = &r->rewind;
	uint32_t added = r->info.batch ? r->info.period : 0;
	uint64_t step = r->clock.step > added ? r->clock.step - added : 0;
	uint64_t us = 2 * (uint64_t)f->guards[f->smallest].us +
		      step * 1000000 / r->output->rate;

	us = us < GUARD_US_MIN ? GUARD_US_MIN : us;
	return (uint32_t)((us + 49) / 50 * 50);
}

static void suggest_guard(struct selftest_result *r)
{
	uint32_t us = good_guard_us(r);

	char why[SELFTEST_TEXT];

	snprintf(why, sizeof(why),
		 "take-backs held down to %u us before the speaker, here and now",
		 r->rewind.guards[r->rewind.smallest].us);
	if (us > most_of("rewind_guard_us"))
		hint(r, "its pointer moves by steps that are too long for any guard",
		     "rewind = no");
	else if (us != r->output->rewind_guard_us)
		hint(r, why, "rewind_guard_us = %u", us);
}

static void find_in_rewind(struct selftest_result *r)
{
	const struct rewind_figures *f = &r->rewind;
	bool wanted = r->offer.is_hw || r->output->rewind == REWIND_YES;

	if (f->boasts)
		problem(r, "Its take-backs lie: it says that it gave back more than its "
			   "pointers moved.");
	else if (f->given > 0 && wanted)
		problem(r, "It takes back less than it is asked to: %u of %u frames.",
			f->given, f->asked);
	if (f->works && f->smallest < 0 && wanted)
		problem(r,
			"It says that it rewinds, but not even %u us before the "
			"speaker does that come right.",
			f->guards[0].us);
	if (!f->works || f->smallest < 0 || f->boasts) {
		note(r, "It does not rewind: a clear or a pause is heard when its buffer "
			"is played out, so the daemon gives it a short one.");
		if (r->output->rewind == REWIND_YES)
			hint(r, "what it says is not so", "rewind = no");
		return;
	}
	if (!wanted)
		note(r, "It moves its pointers back, but it is no card of the kernel's: "
			"whether what was taken back is silent then, only ears can tell. "
			"The daemon believes it only with rewind = yes.");
	else
		suggest_guard(r);
	if (r->info.batch && r->rewinds)
		note(r,
		     "It moves its data by whole periods, as ALSA says of it: so what is "
		     "never taken back is one of them (%.1f ms) and rewind_guard_us.",
		     ms_of(r, r->info.period));
}

static void find_in_wake(struct selftest_result *r)
{
	const struct wake_figures *f = &r->wake;

	if (strcmp(f->asked, f->got) != 0)
		note(r,
		     "For wake-ups in time %s was asked for, and %s given; see CAVEATS "
		     "in "
		     "audd(8).",
		     f->asked, f->got);
	if (f->worst_ns > LATE_MS * UINT64_C(1000000))
		problem(r,
			"A wake-up came %.1f ms late; a device can have %d ms left "
			"when it is due.",
			(double)f->worst_ns / 1e6, LATE_MS);
}

/* Three times what held: the machine is not always as quiet as now. */
static void suggest_short_buffer(struct selftest_result *r, uint32_t smallest)
{
	uint32_t ms = (uint32_t)(3 * ms_of(r, smallest) + 0.999);

	char why[SELFTEST_TEXT];

	ms = ms < SHORT_MS_MIN ? SHORT_MS_MIN : ms;
	ms = ms > most_of("short_buffer_ms") ? most_of("short_buffer_ms") : ms;
	snprintf(why, sizeof(why),
		 "it played from %.1f ms without running dry, here and now",
		 ms_of(r, smallest));
	if (ms != r->output->short_buffer_ms)
		hint(r, why, "short_buffer_ms = %u", ms);
}

static void find_in_sizes(struct selftest_result *r)
{
	const struct size_figures *f = &r->sizes;

	if (f->num == 0)
		return;
	if (f->smallest < 0)
		problem(r, "Even a buffer of %.1f ms ran dry.",
			ms_of(r, f->trials[0].frames));
	else if (!r->rewinds)
		suggest_short_buffer(r, f->trials[f->smallest].frames);
}

void findings_make(struct selftest_result *r)
{
	find_in_offer(r);
	if (r->has_clock)
		find_in_clock(r);
	if (r->has_rewind)
		find_in_rewind(r);
	if (r->has_wake)
		find_in_wake(r);
	if (r->has_sizes)
		find_in_sizes(r);
}
