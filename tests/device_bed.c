/* SPDX-License-Identifier: MIT */
/*
 * What is done here of the main thread's work is what device.c does, but for its clock: a device
 * that is lost is closed, and opened again a little later.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_bed.h"
#include "rt/format.h"

enum {
	CARD_MS = 60,
	PLUGIN_MS = 40,
	IDLE_MS = 10,
	RETRY_STEPS = 5,
	MORE_TURNS = 3,   /* at the same time, if the player wants them */
	PATIENCE = 20000, /* steps until everything must have been heard */
};

#define BEGINNING_NS UINT64_C(1000000000000)

static const struct fake_pcm_offer misfits[NUM_ALL_DEVICE_BEDS] = {
	[DEVICE_BED_OTHER_FORMAT] = {.num_formats = 1, .formats = {SND_PCM_FORMAT_S16}},
	[DEVICE_BED_OTHER_RATE] = {.rate_min = 8000, .rate_max = 44100},
	[DEVICE_BED_OTHER_CHANNELS] = {.channels_min = 6, .channels_max = 8},
};

static void try_to_open(struct device_bed *b)
{
	bool rewinds = b->kind != DEVICE_BED_PLUGIN, first = b->tries++ == 0;
	struct opening *o = &b->opening;

	opening_init(o,
		     first && b->kind >= NUM_DEVICE_BEDS ? &misfits[b->kind] : &b->offer);
	o->fake.is_hw = rewinds;
	o->fake.no_timestamps = true;
	o->config.access = rewinds ? ACCESS_MMAP : ACCESS_RW;
	o->config.format = FORMAT_F32;
	o->config.buffer_ms = CARD_MS;
	o->config.short_buffer_ms = PLUGIN_MS;
	o->config.idle_ms = IDLE_MS;
	b->taken = 0;
	if (b->spoil)
		b->spoil(b);
	if (opening_try(o) == 0) {
		player_offer(&b->rig.player, o->sink);
		return;
	}
	b->refused++;
	snprintf(b->said, sizeof(b->said), "%s", o->error ? o->error : "");
	opening_done(o);
	*o = (struct opening){0};
}

void device_bed_init(struct device_bed *b, int kind, const struct fake_pcm_offer *offer,
		     void (*spoil)(struct device_bed *))
{
	memset(b, 0, sizeof(*b));
	b->kind = kind;
	b->spoil = spoil;
	if (offer)
		b->offer = *offer;
	b->speed = 1000;
	b->now_ns = BEGINNING_NS;
	rig_init(&b->rig, 1, 1);
	player_offer(&b->rig.player, NULL);
	b->source = rig_add(&b->rig, 0, DEVICE_BED_QUEUE);
	try_to_open(b);
}

void device_bed_done(struct device_bed *b)
{
	player_finish(&b->rig.player);
	player_offer(&b->rig.player, NULL);
	player_returned(&b->rig.player);
	if (b->opening.sink)
		opening_done(&b->opening);
	rig_done(&b->rig);
	b->now_ns = 0; /* the program's clock is the machine's again */
}

/* ---- what is heard ------------------------------------------------------------------ */

static void hear_frame(struct device_bed *b, const float *frame)
{
	uint64_t number = (uint64_t)(frame[0] * RIG_NUMBERS);

	if (frame[1] == 0.0f) {
		b->dry++;
		return;
	}
	b->silence += b->next > 0 ? b->dry : 0;
	b->dry = 0;
	if (number > b->next)
		ck_abort_msg("frame %lu is heard, and %lu never was",
			     (unsigned long)number, (unsigned long)b->next);
	b->repeated += b->next - number;
	b->next = number + 1;
}

static void hear(struct device_bed *b)
{
	struct fake_pcm *f = &b->opening.fake;
	const float *tape = (const float *)(const void *)f->tape;

	for (; b->taken < f->tape_frames; b->taken++)
		hear_frame(b, tape + 2 * (size_t)b->taken);
}

/* ---- time --------------------------------------------------------------------------- */

static void serve_device(struct device_bed *b)
{
	struct sink *s = player_returned(&b->rig.player);

	if (s) {
		b->error = s->error;
		hear(b);
		opening_done(&b->opening);
		b->opening = (struct opening){0};
		b->steps = 0;
	}
	if (!b->opening.sink && ++b->steps > RETRY_STEPS) {
		b->steps = 0;
		try_to_open(b);
	}
}

/* As the thread does. */
static void collect_fds(struct device_bed *b)
{
	struct pollfd fds[8];
	struct sink *s = b->rig.player.sink;

	if (s)
		s->ops->pollfds(s, fds, 8);
}

void device_bed_pass(struct device_bed *b, uint32_t frames)
{
	b->now_ns += frames * UINT64_C(1000000000) / OPENING_RATE;
	b->owed += frames * (b->speed / 1000.0);
	if (b->opening.sink)
		fake_pcm_play(&b->opening.fake, (uint32_t)b->owed);
	b->owed -= (uint32_t)b->owed;
	rig_turn(&b->rig);
	for (int i = 0; i < MORE_TURNS && b->rig.player.wake_ns <= b->now_ns; i++)
		rig_turn(&b->rig);
	collect_fds(b);
	serve_device(b);
	if (b->opening.sink)
		hear(b);
}

void device_bed_wake(struct device_bed *b)
{
	uint64_t due = b->rig.player.wake_ns;
	uint64_t frames =
		due > b->now_ns ? (due - b->now_ns) * OPENING_RATE / 1000000000 + 1 : 1;

	device_bed_pass(b, frames < OPENING_RATE / 100 ? (uint32_t)frames
						       : OPENING_RATE / 100);
}

void device_bed_push(struct device_bed *b, uint32_t n)
{
	rig_push(&b->rig, b->source, n);
}

void device_bed_play_out(struct device_bed *b)
{
	uint64_t pushed = rig_written(b->source);

	for (int i = 0; i < PATIENCE && rig_heard(b->source) < pushed; i++)
		device_bed_pass(b, DEVICE_BED_STEP);
	ck_assert_uint_eq(rig_heard(b->source), pushed);
	ck_assert_uint_eq(rig_dropped(b->source), 0);
	ck_assert_uint_eq(b->next, pushed);
}

int device_bed_time(const struct device_bed *b, struct timespec *ret)
{
	ret->tv_sec = (time_t)(b->now_ns / 1000000000);
	ret->tv_nsec = (long)(b->now_ns % 1000000000);
	return 0;
}
