/* SPDX-License-Identifier: MIT */
/*
 * Sums of products. However many are computed at once, each sum is made in an order that depends
 * on its place alone, so that the same frames give the same sample, in whatever company and on
 * every processor. (Zeros before and behind a filter add nothing.)
 */
#include "loops.h"

#include "room.h"

/* As many floats as a register of this set holds. */
#if defined(__AVX512F__)
enum { WIDTH = 16 };
#elif defined(__AVX2__)
enum { WIDTH = 8 };
#else
enum { WIDTH = 4 };
#endif
/* Sums along a filter are made of eight. */
enum { LANES = RESAMPLE_LANES, ALONG = WIDTH < 8 ? WIDTH : 8 };

#define ANY_PLACE aligned(4), may_alias
typedef float four __attribute__((vector_size(16)));
typedef float wide __attribute__((vector_size(WIDTH * 4)));
typedef float wide_anywhere __attribute__((vector_size(WIDTH * 4), ANY_PLACE));
typedef float some __attribute__((vector_size(ALONG * 4)));
typedef float some_anywhere __attribute__((vector_size(ALONG * 4), ANY_PLACE));

/* The i-th register from p on, aligned or not. Volatile, or gcc fetches what is used twice from
 * memory twice, which is what the loops below spend their time on. */
