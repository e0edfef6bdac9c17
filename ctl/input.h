/* SPDX-License-Identifier: MIT */
/*
 * What is played: a file that libsndfile reads, or raw samples from standard input.
 */
#ifndef CTL_INPUT_H
#define CTL_INPUT_H

#include <sndfile.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "options.h"

enum {
	INPUT_MAX_FRAME = 32 * 4, /* bytes of a raw frame */
	INPUT_LAYOUT = 64,
};

struct input {
	const char *path; /* as it was given; "-" is standard input */
	uint32_t rate;    /* Hz */
	uint32_t channels;
	enum aud_format format;    /* of what input_read gives */
	char layout[INPUT_LAYOUT]; /* names of its channels; "": not known */
	uint32_t frame_bytes;
	uint64_t frames;   /* its length; 0: not known */
	int fd;            /* to be polled for input */
	const char *error; /* of the file, after which there is no more to be read */
	SNDFILE *file;     /* NULL: raw samples */
	uint8_t rest[INPUT_MAX_FRAME]; /* raw: of a frame whose end is to come */
	size_t rest_bytes;
};

/* Opens path; of raw samples the options say what they are. Negative errno, and
 * *ret_error is the sentence, good until the next call; input_done is due in any case. */
int input_open(struct input *in, const char *path, const struct options *raw,
	       const char **ret_error);
void input_done(struct input *in);

/* Whether both can go into the same source. */
bool input_is_alike(const struct input *a, const struct input *b);

/* Reads up to max frames into buf, as soon as there are any. Returns how many; 0: it is
 * over; -EAGAIN: none yet; another negative errno: see *ret_error. Waits if fd is not
 * readable, and, where a file is a pipe, until all max frames are there. */
ssize_t input_read(struct input *in, void *buf, uint32_t max, const char **ret_error);

#endif
