/* SPDX-License-Identifier: MIT */
/*
 * Sums of products: eight side by side, in a fixed order, so that the same frames give the same
 * sample on every processor.
 */
#include <stddef.h>

#include "resample.h"

#include "room.h"

/* Eight floats that need not be aligned. */
typedef float lanes __attribute__((vector_size(32), aligned(4), may_alias));

enum { LANES = sizeof(lanes) / sizeof(float) };

/* A processor that has wider registers uses them; the sums are the same. (clang 14 cannot link it,
 * and the thread sanitizer is not up when the choice is made.) */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                   \
	!defined(__SANITIZE_THREAD__)
#define FOR_ANY_CPU __attribute__((target_clones("avx2", "default")))
#else
#define FOR_ANY_CPU
#endif

static inline float product(const float *row, const float *src, uint32_t n)
{
	lanes sums = {0};

	for (uint32_t i = 0; i < n; i += LANES)
		sums += *(const lanes *)(row + i) * *(const lanes *)(src + i);
	return ((sums[0] + sums[4]) + (sums[2] + sums[6])) +
	       ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

/* Between two rows: the mean of theirs, by how near they are. */
static inline float product_between(const float *row, const float *next, float way,
				    const float *src, uint32_t n)
{
	float a = product(row, src, n), b = product(next, src, n);

	return a + way * (b - a);
}

FOR_ANY_CPU void resample(const struct taps *t, struct place p, const float *src,
			  float *out, uint32_t stride, uint32_t n)
{
	uint32_t len = 2 * t->half;
	uint64_t first = p.src;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t at = (uint64_t)p.phase * t->phases;
		const float *row = t->rows + at / t->ratio.den * len;
		float way = (float)(at % t->ratio.den) / (float)t->ratio.den;
		const float *from = src + (p.src - first);

		out[(size_t)i * stride] =
			way == 0.0f ? product(row, from, len)
				    : product_between(row, row + len, way, from, len);
		p = place_after(p, t->ratio, 1);
	}
}
