/* SPDX-License-Identifier: MIT */
/*
 * What main and the player do at the same moment: one stores a number and then looks at the other's,
 * the other likewise. Whoever's store is held up on its way to memory while its look is not, misses
 * the other; if both do, a push goes unseen or a wait is slept through. Here this moment is all that
 * there is: the player has a turn in which `played` moves on by a frame, up to the end of the queue,
 * while main pushes a frame or waits for that one. There is no device: the turn has nothing else to
 * do. For programs on any kind of memory (test_cores.c, test_weak.c), so all of it stands here.
 */
#ifndef TESTS_MEETING_H
#define TESTS_MEETING_H

#include "rt/player.h"

enum { MEETING_SLOTS = 2 };

struct meeting {
	alignas(QUEUE_PAGE) uint8_t memory[3 * QUEUE_PAGE];
	struct queue queue;
	struct voice voice, *voices[MEETING_SLOTS];
	_Atomic(struct voice *) slots[MEETING_SLOTS];
	struct player player;
};

/* Main pushes a frame. True: it has to ring. */
static inline bool meeting_push(struct meeting *m)
{
	return queue_write(&m->queue, (int16_t[]){0}, 1);
}

/* With one frame in the queue. Bells are no part of it. */
static inline void meeting_init(struct meeting *m)
{
	static const struct queue_shape shape = {
		.rate = 48000, .channels = 1, .format = FORMAT_S16, .limit = 100};

	memset(m, 0, sizeof(*m));
	queue_init(&m->queue, m->memory, &shape, 0);
	voice_init(&m->voice, &m->queue, NULL);
	atomic_store(&m->slots[0], &m->voice);
	player_init(&m->player, m->slots, m->voices, MEETING_SLOTS, -1, -1);
	meeting_push(m);
	player_ask(&m->player);
	player_turn(&m->player);
}

/* The player's side: frames below n are heard. */
static inline void meeting_turn(struct meeting *m, uint64_t n)
{
	m->voice.next = n;
	player_turn(&m->player);
}

/* Afterwards: main has rung, or the player, which was to play up to frame n, has seen that there is
 * another one behind it, or comes again at once. */
static inline bool meeting_push_is_seen(const struct meeting *m, uint64_t n, bool rung)
{
	return rung || m->voice.seen == n + 1 || m->player.wake_ns == 0;
}

/* Afterwards: main has seen that frame n was there, or the player has rung for it. */
static inline bool meeting_wait_is_seen(const struct meeting *m, uint64_t n, bool there)
{
	return there || m->voice.rung_at == n;
}

#endif
