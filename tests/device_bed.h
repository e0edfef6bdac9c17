/* SPDX-License-Identifier: MIT */
/*
 * A player with one source on an ALSA device that is opened as the daemon does it, lost, and
 * opened again. Time is the test's; frames are numbered, and every one that is heard is looked
 * at as it is. For one file of a program that is linked with --wrap=clock_gettime.
 */
#ifndef TESTS_DEVICE_BED_H
#define TESTS_DEVICE_BED_H

#include "opening.h"
#include "rig.h"

enum {
	DEVICE_BED_CARD,   /* mmap access, rewinds */
	DEVICE_BED_PLUGIN, /* read/write access, does not */
	NUM_DEVICE_BEDS,
	/* Cards that do not fit when they are opened for the first time. */
	DEVICE_BED_OTHER_FORMAT = NUM_DEVICE_BEDS,
	DEVICE_BED_OTHER_RATE,
	DEVICE_BED_OTHER_CHANNELS,
	NUM_ALL_DEVICE_BEDS,

	DEVICE_BED_STEP = 96, /* frames from turn to turn */
	DEVICE_BED_QUEUE = 9600,
};

struct device_bed {
	int kind;
	struct rig rig;
	struct opening opening;
	struct rig_source *source;
	/* Once for each device that is made; NULL: leaves it as it is. */
	void (*spoil)(struct device_bed *b);
	struct fake_pcm_offer offer;
	uint64_t now_ns;
	uint32_t tries, steps; /* to open it; since the last one */
	uint32_t speed;        /* of the device's clock, in 1000ths; at first 1000 */
	double owed;           /* frames that it has to play yet */
	uint32_t taken;        /* frames of the device's tape that were looked at */

	uint64_t next;     /* number of the frame that is to be heard next */
	uint64_t repeated; /* frames that were heard a second time */
	uint64_t silence;  /* frames of silence that were heard before the last of them */
	uint64_t dry;      /* the same, since the last one */
	uint32_t refused;  /* how often it could not be opened */
	char said[128];    /* why, the last time */
	int error;         /* why it was lost, the last time */
};

/* Opens it; tries no more than once. offer NULL: it takes anything. */
void device_bed_init(struct device_bed *b, int kind, const struct fake_pcm_offer *offer,
		     void (*spoil)(struct device_bed *));
void device_bed_done(struct device_bed *b);

/* So much time passes; then a turn, and the main thread looks after the device. Frames that are
 * not heard in order fail the test. */
void device_bed_pass(struct device_bed *b, uint32_t frames);

/* The same until the player wants its next turn, or for 10 ms. */
void device_bed_wake(struct device_bed *b);

/* Pushes as many frames as there is room for, at most n. */
void device_bed_push(struct device_bed *b, uint32_t n);

/* Time passes until all that was pushed is heard, and the ledger says so. Fails the test if that
 * is never. */
void device_bed_play_out(struct device_bed *b);

int __real_clock_gettime(clockid_t id, struct timespec *ret);
int __wrap_clock_gettime(clockid_t id, struct timespec *ret);

/* What the program's __wrap_clock_gettime returns. */
int device_bed_time(const struct device_bed *b, struct timespec *ret);

#endif
