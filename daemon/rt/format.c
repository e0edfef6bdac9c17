/* SPDX-License-Identifier: MIT */
/*
 * Conversions between sample formats and float. The loops are plain, so that the compiler
 * vectorises them. A factor of two to the n is exact: a 16-bit sample that goes through float
 * comes out as it was.
 */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "format.h"

#include "room.h"

#define S16_SCALE 32768.0f
#define S32_SCALE 2147483648.0f
#define S32_MAX   2147483520.0f /* the largest float below 2^31 */

/* Adding and taking away 1.5 x 2^23 rounds to nearest, for what is smaller than 2^21. */
#define ROUNDER 12582912.0f

/* A comparison with NaN is false, so this turns NaN and infinities into silence. */
static inline float finite_or_zero(float x)
{
	return fabsf(x) <= FLT_MAX ? x : 0.0f;
}

/* Written so that a NaN ends at a limit and never reaches a conversion to integer. */
static inline float clip(float x, float low, float high)
{
	x = x < high ? x : high;
	return x > low ? x : low;
}

static void add_s16(float *restrict mix, const void *restrict src, size_t n, float gain)
{
	const int16_t *s = src;
	float scale = gain / S16_SCALE;

	for (size_t i = 0; i < n; i++)
		mix[i] += scale * s[i];
}

static void add_s32(float *restrict mix, const void *restrict src, size_t n, float gain)
{
	const int32_t *s = src;
	float scale = gain / S32_SCALE;

	for (size_t i = 0; i < n; i++)
		mix[i] += scale * (float)s[i];
}

static void add_f32(float *restrict mix, const void *restrict src, size_t n, float gain)
{
	const float *s = src;

	for (size_t i = 0; i < n; i++)
		mix[i] += gain * finite_or_zero(s[i]);
}

static void s16_to_float(float *restrict dst, const void *restrict src, size_t n)
{
	const int16_t *s = src;

	for (size_t i = 0; i < n; i++)
		dst[i] = s[i] / S16_SCALE;
}

static void s32_to_float(float *restrict dst, const void *restrict src, size_t n)
{
	const int32_t *s = src;

	for (size_t i = 0; i < n; i++)
		dst[i] = (float)s[i] / S32_SCALE;
}

static void f32_to_float(float *restrict dst, const void *restrict src, size_t n)
{
	const float *s = src;

	for (size_t i = 0; i < n; i++)
		dst[i] = finite_or_zero(s[i]);
}

/* ---- from float --------------------------------------------------------------------- */

enum { CHUNK = 256 };

static void float_to_s16(void *restrict dst, const float *restrict src, size_t n)
{
	int16_t *d = dst;

	for (size_t i = 0; i < n; i++)
		d[i] = (int16_t)(int32_t)((src[i] * S16_SCALE + ROUNDER) - ROUNDER);
}

static void float_to_s32(void *restrict dst, const float *restrict src, size_t n)
{
	int32_t *d = dst;

	for (size_t i = 0; i < n; i++)
		d[i] = (int32_t)(src[i] * S32_SCALE);
}

static void float_to_f32(void *restrict dst, const float *restrict src, size_t n)
{
	memcpy(dst, src, n * sizeof(*src));
}

/* What a format can hold, and the conversion of what it can. */
struct range {
	uint32_t bytes;
	float low, high;
	void (*convert)(void *restrict dst, const float *restrict src, size_t n);
};

/* Nearly always nothing has to be clipped, and then it costs next to nothing to know. */
static bool all_within(const float *src, size_t n, float limit)
{
	int outside = 0;

	for (size_t i = 0; i < n; i++)
		outside |= !(fabsf(src[i]) <= limit);
	return !outside;
}

static size_t clip_all(float *restrict dst, const float *restrict src, size_t n,
		       float low, float high)
{
	size_t clipped = 0;

	for (size_t i = 0; i < n; i++) {
		dst[i] = clip(src[i], low, high);
		clipped += dst[i] != src[i];
	}
	return clipped;
}

static size_t convert_all(const struct range *r, void *dst, const float *src, size_t n)
{
	float held[CHUNK];
	size_t clipped = 0;

	for (size_t done = 0; done < n; done += CHUNK) {
		size_t len = n - done < CHUNK ? n - done : CHUNK;
		const float *from = src + done;

		if (!all_within(from, len, r->high)) {
			clipped += clip_all(held, from, len, r->low, r->high);
			from = held;
		}
		r->convert((char *)dst + done * r->bytes, from, len);
	}
	return clipped;
}

static size_t s16_from_float(void *restrict dst, const float *restrict src, size_t n)
{
	static const struct range s16 = {2, -1.0f, 32767.0f / S16_SCALE, float_to_s16};

	return convert_all(&s16, dst, src, n);
}

static size_t s32_from_float(void *restrict dst, const float *restrict src, size_t n)
{
	static const struct range s32 = {4, -1.0f, S32_MAX / S32_SCALE, float_to_s32};

	return convert_all(&s32, dst, src, n);
}

static size_t f32_from_float(void *restrict dst, const float *restrict src, size_t n)
{
	static const struct range f32 = {4, -1.0f, 1.0f, float_to_f32};

	return convert_all(&f32, dst, src, n);
}

const struct format formats[NUM_FORMATS] = {
	[FORMAT_S16] = {"s16", 2, add_s16, s16_to_float, s16_from_float},
	[FORMAT_F32] = {"f32", 4, add_f32, f32_to_float, f32_from_float},
	[FORMAT_S32] = {"s32", 4, add_s32, s32_to_float, s32_from_float},
};

int format_find(const char *name)
{
	for (int i = 0; i < NUM_FORMATS; i++)
		if (strcmp(name, formats[i].name) == 0)
			return i;
	return -1;
}
