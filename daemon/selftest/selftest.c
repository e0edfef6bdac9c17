/* SPDX-License-Identifier: MIT */
/*
 * The parts of the selftest one after the other, each on a device that was opened for it as the
 * daemon opens it.
 */
#include "selftest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "names.h"
#include "parts.h"

#define NS_PER_S UINT64_C(1000000000)

/* Of all the time, in percent; the take-backs have what is left. */
enum { CLOCK_SHARE = 40, WAKE_SHARE = 15, SIZE_SHARE = 40 };

struct selftest {
	const struct selftest_order *order;
	struct config_output output; /* with rewinding, where it may be looked at */
	struct selftest_result result;
	struct realtime *realtime;
	bool on_terminal;
};

static uint64_t share(const struct selftest *t, uint32_t percent)
{
	return t->order->seconds * NS_PER_S / 100 * percent;
}

/* On a terminal one line, that each part writes over. */
static void say(const struct selftest *t, const char *what, uint64_t for_ns)
{
	if (t->order->quiet)
		return;
	if (t->on_terminal)
		fprintf(stderr, "\r\033[K%s: %s, %.0f s%s", t->output.device, what,
			(double)for_ns / 1e9, *what ? "" : "\r\033[K");
	else
		fprintf(stderr, "%s: %s, %.0f s\n", t->output.device, what,
			(double)for_ns / 1e9);
}

static void say_nothing_more(const struct selftest *t)
{
	if (t->on_terminal && !t->order->quiet)
		fputs("\r\033[K", stderr);
}

static int measure_clock_and_rewind(struct selftest *t, char **ret_error)
{
	struct selftest_result *r = &t->result;
	struct stream s;
	int e = stream_open(&s, &t->output, ret_error);

	if (e == 0) {
		r->deep = s.sink->buffer;
		say(t, "its clock", share(t, CLOCK_SHARE));
		r->has_clock = true;
		e = clock_measure(t->realtime, &s, share(t, CLOCK_SHARE), &r->clock);
	}
	if (e == 0 && !r->clock.stands_for_nothing) {
		say(t, "taking back", NS_PER_S);
		r->has_rewind = true;
		e = rewind_measure(t->realtime, &s, r->clock.step, &r->rewind);
	}
	stream_close(&s);
	return e;
}

/* As the daemon would, settings and all. */
static int open_as_configured(struct selftest *t, char **ret_error)
{
	struct config_output c = t->output;
	struct selftest_result *r = &t->result;
	struct stream s;
	int e;

	c.rewind = t->order->output->rewind;
	e = stream_open(&s, &c, ret_error);
	if (e == 0) {
		r->info = s.info;
		r->buffer = s.sink->buffer - s.sink->spare;
		r->spare = s.sink->spare;
		r->guard = s.sink->guard;
		r->rewinds = s.sink->rewinds;
	}
	stream_close(&s);
	return e;
}

static int measure(struct selftest *t, char **ret_error)
{
	struct selftest_result *r = &t->result;
	int e = offer_learn(&t->output, &r->offer, ret_error);

	if (e == 0)
		e = open_as_configured(t, ret_error);
	if (e == 0)
		e = realtime_new(&t->realtime, t->order->priority);
	if (e == 0) {
		say(t, "wake-ups", share(t, WAKE_SHARE));
		r->has_wake = true;
		e = wake_measure(t->realtime, share(t, WAKE_SHARE), &r->wake);
	}
	if (e == 0)
		e = measure_clock_and_rewind(t, ret_error);
	if (e == 0 && !r->clock.stands_for_nothing) {
		say(t, "ever smaller buffers", share(t, SIZE_SHARE));
		r->has_sizes = true;
		e = size_measure(t->realtime, &t->output, share(t, SIZE_SHARE),
				 &r->sizes);
	}
	say_nothing_more(t);
	return e;
}

static int report(struct selftest *t)
{
	const struct selftest_result *r = &t->result;
	int status = r->error          ? SELFTEST_NOT_TESTED
		     : r->num_problems ? SELFTEST_PROBLEMS
				       : SELFTEST_FINE;

	if (t->order->json)
		report_print_json(r);
	else
		report_print(r);
	if (fflush(stdout) == 0)
		return status;
	return SELFTEST_NOT_TESTED;
}

int selftest_run(const struct selftest_order *order)
{
	struct selftest *t = calloc(1, sizeof(*t));
	char name[DEVICE_NAME_MAX + 1] = "", other[DEVICE_NAME_MAX + 1];
	char *error = NULL;
	uint64_t began = selftest_now();
	int r, status;

	if (!t)
		return SELFTEST_NOT_TESTED;
	names_get(order->output->device, 0, name, sizeof(name));
	t->order = order;
	t->output = *order->output;
	t->output.device = name;
	if (t->output.rewind == REWIND_AUTO)
		t->output.rewind = REWIND_YES; /* to be looked at, if not to be trusted */
	t->on_terminal = isatty(STDERR_FILENO);
	t->result.output = &t->output;
	while (names_get(order->output->device, t->result.others + 1, other,
			 sizeof(other)))
		t->result.others++;
	selftest_take_signals();
	r = measure(t, &error);
	t->result.spent_ns = selftest_now() - began;
	t->output.rewind = order->output->rewind;
	if (r < 0 && r != -EINTR) {
		t->result.error = error ? error : strerror(-r);
		t->result.error_number = r;
	}
	if (r == -EINTR) {
		fputs("audd: selftest: interrupted; the device is closed again\n",
		      stderr);
		status = 128 + selftest_signal();
	} else {
		findings_make(&t->result);
		status = report(t);
	}
	realtime_free(t->realtime);
	free(error);
	free(t);
	return status;
}
