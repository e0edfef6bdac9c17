/* SPDX-License-Identifier: MIT */
/*
 * The numbers that main and the player share, on a memory that is weaker than that of any processor
 * (weak/memory.h): the queue, the player and its voices are compiled for it, as they are. Each
 * test is of one moment at which both do something, thousands of times, in another order each time.
 */
#include <check.h>

#include "meeting.h"
#include "suite.h"
#include "weak/memory.h"

enum { TIMES = SANITIZED ? 2000 : 4000 };

static struct meeting m;

static void again_and_again(void (*main_thread)(void), void (*player)(void),
			    void (*look)(void))
{
	for (unsigned int seed = 1; seed <= TIMES; seed++) {
		meeting_init(&m);
		weak_run(main_thread, player, seed);
		if (look)
			look();
	}
}

static void have_turn(void)
{
	meeting_turn(&m, 1);
}

/* ---- the pairs ---------------------------------------------------------------------- */

static bool main_saw;

static void push(void)
{
	main_saw = meeting_push(&m);
}

static void look_for_push(void)
{
	ck_assert_msg(meeting_push_is_seen(&m, 1, main_saw), "a push goes unseen");
}

START_TEST(no_push_goes_unseen)
{
	again_and_again(push, have_turn, look_for_push);
}
END_TEST

static void await(void)
{
	main_saw = queue_wake_at(&m.queue, 1);
}

static void look_for_wait(void)
{
	ck_assert_msg(meeting_wait_is_seen(&m, 1, main_saw), "a wait is slept through");
}

START_TEST(no_wait_is_slept_through)
{
	again_and_again(await, have_turn, look_for_wait);
}
END_TEST

/* ---- one consistent look ------------------------------------------------------------ */

enum { MOVES = 3 };

static void move_all(void)
{
	for (uint64_t n = 1; n <= MOVES; n++) {
		m.player.dev_fed = m.player.dev_played = m.player.when_ns = n;
		m.voice.dry.frames = m.voice.gaps = m.voice.gap_at = n;
		player_turn(&m.player);
	}
}

static uint64_t number(const _Atomic uint64_t *of)
{
	return atomic_load_explicit(of, memory_order_relaxed);
}

static void look_at_all(void)
{
	const struct queue_player_part *q = m.queue.player;
	struct player_report r;
	uint64_t seq, dry, gaps, gap_at;

	do {
		seq = player_look(&m.player);
		player_get_report(&m.player, &r);
		dry = number(&q->dry);
		gaps = number(&q->gaps);
		gap_at = number(&q->gap_at);
	} while (player_moved(&m.player, seq));
	ck_assert_uint_eq(r.dev_fed, r.dev_played);
	ck_assert_uint_eq(r.dev_fed, r.when_ns);
	ck_assert_uint_eq(r.dev_fed, dry);
	ck_assert_uint_eq(r.dev_fed, gaps);
	ck_assert_uint_eq(r.dev_fed, gap_at);
}

START_TEST(what_main_looks_at_is_of_one_turn)
{
	again_and_again(look_at_all, move_all, NULL);
}
END_TEST

/* ---- changes ------------------------------------------------------------------------ */

static const struct duck_shape ducking = {
	.level = 0.5f, .attack = 1, .hold = 2, .release = 3};
static const struct gain half = {.factor = 0.5f};

/* Numbers of changes. */
enum { LEVELS = 2, HOLD, LEAVING };

static void ask_for_all(void)
{
	queue_set_gain(&m.queue, half);
	player_set_gain(&m.player, half);
	player_set_ducking(&m.player, &ducking);
	ck_assert_uint_eq(player_ask(&m.player), LEVELS);
	queue_hold(&m.queue, true, (struct fade){0});
	ck_assert_uint_eq(player_ask(&m.player), HOLD);
	atomic_store_explicit(&m.slots[0], NULL, memory_order_relaxed);
	ck_assert_uint_eq(player_ask(&m.player), LEAVING);
}

