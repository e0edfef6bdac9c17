/* SPDX-License-Identifier: MIT */
/*
 * Real processors: main and the player each have a core of their own and run as fast as it goes,
 * on a device whose clock the player moves itself. So what happens some hundred times in real
 * time (test_threads.c) happens here some hundred thousand times: a push or a wait at the moment
 * in which the player goes to sleep. That the order of memory is right in every case is for
 * test_meeting.c and test_weak.c to show.
 */
#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "processors.h"
#include "rig.h"
#include "suite.h"

enum {
	LIMIT = 600,
	BUFFER = 400,
	ROUNDS = SANITIZED ? 10000 : 50000,
	SLEPT_THROUGH_MS =
		10000, /* a machine that does other things as well is no mistake */
};

static struct rig rig;
static struct rig_source *src;
static atomic_bool stop;
static _Atomic uint64_t sleeps; /* of the player, until it was rung */

/* 0 ms: takes it if it rings. */
static bool wait_for_bell(int bell, int ms)
{
	struct pollfd fd = {.fd = bell, .events = POLLIN};
	uint64_t rings;

	return poll(&fd, 1, ms) == 1 && read(bell, &rings, sizeof(rings)) > 0;
}

/* Time is what this thread says it is: where the real one would wait for its alarm, the alarm has
 * come; where it would sleep until somebody rings, it does. */
static void *play(void *unused)
{
	struct rig *r = &rig;
	unsigned int seed = 3;

	processors_pin(1);
	while (!atomic_load(&stop)) {
		uint64_t left, n;

		r->sink.taped = 0; /* what was heard is checked by its numbers alone */
		rig_turn(r);
		if (r->player.wake_ns == PLAYER_SLEEPS) {
			atomic_fetch_add(&sleeps, 1);
			ck_assert(wait_for_bell(r->bells[0], SLEPT_THROUGH_MS));
		} else {
			wait_for_bell(r->bells[0], 0);
			left = r->sink.written - r->sink.played;
			n = (uint64_t)rand_r(&seed) % 200;
			fake_sink_advance(&r->sink, (uint32_t)(n < left ? n : left));
		}
	}
	return unused;
}

static void set_up(void)
{
	rig_init(&rig, 1, BUFFER);
	rig.sink.sink.idle = 0; /* it sleeps in the turn that has heard the last frame */
	src = rig_add(&rig, 0, LIMIT);
	atomic_store(&stop, false);
	atomic_store(&sleeps, 0);
}

static void tear_down(void)
{
	rig_done(&rig);
}

static void wait_played(uint64_t at)
{
	while (!queue_wake_at(&src->queue, at))
		ck_assert_msg(wait_for_bell(rig.bells[1], SLEPT_THROUGH_MS),
			      "slept through: played %lu of %lu",
			      (unsigned long)rig_played(src), (unsigned long)at);
}

START_TEST(no_push_and_no_wait_is_slept_through_between_two_cores)
{
	pthread_t player;
	unsigned int seed = 4;

	processors_pin(0);
	pthread_create(&player, NULL, play, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		rig_push(&rig, src, 1 + (uint32_t)rand_r(&seed) % 300);
		if (rand_r(&seed) % 2)
			wait_played(rig_written(src) - (uint64_t)rand_r(&seed) % 2);
	}
	wait_played(rig_written(src));
	atomic_store(&stop, true);
	player_ring(&rig.player);
	pthread_join(player, NULL);

	ck_assert_uint_eq(rig_heard(src), rig_written(src));
	ck_assert_uint_gt(atomic_load(&sleeps), 10);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("cores");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, no_push_and_no_wait_is_slept_through_between_two_cores);
	return suite_run("cores", t);
}
