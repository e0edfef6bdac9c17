/* SPDX-License-Identifier: MIT */
/*
 * The parts of a turn, shared by the files of the player alone. All run on its thread.
 */
#ifndef RT_PLAYER_PARTS_H
#define RT_PLAYER_PARTS_H

#include "player.h"

/* ---- the sink: player_sink.c -------------------------------------------------------- */

/* The voices are to be mixed for the channels of the sink that there is. */
void player_fit_voices(struct player *p);

/* Takes a sink that main has offered, if there is one. Where there is a sink already that plays out
 * first, as far as it gives nothing back, and goes back to main. */
void player_take_offered(struct player *p);

/* Looks at the device: room, dev_played and when_ns; it may have run dry, or be lost. */
void player_read_clock(struct player *p);

/* All that the device has played is heard. */
void player_settle(struct player *p);

/* Writes down where the voices stand, for the case that we are killed now: a device that is kept
 * then plays what it has. Once something was written to it, with its name; before something of that
 * is taken back, or it is stopped, with 0. */
void player_save(struct player *p, uint64_t device);

/* What lies behind dev is not at the device any more: every voice goes back to there. */
void player_go_back_to(struct player *p, uint64_t dev);

/* device -> queues: all from dev on, less what is too near to the speaker. */
void player_take_back(struct player *p, uint64_t dev);

/* Begins to play. */
void player_start_sink(struct player *p);

/* Stops the sink; whatever it held goes back to the voices. */
void player_stop_sink(struct player *p);

/* A sink operation has failed: the device has run dry, or it is gone. */
void player_sink_failed(struct player *p, int error);

/* The device is gone, or unwanted (error 0): what it has not played goes back to the voices,
 * and main gets the sink. */
void player_give_sink_back(struct player *p, int error);

/* ---- queues -> mix -> device: player_fill.c ----------------------------------------- */

void player_fill(struct player *p);

/* Nothing more is fed but silence: what the device has plays out. */
static inline bool player_is_silent(const struct player *p)
{
	return p->ending || p->leaves;
}

static inline uint32_t player_level(const struct player *p)
{
	return p->sink->buffer - p->room;
}

/* To how much the sink is filled. */
static inline uint32_t player_depth(const struct player *p)
{
	uint32_t margin = atomic_load_explicit(&p->margin, memory_order_relaxed);
	uint32_t spare = p->sink->spare;

	return p->sink->buffer - (margin < spare ? spare - margin : 0);
}

/* At how much it is filled again, if there is something to fill it with. */
static inline uint32_t player_early_water(const struct player *p)
{
	uint32_t margin = atomic_load_explicit(&p->margin, memory_order_relaxed);
	uint32_t low = p->sink->low_water, most = player_depth(p) / 4 * 3;

	return low + margin < most ? low + margin : most > low ? most : low;
}

static inline void player_count(_Atomic uint64_t *counter, uint64_t n)
{
	uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, now + n, memory_order_relaxed);
}

#endif
