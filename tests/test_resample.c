/* SPDX-License-Identifier: MIT */
/*
 * Sources at other rates than the device's: that taking back changes nothing, that no frame is
 * lost on the way, and that nothing drifts. The player is turned by hand, on a device at 48 kHz.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"
#include "suite.h"
#include "taps.h"

enum { DEVICE = 48000, BUFFER = 9600, GUARD = 48, LIMIT = 20000 };

static const uint32_t rates[] = {22050, 44101, 192000, 8000,  11025, 16000, 24000,
				 32000, 44100, 47999,  96000, 88200, 7919,  1000};

/* The sanitizers are slow, and look for other things than how it sounds. */
enum { NUM_RATES = SANITIZED ? 1 : sizeof(rates) / sizeof(rates[0]) };

static struct rig rig;
static struct rig_source *src;
static const struct taps *taps;
static struct taps_set set;

static void begin(uint32_t rate)
{
	ck_assert_int_eq(taps_get(&set, rate, DEVICE, &taps), 0);
	rig_init(&rig, 1, BUFFER);
	rig.sink.sink.guard = GUARD;
	src = rig_add_at(&rig, 0, LIMIT, taps, rate);
	rig_turn(&rig);
}

static void end(void)
{
	rig_done(&rig);
	taps_unref(taps);
}

/* ---- signals ------------------------------------------------------------------------- */

/* A tone on one channel and noise on the other, by the number of the frame. */
static void make(float *frame, uint64_t n, double frequency, uint32_t rate)
{
	uint64_t hash = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);

	frame[0] = (float)(0.9 * sin(2 * M_PI * frequency * (double)n / rate));
	frame[1] = (float)(int32_t)(hash >> 32) / 4294967296.0f;
}

static void push(uint32_t n, double frequency)
{
	float *frames = malloc((size_t)n * 2 * sizeof(float));
	uint64_t first = rig_written(src);

	for (uint32_t i = 0; i < n; i++)
		make(frames + 2 * i, first + i, frequency, src->queue.shape.rate);
	if (queue_write(&src->queue, frames, n))
		player_ring(&rig.player);
	free(frames);
}

/* Plays on as a client does that keeps its queue full, until so many frames are taped. */
static void play_until(uint64_t taped, double frequency, uint32_t step)
{
	while (rig.sink.taped < taped) {
		uint32_t room = queue_room(&src->queue);

		if (room > LIMIT / 4)
			push(room, frequency);
		fake_sink_advance(&rig.sink, step);
		rig_turn(&rig);
	}
}

/* ---- taking back --------------------------------------------------------------------- */

START_TEST(taking_back_changes_no_bit)
{
	uint32_t rate = rates[_i];
	uint64_t bytes = 40000 * 2 * sizeof(float);
	float *plain = malloc(bytes);

	begin(rate);
	play_until(40000, 997, 960);
	memcpy(plain, rig.sink.tape, bytes);
	end();
	begin(rate);
	while (rig.sink.taped < 40000) {
		uint32_t room = queue_room(&src->queue);

		if (room > LIMIT / 4)
			push(room, 997);
		player_ask(&rig.player);
		rig_turn(&rig);
		fake_sink_advance(&rig.sink, 1 + rig.sink.taped % 97);
	}

	ck_assert_uint_gt(rig.sink.takebacks, 500);
	ck_assert_mem_eq(rig.sink.tape, plain, bytes);
	end();
	free(plain);
}
END_TEST

/* On a device that gives nothing back the last frames have to be held back until more come. */
START_TEST(pushes_of_any_size_sound_the_same)
{
	uint32_t rate = rates[_i], n;
	uint64_t bytes = 20000 * 2 * sizeof(float);
	float *plain = malloc(bytes);

	begin(rate);
	play_until(20000, 997, 960);
	memcpy(plain, rig.sink.tape, bytes);
	end();
	begin(rate);
	rig.sink.sink.rewinds = false;
	rig.sink.sink.low_water = 240;
	push(LIMIT / 2, 997);
	while (rig.sink.taped < 20000) {
		for (uint32_t i = 1; queue_room(&src->queue) > LIMIT / 2; i++) {
			n = queue_room(&src->queue) - LIMIT / 2;
			push(n < i % 61 + 1 ? n : i % 61 + 1, 997);
		}
		rig_turn(&rig);
		fake_sink_advance(&rig.sink, 50);
	}

	ck_assert_mem_eq(rig.sink.tape, plain, bytes);
	end();
	free(plain);
}
END_TEST

