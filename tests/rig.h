/* SPDX-License-Identifier: MIT */
/*
 * A player on a fake sink, with sources whose frames number themselves, turned by hand.
 */
#ifndef TESTS_RIG_H
#define TESTS_RIG_H

#include "fake_sink.h"
#include "rt/player.h"

enum { RIG_SLOTS = 16 };

/* A source: its frames are f32; frame n carries n in the source's own two channels of the
 * device: rig_number() gets it back out of what was heard, at any level above 0. */
struct rig_source {
	struct queue queue;
	struct voice voice;
	void *map;
	uint64_t map_bytes;
	uint32_t slot;
};

struct rig {
	struct player player;
	_Atomic(struct voice *) slots[RIG_SLOTS];
	struct voice *voices[RIG_SLOTS];
	struct rig_source *sources[RIG_SLOTS];
	struct fake_sink sink;
	int bells[2];
};

/* A device of `buffer` frames at 48 kHz with two channels for each of `sources` slots. It has
 * been offered; the first turn takes it. */
void rig_init(struct rig *r, uint32_t sources, uint32_t buffer);
void rig_done(struct rig *r);

/* A queue of that many frames, in this slot; asks the player. */
struct rig_source *rig_add(struct rig *r, uint32_t slot, uint32_t limit);

/* The same at another rate (Hz), by this filter. */
struct rig_source *rig_add_at(struct rig *r, uint32_t slot, uint32_t limit,
			      const struct taps *taps, uint32_t rate);

/* The same of this shape; what it carries is the test's. */
struct rig_source *rig_add_shaped(struct rig *r, uint32_t slot,
				  const struct queue_shape *shape,
				  const struct taps *taps);

/* Out of its slot; turns; freed. */
void rig_remove(struct rig *r, uint32_t slot);

/* Pushes the next n frames, or as many as there is room for. Returns how many. */
uint32_t rig_push(struct rig *r, struct rig_source *s, uint32_t n);

/* player_turn, and aborts if it allocates, locks or blocks. */
void rig_turn(struct rig *r);

/* Time passes in steps of at most `step` frames, with a turn after each. */
void rig_play(struct rig *r, uint32_t frames, uint32_t step);

/* The number that frame `at` of the tape carries for this slot (modulo RIG_NUMBERS), or
 * RIG_SILENCE; *ret_level is its level. */
enum { RIG_NUMBERS = 1 << 20, RIG_SILENCE = RIG_NUMBERS };
uint32_t rig_number(const struct rig *r, uint32_t slot, uint64_t at, float *ret_level);

/* The tape, from frame `at` on, holds n frames of the slot from number `first` on; or silence up
 * to frame `to`. Fails the test otherwise. */
void rig_assert_heard(const struct rig *r, uint32_t slot, uint64_t at, uint64_t first,
		      uint64_t n);
void rig_assert_silent(const struct rig *r, uint32_t slot, uint64_t at, uint64_t to);

/* Time passes until the player wants its next turn, which it gets. */
void rig_wake(struct rig *r);

/* Shared numbers, for short. */
uint64_t rig_played(const struct rig_source *s);
uint64_t rig_heard(const struct rig_source *s);
uint64_t rig_dropped(const struct rig_source *s);
uint64_t rig_written(const struct rig_source *s);
uint64_t rig_cut_from(const struct rig_source *s);
uint64_t rig_at_device(const struct rig_source *s);

/* Clear with a fade, pause, resume, gain over so many device frames: asks; the next turn obeys. */
void rig_clear(struct rig *r, struct rig_source *s, uint32_t fade);
void rig_gain(struct rig *r, struct rig_source *s, float factor, uint32_t ramp);
void rig_hold(struct rig *r, struct rig_source *s, bool held, uint32_t fade);

/* Takes the bell of the main thread: whether it was rung. */
bool rig_rung(struct rig *r);

#endif
