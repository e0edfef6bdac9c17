/* SPDX-License-Identifier: MIT */
/*
 * The report for people.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "parts.h"
#include "text.h"

enum {
	CELL = 512,        /* bytes of an escaped name */
	ENDLESS = 1 << 24, /* channels, frames */
};

static double ms_of(const struct selftest_result *r, double frames)
{
	return frames * 1000 / r->output->rate;
}

/* Without a sign before 0. */
static double tenths(double ms)
{
	return round(ms * 10) / 10 + 0.0;
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* A plugin says of what it has no bounds for that it can be anything. */
static void print_range(uint32_t low, uint32_t high)
{
	if (high >= ENDLESS)
		printf("%" PRIu32 " or more", low);
	else if (low == high)
		printf("%" PRIu32, low);
	else
		printf("%" PRIu32 " to %" PRIu32, low, high);
}

static void print_offer(const struct selftest_result *r)
{
	const struct offer *o = &r->offer;

	printf("It offers\n  rates      ");
	for (uint32_t i = 0; i < o->num_rates; i++)
		printf("%" PRIu32 " ", o->rates[i]);
	printf("(");
	print_range(o->rate_min, o->rate_max);
	printf(" Hz)\n  formats    %s\n  channels   ", o->formats);
	print_range(o->channels_min, o->channels_max);
	printf("\n");
	for (uint32_t i = 0; i < o->num_maps; i++)
		printf("  %-11s%s\n", i ? "" : "layouts", o->maps[i]);
	if (o->buffer_max) {
		printf("  buffer     ");
		print_range(o->buffer_min, o->buffer_max);
		printf(" frames at %" PRIu32 " Hz, in periods of ", r->output->rate);
		print_range(o->period_min, o->period_max);
		printf("\n");
	}
	if (!o->is_hw)
		printf("  It is no card of the kernel's but a plugin (%s): some of that "
		       "it "
		       "may make up itself.\n",
		       o->kind);
}

static void print_opened(const struct selftest_result *r)
{
	printf("The daemon opens it with\n  %" PRIu32 " Hz, %" PRIu32
	       " channel%s, %s (%" PRIu32
	       " bits), %s, buffer %.1f ms, period %.1f ms, %s\n",
	       r->output->rate, r->output->channels, plural(r->output->channels),
	       r->info.format, r->info.bits, r->info.access, ms_of(r, r->buffer),
	       ms_of(r, r->info.period), r->rewinds ? "rewinding" : "not rewinding");
	if (r->spare)
		printf("  %.1f ms more lie behind the buffer, empty as long as it does "
		       "not "
		       "run dry\n",
		       ms_of(r, r->spare));
	if (r->rewinds)
		printf("  of what the buffer holds %.1f ms are never taken back\n",
		       ms_of(r, r->guard));
}

static void print_clock(const struct selftest_result *r)
{
	const struct clock_figures *f = &r->clock;

	printf("Its clock\n");
	if (f->stands_for_nothing || f->looks == 0) {
		printf("  cannot be known\n");
		return;
	}
	printf("  rate       %.2f Hz: %+.1f ppm (to within %.1f) of this machine's "
	       "clock\n",
	       f->rate, f->ppm, 2 * f->ppm_error);
	printf("  steady     to %.0f us in 99 of 100 looks, %.0f us at worst, of %" PRIu32
	       "\n",
	       f->jitter_us, f->worst_us, f->looks);
	if (f->step)
		printf("  steps      it moves by %" PRIu32
		       " frames (%.2f ms) at a time\n",
		       f->step, ms_of(r, f->step));
	else
		printf("  steps      none that could be seen (finer than %.0f frames)\n",
		       f->seen + 1);
	printf("  jumps      %" PRIu32 "; it went back %" PRIu32
	       " time%s; stood still for %.1f ms at most\n",
	       f->jumps, f->backward, plural(f->backward), f->stood_ms);
	printf("  behind the buffer lie %.1f to %.1f ms\n",
	       tenths(ms_of(r, (double)f->behind_min)),
	       tenths(ms_of(r, (double)f->behind_max)));
}

static void print_guards(const struct rewind_figures *f)
{
	printf("  guard      what it was to keep, and how often that came right\n"
	       "             ");
	for (uint32_t i = 0; i < f->num_guards; i++)
		printf("%" PRIu32 " us %" PRIu32 "/%" PRIu32 "%s", f->guards[i].us,
		       f->guards[i].tries - f->guards[i].failed, f->guards[i].tries,
		       i + 1 < f->num_guards ? (i % 4 == 3 ? ",\n             " : ", ")
					     : "\n");
	if (f->smallest >= 0)
		printf("             it holds down to %" PRIu32 " us before the speaker, "
		       "as far as its pointers tell\n",
		       f->guards[f->smallest].us);
}

static void print_rewind(const struct selftest_result *r)
{
	const struct rewind_figures *f = &r->rewind;

	printf("Taking back\n");
	if (!f->works) {
		printf("  it does not rewind");
		if (f->asked)
			printf(": asked for %" PRIu32 " frames, it gave %" PRIu32,
			       f->asked, f->given);
		printf("\n");
		return;
	}
	printf("  it rewinds, by up to %" PRIu32 " frames (%.1f ms) here\n", f->deepest,
	       ms_of(r, f->deepest));
	print_guards(f);
}

static void print_wake(const struct selftest_result *r)
{
	static const char *const names[SELFTEST_LATE] = {
		"< 50 us", "< 100", "< 200", "< 500", "< 1 ms", "< 2", "< 5", "more"};
	const struct wake_figures *f = &r->wake;

	printf("Wake-ups (%s%s%s)\n", f->got, *f->by ? ", by " : "", f->by);
	printf("  late by   ");
	for (int i = 0; i < SELFTEST_LATE; i++)
		printf(" %s: %" PRIu32 "%s", names[i], f->late[i],
		       i + 1 < SELFTEST_LATE ? "," : "\n");
	printf("  worst      %.0f us, of %" PRIu32 "\n", (double)f->worst_ns / 1000,
	       f->wakes);
}

static void print_sizes(const struct selftest_result *r)
{
	const struct size_figures *f = &r->sizes;

	printf("Buffers\n");
	if (f->num == 0)
		printf("  cannot be known\n");
	for (uint32_t i = 0; i < f->num; i++) {
		const struct size_trial *t = &f->trials[i];

		printf("  %6.1f ms  ", ms_of(r, t->frames));
		if (t->xruns)
			printf("ran dry\n");
		else
			printf("held; %.1f ms left at worst\n", ms_of(r, t->least));
	}
	if (f->smallest >= 0)
		printf("  smallest that held: %.1f ms\n",
		       ms_of(r, f->trials[f->smallest].frames));
}

static void print_findings(const struct selftest_result *r)
{
	if (r->num_problems)
		printf("Problems\n");
	else if (!r->error)
		printf("No problems\n");
	for (uint32_t i = 0; i < r->num_problems; i++)
		printf("  ! %s\n", r->problems[i]);
	for (uint32_t i = 0; i < r->num_notes; i++)
		printf("  - %s\n", r->notes[i]);
	if (r->num_lines == 0 && !r->error)
		printf("For audd.conf\n  nothing to change\n");
	else if (r->num_lines)
		printf("For audd.conf\n  [%s%s]\n", "output ", r->output->name);
	for (uint32_t i = 0; i < r->num_lines; i++) {
		if (r->lines[i].why[0])
			printf("  # %s\n", r->lines[i].why);
		printf("  %s\n", r->lines[i].line);
	}
}

void report_print(const struct selftest_result *r)
{
	char device[CELL], card[CELL], error[CELL];

	printf("Device %s", text_escape(device, sizeof(device), r->output->device));
	if (r->offer.card[0])
		printf(" (%s)", text_escape(card, sizeof(card), r->offer.card));
	printf("\n");
	if (r->offer.kind[0])
		print_offer(r);
	if (r->error)
		printf("It was not tested: %s\n",
		       text_escape(error, sizeof(error), r->error));
	else
		print_opened(r);
	if (r->has_clock)
		print_clock(r);
	if (r->has_rewind)
		print_rewind(r);
	if (r->has_wake)
		print_wake(r);
	if (r->has_sizes)
		print_sizes(r);
	print_findings(r);
	printf("Played silence for %.1f s.\n", (double)r->spent_ns / 1e9);
}
