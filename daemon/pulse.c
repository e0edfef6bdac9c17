/* SPDX-License-Identifier: MIT */
/*
 * Turns that begin, looks that end them, and the bell.
 */
#include "pulse.h"

#include <poll.h>

static uint64_t turns_begun(const struct player *p)
{
	return atomic_load_explicit(&p->counts.turns, memory_order_relaxed);
}

/* Each turn publishes once, near its end: the number of that moves by two. */
static bool is_in_a_turn(const struct player *p)
{
	return player_look(p) / 2 < turns_begun(p);
}

/* It was rung for and has not got up. */
static bool is_called(const struct player *p)
{
	struct pollfd bell = {.fd = p->bell_player, .events = POLLIN};

	return poll(&bell, 1, 0) > 0;
}

static bool has_to_turn(const struct player *p)
{
	struct player_report report;

	player_get_report(p, &report);
	return report.state == PLAYER_PLAYING || is_in_a_turn(p) || is_called(p);
}

bool pulse_beats(struct pulse *pulse, const struct player *p, uint64_t patience_us,
		 uint64_t now_us)
{
	bool idle = !has_to_turn(p);
	uint64_t turns = turns_begun(p);

	if (idle || turns != pulse->turns) {
		pulse->turns = turns;
		pulse->since_us = now_us;
	}
	return now_us - pulse->since_us < patience_us;
}
