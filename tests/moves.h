/* SPDX-License-Identifier: MIT */
/*
 * Moves of a stage's source, and what is on the tapes of its two outputs: each frame carries its
 * number, as stage_push makes them.
 */
#ifndef TESTS_MOVES_H
#define TESTS_MOVES_H

#include "stage.h"

/* Asks for a move, for the client 1 or another one. Returns its async_id. */
uint64_t stage_move(struct stage *st, struct output *to, uint32_t fade_ms);
uint64_t stage_move_by(struct stage *st, int client, struct output *to, uint32_t fade_ms);

/* Where it goes on; fails the test if the move was not answered. */
uint64_t stage_moved(const struct stage *st, uint64_t id);

/* Plays until the move is answered; returns where it goes on. */
uint64_t stage_await_move(struct stage *st, uint64_t id);

/* The number that frame `at` of a tape carries, or -1. */
int64_t tape_number(const struct fake_sink *f, uint64_t at);

/* Where on a tape there is sound from `at` on. */
uint64_t tape_find_sound(const struct fake_sink *f, uint64_t at);

/* From `at` on a tape holds these numbers, wherever they begin, and then silence. Returns where
 * that begins. */
uint64_t tape_assert_segment(const struct fake_sink *f, uint64_t at, uint64_t first,
			     uint64_t end);

void tape_assert_silent(const struct fake_sink *f, uint64_t at);

#endif
