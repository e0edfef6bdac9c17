/* SPDX-License-Identifier: MIT */
/*
 * The main thread acts in the midst of a player's turn, between any two of its looks at the shared
 * numbers, each in turn: nothing that was pushed goes unnoticed, and what was heard is counted as
 * such, no more and no less.
 *
 * The numbers of a queue have pages of their own. These are closed during the turn, so each look
 * is a fault; its handler acts if it is time for that, or else has the processor do this one
 * instruction and close them again.
 */
#include <check.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "rig.h"
#include "suite.h"
#include "trap.h"

enum { BUFFER = 960, GUARD = 48, LIMIT = 48000, MORE = 100, MOST_LOOKS = 2000 };

static struct rig rig;
static struct rig_source *src;

/* What main does between two looks. */
static struct {
	void (*act)(void);
	int looks, at;
	bool done;
} between;

static uint64_t cut; /* frames below it are unwanted */
static bool paused;

/* ---- between two looks -------------------------------------------------------------- */

/* The thread sanitizer keeps signals back. */
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define CAN_ACT true
enum { SINGLE_STEP = 0x100 };

static void set_open(bool open)
{
	mprotect(src->map, QUEUE_RING_OFFSET, open ? PROT_READ | PROT_WRITE : PROT_NONE);
}

static void look_begins(int number, siginfo_t *info, void *context)
{
	uint64_t offset = (uint64_t)((char *)info->si_addr - (char *)src->map);
	ucontext_t *u = context;

	if (offset >= QUEUE_RING_OFFSET) {
		signal(number, SIG_DFL);
		return;
	}
	set_open(true);
	if (between.looks++ < between.at) {
		u->uc_mcontext.gregs[REG_EFL] |= SINGLE_STEP;
		return;
	}
	trap_set(false);
	between.act();
	between.done = true;
	trap_set(true);
}

static void look_is_over(int number, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	(void)number;
	(void)info;
	u->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)SINGLE_STEP;
	set_open(false);
}

/* A turn, before whose look number `at` main acts. False: it has not so many. */
static bool turn_with(void (*act)(void), int at)
{
	struct sigaction begins = {.sa_sigaction = look_begins, .sa_flags = SA_SIGINFO};
	struct sigaction over = {.sa_sigaction = look_is_over, .sa_flags = SA_SIGINFO};

	between.act = act;
	between.looks = 0;
	between.at = at;
	between.done = false;
	sigaction(SIGSEGV, &begins, NULL);
	sigaction(SIGTRAP, &over, NULL);
	set_open(false);
	rig_turn(&rig);
	set_open(true);
	signal(SIGSEGV, SIG_DFL);
	signal(SIGTRAP, SIG_DFL);
	return between.done;
}
#else
#define CAN_ACT false

/* Behind it, then. */
static bool turn_with(void (*act)(void), int at)
{
	between.at = at;
	rig_turn(&rig);
	act();
	return between.done;
}
#endif

/* ---- what main does ------------------------------------------------------------------ */

static void push(void)
{
	rig_push(&rig, src, MORE);
}

static void clear(void)
{
	cut = rig_written(src);
	rig_clear(&rig, src, 0);
}

static void push_and_clear(void)
{
	push();
	clear();
}

static void clear_and_push(void)
{
	clear();
	push();
}

static void push_clear_and_push(void)
{
	push();
	clear();
	push();
}

/* The fade of the pause goes beyond what was cleared, and that of the clear as far. */
static void clear_push_and_pause(void)
{
	cut = rig_written(src);
	rig_clear(&rig, src, LIMIT);
	push();
	rig_hold(&rig, src, true, LIMIT);
	paused = true;
}

static void (*const acts[])(void) = {push,
				     clear,
				     push_and_clear,
				     clear_and_push,
				     push_clear_and_push,
				     clear_push_and_pause};
enum { NUM_ACTS = sizeof(acts) / sizeof(acts[0]) };

/* ---- how the player stands ------------------------------------------------------------ */

static const struct situation {
	uint32_t pushed, played; /* frames; it is dry if that is more */
	uint32_t since;          /* the latest turn: frames */
	bool asked;              /* for a change, whatever it is */
} situations[] = {
	{2000, 500, 0, false}, {2000, 500, 48, true}, {600, 560, 0, false},
	{600, 560, 0, true},   {600, 480, 48, false}, {300, 700, 0, false},
	{300, 700, 0, true},   {300, 300, 0, true},   {0, 0, 0, false},
};
enum { NUM_SITUATIONS = sizeof(situations) / sizeof(situations[0]) };

