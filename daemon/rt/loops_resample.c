/* SPDX-License-Identifier: MIT */
/*
 * Sums of products. However many are computed at once, each sum is made in an order that depends
 * on its place alone, so that the same frames give the same sample, in whatever company and on
 * every processor. (Zeros that pad a row add nothing.)
 */
#include "loops.h"

#include "room.h"

/* As many floats as a register of this set holds. */
#ifdef __AVX2__
enum { WIDTH = 8 };
#else
enum { WIDTH = 4 };
#endif
typedef float four __attribute__((vector_size(16)));
typedef float wide __attribute__((vector_size(WIDTH * 4)));
typedef float wide_anywhere
	__attribute__((vector_size(WIDTH * 4), aligned(4), may_alias));

/* The i-th register from p on, aligned or not. Volatile, or gcc fetches what is used twice from
 * memory twice, which is what the loops below spend their time on. */
#define READ(p, i)     (*(const volatile wide_anywhere *)((p) + (i)*WIDTH))
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

static void split(float *restrict dst, size_t gap, const float *restrict src,
		  uint32_t stride, size_t n)
{
	if (stride == 2) {
		split_two(dst, dst + gap, src, n);
		return;
	}
	for (uint32_t k = 0; k < stride; k++)
		for (size_t i = 0; i < n; i++)
			dst[k * gap + i] = src[i * stride + k];
}

/* ---- frame by frame: along the filter --------------------------------------------------- */

/* Eight sums side by side, whatever registers there are. */
struct eight {
	wide part[8 / WIDTH];
};

