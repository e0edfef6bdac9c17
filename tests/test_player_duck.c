/* SPDX-License-Identifier: MIT */
/*
 * Others are softer while speech sounds: from which frame, for how long, and that taking back
 * changes none of it. Slot 0 speaks, slot 1 plays music, slot 2 is what a test needs.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"
#include "suite.h"

enum {
	BUFFER = 9600,
	GUARD = 48,
	LIMIT = 48000,
	ATTACK = 200,
	HOLD = 1000,
	RELEASE = 500,
};

#define LOW 0.25f

static struct rig rig;
static struct rig_source *speech, *music, *third;

static struct rig_source *add(uint32_t slot, bool speaks)
{
	struct rig_source *s = rig_add(&rig, slot, LIMIT);

	s->voice.speech = speaks;
	return s;
}

static void set_up(void)
{
	rig_init(&rig, 3, BUFFER);
	rig.sink.sink.guard = GUARD;
	rig.sink.sink.idle = LIMIT;
	player_set_ducking(&rig.player, &(struct duck_shape){.level = LOW,
							     .attack = ATTACK,
							     .hold = HOLD,
							     .release = RELEASE});
	music = add(1, false);
	speech = add(0, true);
	rig_push(&rig, music, 30000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 480);
}

static void tear_down(void)
{
	rig_done(&rig);
}

static float level_of(uint32_t slot, uint64_t at)
{
	float level;

	rig_number(&rig, slot, at, &level);
	return level;
}

static void assert_level(uint32_t slot, uint64_t from, uint64_t to, float want)
{
	for (uint64_t at = from; at < to; at++)
		if (fabsf(level_of(slot, at) - want) > 1e-6f)
			ck_abort_msg("frame %lu: %f, not %f", (unsigned long)at,
				     (double)level_of(slot, at), (double)want);
}

/* The music, down from `from` on, up again from `end` on. */
static void assert_ducked(uint64_t from, uint64_t end)
{
	assert_level(1, 0, from + 1, 1.0f);
	assert_level(1, from + ATTACK, end + 1, LOW);
	ck_assert_float_eq_tol(level_of(1, from + ATTACK / 2), (1 + LOW) / 2, 1e-6f);
	ck_assert_float_eq_tol(level_of(1, end + RELEASE / 2), (1 + LOW) / 2, 1e-6f);
	assert_level(1, end + RELEASE, rig.sink.taped, 1.0f);
}

/* No two frames of the music differ by more than the steepest ramp does. */
static void assert_no_click(void)
{
	for (uint64_t at = 1; at < rig.sink.taped; at++)
		ck_assert(fabsf(level_of(1, at) - level_of(1, at - 1)) <
			  (1 - LOW) / ATTACK + 1e-6f);
}

static void mute(struct rig_source *s, bool muted)
{
	queue_set_gain(&s->queue, (struct gain){.factor = 1.0f, .muted = muted});
	player_ask(&rig.player);
}

START_TEST(others_are_softer_while_it_sounds_and_a_while_longer)
{
	rig_push(&rig, speech, 4000);
	rig_turn(&rig);
	rig_play(&rig, 9000, 480);

	rig_assert_heard(&rig, 0, 1000 + GUARD, 0, 4000);
	assert_level(0, 1000 + GUARD, 5000 + GUARD, 1.0f);
	assert_ducked(1000 + GUARD, 5000 + GUARD + HOLD);
	rig_assert_heard(&rig, 1, 0, 0, 9000);
}
END_TEST

START_TEST(a_short_gap_is_not_heard_in_others)
{
	rig_push(&rig, speech, 2000);
	rig_turn(&rig);
	rig_play(&rig, 2000 + HOLD / 2, 480);
	rig_push(&rig, speech, 2000);
	rig_turn(&rig);
	rig_play(&rig, 7000, 480);

	ck_assert_uint_eq(speech->voice.gaps, 1);
	assert_ducked(1000 + GUARD, 3000 + HOLD / 2 + GUARD + 2000 + HOLD);
}
END_TEST

START_TEST(a_clear_lets_go_at_the_very_frame)
{
	uint64_t from = 1000 + GUARD, stop = 3000 + GUARD + 100;

	rig_push(&rig, speech, 20000);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);
	rig_clear(&rig, speech, 100);
	rig_turn(&rig);
	rig_play(&rig, 5000, 480);

	rig_assert_heard(&rig, 0, from, 0, stop - from);
	rig_assert_silent(&rig, 0, stop, rig.sink.taped);
	assert_ducked(from, stop);
}
END_TEST