/* Takes the player's bell. */
static bool was_rung(void)
{
	uint64_t rings;

	return read(rig.bells[0], &rings, sizeof(rings)) > 0;
}

static void begin(const struct situation *s)
{
	rig_init(&rig, 1, BUFFER);
	rig.sink.sink.guard = GUARD;
	src = rig_add(&rig, 0, LIMIT);
	rig_turn(&rig);
	cut = 0;
	paused = false;
	if (s->pushed)
		rig_push(&rig, src, s->pushed);
	rig_turn(&rig);
	if (s->played)
		rig_play(&rig, s->played, 48);
	was_rung();
	if (s->since)
		fake_sink_advance(&rig.sink, s->since);
	if (s->asked)
		player_ask(&rig.player);
}

static uint64_t heard_on_tape(void)
{
	uint64_t heard = 0;
	float level;

	for (uint64_t i = 0; i < rig.sink.taped; i++)
		heard += rig_number(&rig, 0, i, &level) != RIG_SILENCE;
	return heard;
}

/* What is told at the end of each turn is true of its beginning. */
static void check_numbers(int look)
{
	uint64_t heard = heard_on_tape();

	ck_assert_msg(rig_heard(src) == heard, "look %d: %lu heard are counted as %lu",
		      look, (unsigned long)heard, (unsigned long)rig_heard(src));
	ck_assert_uint_le(heard + rig_dropped(src), rig_written(src));
	ck_assert_uint_le(rig_played(src), rig_written(src));
}

/* Turns come when the bell is rung, and when the player has said; until there is nothing more. Then
 * it goes on, if it was paused. */
static void play_out(int look)
{
	for (int i = 0; i < 10000; i++) {
		check_numbers(look);
		if (was_rung())
			rig_turn(&rig);
		else if (rig.player.wake_ns != PLAYER_SLEEPS)
			rig_wake(&rig);
		else if (!paused)
			return;
		else
			rig_hold(&rig, src, paused = false, 0);
	}
	ck_abort_msg("it does not come to an end");
}

/* Of what was heard: one frame after the other, but for those that the cut took. */
static void check_tape(int look)
{
	uint64_t next = 0, dropped = 0;
	float level;

	for (uint64_t i = 0; i < rig.sink.taped; i++) {
		uint64_t number = rig_number(&rig, 0, i, &level);

		if (number == RIG_SILENCE)
			continue;
		if (number != next && next < cut && number == cut) {
			dropped = cut - next;
			next = cut;
		}
		ck_assert_msg(number == next, "look %d: %lu was heard in place of %lu",
			      look, (unsigned long)number, (unsigned long)next);
		next++;
	}
	if (next < cut) {
		dropped = cut - next;
		next = cut;
	}
	ck_assert_msg(next == rig_written(src), "look %d: %lu were pushed, and %lu came",
		      look, (unsigned long)rig_written(src), (unsigned long)next);
	ck_assert_uint_eq(rig_dropped(src), dropped);
}

/* There is no silence in it. */
static void check_seamless(int look)
{
	uint64_t heard = heard_on_tape();
	float level;

	for (uint64_t i = 0; i < heard; i++)
		ck_assert_msg(rig_number(&rig, 0, i, &level) != RIG_SILENCE,
			      "look %d: silence at %lu, before %lu", look,
			      (unsigned long)i, (unsigned long)heard);
}

START_TEST(whatever_comes_between_two_looks_of_a_turn_is_seen_and_counted)
{
	const struct situation *s = &situations[_i / NUM_ACTS];
	bool any = true;
	int look = 0;

	for (; any; look++) {
		ck_assert_int_lt(look, MOST_LOOKS);
		begin(s);
		any = turn_with(acts[_i % NUM_ACTS], look);
		play_out(look);
		check_tape(look);
		if (acts[_i % NUM_ACTS] == push &&
		    s->pushed > s->played + s->since + GUARD)
			check_seamless(look);
		rig_done(&rig);
	}
	ck_assert(!CAN_ACT || look > 10);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("between");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(
		t, whatever_comes_between_two_looks_of_a_turn_is_seen_and_counted, 0,
		NUM_ACTS * NUM_SITUATIONS);
	return suite_run("between", t);
}
