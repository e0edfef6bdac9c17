/* SPDX-License-Identifier: MIT */
/*
 * Moves of a stage's source, and the two tapes.
 */
#include "moves.h"

#include <check.h>
#include <math.h>

#include "change.h"
#include "move.h"

enum { MS = STAGE_RATE / 1000 };

uint64_t stage_move_by(struct stage *st, int client, struct output *to, uint32_t fade_ms)
{
	struct ticket t = stage_ticket(st, client);

	ck_assert_int_eq(move_source(&st->sources, st->s, &t, to,
				     source_fade(st->s, fade_ms, CURVE_LINEAR)),
			 0);
	return t.async_id;
}

uint64_t stage_move(struct stage *st, struct output *to, uint32_t fade_ms)
{
	return stage_move_by(st, 1, to, fade_ms);
}

uint64_t stage_moved(const struct stage *st, uint64_t id)
{
	const struct note *n = stage_note(st, id);

	ck_assert_ptr_nonnull(n);
	ck_assert_int_eq(n->kind, AUD__REPLY__KIND_MOVE_AUDIO_SOURCE);
	return n->moved.position;
}

uint64_t stage_await_move(struct stage *st, uint64_t id)
{
	stage_settle(st);
	for (int ms = 0; !stage_note(st, id); ms++) {
		ck_assert_int_lt(ms, 1000);
		stage_play(st, MS);
	}
	return stage_moved(st, id);
}

int64_t tape_number(const struct fake_sink *f, uint64_t at)
{
	return lrintf(f->tape[2 * at] * 32768.0f) - 1;
}

uint64_t tape_find_sound(const struct fake_sink *f, uint64_t at)
{
	while (at < f->taped && tape_number(f, at) < 0)
		at++;
	return at;
}

uint64_t tape_assert_segment(const struct fake_sink *f, uint64_t at, uint64_t first,
			     uint64_t end)
{
	if (first == end)
		return at;
	at = tape_find_sound(f, at);
	for (uint64_t n = first; n < end; n++, at++) {
		ck_assert_uint_lt(at, f->taped);
		if (tape_number(f, at) != (int64_t)(n % STAGE_NUMBERS))
			ck_abort_msg("frame %d of the tape is %d, not %d", (int)at,
				     (int)tape_number(f, at), (int)n);
	}
	ck_assert(at == f->taped || tape_number(f, at) < 0);
	return at;
}

void tape_assert_silent(const struct fake_sink *f, uint64_t at)
{
	ck_assert_uint_eq(tape_find_sound(f, at), f->taped);
}
