/* SPDX-License-Identifier: MIT */
/*
 * A WAV file of what the null device has heard: the player puts it on a tape, the main
 * thread carries it from there to the file.
 */
#ifndef DAEMON_RECORDING_H
#define DAEMON_RECORDING_H

#include "rt/sink_null.h"

struct recording;

/* Makes the file; format: enum sample_format. Negative errno, and *ret_error is a
 * sentence (to be freed) or NULL. */
int recording_new(struct recording **ret, const char *path, uint32_t rate,
		  uint32_t channels, uint32_t format, char **ret_error);

/* Lives as long as the recording. */
struct tape *recording_tape(struct recording *r);

/* Carries what is on the tape to the file, whose header is right after that. An error is
 * logged, and ends the recording. */
void recording_drain(struct recording *r);

/* Drains, closes and frees. NULL is allowed. */
void recording_free(struct recording *r);

#endif
