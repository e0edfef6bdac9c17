/* SPDX-License-Identifier: MIT */
/*
 * Venues in a process of their own, on the clock of the machine.
 */
#include <check.h>
#include <poll.h>
#include <stdlib.h>

#include "venue.h"

enum { PATIENCE_MS = 20000, RATE = 48000 };

#define DAEMON "[daemon]\nmax_sources_per_connection = 64\nmax_sources_per_user = 64\n"

static void open_null(struct venue *v)
{
	audd_start(&v->audd, DAEMON "[output]\ndither = no\n");
	client_connect(&v->client, v->audd.socket);
}

static void open_alsa(struct venue *v)
{
	audd_start_on_card(&v->audd, DAEMON "[output]\nrewind = yes\ndither = no\n",
			   "rewinds yes");
	client_connect(&v->client, v->audd.socket);
}

static void open_alsa_straight(struct venue *v)
{
	audd_start_on_card(&v->audd, DAEMON "[output]\nrewind = no\ndither = no\n",
			   "rewinds no");
	client_connect(&v->client, v->audd.socket);
}

static void go_on(struct venue *v)
{
	struct pollfd fd = {.fd = v->client.fd, .events = POLLIN};

	ck_assert_msg(poll(&fd, 1, PATIENCE_MS) == 1, "the daemon says nothing");
}

static void pass(struct venue *v, uint32_t ms)
{
	(void)v;
	audd_pause(ms);
}

static uint64_t recorded(struct venue *v)
{
	return v->audd.on_card ? audd_recorded(&v->audd) : 0;
}

static void stop(struct venue *v)
{
	int16_t *samples;

	client_done(&v->client);
	ck_assert_int_eq(audd_stop(&v->audd), 0);
	v->num_heard = audd_recording(&v->audd, &samples) / 2;
	v->heard = calloc(v->num_heard + 1, sizeof(*v->heard));
	for (uint64_t i = 0; i < v->num_heard; i++) {
		ck_assert_int_eq(samples[2 * i], samples[2 * i + 1]);
		v->heard[i] = samples[2 * i];
	}
	free(samples);
	audd_done(&v->audd);
}

const struct venue_ops venue_null = {
	.name = "null",
	.rewinds = true,
	.rate = RATE,
	.open = open_null,
	.go_on = go_on,
	.pass = pass,
	.recorded = recorded,
	.close = stop,
};

const struct venue_ops venue_alsa = {
	.name = "ALSA plugin",
	.rewinds = true,
	.rate = RATE,
	.open = open_alsa,
	.go_on = go_on,
	.pass = pass,
	.recorded = recorded,
	.close = stop,
};

const struct venue_ops venue_alsa_straight = {
	.name = "ALSA plugin that does not rewind",
	.rate = RATE,
	.open = open_alsa_straight,
	.go_on = go_on,
	.pass = pass,
	.recorded = recorded,
	.close = stop,
};
