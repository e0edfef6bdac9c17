/* SPDX-License-Identifier: MIT */
/*
 * What the files of a voice share: numbers, and the breaks in its way. Player only, but for what
 * voice_init uses.
 */
#ifndef RT_VOICE_PARTS_H
#define RT_VOICE_PARTS_H

#include "voice.h"

static inline uint64_t voice_load(const _Atomic uint64_t *number)
{
	return atomic_load_explicit(number, memory_order_acquire);
}

static inline struct ramp voice_level(float value)
{
	return (struct ramp){.from = value, .to = value};
}

/* ---- voice_break.c ------------------------------------------------------------------- */

/* Whether next has yet to pass this break. */
static inline bool break_is_ahead(const struct voice_break *b, uint64_t next)
{
	return next < b->to;
}

/* What comes behind this break begins at `to`, at full level. */
static inline void break_go_on_at(struct voice_break *b, uint64_t to)
{
	b->to = to;
	b->in = voice_level(1.0f);
	b->in.start = to;
}

/* From now on, if not before, it is a clear's. */
static inline void break_clear_to(struct voice_break *b, uint64_t to)
{
	b->clears = true;
	break_go_on_at(b, to);
}

/* NULL: there are none. */
struct voice_break *voice_last_break(struct voice *v);

/* The break that next is on the way to, or NULL. Only the last ones can be ahead. */
struct voice_break *voice_break_ahead(struct voice *v);

/* Adds a break that fades out from next on, and goes on at `to`: a clear; or where the fade ends: a
 * pause. NULL: there are too many. */
struct voice_break *voice_add_clear(struct voice *v, struct fade fade, uint64_t to);
struct voice_break *voice_add_pause(struct voice *v, struct fade fade);

/* The fade to this break, a pause, ends where it has got to, at next; what comes then goes on
 * from its level. False: it is not the only one that is ahead, or there is no room for another. */
bool voice_end_break_here(struct voice *v, struct voice_break *b);

/* Too many breaks lie in what the device holds. This one joins the last of them: should the
 * device be lost right now, what lies between the two is not heard again. */
void voice_skip_at_once(struct voice *v, uint64_t to);

/* Forgets the breaks that no take-back can reach any more. */
void voice_retire_breaks(struct voice *v);

/* Passes the breaks at which next has arrived, or between whose sides it was taken back. */
void voice_jump(struct voice *v);

/* next was fed up to this break's stop. A step of the resampler may have gone beyond it, even
 * beyond `to`: it goes on as far behind `to`. Likewise those behind it, if there is no more than
 * that between them. */
void voice_pass_breaks(struct voice *v, const struct voice_break *b);

/* The fade that holds at a source frame, and the frame before which it does. */
const struct ramp *voice_fade_at(const struct voice *v, uint64_t src,
				 uint64_t *ret_until);

/* Nothing before it belongs to what is played now: it was cut, or never was. */
uint64_t voice_floor(const struct voice *v);

/* The same for what is played at another source frame. */
uint64_t voice_floor_at(const struct voice *v, uint64_t src);

#endif