#define READ(type, p, i)                                                                 \
	(*(const volatile type##_anywhere *)((p) + (i) * (sizeof(type) / sizeof(float))))
#define WRITE(p, i, x) (*(wide_anywhere *)((p) + (i)*WIDTH) = (x))

/* ---- planes --------------------------------------------------------------------------- */

static void split_two(float *restrict a, float *restrict b, const float *restrict src,
		      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		a[i] = src[2 * i];
		b[i] = src[2 * i + 1];
	}
}

static void split(float *restrict dst, const float *restrict src, uint32_t channels,
		  size_t n)
{
	if (channels == 2) {
		split_two(dst, dst + n, src, n);
		return;
	}
	for (uint32_t c = 0; c < channels; c++)
		for (size_t i = 0; i < n; i++)
			dst[c * n + i] = src[i * channels + c];
}

/* ---- by row: along the filter, frame by frame ------------------------------------------- */

/* What is to be made: see loops.h. */
struct run {
	const struct taps *taps;
	struct place p;
	struct planes planes;
	uint32_t from, len;
	float *out;
	uint32_t n;
};

/* Eight sums side by side, whatever registers there are. */
struct eight {
	some part[8 / ALONG];
};

static inline float total(const struct eight *sums)
{
#ifdef __AVX2__
	some s = sums->part[0];
	four t = __builtin_shufflevector(s, s, 0, 1, 2, 3) +
		 __builtin_shufflevector(s, s, 4, 5, 6, 7);
#else
	four t = sums->part[0] + sums->part[1];
#endif

	t += __builtin_shufflevector(t, t, 2, 3, 0, 1);
	return t[0] + t[1];
}

/* Where a sum is to be taken: a row and, `way` of the way on, the next. */
struct tap_point {
	const float *row, *next;
	float way; /* 0: the row alone */
};

static inline float between(const struct tap_point *at, const struct eight *a,
			    const struct eight *b)
{
	float sum = total(a);

	return sum + at->way * (total(b) - sum);
}

static inline float sum_one(const struct tap_point *at, const float *src, size_t len)
{
	struct eight s = {0}, t = {0};

	if (at->way == 0.0f) {
		for (size_t i = 0; i < len; i += 8)
			for (size_t k = 0; k < 8 / ALONG; k++)
				s.part[k] += READ(some, at->row + i, k) *
					     READ(some, src + i, k);
		return total(&s);
	}
	for (size_t i = 0; i < len; i += 8)
		for (size_t k = 0; k < 8 / ALONG; k++) {
			some x = READ(some, src + i, k);

			s.part[k] += READ(some, at->row + i, k) * x;
			t.part[k] += READ(some, at->next + i, k) * x;
		}
	return between(at, &s, &t);
}

/* Two channels: each tap is fetched once. */
static inline void sum_two(const struct tap_point *at, const float *left,
			   const float *right, size_t len, float *out)
{
	struct eight s = {0}, t = {0}, u = {0}, v = {0};

	if (at->way == 0.0f) {
		for (size_t i = 0; i < len; i += 8)
			for (size_t k = 0; k < 8 / ALONG; k++) {
				some tap = READ(some, at->row + i, k);

				s.part[k] += tap * READ(some, left + i, k);
				u.part[k] += tap * READ(some, right + i, k);
			}
		out[0] += total(&s);
		out[1] += total(&u);
		return;
	}
	for (size_t i = 0; i < len; i += 8)
		for (size_t k = 0; k < 8 / ALONG; k++) {
			some tap = READ(some, at->row + i, k),
			     next = READ(some, at->next + i, k);
			some x = READ(some, left + i, k), y = READ(some, right + i, k);

			s.part[k] += tap * x;
			t.part[k] += next * x;
			u.part[k] += tap * y;
			v.part[k] += next * y;
		}
	out[0] += between(at, &s, &t);
	out[1] += between(at, &u, &v);
}

static inline struct tap_point point_at(const struct taps *t, uint32_t phase,
					uint32_t from)
{
	uint64_t at = (uint64_t)phase * t->phases;
	uint32_t den = t->ratio.den, rest;
	struct tap_point point;

	if (t->phases == den)
		return (struct tap_point){.row = taps_row(t, phase) + from};
	rest = (uint32_t)(at % den);
	point.row = taps_row(t, (uint32_t)(at / den)) + from;
	point.next = point.row + 2 * (size_t)t->half;
	point.way = (float)rest / (float)den;
	return point;
}

/* Whatever the number of channels: as many pairs as there are, and the one that is left. */
static inline void sum_frame(const struct tap_point *at, const float *src,
			     const struct planes *planes, uint32_t len, float *out)
{
	uint32_t c = 0;

	for (; c + 1 < planes->channels; c += 2)
		sum_two(at, src + c * planes->gap, src + (c + 1) * planes->gap, len,
			out + c);
	if (c < planes->channels)
		out[c] += sum_one(at, src + c * planes->gap, len);
}

static void by_row(const struct run *r)
{
	const struct taps *t = r->taps;
	uint32_t den = t->ratio.den, step = t->ratio.num / den, rest = t->ratio.num % den;
	const float *src = r->planes.first;
	uint32_t phase = r->p.phase;
	float *out = r->out;

	for (uint32_t i = 0; i < r->n; i++, out += r->planes.channels) {
		struct tap_point at = point_at(t, phase, r->from);
		bool wraps;

		if (r->planes.channels == 1)
			out[0] += sum_one(&at, src, r->len);
		else
			sum_frame(&at, src, &r->planes, r->len, out);
		phase += rest;
		wraps = phase >= den;
		src += step + wraps;
		phase -= wraps ? den : 0;
	}
}

/* ---- by group: frames side by side ------------------------------------------------------ */

/* Registers for the frames of a group; and how many of its turns, of channels or of frames a
 * cycle apart, are made at once: as many as there are registers for. */
enum { PARTS = LANES / WIDTH, TURNS = WIDTH / 2 };

/* Source frames from the cycle's frame q to its frame r. */
static inline uint32_t way_between(const struct taps *t, uint32_t q, uint32_t r)
{
	uint64_t num = t->ratio.num, den = t->ratio.den;

	return (uint32_t)(r * num / den - q * num / den);
}

/* Frames of one group, side by side. */
struct part {
	const float *taps; /* the first that any of them needs, */
	size_t len;        /* and so many */
	uint32_t lanes;
};

/* From the cycle's frame q on; at most so many frames. */
static inline struct part part_at(const struct run *r, uint32_t q, uint32_t most)
{
	const struct taps *t = r->taps;
	uint32_t lane = q % LANES, begin = q - lane;
	uint32_t end = begin + LANES < t->cycle ? begin + LANES : t->cycle;
	uint32_t lanes = end - q < most ? end - q : most;

	return (struct part){
		.taps = taps_group(t, begin / LANES) + lane +
			(size_t)(way_between(t, begin, q) + r->from) * LANES,
		.len = r->len + way_between(t, q, q + lanes - 1),
		.lanes = lanes,
	};
}

/* What is made at once: where each meets its first tap, and where it goes. */
struct turns {
	const float *src[TURNS];
	float *out[TURNS];
	uint32_t count;
};

static inline __attribute__((always_inline)) void sum_turns(const float *taps, size_t len,
							    const float *const *src,
							    float (*sums)[LANES],
							    const uint32_t count)
{
	wide s[TURNS][PARTS] = {0};

	for (size_t k = 0; k < len; k++, taps += LANES) {
		wide tap[PARTS];

		for (uint32_t i = 0; i < PARTS; i++)
			tap[i] = READ(wide, taps, i);
		for (uint32_t n = 0; n < count; n++) {
			float x = src[n][k];

			for (uint32_t i = 0; i < PARTS; i++)
				s[n][i] += tap[i] * x;
		}
	}
	for (uint32_t n = 0; n < count; n++)
		for (uint32_t i = 0; i < PARTS; i++)
			WRITE(sums[n], i, s[n][i]);
}

/* To so many channels, of which they are the first ones. */
static inline void put_one(float *restrict out, size_t channels,
			   const float *restrict sums, uint32_t n)
{
	if (channels == 1 && n == LANES)
		for (uint32_t i = 0; i < LANES; i++)
			out[i] += sums[i];
	else
		for (uint32_t i = 0; i < n; i++)
			out[i * channels] += sums[i];
}

static inline void put_two(float *restrict out, const float *restrict left,
			   const float *restrict right, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		out[2 * i] += left[i];
		out[2 * i + 1] += right[i];
	}
}

