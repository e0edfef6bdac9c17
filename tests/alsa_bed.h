/* SPDX-License-Identifier: MIT */
/*
 * The ALSA sink over a PCM whose clock the test moves. A frame's samples tell its number, so
 * that a frame that is lost, repeated or torn shows.
 */
#ifndef TESTS_ALSA_BED_H
#define TESTS_ALSA_BED_H

#include "fake_pcm.h"
#include "rt/sink_alsa.h"

enum {
	BED_RATE = 48000,
	BED_CHANNELS = 2,
	BED_BUFFER_MS = 10,
	BED_BUFFER = BED_RATE * BED_BUFFER_MS / 1000,
	BED_KINDS = 20, /* every access with every format that devices have */
	BED_MMAP_F32 = 2,
	BED_RW_F32 = BED_KINDS / 2 + BED_MMAP_F32,
};

struct alsa_bed {
	struct fake_pcm fake;
	struct sink_alsa alsa;
	struct sink *sink;
	uint32_t next; /* number of the next frame to be written */
};

/* exact: see struct sink_alsa. The sink rewinds. */
void bed_init(struct alsa_bed *b, int kind, bool exact);
void bed_done(struct alsa_bed *b);

/* Write and take back frames that count up; what they return is what the sink did. */
int bed_write(struct alsa_bed *b, uint32_t n);
int bed_take_back(struct alsa_bed *b, uint32_t n);

int bed_start(struct alsa_bed *b);
int bed_stop(struct alsa_bed *b);
int bed_look(struct alsa_bed *b, struct sink_clock *ret);

/* Moves the clock. */
void bed_play(struct alsa_bed *b, uint32_t n);

/* On the tape, from frame `at` on, lie n frames whose numbers count up from `first`, bit for
 * bit the 16 bits that they were. */
void bed_assert_heard(struct alsa_bed *b, uint32_t at, uint32_t first, uint32_t n);

#endif
