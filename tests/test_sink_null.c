/* SPDX-License-Identifier: MIT */
/*
 * The device made of a clock, with a clock that the test moves.
 */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "rt/sink_null.h"
#include "suite.h"

enum { BUFFER = 480, CHANNELS = 2, TAPE_FRAMES = 1000 };

static struct sink_null null;
static struct sink *sink = &null.sink;
static int16_t data[BUFFER * CHANNELS], tape_data[TAPE_FRAMES * CHANNELS];
static struct tape tape;
static uint64_t clock_ns, counter;

static uint64_t test_now(void *context)
{
	return *(uint64_t *)context;
}

static void set_up(void)
{
	memset(&null, 0, sizeof(null));
	tape = (struct tape){.data = (uint8_t *)tape_data, .bytes = sizeof(tape_data)};
	*sink = (struct sink){.rate = 48000,
			      .channels = CHANNELS,
			      .format = FORMAT_S16,
			      .buffer = BUFFER};
	clock_ns = UINT64_C(5000000000);
	counter = 0;
	sink_null_init(&null, (uint8_t *)data, &tape, test_now, &clock_ns);
}

/* The next n frames: both channels count. */
static int put(uint32_t n)
{
	float frames[BUFFER * CHANNELS * 2];
	int done;

	for (uint32_t i = 0; i < n; i++)
		frames[2 * i] = frames[2 * i + 1] = (float)(counter + i) / 32768.0f;
	done = sink->ops->write(sink, frames, n);
	counter += (uint64_t)done;
	return done;
}

static void pass(uint32_t frames)
{
	clock_ns += (frames * UINT64_C(1000000000) + 47999) / 48000;
}

static struct sink_clock look(int want)
{
	struct sink_clock c;

	ck_assert_int_eq(sink->ops->clock(sink, &c), want);
	return c;
}

static void assert_taped(uint64_t first, uint32_t n)
{
	int16_t frames[TAPE_FRAMES * CHANNELS];

	ck_assert_uint_eq(tape_read(&tape, frames, sizeof(frames)), n * 4);
	for (uint32_t i = 0; i < n; i++) {
		ck_assert_int_eq(frames[2 * i], (int)(first + i));
		ck_assert_int_eq(frames[2 * i + 1], (int)(first + i));
	}
}

START_TEST(nothing_moves_before_the_start)
{
	put(100);
	pass(50);

	ck_assert_uint_eq(look(0).unheard, 100);
	ck_assert_uint_eq(look(0).room, BUFFER - 100);
}
END_TEST

START_TEST(it_plays_by_the_clock_to_the_frame)
{
	put(400);
	sink->ops->start(sink);
	pass(123);

	ck_assert_uint_eq(look(0).unheard, 277);
	ck_assert_uint_eq(look(0).when_ns, clock_ns);
	assert_taped(0, 123);
}
END_TEST

START_TEST(it_takes_no_more_than_its_buffer)
{
	ck_assert_int_eq(put(BUFFER + 100), BUFFER);
	ck_assert_int_eq(put(1), 0);
}
END_TEST

START_TEST(what_was_taken_back_is_not_heard)
{
	put(400);
	sink->ops->start(sink);
	pass(100);
	look(0);
	ck_assert_int_eq(sink->ops->take_back(sink, 250), 250);
	counter = 1000;
	put(50);
	pass(50);
	look(0);

	assert_taped(0, 150);
	pass(50);
	look(0);
	assert_taped(1000, 50);
}
END_TEST

START_TEST(it_gives_back_no_more_than_it_has)
{
	put(100);
	sink->ops->start(sink);
	pass(40);
	look(0);

	ck_assert_int_eq(sink->ops->take_back(sink, 1000), 60);
	ck_assert_uint_eq(look(0).unheard, 0);
}
END_TEST

START_TEST(an_underrun_says_that_all_was_heard)
{
	put(100);
	sink->ops->start(sink);
	pass(200);

	ck_assert_uint_eq(look(-EPIPE).unheard, 0);
	assert_taped(0, 100);
}
END_TEST

START_TEST(a_stop_empties_it_and_it_can_start_again)
{
	put(100);
	sink->ops->start(sink);
	pass(10);
	look(0);
	sink->ops->stop(sink);
	ck_assert_uint_eq(look(0).unheard, 0);
	put(50);
	sink->ops->start(sink);
	pass(5);

	ck_assert_uint_eq(look(0).unheard, 45);
}
END_TEST

START_TEST(days_of_playing_overflow_nothing)
{
	uint64_t played = 0;

	sink->ops->start(sink);
	for (int i = 0; i < 100; i++) {
		put(BUFFER);
		clock_ns += 10000000;
		played += BUFFER;
		look(0);
	}
	ck_assert_uint_eq(null.played, played);
	/* A week later its clock has passed 2^64 / rate nanoseconds many times. */
	clock_ns += UINT64_C(7) * 86400 * 1000000000;
	look(-EPIPE);
	ck_assert_uint_eq(null.played, played);
}
END_TEST

START_TEST(a_full_tape_says_how_much_it_lost)
{
	sink->ops->start(sink);
	for (int i = 0; i < 3; i++) {
		put(400);
		pass(400);
		look(0);
	}

	ck_assert_uint_eq(atomic_load(&tape.lost), 200 * 4);
	ck_assert(sink->wants_main);
	assert_taped(0, TAPE_FRAMES);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("sink_null");

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, nothing_moves_before_the_start);
	tcase_add_test(t, it_plays_by_the_clock_to_the_frame);
	tcase_add_test(t, it_takes_no_more_than_its_buffer);
	tcase_add_test(t, what_was_taken_back_is_not_heard);
	tcase_add_test(t, it_gives_back_no_more_than_it_has);
	tcase_add_test(t, an_underrun_says_that_all_was_heard);
	tcase_add_test(t, a_stop_empties_it_and_it_can_start_again);
	tcase_add_test(t, days_of_playing_overflow_nothing);
	tcase_add_test(t, a_full_tape_says_how_much_it_lost);
	return suite_run("sink_null", t);
}
