/* SPDX-License-Identifier: MIT */
/*
 * A player ends, or is killed at any moment, and the next one goes on from the same memory; all
 * of it on the test's clock, so that every frame is where it has to be.
 */
#include <stdlib.h>
#include <string.h>

#include "rig.h"
#include "suite.h"
#include "taps.h"

enum {
	DEVICE = 48000,
	BUFFER = DEVICE / 5,
	LOOK = DEVICE / 50,
	GUARD = DEVICE / 1000,
	CHANNELS = 2,
	MOST = 1 << 22, /* frames that are ever heard */
};

/* One life plays in one of them, the next in the other. */
static struct rig rigs[2];
static struct rig *rig;
static struct rig_source *source;
static struct taps_set set;
static const struct taps *taps;
static float *heard; /* in all lives that are over, their silence aside */
static uint64_t num_heard;

static void begin_rig(void)
{
	rig_init(rig, 1, BUFFER);
	rig->sink.sink.look = LOOK;
	rig->sink.sink.guard = GUARD;
}

static void begin(uint32_t rate)
{
	heard = malloc((size_t)MOST * CHANNELS * sizeof(*heard));
	num_heard = 0;
	ck_assert_int_eq(taps_get(&set, rate, DEVICE, &taps), 0);
	rig = &rigs[0];
	begin_rig();
	source = rig_add_at(rig, 0, 4 * rate, taps, rate);
	rig_turn(rig);
}

static void end(void)
{
	rig_done(rig);
	taps_unref(taps);
	free(heard);
}

/* What was heard in this life is put behind what was before. */
static void note_heard(void)
{
	uint64_t n = rig->sink.taped;

	if (n > rig->player.sounds_until)
		n = rig->player.sounds_until;
	ck_assert_uint_le(num_heard + n, MOST);
	memcpy(heard + num_heard * CHANNELS, rig->sink.tape,
	       n * CHANNELS * sizeof(*heard));
	num_heard += n;
}

static void next_life(void)
{
	struct queue_shape shape = source->queue.shape;
	uint32_t near = queue_near(&source->queue);

	note_heard();
	rig->sources[0] = NULL;
	rig_done(rig);
	rig = rig == &rigs[0] ? &rigs[1] : &rigs[0];
	begin_rig();
	ck_assert_ptr_null(queue_adopt(&source->queue, source->map, &shape, near));
	voice_init(&source->voice, &source->queue, taps);
	rig->sources[0] = source;
	atomic_store(&rig->slots[0], &source->voice);
	player_ask(&rig->player);
	rig_turn(rig);
}

/* As the thread does it. */
static void stop(void)
{
	player_end(&rig->player);
	rig_turn(rig);
	while (player_ends_in(&rig->player) > 0)
		rig_wake(rig);
	fake_sink_advance(&rig->sink, 1); /* it plays on until it is stopped */
	player_finish(&rig->player);
}

static void play(uint32_t frames)
{
	uint64_t until;

	rig_turn(rig); /* it may have been rung */
	until = rig->sink.now_ns + frames * UINT64_C(1000000) / 48;

	while (rig->sink.now_ns < until && rig->player.wake_ns != PLAYER_SLEEPS)
		rig_wake(rig);
}

static void play_out(void)
{
	rig_turn(rig); /* it may have been rung */
	while (rig_played(source) < rig_written(source))
		rig_wake(rig);
}

/* ---- SIGTERM ------------------------------------------------------------------------ */

static const uint32_t rates[] = {48000, 44100, 24000, 96000, 11025};

START_TEST(what_is_heard_is_the_same_with_and_without_an_end_in_between)
{
	enum { LIVES = 20 };
	uint32_t rate = rates[_i];
	float *straight;
	uint64_t num_straight;

	begin(rate);
	rig_push(rig, source, 3 * rate);
	play_out();
	note_heard();
	straight = heard;
	num_straight = num_heard;
	heard = NULL;
	end();

	begin(rate);
	rig_push(rig, source, 3 * rate);
	for (uint32_t i = 0; i < LIVES; i++) {
		play(1 + i * 1237 % 8000);
		stop();
		next_life();
	}
	play_out();
	note_heard();

	ck_assert_uint_eq(num_heard, num_straight);
	ck_assert_mem_eq(heard, straight, num_heard * CHANNELS * sizeof(*heard));
	free(straight);
	end();
}
END_TEST