START_TEST(what_was_mixed_towards_silence_is_mixed_again_when_more_comes)
{
	uint32_t rate = rates[_i], few = 90;
	uint64_t bytes = 4000 * 2 * sizeof(float);
	float *plain = malloc(bytes);

	begin(rate);
	push(LIMIT, 997);
	rig_turn(&rig);
	rig_play(&rig, 4000, 48);
	memcpy(plain, rig.sink.tape, bytes);
	end();
	begin(rate);
	rig.sink.sink.guard = 0;
	push(few, 997);
	rig_turn(&rig);
	ck_assert_uint_ge(src->voice.next, few);
	push(LIMIT - few, 997);
	rig_turn(&rig);
	rig_play(&rig, 4000, 48);

	ck_assert_mem_eq(rig.sink.tape, plain, bytes);
	end();
	free(plain);
}
END_TEST

/* ---- beginnings and ends ------------------------------------------------------------- */

/* Until all is heard. */
static void drain(void)
{
	for (int i = 0; i < 100000 && rig_played(src) < rig_written(src); i++) {
		fake_sink_advance(&rig.sink, 48);
		rig_turn(&rig);
	}
}

START_TEST(a_tail_of_any_length_is_heard_in_time)
{
	uint32_t rate = rates[_i];

	begin(rate);
	for (uint32_t n = 1; n < 300; n += 23) {
		uint64_t before = rig.sink.taped, heard = rig_heard(src);
		uint64_t due = (uint64_t)n * DEVICE / rate;

		push(n, 997);
		rig_turn(&rig);
		drain();

		ck_assert_uint_eq(rig_heard(src), heard + n);
		ck_assert_uint_le(rig.sink.taped - before, due + GUARD + 2 * 48 + 1);
	}
	end();
}
END_TEST

START_TEST(nothing_of_what_was_cut_is_in_what_comes_next)
{
	uint32_t rate = rates[_i];
	float *fresh;
	uint64_t at, n = 2000;

	/* The same frames at the same place between two device frames, on a new source. */
	begin(rate);
	push(3000, 997);
	rig_turn(&rig);
	rig_play(&rig, 480, 48);
	queue_cut(&src->queue, (struct fade){.frames = 0});
	player_ask(&rig.player);
	rig_turn(&rig);
	rig_play(&rig, 4800, 48);
	ck_assert_uint_eq(rig_played(src), 3000);
	at = rig.sink.taped + GUARD;
	push(3000, 997);
	rig_turn(&rig);
	rig_play(&rig, n + GUARD, 48);
	fresh = rig.sink.tape + 2 * at;

	/* Silence, and at once the first frame, as strong as a first frame is. */
	ck_assert(fresh[-2] == 0.0f && fresh[-1] == 0.0f);
	for (uint64_t i = 0; i < 10; i++)
		ck_assert(fabsf(fresh[2 * i]) < 1.0f);
	ck_assert_uint_eq(rig_dropped(src) + rig_heard(src) + rig_written(src) -
				  rig_played(src),
			  rig_written(src));
	end();
}
END_TEST

START_TEST(pauses_keep_the_sound_in_one_piece)
{
	uint32_t rate = rates[_i];
	uint64_t bytes = 3000 * 2 * sizeof(float), stop;
	float *plain = malloc(bytes);

	begin(rate);
	play_until(4000, 997, 960);
	memcpy(plain, rig.sink.tape, bytes);
	end();
	begin(rate);
	push(LIMIT, 997);
	rig_turn(&rig);
	rig_play(&rig, 480, 48);
	rig_hold(&rig, src, true, 0);
	rig_turn(&rig);
	rig_play(&rig, 2400, 48);
	rig_hold(&rig, src, false, 0);
	rig_turn(&rig);
	rig_play(&rig, 4000, 48);

	/* The break lies behind device frame 480 + GUARD; there it goes on. */
	stop = 480 + GUARD;
	ck_assert_mem_eq(rig.sink.tape, plain, stop * 8);
	for (uint64_t i = 480 + 2400 + GUARD - 2; i < 480 + 2400 + GUARD + 2; i++)
		if (rig.sink.tape[2 * i + 1] != 0.0f) {
			ck_assert_mem_eq(rig.sink.tape + 2 * i, plain + 2 * stop,
					 (3000 - stop) * 8);
			break;
		}
	end();
	free(plain);
}
END_TEST

