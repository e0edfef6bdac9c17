/* SPDX-License-Identifier: MIT */
/*
 * Frames that number themselves, on their way through a real daemon: what is lost,
 * repeated or swapped shows at its frame.
 */
#ifndef TESTS_STREAM_H
#define TESTS_STREAM_H

#include "audd.h"
#include "client.h"

enum { STREAM_NUMBERS = 32000 }; /* frames are numbered modulo this */

/* Pushes frames [0, total) in requests of `piece` frames, each with its number plus 1
 * in all its channels; some requests are outstanding at a time. */
void stream_push(struct client *c, uint64_t source, uint32_t channels, uint32_t piece,
		 uint32_t total);

/* Fails the test unless the two channels of the recording have the frames [0, total) in
 * a row, with `silence` frames of silence between them. */
void stream_assert_heard(const struct audd *d, uint32_t total, uint64_t silence);

#endif