/* ---- SIGKILL ------------------------------------------------------------------------ */

static uint64_t number_at(uint64_t frame)
{
	float level;

	return rig_number(rig, 0, frame, &level);
}

START_TEST(a_kill_at_any_moment_repeats_no_more_than_a_look)
{
	enum { LIVES = 150 };
	uint64_t most = 0;

	begin(DEVICE);
	srand(1);
	for (int i = 0; i < LIVES; i++) {
		uint64_t from = rig_played(source), due, known;

		rig_push(rig, source, DEVICE);
		play((uint32_t)(rand() % BUFFER));
		due = (rig->player.wake_ns - rig->sink.now_ns) * 48 / 1000000;
		fake_sink_advance(&rig->sink, (uint32_t)((uint64_t)rand() % (due + 1)));

		rig_assert_heard(rig, 0, 0, from, rig->sink.taped);
		known = from;
		if (rig->sink.taped)
			known = number_at(rig->sink.taped - 1) + 1;
		next_life();
		ck_assert_uint_le(rig_played(source), known);
		ck_assert_uint_le(known - rig_played(source), LOOK);
		if (known - rig_played(source) > most)
			most = known - rig_played(source);
	}
	ck_assert_uint_gt(most, LOOK / 2); /* it was tried */
	end();
}
END_TEST

/* The same bound holds for a device that is pulled out. */
START_TEST(a_lost_device_repeats_no_more_than_a_look)
{
	uint64_t taped;

	begin(DEVICE);
	rig_push(rig, source, 2 * DEVICE);
	play(DEVICE / 2);
	fake_sink_advance(&rig->sink, LOOK);
	taped = rig->sink.taped;
	rig->sink.error = -19;
	rig_turn(rig);

	ck_assert_uint_le(rig_played(source), taped);
	ck_assert_uint_ge(rig_played(source) + LOOK, taped);
	end();
}
END_TEST

/* ---- clears ------------------------------------------------------------------------- */

START_TEST(a_clear_that_was_asked_for_is_done)
{
	begin(DEVICE);
	rig_push(rig, source, DEVICE);
	play(BUFFER);
	queue_cut(&source->queue, (struct fade){0});
	rig_push(rig, source, 1000);

	next_life();
	play_out();

	ck_assert_uint_eq(number_at(0), DEVICE);
	ck_assert_uint_eq(rig_heard(source) + rig_dropped(source), DEVICE + 1000);
	end();
}
END_TEST

START_TEST(a_pause_stays_where_it_was)
{
	uint64_t at;

	begin(DEVICE);
	rig_push(rig, source, DEVICE);
	play(BUFFER);
	rig_hold(rig, source, true, 0);
	rig_turn(rig);
	play(BUFFER);
	at = rig_played(source);

	next_life();
	rig_turn(rig);

	ck_assert_uint_eq(rig_played(source), at);
	ck_assert_int_ne(rig->player.state, PLAYER_PLAYING);
	rig_hold(rig, source, false, 0);
	rig_turn(rig);
	play_out();
	rig_assert_heard(rig, 0, 0, at, DEVICE - at);
	end();
}
END_TEST

START_TEST(killed_on_its_way_to_another_output_it_is_not_paused)
{
	begin(48000);
	rig_push(rig, source, DEVICE);
	rig_turn(rig);
	fake_sink_advance(&rig->sink, 100);
	queue_park(&source->queue, true, (struct fade){0});
	player_ask(&rig->player);
	rig_turn(rig);
	next_life();
	play_out();

	ck_assert_uint_eq(rig_heard(source), DEVICE);
	end();
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("next_life");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t,
			    what_is_heard_is_the_same_with_and_without_an_end_in_between,
			    0, sizeof(rates) / sizeof(rates[0]));
	tcase_add_test(t, a_kill_at_any_moment_repeats_no_more_than_a_look);
	tcase_add_test(t, a_lost_device_repeats_no_more_than_a_look);
	tcase_add_test(t, a_clear_that_was_asked_for_is_done);
	tcase_add_test(t, a_pause_stays_where_it_was);
	tcase_add_test(t, killed_on_its_way_to_another_output_it_is_not_paused);
	return suite_run("next_life", t);
}
