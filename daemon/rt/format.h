/* SPDX-License-Identifier: MIT */
/*
 * Sample formats: a table of conversions from a format to float and back. Full scale is
 * -1.0 .. 1.0; interleaving is not this file's business, so counts are samples here.
 * Called by the player; names, sizes and format_not_finite also by main.
 */
#ifndef RT_FORMAT_H
#define RT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The order is that of the table and of the numbers in aud.proto, which are one higher. It stands
 * in the memory of queues that outlive a daemon: add at the end. */
enum sample_format {
	FORMAT_S16,
	FORMAT_F32,
	FORMAT_S32,
	FORMAT_S24,   /* in the low three bytes of four */
	FORMAT_S24_3, /* in three bytes */
	FORMAT_U8,
	FORMAT_ALAW,
	FORMAT_MULAW,
	/* In the other byte order than this machine's: */
	FORMAT_S16_SWAPPED,
	FORMAT_F32_SWAPPED,
	FORMAT_S32_SWAPPED,
	FORMAT_S24_SWAPPED,
	FORMAT_S24_3_SWAPPED,
	NUM_FORMATS,
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FORMAT_LE(format) format
#define FORMAT_BE(format) format##_SWAPPED
#else
#define FORMAT_LE(format) format##_SWAPPED
#define FORMAT_BE(format) format
#endif

struct format {
	const char *name; /* "s16"; in the other byte order "s16be", or "s16le" */
	uint32_t bytes;   /* of one sample */
	uint32_t bits; /* a whole number of so many bits holds every value; float: 32 */
	bool is_float, is_swapped;

	/* mix[i] += gain * src[i]; a float that is not finite counts as 0 */
	void (*add)(float *restrict mix, const void *restrict src, size_t n, float gain);

	/* dst[i] = src[i]; a float that is not finite counts as 0 */
	void (*to_float)(float *restrict dst, const void *restrict src, size_t n);

	/* dst[i] = src[i], which lies within -1.0 .. high. NULL: no device has this format */
	void (*convert)(void *restrict dst, const float *restrict src, size_t n);
	float high;
};

extern const struct format formats[NUM_FORMATS];

/* Converts to a format that devices have: rounded to nearest, a sum that is too loud, or no
 * number, put at the nearest limit. Returns how many samples were. */
size_t format_from_float(uint32_t format, void *dst, const float *src, size_t n);

/* How many samples are NaN or infinite. */
size_t format_not_finite(uint32_t format, const void *src, size_t n);

#endif
