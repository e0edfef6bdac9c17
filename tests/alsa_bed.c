/* SPDX-License-Identifier: MIT */
/*
 * The PCM is configured as the daemon does it.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "alsa_bed.h"
#include "alsa_params.h"
#include "rt/loops.h"

static const int bed_formats[BED_KINDS / 2] = {
	FORMAT_S16,           FORMAT_S32,         [BED_MMAP_F32] = FORMAT_F32,
	FORMAT_S24,           FORMAT_S24_3,       FORMAT_S16_SWAPPED,
	FORMAT_S32_SWAPPED,   FORMAT_F32_SWAPPED, FORMAT_S24_SWAPPED,
	FORMAT_S24_3_SWAPPED,
};

void bed_init(struct alsa_bed *b, int kind, bool exact)
{
	struct config_output c = {.rate = BED_RATE, .channels = BED_CHANNELS};
	struct alsa_params params;
	snd_pcm_status_t *status;
	uint8_t *scratch = NULL;
	char *error;

	memset(b, 0, sizeof(*b));
	c.access = kind < BED_KINDS / 2 ? ACCESS_MMAP : ACCESS_RW;
	c.format = bed_formats[kind % (BED_KINDS / 2)];
	fake_pcm_init(&b->fake, &(struct fake_pcm_offer){0});
	ck_assert_int_eq(
		alsa_params_set(b->fake.io.pcm, &c, BED_BUFFER_MS, 0, &params, &error),
		0);
	ck_assert_uint_eq(params.buffer, BED_BUFFER);
	ck_assert_int_eq(params.mmap, c.access == ACCESS_MMAP);
	ck_assert_int_eq(snd_pcm_status_malloc(&status), 0);
	if (!params.mmap)
		scratch = calloc(SINK_ALSA_BLOCK, BED_CHANNELS * sizeof(float));
	b->sink = &b->alsa.sink;
	b->sink->rate = BED_RATE;
	b->sink->channels = BED_CHANNELS;
	b->sink->format = params.format;
	b->sink->buffer = params.buffer;
	b->sink->rewinds = true;
	sink_alsa_init(&b->alsa, b->fake.io.pcm, status, scratch, exact);
}

void bed_done(struct alsa_bed *b)
{
	snd_pcm_status_free(b->alsa.status);
	free(b->alsa.scratch);
	fake_pcm_done(&b->fake);
}

/* Sample of a channel of the frame with this number. */
static int16_t sample(uint32_t frame, uint32_t channel)
{
	return (int16_t)(channel == 0 ? frame : frame * 31 + 7);
}

int bed_write(struct alsa_bed *b, uint32_t n)
{
	float *frames = malloc((size_t)n * BED_CHANNELS * sizeof(*frames));
	int taken;

	for (uint32_t i = 0; i < n * BED_CHANNELS; i++)
		frames[i] =
			sample(b->next + i / BED_CHANNELS, i % BED_CHANNELS) / 32768.0f;
	taken = b->sink->ops->write(b->sink, frames, n);
	free(frames);
	if (taken > 0)
		b->next += (uint32_t)taken;
	return taken;
}

int bed_take_back(struct alsa_bed *b, uint32_t n)
{
	int got = b->sink->ops->take_back(b->sink, n);

	if (got > 0)
		b->next -= (uint32_t)got;
	return got;
}

int bed_start(struct alsa_bed *b)
{
	return b->sink->ops->start(b->sink);
}

int bed_stop(struct alsa_bed *b)
{
	return b->sink->ops->stop(b->sink);
}

int bed_look(struct alsa_bed *b, struct sink_clock *ret)
{
	memset(ret, 0xee, sizeof(*ret));
	return b->sink->ops->clock(b->sink, ret);
}

void bed_play(struct alsa_bed *b, uint32_t n)
{
	fake_pcm_play(&b->fake, n);
}

/* Whether this sample of the tape is a 16-bit one, and exactly that one. */
static bool is_heard(struct alsa_bed *b, size_t i, int16_t wanted)
{
	const struct format *f = &formats[b->sink->format];
	float x;

	loops_best()->format->of[b->sink->format].to_float(
		&x, b->fake.tape + i * f->bytes, 1);
	return x * 32768.0f == wanted;
}

/* On the tape, from frame `at` on, lie n frames whose numbers count up from `first`. */
void bed_assert_heard(struct alsa_bed *b, uint32_t at, uint32_t first, uint32_t n)
{
	ck_assert_uint_ge(b->fake.tape_frames, at + n);
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t ch = 0; ch < BED_CHANNELS; ch++)
			if (!is_heard(b, (size_t)(at + i) * BED_CHANNELS + ch,
				      sample(first + i, ch)))
				ck_abort_msg("frame %u of the tape is not frame %u",
					     at + i, first + i);
}