static void obey_all(void)
{
	const struct duck_shape *d = &m.player.duck.shape;

	for (int i = 0; i < 4; i++) {
		uint64_t applied;

		player_turn(&m.player);
		applied = number(&m.player.applied);
		ck_assert(applied < LEVELS || d->level == ducking.level);
		ck_assert(applied < LEVELS || d->release == ducking.release);
		ck_assert(applied < LEVELS ||
			  m.player.level_bits == queue_pack_gain(half));
		ck_assert(applied < LEVELS || m.player.num_voices == 0 ||
			  m.voice.gain_bits == queue_pack_gain(half));
		ck_assert(applied < HOLD || m.player.num_voices == 0 ||
			  m.voice.hold_at != QUEUE_NEVER);
		ck_assert(applied < LEAVING || m.player.num_voices == 0);
	}
}

START_TEST(what_the_player_says_to_have_applied_it_has_seen)
{
	again_and_again(ask_for_all, obey_all, NULL);
}
END_TEST

static void clear(void)
{
	uint64_t ask;

	queue_cut(&m.queue, (struct fade){0});
	ask = player_ask(&m.player);
	for (int i = 0; i < 10; i++)
		if (player_has_applied(&m.player, ask))
			ck_assert_uint_eq(number(&m.queue.player->dropped), 1);
}

static void turn_twice(void)
{
	player_turn(&m.player);
	player_turn(&m.player);
}

START_TEST(what_main_sees_to_be_applied_it_is_told_of)
{
	again_and_again(clear, turn_twice, NULL);
}
END_TEST

/* ---- a clear that was not asked for yet --------------------------------------------- */

static void cut(void)
{
	meeting_push(&m);
	meeting_push(&m);
	queue_cut(&m.queue, (struct fade){.frames = 100});
}

/* For something else. All that was queued sounds on, as the fade is as long. */
static void obey(void)
{
	m.voice.end = 10;
	voice_obey(&m.voice, 10, true);
}

static void look_at_cut(void)
{
	if (m.voice.cut == 0)
		return;
	ck_assert_uint_eq(m.voice.cut, 3);
	ck_assert_uint_eq(m.voice.seen, 3);
	ck_assert_uint_eq(m.voice.dropped, 0);
}

START_TEST(a_cut_is_seen_with_what_it_cuts_and_with_its_fade)
{
	again_and_again(cut, obey, look_at_cut);
}
END_TEST

/* ---- a kill ------------------------------------------------------------------------- */

/* What the next life finds, at whatever instant this one is over. */
static struct meeting next;
static uint64_t played_before;

static void change_all(void)
{
	m.voice.next = m.voice.gaps = m.voice.dry.frames = 1;
	player_turn(&m.player);
}

static void go_on_from_it(void)
{
	meeting_init(&next);
	played_before = atomic_load(&m.queue.player->played);
	queue_copy(&next.queue, &m.queue);
}

static void look_at_next(void)
{
	const struct queue_player_part *q = next.queue.player;

	ck_assert_uint_eq(number(&q->dry), number(&q->gaps));
	ck_assert_uint_eq(number(&q->dry), number(&q->played));
	ck_assert_uint_ge(number(&q->played), played_before);
}

START_TEST(what_a_kill_leaves_is_of_one_turn_and_not_behind_what_was_played)
{
	again_and_again(go_on_from_it, change_all, look_at_next);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("weak");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, no_push_goes_unseen);
	tcase_add_test(t, no_wait_is_slept_through);
	tcase_add_test(t, what_main_looks_at_is_of_one_turn);
	tcase_add_test(t, what_the_player_says_to_have_applied_it_has_seen);
	tcase_add_test(t, what_main_sees_to_be_applied_it_is_told_of);
	tcase_add_test(t, a_cut_is_seen_with_what_it_cuts_and_with_its_fade);
	tcase_add_test(t,
		       what_a_kill_leaves_is_of_one_turn_and_not_behind_what_was_played);
	return suite_run("weak", t);
}
