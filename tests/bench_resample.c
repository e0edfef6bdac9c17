/* SPDX-License-Identifier: MIT */
/*
 * Resampling beside libsoxr (HQ), speexdsp (quality 8) and libsamplerate (medium):
 *	quality		a table of what becomes of tones
 *	cost		milliseconds for a second of sound at 48 kHz
 *	curve FROM TO	frequency; then ours and libsoxr's: level of a tone, what comes with it (dB)
 *	filters		how long the largest filters take to be made
 */
#include <inttypes.h>
#include <samplerate.h>
#include <soxr.h>
#include <speex/speex_resampler.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gauge.h"
#include "taps.h"
#include "treadmill.h"

/* ---- the others ---------------------------------------------------------------------- */

/* In pieces of 10 ms, as a mixer would. */
struct pieces {
	size_t in, out;
};

static struct pieces pieces_of(uint32_t from, uint32_t to)
{
	return (struct pieces){from / 100 + 1, to / 50 + 2};
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void by_soxr(uint32_t from, uint32_t to, uint32_t channels, const float *in,
		    size_t n_in, float *out, size_t n_out)
{
	soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
	soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
	soxr_t s = soxr_create(from, to, channels, NULL, &io, &quality, NULL);
	size_t piece = pieces_of(from, to).in, made = 1, done = 0;

	for (size_t at = 0; at < n_in && done < n_out; at += piece, done += made)
		soxr_process(s, in + at * channels, least(piece, n_in - at), NULL,
			     out + done * channels, n_out - done, &made);
	for (made = 1; made > 0 && done < n_out; done += made)
		soxr_process(s, NULL, 0, NULL, out + done * channels, n_out - done,
			     &made);
	soxr_delete(s);
}

static void by_speex(uint32_t from, uint32_t to, uint32_t channels, const float *in,
		     size_t n_in, float *out, size_t n_out)
{
	SpeexResamplerState *s = speex_resampler_init(channels, from, to, 8, NULL);
	struct pieces piece = pieces_of(from, to);

	for (size_t at = 0, done = 0; at < n_in && done < n_out;) {
		spx_uint32_t taken = (spx_uint32_t)least(piece.in, n_in - at);
		spx_uint32_t made = (spx_uint32_t)least(piece.out, n_out - done);

		speex_resampler_process_interleaved_float(s, in + at * channels, &taken,
							  out + done * channels, &made);
		at += taken;
		done += made;
	}
	speex_resampler_destroy(s);
}

static void by_samplerate(uint32_t from, uint32_t to, uint32_t channels, const float *in,
			  size_t n_in, float *out, size_t n_out)
{
	SRC_STATE *s = src_new(SRC_SINC_MEDIUM_QUALITY, (int)channels, NULL);
	struct pieces piece = pieces_of(from, to);

	for (size_t at = 0, done = 0; at < n_in && done < n_out;) {
		SRC_DATA d = {.data_in = in + at * channels,
			      .data_out = out + done * channels,
			      .input_frames = (long)least(piece.in, n_in - at),
			      .output_frames = (long)least(piece.out, n_out - done),
			      .src_ratio = (double)to / from};

		if (src_process(s, &d) != 0)
			abort();
		at += (size_t)d.input_frames_used;
		done += (size_t)d.output_frames_gen;
	}
	src_delete(s);
}

typedef void resample_other(uint32_t from, uint32_t to, uint32_t channels,
			    const float *in, size_t n_in, float *out, size_t n_out);

static void soxr_mono(uint32_t from, uint32_t to, const float *in, size_t n_in,
		      float *out, size_t n_out)
{
	by_soxr(from, to, 1, in, n_in, out, n_out);
}

static void speex_mono(uint32_t from, uint32_t to, const float *in, size_t n_in,
		       float *out, size_t n_out)
{
	by_speex(from, to, 1, in, n_in, out, n_out);
}

static void samplerate_mono(uint32_t from, uint32_t to, const float *in, size_t n_in,
			    float *out, size_t n_out)
{
	by_samplerate(from, to, 1, in, n_in, out, n_out);
}

static const struct resampler {
	const char *name;
	gauge_convert *mono;
	resample_other *any; /* NULL: ours */
} resamplers[] = {
	{"aud", gauge_ours, NULL},
	{"libsoxr HQ", soxr_mono, by_soxr},
	{"speexdsp 8", speex_mono, by_speex},
	{"libsamplerate medium", samplerate_mono, by_samplerate},
};

enum { NUM_RESAMPLERS = sizeof(resamplers) / sizeof(resamplers[0]) };

/* ---- quality ------------------------------------------------------------------------- */

static void print_figures(const char *name, uint32_t from, uint32_t to,
			  gauge_convert *convert)
{
	struct gauge_figures f = gauge_all(convert, from, to);

	printf("%7" PRIu32 " %6" PRIu32 "  %-20s %9.4f %8.1f %8.4f %8.1f", from, to, name,
	       f.level, f.thd_n, f.ripple, f.images);
	if (f.aliases > -999)
		printf(" %8.1f", f.aliases);
	printf("\n");
}

static int do_quality(void)
{
	static const uint32_t from[] = {8000,  11025, 16000, 22050, 24000,
					32000, 44100, 48000, 96000, 192000};
	static const uint32_t to[] = {44100, 48000};
	static const uint32_t odd[][2] = {
		{44101, 48000}, {47999, 48000}, {768000, 48000}, {1000, 48000}};

	printf("   from     to  resampler                level    THD+N   ripple   images"
	       "  aliases  (dB)\n");
	for (size_t t = 0; t < sizeof(to) / sizeof(to[0]); t++)
		for (size_t f = 0; f < sizeof(from) / sizeof(from[0]); f++)
			for (size_t i = 0; i < NUM_RESAMPLERS && from[f] != to[t]; i++)
				print_figures(resamplers[i].name, from[f], to[t],
					      resamplers[i].mono);
	for (size_t k = 0; k < sizeof(odd) / sizeof(odd[0]); k++)
		for (size_t i = 0; i < NUM_RESAMPLERS; i++)
			print_figures(resamplers[i].name, odd[k][0], odd[k][1],
				      resamplers[i].mono);
	return 0;
}

static int do_curve(uint32_t from, uint32_t to)
{
	double nyquist = from / 2.0;

	for (int i = 1; i < 200; i++) {
		double frequency = nyquist * i / 200;
		struct gauge_tone a = gauge_tone(gauge_ours, from, to, frequency);
		struct gauge_tone b = gauge_tone(soxr_mono, from, to, frequency);

		printf("%.1f %.5f %.2f %.5f %.2f\n", frequency, a.level, a.rest, b.level,
		       b.rest);
	}
	return 0;
}

/* ---- cost ---------------------------------------------------------------------------- */

enum { TRIES = 20 };

/* ms for a second of sound, the least of some tries. */
static double cost_of_other(resample_other *resample, uint32_t from, uint32_t channels)
{
	size_t n_in = (size_t)from, n_out = (size_t)TREADMILL_RATE;
	float *in = malloc(n_in * channels * sizeof(*in));
	float *out = malloc(n_out * channels * sizeof(*out));
	double best = 1e9;

	for (size_t i = 0; i < n_in * channels; i++)
		in[i] = (float)(i * 2654435761u >> 16 & 0xffff) / 65536 - 0.5f;
	for (int i = 0; i < TRIES; i++) {
		uint64_t began = treadmill_now();
		double ms;

		resample(from, TREADMILL_RATE, channels, in, n_in, out, n_out);
		ms = (double)(treadmill_now() - began) / 1e6;
		best = ms < best ? ms : best;
	}
	free(in);
	free(out);
	return best;
}

/* ms for a second of so many voices, all that the player does. */
static double cost_of_voices(uint32_t rate, uint32_t channels, uint32_t voices)
{
	const struct treadmill_shape shape = {.rate = rate, .channels = channels};
	double rounds = (double)TREADMILL_RATE / TREADMILL_STEP;

	return (double)treadmill_run(&shape, voices, 4 * TRIES).least_ns / 1e6 * rounds;
}

static int do_cost(void)
{
	static const struct {
		const char *name;
		uint32_t rate, channels;
	} cases[] = {
		{"48 kHz stereo", 48000, 2},
		{"24 kHz mono", 24000, 1},
		{"44.1 kHz stereo", 44100, 2},
	};
	double many = cost_of_voices(24000, 1, TREADMILL_VOICES);

	printf("  %-16s %8s", "", "aud (*)");
	for (size_t i = 1; i < NUM_RESAMPLERS; i++)
		printf("  %s", resamplers[i].name);
	printf("\n");
	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		uint32_t rate = cases[k].rate, channels = cases[k].channels;

		printf("  %-16s %8.3f", cases[k].name,
		       (cost_of_voices(rate, channels, 17) -
			cost_of_voices(rate, channels, 1)) /
			       16);
		for (size_t i = 1; i < NUM_RESAMPLERS && rate != TREADMILL_RATE; i++)
			printf("  %*.3f", (int)strlen(resamplers[i].name),
			       cost_of_other(resamplers[i].any, rate, channels));
		printf("\n");
	}
	printf("  (*) another voice in the player: from s16 in its queue to the sum\n");
	printf("  128 voices of 24 kHz mono, mixed to stereo: %.1f %% of a core\n",
	       many / 10);
	return 0;
}

