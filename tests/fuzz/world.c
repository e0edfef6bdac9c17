/* SPDX-License-Identifier: MIT */
/*
 * Fake sinks, whose clocks go with the one that timers go by.
 */
#include "world.h"

#include <errno.h>

#include "clock.h"
#include "fake_sink.h"
#include "must.h"
#include "rt/loops.h"
#include "trap.h"

enum {
	OUTPUTS = 2,
	TURNS_MAX = 2000,
	TICK_NS = 50000, /* a whole number of frames on both outputs */
	MS_NS = 1000000,
};

#define BEGINNING_NS UINT64_C(1000000000000)

/* Limits low enough to be met. */
static const char settings[] = "[daemon]\n"
			       "max_connections = 8\n"
			       "max_sources = 8\n"
			       "max_sources_per_user = 7\n"
			       "max_sources_per_connection = 6\n"
			       "max_queue_bytes = 2000000\n"
			       "max_queue_bytes_per_user = 3000000\n"
			       "max_requests_per_user = 90\n"
			       "max_requests_per_connection = 60\n"
			       "max_requests_per_source = 40\n"
			       "max_marks = 30\n"
			       "max_marks_per_user = 40\n"
			       "max_gain_db = 12\n"
			       "linger_ms = 60\n"
			       "reconnect_ms = 100\n"
			       "[output main]\n"
			       "backend = null\n"
			       "rate = 40000\n"
			       "[output other]\n"
			       "backend = null\n"
			       "rate = 20000\n"
			       "channels = 4\n";

static struct world {
	struct hall hall;
	struct fake_sink sinks[OUTPUTS];
	bool has_device[OUTPUTS];
} world;

static struct player *player_of(int output)
{
	return output_player(world.hall.hub.outputs.items[output]);
}

/* ---- turns and time ---------------------------------------------------------------- */

static bool take_turn(int output)
{
	if (!hall_is_due(world.hall.hub.outputs.items[output], clock_now()))
		return false;
	trap_set(true);
	player_turn(player_of(output));
	trap_set(false);
	return true;
}

/* All have their turns as often as they ring each other, in no time at all. */
void world_settle(void)
{
	bool any = true;

	hall_serve(&world.hall);
	for (int turns = 0; any; turns++) {
		must(turns < TURNS_MAX, "the players do not come to rest");
		any = false;
		for (int i = 0; i < OUTPUTS; i++)
			any |= take_turn(i);
		hall_serve(&world.hall);
	}
}

/* Loud floats may become infinite on the way; a device is given limits instead, and no undefined
 * conversion is made. */
static void convert_tape(struct fake_sink *f)
{
	static int32_t samples[4096];
	size_t n = f->taped * f->sink.channels, most = 4096;

	for (size_t i = 0; i < n; i += most) {
		size_t len = n - i < most ? n - i : most;

		loops_best()->format->from_float(FORMAT_S16, samples, f->tape + i, len);
		loops_best()->format->from_float(FORMAT_S32, samples, f->tape + i, len);
	}
	f->taped = 0;
}

static void set_time(uint64_t now)
{
	uint64_t ticks = (now - clock_now()) / TICK_NS;

	clock_set(now);
	for (int i = 0; i < OUTPUTS; i++) {
		struct fake_sink *f = &world.sinks[i];

		fake_sink_advance(f, (uint32_t)(ticks * (f->sink.rate / 20000)));
		f->now_ns = now;
		convert_tape(f);
	}
}

/* When somebody wants to be woken next, in whole ticks from now on. */
static uint64_t next_wake(uint64_t end)
{
	uint64_t wake = clock_next(), now = clock_now();

	for (int i = 0; i < OUTPUTS; i++) {
		if (player_of(i)->wake_ns < wake)
			wake = player_of(i)->wake_ns;
	}
	if (wake >= end)
		return end;
	return wake <= now ? now + TICK_NS
			   : now + (wake - now + TICK_NS - 1) / TICK_NS * TICK_NS;
}

void world_pass(uint32_t ms)
{
	uint64_t end = clock_now() + (uint64_t)ms * MS_NS;

	world_settle();
	while (clock_now() < end) {
		set_time(next_wake(end));
		world_settle();
	}
}

/* ---- devices ------------------------------------------------------------------------ */

static void unplug(int output)
{
	if (!world.has_device[output])
		return;
	world.sinks[output].error = -ENODEV;
	player_turn(player_of(output));
	must(player_returned(player_of(output)) == &world.sinks[output].sink,
	     "a lost device does not come back");
	world.has_device[output] = false;
}

static void plug_in(int output)
{
	struct fake_sink *f = &world.sinks[output];

	f->most_written = f->most_given_back = UINT32_MAX;
	if (world.has_device[output])
		return;
	fake_sink_plug_in(f);
	player_offer(player_of(output), &f->sink);
	world.has_device[output] = true;
}

void world_hurt_device(const struct step *s)
{
	int output = (int)(s->z % OUTPUTS);
	struct fake_sink *f = &world.sinks[output];

	switch (s->x % 6) {
	case 0:
		unplug(output);
		break;
	case 1:
		plug_in(output);
		break;
	case 2: /* nobody is woken in time */
		set_time(clock_now() + s->y % 400 * MS_NS);
		break;
	case 3:
		f->most_given_back = s->y % 8000;
		break;
	case 4:
		f->most_written = 100 + s->y % 1000;
		break;
	default:
		f->sink.rewinds = s->y & 1;
	}
}

static void open_device(int output, uint32_t rate, uint32_t channels)
{
	struct fake_sink *f = &world.sinks[output];

	fake_sink_init(f, rate, channels, rate / 5);
	f->sink.guard = rate / 1000;
	f->now_ns = clock_now();
	world.has_device[output] = false;
	plug_in(output);
}

static void close_device(int output)
{
	player_finish(player_of(output));
	player_returned(player_of(output));
	player_offer(player_of(output), NULL);
	fake_sink_done(&world.sinks[output]);
}

/* ---- beginning and end --------------------------------------------------------------- */

struct hall *world_open(void)
{
	clock_set(BEGINNING_NS);
	hall_open(&world.hall, settings);
	return &world.hall;
}

void world_open_devices(void)
{
	open_device(0, 40000, 2);
	open_device(1, 20000, 4);
	world_settle();
}

void world_plug_in(void)
{
	for (int i = 0; i < OUTPUTS; i++)
		plug_in(i);
	world_settle();
}

void world_close(void)
{
	for (int i = 0; i < OUTPUTS; i++)
		close_device(i);
	hall_close(&world.hall);
	clock_set(0);
}
