/* SPDX-License-Identifier: MIT */
/*
 * How loud others are at a device frame, by where speech lies; without a player.
 */
#include <check.h>
#include <math.h>

#include "rt/duck.h"
#include "suite.h"

enum { ATTACK = 10, HOLD = 100, RELEASE = 50 };

#define LOW 0.5f

static struct duck duck;
static const int anna, ben;

static void set_up(void)
{
	duck_init(&duck);
	duck.shape = (struct duck_shape){
		.level = LOW, .attack = ATTACK, .hold = HOLD, .release = RELEASE};
}

static float level_at(uint64_t dev)
{
	uint64_t until;

	return ramp_at(track_at(&duck.track, dev, &until), dev);
}

START_TEST(it_goes_down_stays_for_the_hold_and_comes_back)
{
	duck_note(&duck, &anna, 20, 40);
	duck_follow(&duck, 0, 1000);

	ck_assert(level_at(20) == 1.0f && level_at(20 + ATTACK) == LOW);
	ck_assert(level_at(40 + HOLD) == LOW);
	ck_assert(level_at(40 + HOLD + RELEASE / 2) == (1 + LOW) / 2);
	ck_assert(level_at(40 + HOLD + RELEASE) == 1.0f);
}
END_TEST

/* Whatever the blocks are in which it is asked for. */
START_TEST(block_by_block_is_the_same_as_at_once)
{
	float at_once[400];

	duck_note(&duck, &anna, 20, 40);
	duck_note(&duck, &ben, 30, 60);
	duck_note(&duck, &anna, 300, 310);
	duck_follow(&duck, 0, 400);
	for (uint64_t i = 0; i < 400; i++)
		at_once[i] = level_at(i);
	set_up();
	for (uint64_t dev = 0; dev < 400; dev += 7) {
		if (dev == 14)
			duck_note(&duck, &anna, 20, 21);
		if (dev == 21)
			duck_note(&duck, &anna, 21, 40);
		if (dev == 28)
			duck_note(&duck, &ben, 30, 60);
		if (dev == 294)
			duck_note(&duck, &anna, 300, 310);
		duck_follow(&duck, dev, 7);
	}

	for (uint64_t i = 0; i < 400; i++)
		ck_assert_msg(level_at(i) == at_once[i], "frame %d", (int)i);
}
END_TEST

START_TEST(what_is_taken_back_was_not_said)
{
	duck_note(&duck, &anna, 20, 90);
	duck_follow(&duck, 0, 100);
	duck_take_back(&duck, 25);
	ck_assert(level_at(24) == 1.0f - 4 * (1 - LOW) / ATTACK);
	duck_follow(&duck, 25, 100);

	ck_assert(level_at(25) == 1.0f - 5 * (1 - LOW) / ATTACK);
	ck_assert(level_at(25 + RELEASE) == 1.0f);
	duck_take_back(&duck, 10);
	ck_assert(level_at(1000) == 1.0f);
}
END_TEST

START_TEST(who_lets_go_does_so_for_itself_alone)
{
	duck_note(&duck, &anna, 20, 40);
	duck_note(&duck, &ben, 20, 30);
	duck_let_go(&duck, &anna, 50);
	duck_follow(&duck, 0, 1000);

	ck_assert(level_at(30 + HOLD) == LOW && level_at(31 + HOLD) > LOW);
}
END_TEST

START_TEST(who_has_left_is_not_taken_for_who_comes)
{
	const void *here[] = {&ben};

	duck_note(&duck, &anna, 20, 40);
	duck_keep(&duck, here, 1);
	duck_let_go(&duck, &anna, 40);
	duck_follow(&duck, 0, 1000);

	ck_assert(level_at(40 + HOLD) == LOW);
}
END_TEST

START_TEST(it_is_idle_again_when_all_is_played)
{
	ck_assert(duck_is_idle(&duck));
	duck_note(&duck, &anna, 20, 40);
	duck_follow(&duck, 0, 1000);
	duck_settle(&duck, 39 + HOLD);
	ck_assert_uint_eq(duck.count, 1);
	ck_assert(!duck_is_idle(&duck));
	duck_settle(&duck, 40 + HOLD);
	ck_assert_uint_eq(duck.count, 0);

	duck_settle(&duck, 1000);
	ck_assert(duck_is_idle(&duck));
}
END_TEST

START_TEST(more_gaps_than_it_can_tell_count_as_speech)
{
	for (uint64_t i = 0; i < 5 * DUCK_RUNS; i++)
		duck_note(&duck, &anna, 1000 * i, 1000 * i + 10);
	duck_note(&duck, &ben, 0, 10);
	duck_follow(&duck, 0, 6000000);

	ck_assert_uint_eq(duck.count, DUCK_RUNS);
	ck_assert(level_at(1000 * (DUCK_RUNS + 2) + 500) == LOW);
	ck_assert(level_at(5000 * DUCK_RUNS + 1000) == 1.0f);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("duck");

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, it_goes_down_stays_for_the_hold_and_comes_back);
	tcase_add_test(t, block_by_block_is_the_same_as_at_once);
	tcase_add_test(t, what_is_taken_back_was_not_said);
	tcase_add_test(t, who_lets_go_does_so_for_itself_alone);
	tcase_add_test(t, who_has_left_is_not_taken_for_who_comes);
	tcase_add_test(t, it_is_idle_again_when_all_is_played);
	tcase_add_test(t, more_gaps_than_it_can_tell_count_as_speech);
	return suite_run("duck", t);
}