/* For somebody who counts instructions from outside. */
static int do_voices(uint32_t rate, uint32_t channels, uint32_t voices)
{
	const struct treadmill_shape shape = {.rate = rate, .channels = channels};

	printf("%" PRIu64 "\n", treadmill_run(&shape, voices, 10).frames);
	return 0;
}

/* ---- filters ------------------------------------------------------------------------- */

static int do_filters(void)
{
	static const uint32_t pairs[][2] = {
		{24000, 48000},  {44100, 48000}, {44101, 48000}, {1000, 768000},
		{767999, 48000}, {768000, 1000}, {767999, 1000}};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		double best = 1e9;

		for (int try = 0; try < TRIES; try++) {
			struct taps_set set = {0};
			const struct taps *t;
			uint64_t began = treadmill_now();
			double ms;

			if (taps_get(&set, pairs[i][0], pairs[i][1], &t) < 0)
				abort();
			ms = (double)(treadmill_now() - began) / 1e6;
			best = ms < best ? ms : best;
			taps_unref(t);
		}
		printf("  %6" PRIu32 " to %6" PRIu32 ": %5.1f ms; looks ahead %.2f ms\n",
		       pairs[i][0], pairs[i][1], best,
		       1e3 * taps_half(pairs[i][0], pairs[i][1]) / pairs[i][0]);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "quality") == 0)
		return do_quality();
	if (argc == 2 && strcmp(argv[1], "cost") == 0)
		return do_cost();
	if (argc == 2 && strcmp(argv[1], "filters") == 0)
		return do_filters();
	if (argc == 5 && strcmp(argv[1], "voices") == 0)
		return do_voices((uint32_t)atoi(argv[2]), (uint32_t)atoi(argv[3]),
				 (uint32_t)atoi(argv[4]));
	if (argc == 4 && strcmp(argv[1], "curve") == 0)
		return do_curve((uint32_t)atoi(argv[2]), (uint32_t)atoi(argv[3]));
	fprintf(stderr,
		"usage: %s quality | cost | filters | curve FROM TO | voices RATE "
		"CHANNELS N\n",
		argv[0]);
	return 2;
}
