/* SPDX-License-Identifier: MIT */
/*
 * Taking back changes nothing: sources in every format there is, at many rates, with gains
 * that move, fades, pauses, clears, ducking and channels that go elsewhere, are taped once in
 * peace and once with ten thousand take-backs in their way. Both tapes are the same to the bit.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"
#include "suite.h"
#include "taps.h"

enum {
	DEVICE = 48000,
	BUFFER = 480,
	GUARD = 24,
	LIMIT = 24000,
	PERIOD = 1200, /* device frames from one change to the next */
	TAKE_BACKS = SANITIZED ? 100 : 10000,
	FRAMES = TAKE_BACKS * 6,
};

static const uint32_t rates[] = {48000, 22050, 44100, 24000,  8000,  44101, 96000,
				 16000, 47999, 11025, 192000, 32000, 7919};

enum { NUM_RATES = sizeof(rates) / sizeof(rates[0]) };

_Static_assert((int)NUM_FORMATS <= (int)RIG_SLOTS, "a slot for each format");

struct part {
	struct rig_source *source;
	const struct taps *taps;
};

static struct rig rig;
static struct part parts[NUM_FORMATS];
static struct taps_set taps;

/* ---- who plays ------------------------------------------------------------------------- */

/* Sample number n, whatever its format makes of these bytes; a float is about a sixteenth. */
static void make_sample(const struct format *f, uint64_t n, uint8_t *at)
{
	uint64_t hash = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
	uint32_t word = (uint32_t)(hash >> 32);

	if (f->is_float)
		word = 0x3d800000u | (word & 0x807fffffu);
	if (f->is_swapped)
		word = __builtin_bswap32(word);
	memcpy(at, &word, f->bytes);
}

static void fill_up(struct rig_source *s)
{
	const struct format *f = &formats[s->queue.shape.format];
	uint32_t channels = s->queue.shape.channels, n = queue_room(&s->queue);
	uint64_t first = rig_written(s) * channels;
	uint8_t *frames = malloc((size_t)n * s->queue.frame_bytes + sizeof(uint32_t));

	for (uint32_t i = 0; i < n * channels; i++)
		make_sample(f, first + i, frames + (size_t)i * f->bytes);
	if (queue_write(&s->queue, frames, n))
		player_ring(&rig.player);
	free(frames);
}

static struct rig_source *add(uint32_t format, uint32_t rate, const struct taps *t)
{
	const struct queue_shape shape = {.rate = rate,
					  .lookback = t ? t->half : 0,
					  .channels = 2,
					  .format = format,
					  .limit = LIMIT};

	return rig_add_shaped(&rig, format, &shape, t);
}

/* Some go to the device's two channels as they are, some fold, one has a matrix. */
static const struct channels *channels_of(uint32_t i)
{
	static const struct channels folds = {
		.layout = {{CHANNEL_FC, CHANNEL_RL}},
	};
	static const struct channels own = {.outputs = 2,
					    .matrix = {0.3f, -0.7f, 0.0f, 1.1f}};
	static const struct channels plain = {.layout = {{CHANNEL_FL, CHANNEL_FR}}};

	return i % 3 == 1 ? &folds : i == 3 ? &own : &plain;
}

/* Each format at a rate, in another order each time; one of them is speech. */
static void set_up(uint32_t turn)
{
	rig_init(&rig, 1, BUFFER);
	rig.sink.sink.guard = GUARD;
	player_set_ducking(&rig.player, &(struct duck_shape){.level = 0.3f,
							     .attack = 500,
							     .hold = 700,
							     .release = 900});
	for (uint32_t i = 0; i < NUM_FORMATS; i++) {
		uint32_t rate = rates[(i * (turn + 1) + turn) % NUM_RATES];
		struct part *p = &parts[i];

		ck_assert_int_eq(taps_get(&taps, rate, DEVICE, &p->taps), 0);
		p->source = add(i, rate, p->taps);
		queue_describe(&p->source->queue, channels_of(i), i == turn);
		p->source->voice.speech = i == turn;
		fill_up(p->source);
	}
	rig_turn(&rig);
}

static void tear_down(void)
{
	rig_done(&rig);
	for (uint32_t i = 0; i < NUM_FORMATS; i++)
		taps_unref(parts[i].taps);
}

/* ---- what happens ---------------------------------------------------------------------- */

/* The same each time at the same moment. Ramps are longer than a period: most are met half-way. */
static void change(uint64_t number)
{
	struct rig_source *s = parts[number * 5 % NUM_FORMATS].source;
	struct rig_source *other = parts[number * 3 % NUM_FORMATS].source;

	rig_gain(&rig, s, (float)(number % 7) / 4, number % 3 ? 2000 : 0);
	if (number % 6 == 4)
		player_set_gain(
			&rig.player,
			(struct gain){.factor = (float)(number % 5) / 3, .ramp = 1900});
	if (number % 4 == 1)
		rig_hold(&rig, other, true, 300);
	if (number % 4 == 3)
		for (uint32_t i = 0; i < NUM_FORMATS; i++)
			rig_hold(&rig, parts[i].source, false, 200);
	if (number % 5 == 2)
		rig_clear(&rig, s, 400);
	rig_turn(&rig);
	for (uint32_t i = 0; i < NUM_FORMATS; i++)
		fill_up(parts[i].source);
	rig_turn(&rig);
}

/* A period's frames in steps below `step`; disturbed: with a take-back before each. */
static void play_period(uint32_t step, bool disturbed)
{
	for (uint32_t left = PERIOD, n; left > 0; left -= n) {
		n = disturbed ? 1 + (uint32_t)random() % step : step;
		n = n < left ? n : left;
		if (disturbed)
			player_ask(&rig.player);
		rig_turn(&rig);
		fake_sink_advance(&rig.sink, n);
	}
}

START_TEST(taking_back_changes_no_bit)
{
	size_t bytes = (size_t)FRAMES * 2 * sizeof(float);
	float *plain = malloc(bytes);
	double power = 0;

	set_up((uint32_t)_i);
	for (uint64_t n = 0; rig.sink.taped < FRAMES; n++) {
		play_period(240, false);
		change(n);
	}
	memcpy(plain, rig.sink.tape, bytes);
	tear_down();

	set_up((uint32_t)_i);
	for (uint64_t n = 0; rig.sink.taped < FRAMES; n++) {
		play_period(11, true);
		change(n);
	}

	ck_assert_uint_ge(rig.sink.takebacks, TAKE_BACKS * 9 / 10);
	for (size_t i = 0; i < bytes / sizeof(float); i++) {
		power += plain[i] * plain[i];
		ck_assert_msg(memcmp(&plain[i], &rig.sink.tape[i], sizeof(float)) == 0,
			      "frame %zu: %a became %a", i / 2, (double)plain[i],
			      (double)rig.sink.tape[i]);
	}
	ck_assert_double_gt(power, FRAMES / 100);
	tear_down();
	free(plain);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("takebacks");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, taking_back_changes_no_bit, 0, SANITIZED ? 1 : 3);
	return suite_run("takebacks", t);
}