START_TEST(a_pause_lets_go_and_a_resume_comes_back_to_it)
{
	uint64_t stop = 3000 + GUARD, again = 6000 + GUARD;

	rig_push(&rig, speech, 20000);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);
	rig_hold(&rig, speech, true, 0);
	rig_turn(&rig);
	rig_play(&rig, 3000, 480);
	assert_ducked(1000 + GUARD, stop);
	rig_hold(&rig, speech, false, 0);
	rig_turn(&rig);
	rig_play(&rig, 1000, 480);

	assert_level(1, stop + RELEASE, again + 1, 1.0f);
	assert_level(1, again + ATTACK, rig.sink.taped, LOW);
}
END_TEST

START_TEST(a_clear_of_what_has_played_out_ends_the_hold)
{
	rig_push(&rig, speech, 1000);
	rig_turn(&rig);
	rig_play(&rig, 1200, 480);
	rig_clear(&rig, speech, 0);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	assert_ducked(1000 + GUARD, 2200 + GUARD);
}
END_TEST

START_TEST(the_last_of_two_speakers_counts)
{
	third = add(2, true);
	rig_push(&rig, speech, 3000);
	rig_push(&rig, third, 4000);
	rig_turn(&rig);
	rig_play(&rig, 3500, 480);
	rig_clear(&rig, third, 0);
	rig_turn(&rig);
	rig_play(&rig, 5000, 480);

	/* The cleared one lets go; what the other had said before still holds. */
	rig_assert_silent(&rig, 2, 4500 + GUARD, rig.sink.taped);
	assert_ducked(1000 + GUARD, 4000 + GUARD + HOLD);
	assert_level(2, 1000 + GUARD, 4500 + GUARD, 1.0f);
}
END_TEST

START_TEST(muted_speech_lowers_nobody)
{
	mute(speech, true);
	rig_push(&rig, speech, 5000);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);
	assert_level(1, 0, rig.sink.taped, 1.0f);
	mute(speech, false);
	rig_turn(&rig);
	rig_play(&rig, 6000, 480);

	assert_ducked(3000 + GUARD, 6000 + GUARD + HOLD);
}
END_TEST

START_TEST(speech_that_has_gone_holds_as_well)
{
	rig_push(&rig, speech, 1000);
	rig_turn(&rig);
	rig_play(&rig, 1200, 480);
	rig_remove(&rig, 0);
	rig_play(&rig, 3000, 480);

	assert_ducked(1000 + GUARD, 2000 + GUARD + HOLD);
}
END_TEST

START_TEST(speech_that_is_taken_away_lets_go)
{
	rig_push(&rig, speech, 5000);
	rig_turn(&rig);
	rig_play(&rig, 1200, 480);
	rig_remove(&rig, 0);
	rig_play(&rig, 3000, 480);

	assert_ducked(1000 + GUARD, 2200 + GUARD);
}
END_TEST

START_TEST(a_change_of_mind_half_way_does_not_click)
{
	for (int i = 0; i < 20; i++) {
		rig_push(&rig, speech, 1000);
		rig_turn(&rig);
		rig_play(&rig, 50 + 17 * (uint32_t)i, 48);
		rig_clear(&rig, speech, 0);
		rig_turn(&rig);
		rig_play(&rig, 30 + 29 * (uint32_t)i, 48);
	}

	assert_no_click();
}
END_TEST

static void set_ducking(float level, uint32_t attack)
{
	player_set_ducking(&rig.player, &(struct duck_shape){.level = level,
							     .attack = attack,
							     .hold = HOLD,
							     .release = RELEASE});
	player_ask(&rig.player);
	rig_turn(&rig);
}

START_TEST(how_deep_can_change_while_somebody_speaks)
{
	rig_push(&rig, speech, 8000);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);
	set_ducking(0.5f, 400);
	rig_play(&rig, 2000, 480);
	set_ducking(1.0f, 100);
	rig_play(&rig, 2000, 480);

	assert_level(1, 1000 + GUARD + ATTACK, 3000 + GUARD + 1, LOW);
	assert_level(1, 3000 + GUARD + 400, 5000 + GUARD + 1, 0.5f);
	assert_level(1, 5000 + GUARD + RELEASE, rig.sink.taped, 1.0f);
	assert_no_click();
}
END_TEST

START_TEST(ducking_can_begin_while_somebody_speaks)
{
	set_ducking(1.0f, 0);
	rig_push(&rig, speech, 8000);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);
	set_ducking(LOW, ATTACK);
	rig_play(&rig, 2000, 480);

	assert_level(1, 0, 3000 + GUARD + 1, 1.0f);
	assert_level(1, 3000 + GUARD + ATTACK, rig.sink.taped, LOW);
}
END_TEST