static inline float total(const struct eight *sums)
{
#ifdef __AVX2__
	wide s = sums->part[0];
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
			for (size_t k = 0; k < 8 / WIDTH; k++)
				s.part[k] += READ(at->row + i, k) * READ(src + i, k);
		return total(&s);
	}
	for (size_t i = 0; i < len; i += 8)
		for (size_t k = 0; k < 8 / WIDTH; k++) {
			wide x = READ(src + i, k);

			s.part[k] += READ(at->row + i, k) * x;
			t.part[k] += READ(at->next + i, k) * x;
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
			for (size_t k = 0; k < 8 / WIDTH; k++) {
				wide tap = READ(at->row + i, k);

				s.part[k] += tap * READ(left + i, k);
				u.part[k] += tap * READ(right + i, k);
			}
		out[0] += total(&s);
		out[1] += total(&u);
		return;
	}
	for (size_t i = 0; i < len; i += 8)
		for (size_t k = 0; k < 8 / WIDTH; k++) {
			wide tap = READ(at->row + i, k), next = READ(at->next + i, k);
			wide x = READ(left + i, k), y = READ(right + i, k);

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
	point.next = point.row + taps_stride(t);
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

static void by_frame(const struct taps *t, struct place p, struct planes planes,
		     uint32_t from, uint32_t len, float *out, uint32_t n)
{
	uint32_t den = t->ratio.den, step = t->ratio.num / den, rest = t->ratio.num % den;
	const float *src = planes.first;
	uint32_t phase = p.phase;

	for (uint32_t i = 0; i < n; i++, out += planes.channels) {
		struct tap_point at = point_at(t, phase, from);
		bool wraps;

		if (planes.channels == 1)
			out[0] += sum_one(&at, src, len);
		else
			sum_frame(&at, src, &planes, len, out);
		phase += rest;
		wraps = phase >= den;
		src += step + wraps;
		phase -= wraps ? den : 0;
	}
}

/* ---- by phase: frames side by side ------------------------------------------------------- */

enum { RUN = 4 * WIDTH }; /* frames that are made at once */

_Static_assert((int)RUN <= (int)RESAMPLE_SLACK, "a run looks no further behind the end");

/* The frames of a channel that the taps meet one after another: they lie in `num` planes. */
struct walk {
	const float *src;
	size_t gap;
	uint32_t num, plane;
};

static inline struct walk walk_from(const float *src, size_t gap, uint32_t num)
{
	return (struct walk){.src = src, .gap = gap, .num = num};
}

static inline void walk_on(struct walk *w)
{
	if (++w->plane < w->num) {
		w->src += w->gap;
	} else {
		w->src -= w->gap * (w->num - 1);
		w->src++;
		w->plane = 0;
	}
}

/* Two rows over the same frames. */
static inline void run_two(const float *row, const float *other, size_t len,
			   struct walk w, float *restrict out, float *restrict out_other)
{
	wide a0 = {0}, a1 = {0}, a2 = {0}, a3 = {0};
	wide b0 = {0}, b1 = {0}, b2 = {0}, b3 = {0};

	for (size_t j = 0; j < len; j++, walk_on(&w)) {
		wide x0 = READ(w.src, 0), x1 = READ(w.src, 1);
		wide x2 = READ(w.src, 2), x3 = READ(w.src, 3);

		a0 += row[j] * x0;
		a1 += row[j] * x1;
		a2 += row[j] * x2;
		a3 += row[j] * x3;
		b0 += other[j] * x0;
		b1 += other[j] * x1;
		b2 += other[j] * x2;
		b3 += other[j] * x3;
	}
	WRITE(out, 0, a0);
	WRITE(out, 1, a1);
	WRITE(out, 2, a2);
	WRITE(out, 3, a3);
	WRITE(out_other, 0, b0);
	WRITE(out_other, 1, b1);
	WRITE(out_other, 2, b2);
	WRITE(out_other, 3, b3);
}

static inline void run_one(const float *row, size_t len, struct walk w,
			   float *restrict out)
{
	wide a0 = {0}, a1 = {0}, a2 = {0}, a3 = {0};

	for (size_t j = 0; j < len; j++, walk_on(&w)) {
		a0 += row[j] * READ(w.src, 0);
		a1 += row[j] * READ(w.src, 1);
		a2 += row[j] * READ(w.src, 2);
		a3 += row[j] * READ(w.src, 3);
	}
	WRITE(out, 0, a0);
	WRITE(out, 1, a1);
	WRITE(out, 2, a2);
	WRITE(out, 3, a3);
}

/* The frames from some frame on that have its phase. */
struct run {
	const float
		*row; /* moved by `shift` into the zeros before it, so that it meets the
			     same source frames as the first frame's row */
	uint32_t shift;
	uint32_t count; /* frames, ratio.den apart */
};

static inline struct run run_at(const struct taps *t, struct place p, uint32_t i,
				uint32_t n)
{
	uint32_t way = p.phase + i * t->ratio.num, den = t->ratio.den;
	uint32_t shift = way / den;

	return (struct run){.row = taps_row(t, way % den) - shift,
			    .shift = shift,
			    .count = i < n ? (n - i + den - 1) / den : 0};
}

static inline void scatter(float *restrict out, size_t stride, const float *restrict run,
			   uint32_t n)
{
	n = n < RUN ? n : RUN;
	for (uint32_t i = 0; i < n; i++)
		out[i * stride] = run[i];
}

/* The k-th frames of two runs and RUN - 1 more of each; or of one, where b has none. */
static inline void make_runs(const struct run *a, const struct run *b, uint32_t k,
			     size_t len, struct walk w, float *out, size_t stride,
			     uint32_t channels)
{
	float made[2][RUN];

	if (b->count == 0)
		run_one(a->row, len + a->shift, w, made[0]);
	else if (w.num == 1) /* so that the compiler knows it */
		run_two(a->row, b->row, len + b->shift, walk_from(w.src, 0, 1), made[0],
			made[1]);
	else
		run_two(a->row, b->row, len + b->shift, w, made[0], made[1]);
	scatter(out, stride, made[0], a->count - k);
	if (b->count > k)
		scatter(out + channels, stride, made[1], b->count - k);
}

static void by_phase(const struct taps *t, struct place p, struct planes planes,
		     float *out, uint32_t n)
{
	uint32_t den = t->ratio.den, channels = planes.channels;
	size_t stride = (size_t)den * channels, gap = channels * planes.gap;

	for (uint32_t i = 0; i < den && i < n; i += 2) {
		struct run a = run_at(t, p, i, n);
		struct run b = run_at(t, p, i + 1, i + 1 < den ? n : 0);

		for (uint32_t c = 0; c < channels; c++)
			for (uint32_t k = 0; k < a.count; k += RUN)
				make_runs(&a, &b, k, 2 * t->half,
					  walk_from(planes.first + c * planes.gap + k,
						    gap, t->ratio.num),
					  out + i * channels + k * stride + c, stride,
					  channels);
	}
}

const struct resample_loops LOOPS_OF_THIS_SET(resample_loops) = {
	.split = split,
	.by_frame = by_frame,
	.by_phase = by_phase,
};
