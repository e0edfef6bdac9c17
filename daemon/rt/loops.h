/* SPDX-License-Identifier: MIT */
/*
 * The loops over samples, in plain C that compilers make vectors of. The files loops_*.c are
 * compiled once for any processor and, where there are such, again for those with wider
 * registers; each time they fill one set of function pointers. Main chooses the set when it makes
 * a player or a sink, so that nothing is decided on the real-time thread. All sets compute in the
 * same order and round alike: they give the same bits.
 */
#ifndef RT_LOOPS_H
#define RT_LOOPS_H

#include <stddef.h>
#include <stdint.h>

#include "format.h"
#include "resample.h"

/* What is done with one format. Interleaving is not its business: counts are samples. */
struct conversion {
	/* mix[i] += gain * src[i]; a float that is not finite counts as 0, and one that is far
	 * from all sound as one that is less so */
	void (*add)(float *restrict mix, const void *restrict src, size_t n, float gain);

	/* dst[i] = src[i]; likewise */
	void (*to_float)(float *restrict dst, const void *restrict src, size_t n);

	/* dst[i] = src[i], which lies within -1.0 .. high. NULL: no device has this format */
	void (*convert)(void *restrict dst, const float *restrict src, size_t n);
};

struct format_loops {
	const struct conversion *of; /* one for each format */

	/* Converts to a format that devices have: rounded to nearest, a sum that is too loud, or
	 * no number, put at the nearest limit. Returns how many samples were. */
	size_t (*from_float)(uint32_t format, void *dst, const float *src, size_t n);

	/* How many samples are NaN or infinite. (main) */
	size_t (*not_finite)(uint32_t format, const void *src, size_t n);
};

/* Some channels as planes of floats: channel c begins at first + c * gap. */
struct planes {
	const float *first;
	size_t gap;
	uint32_t channels;
};

struct resample_loops {
	/* dst[c * n + i] = src[i * channels + c], for n frames */
	void (*split)(float *restrict dst, const float *restrict src, uint32_t channels,
		      size_t n);

	/* n frames from p on, of all channels. Adds to out the products with `len` taps of each
	 * frame's filter, from `from` on (n is 1 unless that is all of them); the planes begin
	 * with the frame that the first of them meets. */
	void (*convert)(const struct taps *t, struct place p, struct planes planes,
			uint32_t from, uint32_t len, float *out, uint32_t n);
};

struct mix_loops {
	/* Adds one channel, times a level, to all `channels` of n frames. */
	void (*spread)(float *restrict block, uint32_t channels,
		       const float *restrict src, uint32_t n, float level);
};

struct dither_loops {
	/* Adds noise to each of n samples that is not silent, up to `step` to either side: that of
	 * sample `number` and those behind it. */
	void (*add_noise)(float *samples, uint32_t number, size_t n, float step);
};

/* The sets' parts, by the name of the set that a file is compiled for. */
#ifndef LOOPS_SET
#define LOOPS_SET any
#endif
#define LOOPS_JOIN(name, set)   name##_##set
#define LOOPS_NAME(name, set)   LOOPS_JOIN(name, set)
#define LOOPS_OF_THIS_SET(name) LOOPS_NAME(name, LOOPS_SET)

#define LOOPS_OF(set)                                                                    \
	extern const struct format_loops format_loops_##set;                             \
	extern const struct mix_loops mix_loops_##set;                                   \
	extern const struct resample_loops resample_loops_##set;                         \
	extern const struct dither_loops dither_loops_##set

LOOPS_OF(any);
LOOPS_OF(avx2);
LOOPS_OF(avx512);

struct loops {
	const char *name;
	const struct format_loops *format;
	const struct mix_loops *mix;
	const struct resample_loops *resample;
	const struct dither_loops *dither;
};

/* The sets that this processor can run, the plainest first: NULL from some i on. (main) */
const struct loops *loops_set(uint32_t i);

/* The best of them. (main) */
const struct loops *loops_best(void);

#endif
