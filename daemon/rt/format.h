/* SPDX-License-Identifier: MIT */
/*
 * Sample formats: what they are called, how large they are, what they can hold. Full scale is
 * -1.0 .. 1.0. Any thread.
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
	float high; /* the most that it can hold; 0: no device has this format */
};

extern const struct format formats[NUM_FORMATS];

#endif
