/* SPDX-License-Identifier: MIT */
/*
 * What one thread has written into plain memory, another may look at when a number says so, and
 * not before. Made for the thread sanitizer, which knows what the order of each number promises
 * and on which machine ever. The threads take turns by a baton that it takes for no promise at all:
 * so each hand-over happens here for certain, and is held up by the daemon's own numbers alone.
 */
#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "rig.h"
#include "rt/sink_null.h"
#include "stage.h"
#include "suite.h"
#include "trap.h"

/* Without the sanitizer the machine has to be told what comes first. */
#ifdef __SANITIZE_THREAD__
#define BATON_TAKE memory_order_relaxed
#define BATON_GIVE memory_order_relaxed
#else
#define BATON_TAKE memory_order_acquire
#define BATON_GIVE memory_order_release
#endif

enum {
	LIMIT = 256, /* frames: of four channels they fill the ring, to the byte */
	BUFFER = 800,
	RATE = 50000, /* of the null sink; frames that are whole ns */
	FRAME = 8,    /* bytes, likewise */
	TAPE = 100,   /* frames */
};

enum baton { MAIN, PLAYER, NOBODY };

static struct rig rig;
static struct rig_source *src;
static struct player *player; /* that has turns */
static pthread_t thread;
static _Atomic int baton;
static _Atomic uint64_t time_ns; /* of the null sink */
static uint32_t heard;           /* frames in a turn, of rig.sink */

static void wait_for_baton(enum baton mine)
{
	while (atomic_load_explicit(&baton, BATON_TAKE) != (int)mine)
		sched_yield();
}

static void pass_baton(enum baton to)
{
	atomic_store_explicit(&baton, to, BATON_GIVE);
}

static bool player_waits(void)
{
	int b;

	while ((b = atomic_load_explicit(&baton, BATON_TAKE)) == MAIN)
		sched_yield();
	return b == PLAYER;
}

static void *play(void *unused)
{
	while (player_waits()) {
		fake_sink_advance(&rig.sink, heard);
		trap_set(true);
		player_turn(player);
		trap_set(false);
		pass_baton(MAIN);
	}
	return unused;
}

/* The player has a turn, up to its end or to where it hands back in the midst of it. */
static void let_play(void)
{
	pass_baton(PLAYER);
	wait_for_baton(MAIN);
}

static void start(struct player *p)
{
	player = p;
	pthread_create(&thread, NULL, play, NULL);
}

static void stop(void)
{
	pass_baton(NOBODY);
	pthread_join(thread, NULL);
}

static void set_up(void)
{
	rig_init(&rig, 2, BUFFER);
	src = rig_add(&rig, 0, LIMIT);
	heard = 0;
	atomic_store(&baton, MAIN);
	atomic_store(&time_ns, 0);
}

static void tear_down(void)
{
	rig_done(&rig);
}

/* No look at the player's numbers but the one that the daemon takes. */
static void push(uint32_t n)
{
	ck_assert_uint_ge(queue_room(&src->queue), n);
	rig_push(&rig, src, n);
}

START_TEST(frames_are_there_when_the_player_sees_that_they_are_written)
{
	start(&rig.player);

	push(LIMIT);
	let_play();

	stop();
	ck_assert_uint_eq(src->voice.next, LIMIT);
}
END_TEST

START_TEST(frames_are_used_no_more_when_main_sees_that_they_are_played)
{
	heard = LIMIT;
	start(&rig.player);
	push(LIMIT);
	let_play();
	let_play();

	push(LIMIT);

	ck_assert_uint_eq(queue_room(&src->queue), 0);
	stop();
}
END_TEST

START_TEST(a_voice_is_used_no_more_when_main_sees_that_its_leaving_is_applied)
{
	uint64_t ask;

	start(&rig.player);
	push(LIMIT);
	let_play();
	atomic_store_explicit(&rig.slots[0], NULL, memory_order_release);
	ask = player_ask(&rig.player);

	let_play();

	ck_assert(player_has_applied(&rig.player, ask));
	src->voice.next = 0;
	stop();
}
END_TEST

