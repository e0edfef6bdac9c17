/* SPDX-License-Identifier: MIT */
/*
 * The moment of meeting.h on real processors: main and the player each have one of their own, and
 * come to it at once, some hundred thousand times. A processor of this kind lets a load overtake a
 * store; so a store that does not wait for its way to memory is found here, in earnest. What other
 * processors, or compilers, might do as well is for test_weak.c.
 */
#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "meeting.h"
#include "processors.h"
#include "suite.h"

enum {
	MEETINGS = SANITIZED ? 30000 : 200000,
	LIMIT_S = 5, /* for all of them, on a machine that does other things as well */
	MOST_HELD = 20000, /* rounds of an empty loop; a turn takes some thousand */
	JITTER = 64,
	SPINS = 2000,
};

static struct meeting meeting;
static alignas(64) _Atomic uint64_t began; /* rounds; main */
static alignas(64) _Atomic uint64_t ended; /* rounds; the player */
static atomic_bool over;

static void spin_until(const _Atomic uint64_t *number, uint64_t n)
{
	for (int spins = 0; atomic_load_explicit(number, memory_order_acquire) < n;)
		if (++spins % SPINS == 0)
			sched_yield(); /* the other's processor may have other work */
}

static void *play_rounds(void *unused)
{
	processors_pin(1);
	for (uint64_t n = 1;; n++) {
		spin_until(&began, n);
		if (atomic_load(&over))
			return unused;
		meeting_turn(&meeting, n);
		atomic_store_explicit(&ended, n, memory_order_release);
	}
}

/* How long main holds back, so that both come to the moment at once: it was too late whenever it
 * saw what the player did, and else too early. */
static void hold_back(int *offset, bool was_late, unsigned int *seed)
{
	*offset += was_late ? -1 : 1;
	*offset = *offset < 0 ? 0 : *offset > MOST_HELD ? MOST_HELD : *offset;
	for (volatile int left = *offset + rand_r(seed) % JITTER; left > 0;)
		left = left - 1;
}

/* Whether main saw what the player did. */
static bool meet(uint64_t n, bool waits)
{
	bool saw = waits ? queue_wake_at(&meeting.queue, n) : meeting_push(&meeting);

	spin_until(&ended, n);
	if (waits)
		ck_assert_msg(meeting_wait_is_seen(&meeting, n, saw),
			      "a wait is slept through, in round %d", (int)n);
	else
		ck_assert_msg(meeting_push_is_seen(&meeting, n, saw),
			      "a push goes unseen, in round %d", (int)n);
	return saw;
}

START_TEST(at_one_moment_main_sees_the_player_or_the_player_sees_main)
{
	pthread_t player;
	unsigned int seed = 5;
	bool saw = false;
	int offset = 0;
	time_t limit = time(NULL) + LIMIT_S;
	uint64_t n;

	if (processors_count() < 2) {
		printf("one processor: no two threads can meet at one moment\n");
		return;
	}
	meeting_init(&meeting);
	processors_pin(0);
	pthread_create(&player, NULL, play_rounds, NULL);
	for (n = 1; n <= MEETINGS && time(NULL) <= limit; n++) {
		bool waits = rand_r(&seed) % 2;

		if (waits)
			meeting_push(&meeting);
		atomic_store_explicit(&began, n, memory_order_release);
		hold_back(&offset, saw, &seed);
		saw = meet(n, waits);
	}
	atomic_store(&over, true);
	atomic_store(&began, n);
	pthread_join(player, NULL);
	printf("met %d times\n", (int)n - 1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("meeting");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, at_one_moment_main_sees_the_player_or_the_player_sees_main);
	return suite_run("meeting", t);
}
