/* SPDX-License-Identifier: MIT */
/*
 * The real-time thread and devices that get nowhere: it goes on trying, but not at once and not
 * for ever faster. Turns are counted, over a while of real time.
 */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "rig.h"
#include "rt/sink_null.h"
#include "rt/thread.h"
#include "suite.h"

enum { RATE = 48000, BUFFER = 9600, LIMIT = 5 * RATE, SETTLE_MS = 250, WHILE_MS = 400 };
enum {
	MOST_TURNS = 250 * WHILE_MS / 1000,
	MOST_PERCENT = SANITIZED ? 10 : 1,
	MOST_NS = WHILE_MS * 10000 * MOST_PERCENT,
	TRIES = 8,
};

static struct rig rig;
static struct sink_null null;
static struct sink_ops ops; /* of null; the tests put their faults in */
static const struct sink_ops *good;
static uint64_t runs; /* of whatever is at fault; the thread's until it is joined */
static int ready_fds[2];

static void set_up(void)
{
	rig_init(&rig, 1, 100);
	null.sink = (struct sink){.rate = RATE,
				  .channels = 2,
				  .format = FORMAT_F32,
				  .buffer = BUFFER,
				  .guard = 48,
				  .low_water = BUFFER / 4,
				  .idle = RATE,
				  .rewinds = true};
	sink_null_init(&null, calloc(BUFFER, 2 * sizeof(float)), NULL, NULL, NULL);
	good = null.sink.ops;
	ops = *good;
	null.sink.ops = &ops;
	player_offer(&rig.player, &null.sink);
	rig_push(&rig, rig_add(&rig, 0, LIMIT), LIMIT);
	runs = 0;
	ready_fds[0] = ready_fds[1] = -1;
}

static void tear_down(void)
{
	free(null.data);
	rig_done(&rig);
}

static void pass_ms(uint32_t ms)
{
	struct timespec span = {.tv_nsec = ms * 1000000L};

	nanosleep(&span, NULL);
}