START_TEST(nothing_is_ducked_where_that_is_off)
{
	set_ducking(1.0f, 0);
	rig_push(&rig, speech, 3000);
	rig_turn(&rig);
	rig_play(&rig, 5000, 480);

	assert_level(1, 0, rig.sink.taped, 1.0f);
	ck_assert_uint_eq(rig.player.duck.count, 0);
}
END_TEST

/* ---- taking back -------------------------------------------------------------------- */

static uint64_t state;

static uint32_t roll(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 20) % n);
}

static void anything_happens(void)
{
	struct rig_source *s = roll(2) ? speech : third;
	uint32_t what = roll(100);

	rig_push(&rig, music, 100);
	if (what < 12)
		rig_push(&rig, s, 1 + roll(roll(2) ? 100 : 3000));
	else if (what < 15)
		rig_clear(&rig, s, roll(200));
	else if (what < 18)
		rig_hold(&rig, s, true, roll(200));
	else if (what < 24)
		rig_hold(&rig, s, false, roll(200));
	else if (what < 27)
		queue_set_gain(&(roll(2) ? s : music)->queue,
			       (struct gain){.factor = 0.5f + (float)roll(4) / 4,
					     .ramp = roll(900),
					     .muted = roll(4) == 0});
	else if (what < 28)
		player_set_gain(&rig.player,
				(struct gain){.factor = 1.0f / (float)(1 + roll(3)),
					      .ramp = roll(900)});
	player_ask(&rig.player);
}

static void live(uint64_t seed, uint32_t steps, uint32_t takebacks)
{
	static const struct layout layout = {{CHANNEL_FLC, CHANNEL_FR, CHANNEL_SL,
					      CHANNEL_SR, CHANNEL_RC, CHANNEL_FC}};

	third = add(2, true);
	third->queue.writer->channels.layout = layout;
	state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (uint32_t i = 0; i < steps; i++) {
		anything_happens();
		rig_turn(&rig);
		for (uint32_t n = 0; n < takebacks; n++) {
			fake_sink_advance(&rig.sink, (i * 7 + n) % 20);
			player_ask(&rig.player);
			rig_turn(&rig);
		}
		fake_sink_advance(&rig.sink, takebacks ? 40 - (i * 7) % 20 : 40);
	}
}

/* Only the same requests in the same turns are the same life. Between them each device frame is
 * mixed many times in one of the two, and once in the other. */
START_TEST(taking_back_changes_no_bit)
{
	static float plain[60000 * 6];
	uint64_t taped, bytes;

	live((uint64_t)_i, 1450, 0);
	taped = rig.sink.taped;
	bytes = taped * 6 * sizeof(float);
	ck_assert_uint_le(bytes, sizeof(plain));
	memcpy(plain, rig.sink.tape, bytes);
	tear_down();
	set_up();
	live((uint64_t)_i, 1450, 1);
	ck_assert_uint_ge(rig.sink.takebacks, 2900);
	ck_assert_uint_eq(rig.sink.taped, taped);
	for (uint64_t i = 0; i < taped * 6; i++)
		if (plain[i] != rig.sink.tape[i])
			ck_abort_msg("frame %lu: %f, not %f", (unsigned long)(i / 6),
				     (double)rig.sink.tape[i], (double)plain[i]);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("player_duck");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, others_are_softer_while_it_sounds_and_a_while_longer);
	tcase_add_test(t, a_short_gap_is_not_heard_in_others);
	tcase_add_test(t, a_clear_lets_go_at_the_very_frame);
	tcase_add_test(t, a_pause_lets_go_and_a_resume_comes_back_to_it);
	tcase_add_test(t, a_clear_of_what_has_played_out_ends_the_hold);
	tcase_add_test(t, the_last_of_two_speakers_counts);
	tcase_add_test(t, muted_speech_lowers_nobody);
	tcase_add_test(t, speech_that_has_gone_holds_as_well);
	tcase_add_test(t, speech_that_is_taken_away_lets_go);
	tcase_add_test(t, a_change_of_mind_half_way_does_not_click);
	tcase_add_test(t, how_deep_can_change_while_somebody_speaks);
	tcase_add_test(t, ducking_can_begin_while_somebody_speaks);
	tcase_add_test(t, nothing_is_ducked_where_that_is_off);
	tcase_add_loop_test(t, taking_back_changes_no_bit, 1, SANITIZED ? 2 : 6);
	return suite_run("player_duck", t);
}
