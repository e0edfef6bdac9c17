/* SPDX-License-Identifier: MIT */
/*
 * Conversions between sample formats and float. The loops are plain, so that the compiler
 * vectorises them. A factor of two to the n is exact: a sample of up to 24 bits that goes through
 * float comes out as it was.
 */
#include <float.h>
#include <math.h>

#include "loops.h"

#include "room.h"

#define S16_STEP 0x1p-15f
#define S24_STEP 0x1p-23f
#define S32_STEP 0x1p-31f
#define S32_HIGH 2147483520.0f /* the largest float below 2^31 */

/* Samples in memory, whatever they are to others. */
typedef uint16_t word16 __attribute__((may_alias));
typedef uint32_t word32 __attribute__((may_alias));

/* ---- one sample: to float, times its step --------------------------------------------- */

/* Far from all sound, on either side: whatever is done with what lies between them, be it with the
 * most that there can be of anything, overflows nowhere (so what is muted is silent), and nowhere is
 * so little that a processor takes its time over it. */
#define LOUDEST 0x1p64f
#define SOFTEST 0x1p-64f

/* A comparison with NaN is false, so this turns NaN and infinities into silence. */
static inline float sound_or_zero(float x)
{
	float size = fabsf(x), held = x < LOUDEST ? x : LOUDEST;

	held = held > -LOUDEST ? held : -LOUDEST;
	return size >= SOFTEST && size <= FLT_MAX ? held : 0.0f;
}

union word_or_float {
	uint32_t word;
	float x;
};

static inline float word_as_float(uint32_t word)
{
	return (union word_or_float){.word = word}.x;
}

static inline uint32_t float_as_word(float x)
{
	return (union word_or_float){.x = x}.word;
}

/* G.711: a step, doubled `segment` times. */
static inline int32_t from_alaw(uint8_t code)
{
	uint32_t x = code ^ 0x55u, segment = x >> 4 & 7;
	uint32_t size = ((x & 15) << 4) + (segment ? 0x108u : 8u);

	size <<= segment ? segment - 1 : 0;
	return x & 0x80 ? (int32_t)size : -(int32_t)size;
}

static inline int32_t from_mulaw(uint8_t code)
{
	uint32_t x = code ^ 0xffu, segment = x >> 4 & 7;
	int32_t size = (int32_t)((((x & 15) << 3) + 0x84u) << segment) - 0x84;

	return x & 0x80 ? -size : size;
}

/* Three bytes, the first one the lowest; in the high ones of the word. */
static inline uint32_t low_first(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 24;
}

static inline uint32_t high_first(const uint8_t *at)
{
	return (uint32_t)at[2] << 8 | (uint32_t)at[1] << 16 | (uint32_t)at[0] << 24;
}

#define WORD16(src, i) (((const word16 *)(src))[i])
#define WORD32(src, i) (((const word32 *)(src))[i])
#define BYTE(src, i)   (((const uint8_t *)(src))[i])
#define BYTES(src, i)  (&BYTE(src, 3 * (i)))

#define LOAD_S16(src, i)         (float)(int16_t)WORD16(src, i)
#define LOAD_F32(src, i)         sound_or_zero(word_as_float(WORD32(src, i)))
#define LOAD_S32(src, i)         (float)(int32_t)WORD32(src, i)
#define LOAD_S24(src, i)         (float)(int32_t)(WORD32(src, i) << 8)
#define LOAD_S24_LE(src, i)      (float)(int32_t)low_first(BYTES(src, i))
#define LOAD_S24_BE(src, i)      (float)(int32_t)high_first(BYTES(src, i))
#define LOAD_U8(src, i)          (float)(BYTE(src, i) - 128)
#define LOAD_ALAW(src, i)        (float)from_alaw(BYTE(src, i))
#define LOAD_MULAW(src, i)       (float)from_mulaw(BYTE(src, i))
#define LOAD_S16_SWAPPED(src, i) (float)(int16_t)__builtin_bswap16(WORD16(src, i))
#define LOAD_F32_SWAPPED(src, i)                                                         \
	sound_or_zero(word_as_float(__builtin_bswap32(WORD32(src, i))))
#define LOAD_S32_SWAPPED(src, i) (float)(int32_t)__builtin_bswap32(WORD32(src, i))
#define LOAD_S24_SWAPPED(src, i) (float)(int32_t)(__builtin_bswap32(WORD32(src, i)) << 8)

