/* SPDX-License-Identifier: MIT */
/*
 * Hardware and software parameters of an ALSA PCM: exactly the rate and the channels that are
 * configured, the best of what is left. Main thread.
 */
#ifndef DAEMON_ALSA_PARAMS_H
#define DAEMON_ALSA_PARAMS_H

#include <alsa/asoundlib.h>

#include "config.h"

/* What was agreed with the device. */
struct alsa_params {
	uint32_t format; /* enum sample_format */
	uint32_t
		bits; /* that it really uses; as many as the format has, if it says nothing */
	bool mmap;               /* mmap access; else read/write. Interleaved in both */
	uint32_t buffer, period; /* frames */
	bool batch;              /* moves what it plays, and its pointers, by periods */
};

/* Configures an open PCM, again if it was before; it is prepared and empty then. The buffer is to
 * be of both lengths together, its periods are for the first one; these are wishes, what came of
 * them is in ret. Negative errno, and *ret_error (to be freed) is a
 * sentence's end that says what the device offers: "it has 2 to 8 channels, not 1". */
int alsa_params_set(snd_pcm_t *pcm, const struct config_output *c, uint32_t buffer_ms,
		    uint32_t spare_ms, struct alsa_params *ret, char **ret_error);

/* Fills in *ret_error, unless there is no memory for it. Returns error. */
int alsa_refuse(char **ret_error, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
