/* SPDX-License-Identifier: MIT */
/*
 * A source and its client, who speaks the protocol itself, through a daemon's lives. Its frames
 * number themselves over all that are pushed.
 */
#ifndef TESTS_SURVIVOR_H
#define TESTS_SURVIVOR_H

#include "client.h"
#include "lives.h"

enum {
	SURVIVOR_RATE = 48000,
	SURVIVOR_CHANNELS = 2,
	SURVIVOR_BUFFER = SURVIVOR_RATE / 5, /* the device's */
	SURVIVOR_PIECE = SURVIVOR_RATE / 10, /* of what is pushed */
};

struct survivor {
	struct lives lives;
	struct client client;
	uint64_t source;
	uint8_t token[16];
};

/* Begins the first life, without a source. */
void survivor_init(struct survivor *s);
void survivor_done(struct survivor *s);

/* Makes the source, or another one. */
void survivor_make(struct survivor *s, uint32_t queue_ms);

/* Pushes the frames [0, total), piece by piece; returns when all of it is in the queue. */
void survivor_push(struct survivor *s, uint32_t total);

/* The daemon ends, as it should or by SIGKILL, and the next one begins; the client of that one has
 * only said hello. */
void survivor_next_life(struct survivor *s, bool kill);

/* The client takes the source up again; the same with any handle and token, and any answer. */
const Aud__AttachAudioSourceReply *survivor_attach(struct survivor *s);
const Aud__Reply *survivor_attach_as(struct survivor *s, uint64_t handle, uint8_t *token);

void survivor_assert_ledger(struct survivor *s);

/* All frames of [0, total) in a row; at most `twice` of them again after a life's end. Returns
 * how many were heard again. */
uint64_t survivor_assert_heard(const struct survivor *s, uint32_t total, uint32_t twice);

#endif