/* The turns that were gathered. */
static void make_turns(const struct part *part, struct turns *t, uint32_t channels)
{
	const float *taps = part->taps;
	size_t len = part->len;
	float sums[TURNS][LANES] __attribute__((aligned(64)));
	uint32_t size = TURNS;

	for (uint32_t n = 0; n < t->count; n += size) {
		while (size > t->count - n)
			size /= 2;
		if (size == 8)
			sum_turns(taps, len, t->src + n, sums + n, 8 < TURNS ? 8 : TURNS);
		else if (size == 4)
			sum_turns(taps, len, t->src + n, sums + n, 4 < TURNS ? 4 : TURNS);
		else if (size == 2)
			sum_turns(taps, len, t->src + n, sums + n, 2);
		else
			sum_turns(taps, len, t->src + n, sums + n, 1);
	}
	if (channels == 2)
		for (uint32_t n = 0; n < t->count; n += 2)
			put_two(t->out[n], sums[n], sums[n + 1], part->lanes);
	else
		for (uint32_t n = 0; n < t->count; n++)
			put_one(t->out[n], channels, sums[n], part->lanes);
	t->count = 0;
}

/* The part's frames from frame i on, and those `turns` cycles on. */
static void make_part(const struct run *r, const struct part *part, uint32_t i,
		      uint32_t turns)
{
	const struct taps *t = r->taps;
	uint32_t channels = r->planes.channels, c = 0;
	const float *src =
		r->planes.first + (place_after(r->p, t->ratio, i).src - r->p.src);
	float *out = r->out + (size_t)i * channels;
	struct turns made = {.count = 0};

	for (uint32_t left = turns * channels; left > 0; left--) {
		made.src[made.count] = src + c * r->planes.gap;
		made.out[made.count++] = out + c;
		if (++c == channels) {
			c = 0;
			src += t->cycle_way;
			out += (size_t)t->cycle * channels;
		}
		if (made.count == TURNS || left == 1)
			make_turns(part, &made, channels);
	}
}

/* The first frames may lie in the middle of a group. */
static uint32_t make_head(const struct run *r, uint32_t q)
{
	struct part part = part_at(r, q, r->n);

	if (q % LANES == 0)
		return 0;
	make_part(r, &part, 0, 1);
	return part.lanes;
}

/* Each part of the cycle as often as it comes, and at the end as much of one as is wanted. */
static void by_group(const struct run *r)
{
	const struct taps *t = r->taps;
	uint32_t q = (uint32_t)((uint64_t)r->p.phase * t->inverse % t->ratio.den);
	uint32_t head = make_head(r, q), n = r->n, lanes;

	q += head;
	for (uint32_t i = head; i < n && i < head + t->cycle; i += lanes, q += lanes) {
		struct part part = part_at(r, q % t->cycle, n - i);
		uint32_t turns = (n - i - part.lanes) / t->cycle + 1;
		uint32_t behind = i + turns * t->cycle;

		lanes = part.lanes;
		make_part(r, &part, i, turns);
		if (behind >= n)
			continue;
		part = part_at(r, q % t->cycle, n - behind);
		make_part(r, &part, behind, 1);
	}
}

static void convert(const struct taps *t, struct place p, struct planes planes,
		    uint32_t from, uint32_t len, float *out, uint32_t n)
{
	const struct run r = {t, p, planes, from, len, out, n};

	if (t->cycle)
		by_group(&r);
	else
		by_row(&r);
}

const struct resample_loops LOOPS_OF_THIS_SET(resample_loops) = {
	.split = split,
	.convert = convert,
};