/* ---- a voice of which the player was not told yet ----------------------------------- */

static struct stage *stage;
static const struct sink_ops *real_ops;

static int let_main_run(struct sink *s, struct sink_clock *ret)
{
	stage->sink.sink.ops = real_ops;
	trap_set(false);
	pass_baton(MAIN);
	wait_for_baton(PLAYER);
	trap_set(true);
	return real_ops->clock(s, ret);
}

START_TEST(a_voice_is_there_when_the_player_finds_it_in_its_slot)
{
	struct sink_ops ops;

	stage = stage_new();
	real_ops = stage->sink.sink.ops;
	ops = *real_ops;
	ops.clock = let_main_run;
	stage->sink.sink.ops = &ops;
	output_ask(
		stage->output); /* for something else: what was asked it has looked at */
	start(output_player(stage->output));
	let_play();

	stage_source(stage, 100); /* in the midst of that turn */
	let_play();

	stop();
	ck_assert_uint_eq(output_player(stage->output)->num_voices, 2);
	stage_free(stage);
}
END_TEST

/* ---- sinks -------------------------------------------------------------------------- */

/* Main frees it when it has it back. */
static struct recorder {
	struct sink_null null;
	struct tape tape;
	uint8_t frames[BUFFER * FRAME], taped[TAPE * FRAME];
} * recorder;

static uint64_t our_time(void *unused)
{
	(void)unused;
	return atomic_load_explicit(&time_ns, memory_order_relaxed);
}

static void pass(uint32_t n)
{
	uint64_t ns = our_time(NULL) + n * UINT64_C(1000000000) / RATE;

	atomic_store_explicit(&time_ns, ns, memory_order_relaxed);
}

static void offer_recorder(void)
{
	struct recorder *r = calloc(1, sizeof(*r));

	recorder = r;
	r->null.sink = (struct sink){.rate = RATE,
				     .channels = 2,
				     .format = FORMAT_F32,
				     .buffer = BUFFER,
				     .low_water = BUFFER / 4,
				     .rewinds = true};
	r->tape = (struct tape){.data = r->taped, .bytes = sizeof(r->taped)};
	sink_null_init(&r->null, r->frames, &r->tape, our_time, NULL);
	player_offer(&rig.player, &r->null.sink);
}

START_TEST(a_sink_is_there_when_the_player_takes_it_and_used_no_more_when_main_does)
{
	player_offer(&rig.player, NULL);
	start(&rig.player);
	let_play();

	offer_recorder();
	let_play();
	player_offer(&rig.player, &player_no_sink);
	let_play();

	ck_assert_ptr_eq(player_returned(&rig.player), &recorder->null.sink);
	free(recorder);
	stop();
}
END_TEST

START_TEST(a_tape_is_read_only_where_it_is_written_and_written_only_where_it_was_read)
{
	uint8_t out[TAPE * FRAME];

	player_offer(&rig.player, NULL);
	offer_recorder();
	start(&rig.player);
	push(LIMIT);
	let_play();
	for (int i = 0; i < 2; i++) { /* it gets full each time */
		pass(TAPE);
		let_play();

		ck_assert_uint_eq(tape_read(&recorder->tape, out, sizeof(out)),
				  sizeof(out));
	}
	stop();
	player_finish(&rig.player);
	ck_assert_ptr_eq(player_returned(&rig.player), &recorder->null.sink);
	free(recorder);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("races");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, frames_are_there_when_the_player_sees_that_they_are_written);
	tcase_add_test(t, frames_are_used_no_more_when_main_sees_that_they_are_played);
	tcase_add_test(
		t, a_voice_is_used_no_more_when_main_sees_that_its_leaving_is_applied);
	tcase_add_test(t, a_voice_is_there_when_the_player_finds_it_in_its_slot);
	tcase_add_test(
		t,
		a_sink_is_there_when_the_player_takes_it_and_used_no_more_when_main_does);
	tcase_add_test(
		t,
		a_tape_is_read_only_where_it_is_written_and_written_only_where_it_was_read);
	return suite_run("races", t);
}
