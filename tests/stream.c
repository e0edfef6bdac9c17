/* SPDX-License-Identifier: MIT */
/*
 * The numbers count modulo a number that fits into a sample.
 */
#include "stream.h"

#include <check.h>
#include <stdlib.h>

enum {
	WINDOW_BYTES = 256 * 1024,
	WINDOW_REQUESTS = 64,
};

/* Pushes frames [0, total), each with its number plus 1, never 0, in all its channels. */
void stream_push(struct client *c, uint64_t source, uint32_t channels, uint32_t piece,
		 uint32_t total)
{
	uint32_t bytes = piece * channels * 2;
	uint32_t window = bytes < WINDOW_BYTES ? WINDOW_BYTES / bytes : 1;
	int16_t *samples = malloc(bytes);
	uint64_t first = c->last_id + 1;

	if (window > WINDOW_REQUESTS)
		window = WINDOW_REQUESTS;
	for (uint32_t done = 0; done < total; done += piece) {
		for (uint32_t i = 0; i < piece * channels; i++)
			samples[i] =
				(int16_t)((done + i / channels) % STREAM_NUMBERS + 1);
		client_capture(c, source, samples, channels, piece);
		if (c->last_id >= first + window)
			client_await(c, c->last_id - window);
	}
	free(samples);
}

/* What was heard is the frames [0, total) in a row, but for `silence` frames between
 * them. */
void stream_assert_heard(const struct audd *d, uint32_t total, uint64_t silence)
{
	int16_t *samples;
	size_t n = audd_recording(d, &samples);
	uint64_t zeros = 0, between = 0;
	uint32_t next = 0;

	for (size_t i = 0; i < n; i += 2) {
		ck_assert_int_eq(samples[i], samples[i + 1]);
		if (samples[i] == 0) {
			zeros++;
			continue;
		}
		ck_assert_msg(samples[i] == (int16_t)(next % STREAM_NUMBERS + 1),
			      "frame %u is %d", next, samples[i]);
		if (next++ > 0)
			between += zeros;
		zeros = 0;
	}
	ck_assert_uint_eq(next, total);
	ck_assert_uint_eq(between, silence);
	free(samples);
}
