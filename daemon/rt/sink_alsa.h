/* SPDX-License-Identifier: MIT */
/*
 * A snd_pcm_t as a sink. The main thread opens the PCM, non-blocking and with its hardware
 * and software parameters set (device_alsa.h); what is done with it while it plays is here.
 *
 * The parameters that this relies on: interleaved access, one of formats[], a start threshold
 * that is never reached (start is an act), a stop threshold of one buffer (an underrun stops).
 */
#ifndef RT_SINK_ALSA_H
#define RT_SINK_ALSA_H

#include <alsa/asoundlib.h>

#include "loops.h"
#include "sink.h"

enum { SINK_ALSA_BLOCK = 256 }; /* frames converted at a time in rw access */

struct sink_alsa {
	struct sink sink;
	const struct loops *loops; /* chosen by sink_alsa_init */
	snd_pcm_t *pcm;
	snd_pcm_status_t *status; /* for the latest look */
	uint8_t *scratch; /* SINK_ALSA_BLOCK frames of the device; NULL: mmap access */
	uint32_t frame_bytes;

	/* Where the PCM's pointers stand when it has stopped is where the device stopped, as
	 * with the kernel's PCMs. An ioplug in xrun leaves them where they were at the latest
	 * look; what it tells by the xrun is that all was played. */
	bool exact;

	bool running;     /* started, and not stopped since */
	uint64_t written; /* frames since it was empty, less those taken back */
	uint64_t heard;   /* of these, at the latest look */
	uint64_t heard_ns;
};

/* (main) The PCM is prepared and empty. sink's constants must be set already.
 * Owns nothing that it is given. */
void sink_alsa_init(struct sink_alsa *s, snd_pcm_t *pcm, snd_pcm_status_t *status,
		    uint8_t *scratch, bool exact);

#endif
