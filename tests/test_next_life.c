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
	KEPT = 7,       /* a device's name, if it is kept */
};

/* One life plays in one of them, the next in the other. */
static struct rig rigs[2];
static struct rig *rig;
static struct rig_source *source;
static struct taps_set set;
static const struct taps *taps;
static uint64_t kept_as; /* 0: the devices are not kept */
static float *heard;     /* in all lives that are over, their silence aside */
static uint64_t num_heard;

static void begin_rig(void)
{
	rig_init(rig, 1, BUFFER);
	rig->sink.sink.look = LOOK;
	rig->sink.sink.guard = GUARD;
	rig->sink.sink.kept_as = kept_as;
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
	if (n == 0)
		return; /* there may be no tape */
	memcpy(heard + num_heard * CHANNELS, rig->sink.tape,
	       n * CHANNELS * sizeof(*heard));
	num_heard += n;
}

/* A device that is kept goes on until it has nothing more, or has never begun. */
static struct played_out play_out_alone(void)
{
	static const uint64_t device = KEPT;
	struct played_out out = {.devices = &device};

	if (!kept_as || !rig->sink.running)
		return out;
	fake_sink_advance(&rig->sink, 2 * BUFFER);
	out.num = 1;
	return out;
}

static void next_life(void)
{
	struct queue_shape shape = source->queue.shape;
	uint32_t near = queue_near(&source->queue);
	struct played_out out = play_out_alone();

	note_heard();
	rig->sources[0] = NULL;
	rig_done(rig);
	rig = rig == &rigs[0] ? &rigs[1] : &rigs[0];
	begin_rig();
	ck_assert_ptr_null(queue_adopt(&source->queue, source->map, &shape, near, &out));
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

/* ---- a device that is kept, and plays on -------------------------------------------- */

static bool is_silent(const float *frame)
{
	for (int i = 0; i < CHANNELS; i++)
		if (frame[i] != 0.0f)
			return false;
	return true;
}

/* Of the source, that were heard, or will be as the device goes on by itself. */
static uint64_t frames_at_device(void)
{
	const struct fake_sink *f = &rig->sink;
	uint64_t n = 0;

	for (uint64_t i = 0; i < f->taped; i++)
		n += !is_silent(f->tape + i * CHANNELS);
	for (uint64_t i = f->played; f->running && i < f->written; i++)
		n += !is_silent(f->buffer + i % BUFFER * CHANNELS);
	return n;
}

static uint64_t most_lost, most_again;

/* If we were killed now. What comes of it is looked at when the turn is over. Between the word that
 * something will be taken back and the act, which is no time at all, all of it would be heard again. */
static void look_at_saved(bool takes_back)
{
	const struct queue_player_part *p = source->queue.player;
	uint64_t which = p->saved_which, known = p->saved[which].saved_heard;
	uint64_t there = frames_at_device();

	if (p->saved_device[which] && rig->sink.running)
		known = p->saved_end[which].saved_heard;
	if (known > there && known - there > most_lost)
		most_lost = known - there;
	if (!takes_back && there > known && there - known > most_again)
		most_again = there - known;
}

static const struct sink_ops *real;

static int watched_clock(struct sink *s, struct sink_clock *ret)
{
	int r;

	look_at_saved(false);
	r = real->clock(s, ret);
	look_at_saved(false);
	return r;
}

static int watched_write(struct sink *s, const float *frames, uint32_t n)
{
	int r;

	look_at_saved(false);
	r = real->write(s, frames, n);
	look_at_saved(false);
	return r;
}

static int watched_take_back(struct sink *s, uint32_t n)
{
	int r;

	look_at_saved(true);
	r = real->take_back(s, n);
	look_at_saved(false);
	return r;
}

static int watched_start(struct sink *s)
{
	int r;

	look_at_saved(false);
	r = real->start(s);
	look_at_saved(false);
	return r;
}

static int watched_stop(struct sink *s)
{
	int r;

	look_at_saved(true);
	r = real->stop(s);
	look_at_saved(false);
	return r;
}

static void watch(void)
{
	static struct sink_ops ops;

	real = rig->sink.sink.ops;
	ops = *real;
	ops.clock = watched_clock;
	ops.write = watched_write;
	ops.take_back = watched_take_back;
	ops.start = watched_start;
	ops.stop = watched_stop;
	rig->sink.sink.ops = &ops;
}

static void change_something(void)
{
	switch (rand() % 8) {
	case 0:
		rig_clear(rig, source, 0);
		break;
	case 1:
		rig_hold(rig, source, true, 0);
		break;
	case 2:
	case 3:
		rig_hold(rig, source, false, 0);
		break;
	case 4:
		rig_gain(rig, source, 0.5f, 100);
		break;
	case 5:
		fake_sink_advance(&rig->sink, 2 * BUFFER); /* nobody has looked */
		break;
	default:
		rig_push(rig, source, (uint32_t)rand() % DEVICE);
	}
	rig_turn(rig);
}

START_TEST(in_each_step_of_a_turn_what_is_saved_is_what_a_kept_device_has)
{
	kept_as = KEPT;
	begin(DEVICE);
	watch();
	srand(2);
	for (int i = 0; i < 300; i++) {
		change_something();
		play((uint32_t)(rand() % (BUFFER / 2)));
		look_at_saved(false);
	}

	ck_assert_uint_eq(most_lost, 0);
	ck_assert_uint_gt(most_again, 0); /* a block that is just written */
	ck_assert_uint_le(most_again, GUARD + MIX_FRAMES);
	end();
}
END_TEST

START_TEST(a_kill_repeats_nothing_of_a_kept_device)
{
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

	kept_as = KEPT;
	begin(rate);
	srand(3);
	rig_push(rig, source, 3 * rate);
	for (int i = 0; i < 10; i++) {
		play((uint32_t)(rand() % 2000));
		fake_sink_advance(&rig->sink, (uint32_t)(rand() % LOOK));
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

START_TEST(what_was_not_started_is_not_heard)
{
	kept_as = KEPT;
	begin(DEVICE);
	rig_push(rig, source, DEVICE);
	rig_turn(rig);
	rig->sink.running = false;
	next_life();

	ck_assert_uint_eq(rig_played(source), 0);
	end();
}
END_TEST

START_TEST(what_it_is_said_to_have_played_is_not_believed_either)
{
	static const uint64_t device = KEPT;
	struct played_out out = {.devices = &device, .num = 1};
	struct queue_shape shape;
	struct queue_player_part *p;
	struct queue q;

	kept_as = KEPT;
	begin(DEVICE);
	rig_push(rig, source, DEVICE);
	rig_turn(rig);
	p = source->queue.player;
	shape = source->queue.shape;
	p->saved_end[p->saved_which].saved_played = DEVICE + 1;

	ck_assert_ptr_nonnull(queue_adopt(&q, source->map, &shape, 0, &out));
	out.num = 0; /* what does not count is not looked at */
	ck_assert_ptr_null(queue_adopt(&q, source->map, &shape, 0, &out));
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
	tcase_add_test(t, in_each_step_of_a_turn_what_is_saved_is_what_a_kept_device_has);
	tcase_add_loop_test(t, a_kill_repeats_nothing_of_a_kept_device, 0,
			    sizeof(rates) / sizeof(rates[0]));
	tcase_add_test(t, what_was_not_started_is_not_heard);
	tcase_add_test(t, what_it_is_said_to_have_played_is_not_believed_either);
	tcase_add_test(t, a_clear_that_was_asked_for_is_done);
	tcase_add_test(t, a_pause_stays_where_it_was);
	tcase_add_test(t, killed_on_its_way_to_another_output_it_is_not_paused);
	return suite_run("next_life", t);
}