/* ---- one sample: from float ----------------------------------------------------------- */

/* Adding 2^23 and taking it away rounds to nearest what is not larger than that. */
static inline int32_t nearest(float x)
{
	float rounder = copysignf(0x1p23f, x);

	return (int32_t)((x + rounder) - rounder);
}

static inline int32_t as_s16(float x)
{
	return nearest(x / S16_STEP);
}

static inline int32_t as_s24(float x)
{
	return nearest(x / S24_STEP);
}

/* What is not smaller than 2^-8 is a whole number of steps; of the rest, less than one is cut off. */
static inline int32_t as_s32(float x)
{
	return (int32_t)(x / S32_STEP);
}

static inline void put_low_first(uint8_t *at, int32_t x)
{
	at[0] = (uint8_t)x;
	at[1] = (uint8_t)(x >> 8);
	at[2] = (uint8_t)(x >> 16);
}

static inline void put_high_first(uint8_t *at, int32_t x)
{
	at[0] = (uint8_t)(x >> 16);
	at[1] = (uint8_t)(x >> 8);
	at[2] = (uint8_t)x;
}

#define STORE16(dst, i, x) (((word16 *)(dst))[i] = (uint16_t)(x))
#define STORE32(dst, i, x) (((word32 *)(dst))[i] = (uint32_t)(x))

#define STORE_S16(dst, i, x)         STORE16(dst, i, as_s16(x))
#define STORE_F32(dst, i, x)         STORE32(dst, i, float_as_word(x))
#define STORE_S32(dst, i, x)         STORE32(dst, i, as_s32(x))
#define STORE_S24(dst, i, x)         STORE32(dst, i, as_s24(x))
#define STORE_S24_LE(dst, i, x)      put_low_first((uint8_t *)(dst) + 3 * (i), as_s24(x))
#define STORE_S24_BE(dst, i, x)      put_high_first((uint8_t *)(dst) + 3 * (i), as_s24(x))
#define STORE_S16_SWAPPED(dst, i, x) STORE16(dst, i, __builtin_bswap16(as_s16(x)))
#define STORE_F32_SWAPPED(dst, i, x) STORE32(dst, i, __builtin_bswap32(float_as_word(x)))
#define STORE_S32_SWAPPED(dst, i, x) STORE32(dst, i, __builtin_bswap32(as_s32(x)))
#define STORE_S24_SWAPPED(dst, i, x) STORE32(dst, i, __builtin_bswap32(as_s24(x)))

/* ---- many ----------------------------------------------------------------------------- */

#define FROM(name, load, step)                                                           \
	static void add_##name(float *restrict mix, const void *restrict src, size_t n,  \
			       float gain)                                               \
	{                                                                                \
		float scale = gain * (step);                                             \
                                                                                         \
		for (size_t i = 0; i < n; i++)                                           \
			mix[i] += scale * load(src, i);                                  \
	}                                                                                \
                                                                                         \
	static void name##_to_float(float *restrict dst, const void *restrict src,       \
				    size_t n)                                            \
	{                                                                                \
		for (size_t i = 0; i < n; i++)                                           \
			dst[i] = (step)*load(src, i);                                    \
	}

#define TO(name, store)                                                                  \
	static void float_to_##name(void *restrict dst, const float *restrict src,       \
				    size_t n)                                            \
	{                                                                                \
		for (size_t i = 0; i < n; i++)                                           \
			store(dst, i, src[i]);                                           \
	}

FROM(s16, LOAD_S16, S16_STEP)
TO(s16, STORE_S16)
FROM(f32, LOAD_F32, 1.0f)
TO(f32, STORE_F32)
FROM(s32, LOAD_S32, S32_STEP)
TO(s32, STORE_S32)
FROM(s24, LOAD_S24, S32_STEP)
TO(s24, STORE_S24)
FROM(s24_le, LOAD_S24_LE, S32_STEP)
TO(s24_le, STORE_S24_LE)
FROM(s24_be, LOAD_S24_BE, S32_STEP)
TO(s24_be, STORE_S24_BE)
FROM(u8, LOAD_U8, 0x1p-7f)
FROM(alaw, LOAD_ALAW, S16_STEP)
FROM(mulaw, LOAD_MULAW, S16_STEP)
FROM(s16_swapped, LOAD_S16_SWAPPED, S16_STEP)
TO(s16_swapped, STORE_S16_SWAPPED)
FROM(f32_swapped, LOAD_F32_SWAPPED, 1.0f)
TO(f32_swapped, STORE_F32_SWAPPED)
FROM(s32_swapped, LOAD_S32_SWAPPED, S32_STEP)
TO(s32_swapped, STORE_S32_SWAPPED)
FROM(s24_swapped, LOAD_S24_SWAPPED, S32_STEP)
TO(s24_swapped, STORE_S24_SWAPPED)

