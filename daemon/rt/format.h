/* SPDX-License-Identifier: MIT */
/*
 * Sample formats: a table of conversions from a format to float and back. Full scale is
 * -1.0 .. 1.0; interleaving is not this file's business, so counts are samples here.
 * Called by the player; the names also by main.
 */
#ifndef RT_FORMAT_H
#define RT_FORMAT_H

#include <stddef.h>
#include <stdint.h>

/* The order is that of the table; clients may send those that aud.proto names. */
enum sample_format {
	FORMAT_S16,
	FORMAT_F32,
	FORMAT_S32,
	NUM_FORMATS,
};

struct format {
	const char *name;
	uint32_t bytes; /* of one sample */

	/* mix[i] += gain * src[i]; a float that is not finite counts as 0 */
	void (*add)(float *restrict mix, const void *restrict src, size_t n, float gain);

	/* dst[i] = src[i]; a float that is not finite counts as 0 */
	void (*to_float)(float *restrict dst, const void *restrict src, size_t n);

	/* dst[i] = src[i], rounded to nearest; returns how many samples were clipped */
	size_t (*from_float)(void *restrict dst, const float *restrict src, size_t n);
};

extern const struct format formats[NUM_FORMATS];

/* The format of that name, or -1. */
int format_find(const char *name);

#endif