/* ---- an hour --------------------------------------------------------------------------- */

enum { HOUR = SANITIZED ? 5 : 3600, BUFFERFUL = DEVICE / 10 };

/* A second of sound that goes on as it began; pushed again and again. */
static float *make_second(uint32_t rate)
{
	float *second = malloc((size_t)rate * 2 * sizeof(float));

	for (uint32_t i = 0; i < rate; i++)
		make(second + 2 * (size_t)i, i, 500, rate);
	return second;
}

static void push_second(const float *second, uint32_t rate, uint32_t *pushed)
{
	uint32_t at = (uint32_t)(rig_written(src) % rate), room;

	for (; *pushed < HOUR && (room = queue_room(&src->queue)) > 0;) {
		uint32_t n = room < rate - at ? room : rate - at;

		if (queue_write(&src->queue, second + 2 * (size_t)at, n))
			player_ring(&rig.player);
		at = (at + n) % rate;
		*pushed += at == 0;
	}
}

START_TEST(an_hour_drifts_by_nothing)
{
	static const uint32_t hour_rates[] = {22050, 44100};
	uint32_t rate = hour_rates[_i], pushed = 0;
	size_t bytes = (size_t)DEVICE * 2 * sizeof(float);
	float *second = make_second(rate), *before = malloc(bytes);

	begin(rate);
	push_second(second, rate, &pushed);
	rig_turn(&rig);
	for (uint32_t s = 0; s < HOUR; s++) {
		/* The player would look more often when the last frames are due. */
		uint32_t step = s < HOUR - 1 ? BUFFERFUL : 48;

		for (uint32_t at = 0; at < DEVICE; at += step) {
			ck_assert_uint_eq(rig_played(src),
					  (uint64_t)s * rate +
						  (uint64_t)at * rate / DEVICE);
			push_second(second, rate, &pushed);
			rig_turn(&rig);
			fake_sink_advance(&rig.sink, step);
			rig_turn(&rig);
		}
		/* Each second but the first and the last sounds like the one before, to the bit;
		 * and the tape begins anew. */
		if (s > 1 && s < HOUR - 1)
			ck_assert_mem_eq(before, rig.sink.tape, bytes);
		memcpy(before, rig.sink.tape, bytes);
		rig.sink.taped = 0;
	}

	/* Both ways: which frame is heard at the device's last one, and where the last one is. */
	ck_assert_uint_eq(rig_played(src), (uint64_t)HOUR * rate);
	ck_assert_uint_eq(rig_heard(src), rig_written(src));
	ck_assert_uint_eq(src->voice.end, (uint64_t)HOUR * DEVICE);
	ck_assert_uint_eq(src->voice.phase, 0);
	end();
	free(second);
	free(before);
}
END_TEST

START_TEST(the_last_frame_of_an_hour_is_where_it_was_fed)
{
	struct ratio to_48k = {147, 320}, from_44k1 = {147, 160};
	struct place p = place_after((struct place){0}, to_48k, UINT64_C(3600) * 48000);

	ck_assert_uint_eq(p.src, UINT64_C(3600) * 22050);
	ck_assert_uint_eq(p.phase, 0);
	ck_assert_uint_eq(place_frames_before((struct place){0}, to_48k, p.src),
			  UINT64_C(3600) * 48000);
	p = place_after((struct place){0}, from_44k1, UINT64_C(3600) * 48000 + 1);
	ck_assert_uint_eq(p.src, UINT64_C(3600) * 44100);
	ck_assert_uint_eq(p.phase, 147);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("resample");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, taking_back_changes_no_bit, 0, NUM_RATES);
	tcase_add_loop_test(t, pushes_of_any_size_sound_the_same, 0, NUM_RATES);
	tcase_add_loop_test(t,
			    what_was_mixed_towards_silence_is_mixed_again_when_more_comes,
			    0, NUM_RATES);
	tcase_add_loop_test(t, a_tail_of_any_length_is_heard_in_time, 0, NUM_RATES);
	tcase_add_loop_test(t, nothing_of_what_was_cut_is_in_what_comes_next, 0,
			    NUM_RATES);
	tcase_add_loop_test(t, pauses_keep_the_sound_in_one_piece, 0, NUM_RATES);
	tcase_add_loop_test(t, an_hour_drifts_by_nothing, 0, 2);
	tcase_add_test(t, the_last_frame_of_an_hour_is_where_it_was_fed);
	return suite_run("resample", t);
}
