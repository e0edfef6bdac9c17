/* SPDX-License-Identifier: MIT */
/*
 * The file has as many bits as the device's format, so nothing is lost. libsndfile wants whole
 * numbers at the top of an int, in the machine's byte order.
 */
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

enum {
	TAPE_S = 10,
	BLOCK_BYTES = 64 * 1024,
	BLOCK_SAMPLES = BLOCK_BYTES / 2,
};

struct recording {
	SNDFILE *file; /* NULL: it has failed */
	char *path;
	uint32_t format, frame_bytes;
	struct tape tape;
	uint64_t lost; /* bytes, as far as it was said */
	uint8_t block[BLOCK_BYTES];
	int32_t samples[BLOCK_SAMPLES]; /* for libsndfile; of floats, the bits */
};

static int wav_format(uint32_t format)
{
	const struct format *f = &formats[format];

	if (f->is_float)
		return SF_FORMAT_WAV | SF_FORMAT_FLOAT;
	if (f->bits == 16)
		return SF_FORMAT_WAV | SF_FORMAT_PCM_16;
	return SF_FORMAT_WAV | (f->bits == 24 ? SF_FORMAT_PCM_24 : SF_FORMAT_PCM_32);
}

static bool is_big_endian(const struct format *f)
{
	return f->is_swapped != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

static int32_t top_bits(const struct format *f, const uint8_t *at)
{
	bool big = is_big_endian(f);
	uint32_t x = 0;

	for (uint32_t i = 0; i < f->bytes; i++)
		x = x << 8 | at[big ? i : f->bytes - 1 - i];
	return (int32_t)(x << (32 - f->bits));
}

static sf_count_t write_frames(struct recording *r, sf_count_t frames)
{
	const struct format *f = &formats[r->format];
	size_t n = (size_t)frames * r->frame_bytes / f->bytes;

	for (size_t i = 0; i < n; i++)
		r->samples[i] = top_bits(f, r->block + i * f->bytes);
	return f->is_float ? sf_writef_float(r->file, (const void *)r->samples, frames)
			   : sf_writef_int(r->file, r->samples, frames);
}

static int open_file(struct recording *r, uint32_t rate, uint32_t channels,
		     char **ret_error)
{
	SF_INFO info = {
		.samplerate = (int)rate,
		.channels = (int)channels,
		.format = wav_format(r->format),
	};
	int fd = open(r->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd >= 0)
		r->file = sf_open_fd(fd, SFM_WRITE, &info, SF_TRUE);
	if (r->file) {
		/* Also for whom the daemon is killed before the end. */
		sf_command(r->file, SFC_SET_UPDATE_HEADER_AUTO, NULL, SF_TRUE);
		return 0;
	}
	if (asprintf(ret_error, "recording %s: cannot be opened: %s", r->path,
		     fd < 0 ? strerror(errno) : sf_strerror(NULL)) < 0)
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
	r->tape.format = format;
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