/* ---- the table ------------------------------------------------------------------------ */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NATIVE_24  IO(s24_le)
#define SWAPPED_24 IO(s24_be)
#else
#define NATIVE_24  IO(s24_be)
#define SWAPPED_24 IO(s24_le)
#endif

#define INPUT(name)                                                                      \
	{                                                                                \
		.add = add_##name, .to_float = name##_to_float                           \
	}
#define IO(name)                                                                         \
	{                                                                                \
		.add = add_##name, .to_float = name##_to_float,                          \
		.convert = float_to_##name                                               \
	}

static const struct conversion conversions[NUM_FORMATS] = {
	[FORMAT_S16] = IO(s16),
	[FORMAT_F32] = IO(f32),
	[FORMAT_S32] = IO(s32),
	[FORMAT_S24] = IO(s24),
	[FORMAT_S24_3] = NATIVE_24,
	[FORMAT_U8] = INPUT(u8),
	[FORMAT_ALAW] = INPUT(alaw),
	[FORMAT_MULAW] = INPUT(mulaw),
	[FORMAT_S16_SWAPPED] = IO(s16_swapped),
	[FORMAT_F32_SWAPPED] = IO(f32_swapped),
	[FORMAT_S32_SWAPPED] = IO(s32_swapped),
	[FORMAT_S24_SWAPPED] = IO(s24_swapped),
	[FORMAT_S24_3_SWAPPED] = SWAPPED_24,
};

/* ---- from float, with limits ---------------------------------------------------------- */

enum { CHUNK = 256 };

/* Nearly always nothing has to be clipped, and then it costs next to nothing to know. */
static bool all_within(const float *src, size_t n, float limit)
{
	int outside = 0;

	for (size_t i = 0; i < n; i++)
		outside |= !(fabsf(src[i]) <= limit);
	return !outside;
}

/* Written so that a NaN ends at a limit and never reaches a conversion to integer. */
static inline float clip(float x, float low, float high)
{
	x = x < high ? x : high;
	return x > low ? x : low;
}

static size_t clip_all(float *restrict dst, const float *restrict src, size_t n,
		       float high)
{
	size_t clipped = 0;

	for (size_t i = 0; i < n; i++) {
		dst[i] = clip(src[i], -1.0f, high);
		clipped += dst[i] != src[i];
	}
	return clipped;
}

static size_t from_float(uint32_t format, void *dst, const float *src, size_t n)
{
	const struct format *f = &formats[format];
	float held[CHUNK];
	size_t clipped = 0;

	for (size_t done = 0; done < n; done += CHUNK) {
		size_t len = n - done < CHUNK ? n - done : CHUNK;
		const float *from = src + done;

		if (!all_within(from, len, f->high)) {
			clipped += clip_all(held, from, len, f->high);
			from = held;
		}
		conversions[format].convert((char *)dst + done * f->bytes, from, len);
	}
	return clipped;
}

/* ---- what is no number ---------------------------------------------------------------- */

#define NOT_FINITE(word) (((word)&0x7f800000u) == 0x7f800000u)

static size_t not_finite(uint32_t format, const void *src, size_t n)
{
	size_t found = 0;

	if (!formats[format].is_float)
		return 0;
	if (formats[format].is_swapped)
		for (size_t i = 0; i < n; i++)
			found += NOT_FINITE(__builtin_bswap32(WORD32(src, i)));
	else
		for (size_t i = 0; i < n; i++)
			found += NOT_FINITE(WORD32(src, i));
	return found;
}

const struct format_loops LOOPS_OF_THIS_SET(format_loops) = {
	.of = conversions,
	.from_float = from_float,
	.not_finite = not_finite,
};
