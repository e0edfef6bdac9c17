/* SPDX-License-Identifier: MIT */
/*
 * A real snd_pcm_t in this process, of alsa-lib's own making (an ioplug), with a clock that
 * only the test moves. Frames stay in the PCM's ring until the clock passes them and are
 * recorded then, so that rewinding is real: what was taken back is not heard. Any call can be
 * made to fail; what alsa-lib itself does between the calls is not faked.
 *
 * The calls are caught by functions of the same names in this file's .c, which hand on
 * whatever is not a fake.
 */
#ifndef TESTS_FAKE_PCM_H
#define TESTS_FAKE_PCM_H

#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <stdbool.h>
#include <stdint.h>

enum fake_call {
	FAKE_OPEN,
	FAKE_STATUS,
	FAKE_AVAIL_UPDATE,
	FAKE_MMAP_BEGIN,
	FAKE_MMAP_COMMIT,
	FAKE_WRITEI,
	FAKE_REWIND,
	FAKE_START,
	FAKE_DROP,
	FAKE_PREPARE,
	FAKE_CALLS,
};

/* What the device offers. Zero-initialised is everything that an ioplug can. */
struct fake_pcm_offer {
	unsigned int num_accesses, accesses[2]; /* SND_PCM_ACCESS_... */
	unsigned int num_formats, formats[4];   /* SND_PCM_FORMAT_... */
	unsigned int rate_min, rate_max;        /* Hz */
	unsigned int channels_min, channels_max;
	unsigned int buffer_bytes_max;
	unsigned int period_bytes_min;
};

struct fake_pcm {
	snd_pcm_ioplug_t io;
	struct fake_pcm *next;
	struct fake_pcm_offer offer;
	const snd_pcm_status_t *status; /* the latest that was asked for */
	int pipe[2];                    /* the poll descriptor: readable always */
	uint64_t pos;                   /* hardware pointer, as alsa-lib counts it */

	/* What was heard: whole frames in the format of io. */
	uint8_t *tape;
	uint32_t tape_frames;
	uint32_t tape_size; /* frames that there is memory for */

	/* For the test to set. */
	const char *name;      /* snd_pcm_open finds it by this name; NULL: it does not */
	bool is_hw;            /* says that it is one of the kernel's */
	bool is_batch;         /* and that it moves its data by periods */
	int fails[FAKE_CALLS]; /* the call returns this and does nothing; 0: it works */
	uint32_t lets[FAKE_CALLS]; /* but so many calls work before that */
	uint32_t takes;            /* a write takes so many frames at most; 0: any */
	uint32_t rewinds;          /* a rewind takes back so many at most; 0: any */
	uint32_t boasts;           /* and claims so many more */
	bool no_timestamps;
	const unsigned int *chmap; /* SND_CHMAP_… for each channel; NULL: it says none */
	snd_pcm_sframes_t delay;   /* added to what it says of its delay */
	snd_pcm_sframes_t (*lie)(snd_pcm_sframes_t delay); /* what it says instead */
	uint32_t granule;          /* its pointer moves by so many frames; 0: by each */
	snd_pcm_uframes_t boasted; /* and so much more room it says that it has */
};

/* Makes a PCM that is open and not configured. One that was closed is there anew, with an empty
 * tape, when it is opened by its name. */
void fake_pcm_init(struct fake_pcm *f, const struct fake_pcm_offer *offer);

/* Closes it, unless who opened it has. */
void fake_pcm_done(struct fake_pcm *f);

/* Moves the clock. A device that has played all that was written stops: an xrun. */
void fake_pcm_play(struct fake_pcm *f, uint32_t frames);

/* Stops as a driver does that was in trouble: with frames left. */
void fake_pcm_break(struct fake_pcm *f, snd_pcm_state_t state);

/* From now on every call fails as it does behind a cable that was pulled out. The state goes
 * on to be what it was. */
void fake_pcm_unplug(struct fake_pcm *f);

#endif
