/* SPDX-License-Identifier: MIT */
/*
 * For tests of libaud's captures: frames that are numbered, and a scripted daemon's view of
 * those that it takes. A frame's samples are its own number, so that a piece that is lost,
 * doubled or out of order shows.
 */
#ifndef TESTS_PIECES_H
#define TESTS_PIECES_H

#include "fake_peer.h"

enum {
	FRAME_BYTES = 4, /* s16, 2 channels */
	LONG = 1000000,  /* frames: many pieces */
	PIECE = 61440,   /* frames: the library cuts at so many of this size */
};

/* A capture of this many frames, numbered from `first`. Free it. */
uint32_t *frames_new(uint32_t first, uint32_t n);

/* The capture that was taken last, how many frames it has, and the number of the first. */
const Aud__CaptureAudioFrame *taken(const struct peer *p);
uint32_t taken_frames(const struct peer *p);
uint32_t first_taken(const struct peer *p);

/* A piece that was taken and is not answered yet. */
struct piece {
	uint64_t id;
	uint32_t first, frames;
};

/* Takes a piece of a capture that is numbered from a multiple of LONG. */
struct piece take_piece(struct peer *p);

#endif