static uint64_t cpu_ns(pthread_t id)
{
	struct timespec t;
	clockid_t clock;

	ck_assert_int_eq(pthread_getcpuclockid(id, &clock), 0);
	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Of a while: what it takes of a processor, and its turns. */
static uint64_t look_on(pthread_t id, uint64_t *ret_turns)
{
	uint64_t turns = atomic_load(&rig.player.counts.turns), took = cpu_ns(id);

	pass_ms(WHILE_MS);
	*ret_turns = atomic_load(&rig.player.counts.turns) - turns;
	return cpu_ns(id) - took;
}

/* The thread runs for a while, and takes at most its share of a processor. On a machine that does
 * other things as well the same turns may cost more at times: one while out of some has to be
 * within bounds. Returns how many turns it took in that. */
static uint64_t turns_of_a_while(void)
{
	struct thread thread = {.player = &rig.player};
	uint64_t turns = 0, took = UINT64_MAX;
	pthread_t id;

	ck_assert_int_eq(pthread_create(&id, NULL, thread_run, &thread), 0);
	pass_ms(SETTLE_MS);
	for (int i = 0; i < TRIES && (took > MOST_NS || turns > MOST_TURNS); i++)
		took = look_on(id, &turns);
	atomic_store_explicit(&thread.stop, true, memory_order_release);
	player_ring(&rig.player);
	pthread_join(id, NULL);
	if (took > MOST_NS)
		ck_abort_msg("%lu us of %d ms", (unsigned long)(took / 1000), WHILE_MS);
	return turns;
}

static void assert_it_tries_but_not_often(void)
{
	uint64_t turns = turns_of_a_while();

	ck_assert_uint_ge(runs, 2);
	ck_assert_uint_le(turns, MOST_TURNS);
}

/* ---- faults ------------------------------------------------------------------------- */

static int always_ready(struct sink *s, struct pollfd *fds, unsigned int max)
{
	(void)s;
	(void)max;
	runs++;
	fds[0] = (struct pollfd){.fd = ready_fds[0]};
	return 1;
}

/* It plays one frame and stops. */
static int stops_after_each_start(struct sink *s, struct sink_clock *ret)
{
	bool running = null.running;

	null.running = false;
	good->clock(s, ret);
	null.running = running;
	if (!running || !ret->unheard)
		return 0;
	runs++;
	null.played++;
	ret->unheard--;
	ret->room++;
	return -EPIPE;
}

static int stands_still(struct sink *s, struct sink_clock *ret)
{
	runs++;
	*ret = (struct sink_clock){
		.when_ns = 1,
		.unheard = (uint32_t)null.written,
		.room = s->buffer - (uint32_t)null.written,
	};
	return 0;
}

static int takes_nothing(struct sink *s, const float *frames, uint32_t n)
{
	(void)s;
	(void)frames;
	(void)n;
	runs++;
	return 0;
}

static int does_not_start(struct sink *s)
{
	(void)s;
	runs++;
	return -EPIPE;
}

/* And so always has room. */
static int takes_a_few(struct sink *s, const float *frames, uint32_t n)
{
	runs++;
	return good->write(s, frames, n < 10 ? n : 10);
}

static int has_room_always(struct sink *s, struct sink_clock *ret)
{
	int r = good->clock(s, ret);

	runs++;
	ret->room = s->buffer;
	return r;
}

static int fails_to_play_on(struct sink *s, uint32_t n)
{
	(void)s;
	(void)n;
	runs++;
	return -EPIPE;
}

/* ---- tests -------------------------------------------------------------------------- */

START_TEST(a_good_device_costs_few_turns)
{
	uint64_t turns = turns_of_a_while();

	ck_assert_uint_gt(null.played, 0);
	ck_assert_uint_le(turns, MOST_TURNS);
}
END_TEST

START_TEST(an_fd_that_is_always_ready_does_not_make_it_spin)
{
	ck_assert_int_eq(pipe(ready_fds), 0);
	close(ready_fds[1]); /* a hang-up that nobody can end */
	ops.pollfds = always_ready;

	assert_it_tries_but_not_often();

	ck_assert_uint_gt(null.played, 0);
	close(ready_fds[0]);
}
END_TEST

START_TEST(a_device_that_stops_after_each_start_does_not_make_it_spin)
{
	ops.clock = stops_after_each_start;

	assert_it_tries_but_not_often();
}
END_TEST

START_TEST(a_clock_that_stands_does_not_make_it_spin)
{
	ops.clock = stands_still;

	assert_it_tries_but_not_often();
}
END_TEST

START_TEST(a_write_that_takes_nothing_does_not_make_it_spin)
{
	ops.write = takes_nothing;

	assert_it_tries_but_not_often();
}
END_TEST

START_TEST(a_device_that_cannot_be_started_does_not_make_it_spin)
{
	ops.start = does_not_start;

	assert_it_tries_but_not_often();
}
END_TEST

START_TEST(a_write_that_takes_a_few_frames_at_a_time_does_not_make_it_spin)
{
	ops.write = takes_a_few;

	assert_it_tries_but_not_often();
}
END_TEST

START_TEST(a_device_that_always_claims_to_be_empty_does_not_make_it_spin)
{
	ops.clock = has_room_always;

	assert_it_tries_but_not_often();
}
END_TEST

/* While a client changes something all the time, which takes frames back. */
START_TEST(a_device_that_stops_whenever_something_is_taken_back_does_not_make_it_spin)
{
	ops.take_back = fails_to_play_on;
	rig_push(&rig, rig.sources[0], LIMIT);
	player_ask(&rig.player);

	turns_of_a_while();
}
END_TEST

START_TEST(a_bell_that_cannot_be_silenced_does_not_make_it_spin)
{
	ck_assert_int_eq(pipe(ready_fds), 0);
	close(ready_fds[1]);
	ck_assert_int_ge(dup2(ready_fds[0], rig.player.bell_player), 0);
	runs = 2;

	assert_it_tries_but_not_often();

	ck_assert_uint_gt(null.played, 0);
	close(ready_fds[0]);
}
END_TEST

/* Silent, so that nothing is due by the clock. */
START_TEST(a_device_that_stands_idle_and_polls_as_broken_does_not_make_it_spin)
{
	rig_clear(&rig, rig.sources[0], 0);
	ck_assert_int_eq(pipe(ready_fds), 0);
	close(ready_fds[1]);
	ops.pollfds = always_ready;

	assert_it_tries_but_not_often();
	close(ready_fds[0]);
}
END_TEST

/* ---- the bell ----------------------------------------------------------------------- */

static uint64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t turn_ended, turn_took, short_rests; /* the thread's, as runs */

/* A look at the clock, and so a turn, takes two milliseconds. */
static int takes_long(struct sink *s, struct sink_clock *ret)
{
	const uint64_t most = 5000000; /* that it rests for */
	uint64_t began = monotonic_ns();
	int r = good->clock(s, ret);

	short_rests += began - turn_ended < (turn_took < most ? turn_took : most);
	runs++;
	while (monotonic_ns() - began < 2000000)
		;
	turn_ended = monotonic_ns();
	turn_took = turn_ended - began;
	return r;
}

START_TEST(a_bell_that_rings_without_end_leaves_time_to_those_who_ring)
{
	struct thread thread = {.player = &rig.player};
	pthread_t id;

	turn_ended = turn_took = short_rests = 0;
	ops.clock = takes_long;
	ck_assert_int_eq(pthread_create(&id, NULL, thread_run, &thread), 0);
	for (int i = 0; i < 3000; i++) {
		struct timespec span = {.tv_nsec = 100000};

		player_ring(&rig.player);
		nanosleep(&span, NULL);
	}
	atomic_store_explicit(&thread.stop, true, memory_order_release);
	player_ring(&rig.player);
	pthread_join(id, NULL);

	/* Those that are due by the clock do not wait. */
	ck_assert_uint_gt(runs, 20);
	ck_assert_uint_lt(short_rests, runs / 4);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("thread");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_good_device_costs_few_turns);
	tcase_add_test(t, an_fd_that_is_always_ready_does_not_make_it_spin);
	tcase_add_test(t, a_device_that_stops_after_each_start_does_not_make_it_spin);
	tcase_add_test(t, a_clock_that_stands_does_not_make_it_spin);
	tcase_add_test(t, a_write_that_takes_nothing_does_not_make_it_spin);
	tcase_add_test(t, a_device_that_cannot_be_started_does_not_make_it_spin);
	tcase_add_test(t,
		       a_write_that_takes_a_few_frames_at_a_time_does_not_make_it_spin);
	tcase_add_test(t, a_device_that_always_claims_to_be_empty_does_not_make_it_spin);
	tcase_add_test(
		t,
		a_device_that_stops_whenever_something_is_taken_back_does_not_make_it_spin);
	tcase_add_test(t, a_bell_that_cannot_be_silenced_does_not_make_it_spin);
	tcase_add_test(
		t, a_device_that_stands_idle_and_polls_as_broken_does_not_make_it_spin);
	tcase_add_test(t, a_bell_that_rings_without_end_leaves_time_to_those_who_ring);
	return suite_run("thread", t);
}
