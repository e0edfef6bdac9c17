/* SPDX-License-Identifier: MIT */
/*
 * libsndfile gets the samples in the device's own format, so nothing is converted.
 */
#include "recording.h"

#include <errno.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

enum {
	TAPE_S = 10,
	BLOCK_BYTES = 64 * 1024,
};

struct recording {
	SNDFILE *file; /* NULL: it has failed */
	char *path;
	uint32_t format, frame_bytes;
	struct tape tape;
	uint64_t lost; /* bytes, as far as it was said */
	uint8_t block[BLOCK_BYTES];
};

static int wav_format(uint32_t format)
{
	switch (format) {
	case FORMAT_S16:
		return SF_FORMAT_WAV | SF_FORMAT_PCM_16;
	case FORMAT_S32:
		return SF_FORMAT_WAV | SF_FORMAT_PCM_32;
	default:
		return SF_FORMAT_WAV | SF_FORMAT_FLOAT;
	}
}

static sf_count_t write_frames(struct recording *r, sf_count_t frames)
{
	const void *block = r->block;

	switch (r->format) {
	case FORMAT_S16:
		return sf_writef_short(r->file, block, frames);
	case FORMAT_S32:
		return sf_writef_int(r->file, block, frames);
	default:
		return sf_writef_float(r->file, block, frames);
	}
}

static int open_file(struct recording *r, uint32_t rate, uint32_t channels,
		     char **ret_error)
{
	SF_INFO info = {
		.samplerate = (int)rate,
		.channels = (int)channels,
		.format = wav_format(r->format),
	};

	r->file = sf_open(r->path, SFM_WRITE, &info);
	if (r->file) {
		/* Also for whom the daemon is killed before the end. */
		sf_command(r->file, SFC_SET_UPDATE_HEADER_AUTO, NULL, SF_TRUE);
		return 0;
	}
	if (asprintf(ret_error, "recording %s: cannot be opened: %s", r->path,
		     sf_strerror(NULL)) < 0)
		*ret_error = NULL;
	return -EIO;
}

int recording_new(struct recording **ret, const char *path, uint32_t rate,
		  uint32_t channels, uint32_t format, char **ret_error)
{
	struct recording *r = calloc(1, sizeof(*r));
	int error = -ENOMEM;

	if (!r)
		return -ENOMEM;
	r->format = format;
	r->frame_bytes = channels * formats[format].bytes;
	r->tape.bytes = (uint64_t)TAPE_S * rate * r->frame_bytes;
	r->tape.data = malloc(r->tape.bytes);
	r->path = strdup(path);
	if (r->tape.data && r->path)
		error = open_file(r, rate, channels, ret_error);
	if (error < 0) {
		recording_free(r);
		return error;
	}
	/* The player shall not be the first to touch it. */
	memset(r->tape.data, 0, r->tape.bytes);
	*ret = r;
	return 0;
}

struct tape *recording_tape(struct recording *r)
{
	return &r->tape;
}

static void tell_lost(struct recording *r)
{
	uint64_t lost = atomic_load_explicit(&r->tape.lost, memory_order_relaxed);

	if (lost == r->lost)
		return;
	log_warning("recording %s: %llu frames are missing: the tape was full", r->path,
		    (unsigned long long)((lost - r->lost) / r->frame_bytes));
	r->lost = lost;
}

void recording_drain(struct recording *r)
{
	uint64_t most = BLOCK_BYTES / r->frame_bytes * r->frame_bytes;
	uint64_t n;

	while (r->file && (n = tape_read(&r->tape, r->block, most)) > 0) {
		sf_count_t frames = (sf_count_t)(n / r->frame_bytes);

		if (write_frames(r, frames) == frames)
			continue;
		log_error("recording %s: nothing more is written: %s", r->path,
			  sf_strerror(r->file));
		sf_close(r->file);
		r->file = NULL;
	}
	if (r->file)
		tell_lost(r);
}

void recording_free(struct recording *r)
{
	if (!r)
		return;
	if (r->file) {
		recording_drain(r);
		sf_close(r->file);
	}
	free(r->tape.data);
	free(r->path);
	free(r);
}
