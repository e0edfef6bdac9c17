/* SPDX-License-Identifier: MIT */
/*
 * A main thread and a player's thread, in earnest: real clock, real bells, no lock. Made for
 * the thread sanitizer; and no waiter may ever sleep through its moment.
 */
#include <check.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rig.h"
#include "rt/sink_null.h"
#include "rt/thread.h"
#include "suite.h"

enum { RATE = 192000, BUFFER = 19200, TAPE = 1 << 20, LIMIT = 6000, RUN_MS = 1500 };

static struct rig rig;
static struct sink_null null;
static struct tape tape;
static struct thread thread;
static pthread_t id;
static struct rig_source *src;
static float *heard;
static uint64_t num_heard;

static void set_up(void)
{
	rig_init(&rig, 1, 100);
	player_offer(&rig.player, NULL);
	null.sink = (struct sink){.rate = RATE,
				  .channels = 2,
				  .format = FORMAT_F32,
				  .buffer = BUFFER,
				  .guard = 192,
				  .low_water = BUFFER / 4,
				  .idle = 4000,
				  .rewinds = true};
	tape = (struct tape){.data = calloc(TAPE, 1), .bytes = TAPE};
	sink_null_init(&null, calloc(BUFFER, 8), &tape, NULL, NULL);
	player_offer(&rig.player, &null.sink);
	src = rig_add(&rig, 0, LIMIT);
	heard = NULL;
	num_heard = 0;
	thread = (struct thread){.player = &rig.player};
	pthread_create(&id, NULL, thread_run, &thread);
}

static void stop_thread(void)
{
	atomic_store_explicit(&thread.stop, true, memory_order_release);
	player_ring(&rig.player);
	pthread_join(id, NULL);
}

static void tear_down(void)
{
	free(null.data);
	free(tape.data);
	free(heard);
	rig_done(&rig);
}

static void take_tape(void)
{
	float frames[4096];
	uint64_t n;

	while ((n = tape_read(&tape, frames, sizeof(frames)) / 8)) {
		heard = realloc(heard, (num_heard + n) * 8);
		memcpy(heard + 2 * num_heard, frames, n * 8);
		num_heard += n;
	}
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Waits for the main bell. False: two seconds have passed. */
static bool wait_bell(void)
{
	struct pollfd fd = {.fd = rig.bells[1], .events = POLLIN};

	take_tape();
	return poll(&fd, 1, 2000) == 1 && rig_rung(&rig);
}

static void wait_played(uint64_t at)
{
	while (!queue_wake_at(&src->queue, at))
		ck_assert_msg(wait_bell(), "slept through: played %lu of %lu",
			      (unsigned long)rig_played(src), (unsigned long)at);
}

static void wait_applied(uint64_t ask)
{
	while (!player_has_applied(&rig.player, ask))
		ck_assert_msg(wait_bell(), "a change was never applied");
}

START_TEST(no_wait_is_slept_through_for_pushes_of_any_size)
{
	uint64_t end = now_ms() + RUN_MS, waits = 0;
	unsigned int seed = 1;

	while (now_ms() < end) {
		uint32_t n =
			1 + (uint32_t)rand_r(&seed) % (rand_r(&seed) % 3 ? 20 : 3000);

		rig_push(&rig, src, n);
		if (rand_r(&seed) % 2) {
			wait_played(rig_written(src));
			waits++;
		}
	}
	wait_played(rig_written(src));
	stop_thread();
	take_tape();

	ck_assert_uint_gt(waits, 10);
	ck_assert_uint_eq(rig_heard(src), rig_written(src));
	ck_assert_uint_eq(atomic_load(&tape.lost), 0);
}
END_TEST

START_TEST(clears_and_pauses_at_any_moment_lose_and_repeat_nothing)
{
	uint64_t end = now_ms() + RUN_MS, due = 0, cuts[8192], num_cuts = 0, jumps = 0;
	unsigned int seed = 2;

	while (now_ms() < end && num_cuts < 8192) {
		rig_push(&rig, src, 1 + (uint32_t)rand_r(&seed) % 2000);
		if (rand_r(&seed) % 3 == 0) {
			cuts[num_cuts++] = rig_written(src);
			queue_cut(&src->queue,
				  (struct fade){.frames = (uint32_t)rand_r(&seed) % 100});
			wait_applied(player_ask(&rig.player));
		}
		if (rand_r(&seed) % 5 == 0) {
			queue_hold(&src->queue, true, (struct fade){.frames = 50});
			wait_applied(player_ask(&rig.player));
			queue_hold(&src->queue, false, (struct fade){.frames = 50});
			player_ask(&rig.player);
		}
		usleep((useconds_t)rand_r(&seed) % 3000);
		take_tape();
	}
	wait_played(rig_written(src));
	stop_thread();
	take_tape();

	for (uint64_t i = 0; i < num_heard; i++) {
		float level = heard[2 * i + 1];
		uint64_t pos;

		if (level == 0.0f)
			continue;
		pos = (uint64_t)lround((double)heard[2 * i] / level * RIG_NUMBERS);
		if (pos != due % RIG_NUMBERS) {
			while (jumps < num_cuts && cuts[jumps] % RIG_NUMBERS != pos)
				jumps++;
			ck_assert_msg(jumps < num_cuts, "heard %lu, %lu was due",
				      (unsigned long)pos, (unsigned long)due);
			due = cuts[jumps];
		}
		due++;
	}
	ck_assert_uint_gt(num_cuts, 20);
	ck_assert_uint_eq(rig_heard(src) + rig_dropped(src), rig_written(src));
}
END_TEST

START_TEST(an_idle_thread_does_not_wake)
{
	uint64_t wakeups;

	rig_push(&rig, src, 1000);
	wait_played(1000);
	usleep(100000);
	wakeups = atomic_load(&rig.player.counts.wakeups);
	usleep(300000);

	ck_assert_uint_eq(atomic_load(&rig.player.counts.wakeups), wakeups);
	stop_thread();
}
END_TEST

START_TEST(a_look_from_the_main_thread_is_consistent)
{
	uint64_t end = now_ms() + RUN_MS / 3, looks = 0;

	while (now_ms() < end) {
		struct player_report r;
		uint64_t seq, heard_then, played;

		rig_push(&rig, src, 100);
		do {
			seq = player_look(&rig.player);
			player_get_report(&rig.player, &r);
			heard_then = rig_heard(src);
			played = rig_played(src);
		} while (player_moved(&rig.player, seq));
		ck_assert_uint_eq(heard_then, played);
		ck_assert_uint_le(r.dev_played, r.dev_fed);
		ck_assert_uint_ge(r.dev_played, heard_then);
		looks++;
	}
	ck_assert_uint_gt(looks, 100);
	stop_thread();
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("threads");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, no_wait_is_slept_through_for_pushes_of_any_size);
	tcase_add_test(t, clears_and_pauses_at_any_moment_lose_and_repeat_nothing);
	tcase_add_test(t, an_idle_thread_does_not_wake);
	tcase_add_test(t, a_look_from_the_main_thread_is_consistent);
	return suite_run("threads", t);
}
