/* SPDX-License-Identifier: MIT */
/*
 * What conversions cost, in ns for each sample, for each format and each set of loops that this
 * processor can run; and dither, and the count of what is no number. Beside them, of the best
 * set, as parts of the same with s16; of dither and the count, as parts of writing that.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "rt/loops.h"

enum { SAMPLES = 1024, TIMES = 2000, RUNS = 5 };

static uint8_t bytes[4 * SAMPLES];
static float block[SAMPLES];
static volatile size_t sink;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

typedef void work_fn(const struct loops *l, uint32_t format);

static void add(const struct loops *l, uint32_t format)
{
	l->format->of[format].add(block, bytes, SAMPLES, 1e-6f);
}

static void write(const struct loops *l, uint32_t format)
{
	sink += l->format->from_float(format, bytes, block, SAMPLES);
}

static void count(const struct loops *l, uint32_t format)
{
	sink += l->format->not_finite(format, bytes, SAMPLES);
}

static void dither(const struct loops *l, uint32_t format)
{
	l->dither->add_noise(block, format, SAMPLES, 1e-9f);
}

/* The least of several runs: the others were disturbed. */
static double cost(work_fn *work, const struct loops *l, uint32_t format)
{
	uint64_t least = UINT64_MAX;

	for (int run = 0; run < RUNS; run++) {
		uint64_t began, ns;

		for (int i = 0; i < SAMPLES; i++)
			block[i] = (float)(random() % 1000) / 2000.0f;
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)(i % 4 == 3 || i % 4 == 0 ? 0x3e : random());
		began = now_ns();
		for (int i = 0; i < TIMES; i++)
			work(l, format);
		ns = now_ns() - began;
		least = ns < least ? ns : least;
	}
	return (double)least / TIMES / SAMPLES;
}

static void print(const char *name, work_fn *work, work_fn *with, uint32_t format)
{
	double s16 = cost(with, loops_best(), FORMAT_S16), ns = 0;
	const struct loops *l;

	printf("  %-20s", name);
	for (uint32_t k = 0; (l = loops_set(k)); k++) {
		ns = cost(work, l, format);
		printf("  %8.3f", ns);
	}
	printf("  %6.2f\n", ns / s16);
}

int main(void)
{
	const struct loops *l;
	char name[40];

	printf("  ns a sample         ");
	for (uint32_t k = 0; (l = loops_set(k)); k++)
		printf("  %8s", l->name);
	printf("  of s16\n");
	for (uint32_t f = 0; f < NUM_FORMATS; f++) {
		snprintf(name, sizeof(name), "mix %s", formats[f].name);
		print(name, add, add, f);
	}
	for (uint32_t f = 0; f < NUM_FORMATS; f++) {
		if (formats[f].high == 0)
			continue;
		snprintf(name, sizeof(name), "write %s", formats[f].name);
		print(name, write, write, f);
	}
	print("look for NaN, f32", count, write, FORMAT_F32);
	print("dither", dither, write, 0);
	return 0;
}
