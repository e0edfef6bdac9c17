/* SPDX-License-Identifier: MIT */
/*
 * wait; turn; wait; turn. The only file of this folder that waits.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "thread.h"

#include "room.h"

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_US UINT64_C(1000)

enum { MAX_FDS = 8 };

/* A turn that was due and came to nothing (a device whose clock stands, an fd that is always
 * ready) is not repeated at once: the pause doubles from turn to turn. So it does, but not for so
 * long, where turns come to something and the next is due at once, again and again: a device that
 * has room and takes a few frames at a time. */
#define PAUSE_MIN   (50 * NS_PER_US)
#define PAUSE_MAX   (50000 * NS_PER_US)
#define HURRIED_MAX (5000 * NS_PER_US)

enum { MOST_HURRIED = 8 }; /* turns that may be due at once, one behind the other */

/* When the bell rings again, a turn is followed by a rest as long as it took, at most. Many
 * voices into which somebody pushes, one by one, cost a turn each, in which all of them are mixed
 * again; and on the main thread's own processor it would get to push nothing more than that. Like
 * this it has half of the time, and one turn is for all that it has pushed in it. */
#define REST_MAX (5000 * NS_PER_US)

/* A device that is so late to play what it has stands still. */
#define END_LATE (100000 * NS_PER_US)

/* What the thread remembers from one wait to the next. */
struct waiting {
	uint64_t pause_ns; /* least time until the next turn by the clock; 0: none */
	uint32_t hurried;  /* turns in a row behind which the next one was due at once */
	bool rung;         /* the last wait was ended by the bell */
	bool noisy; /* it was ended by the device: its fds sit out the next pause */
	bool deaf;  /* the bell says that it rings and cannot be read: so does it */
	uint64_t rest_until; /* no turn before, if it is rung for */
	uint64_t dev_fed, dev_played, applied, xruns; /* as of the last turn */
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void introduce(struct thread *t)
{
	prctl(PR_SET_NAME, "player");
	prctl(PR_SET_TIMERSLACK, 1);
	atomic_store_explicit(&t->tid, gettid(), memory_order_relaxed);
}

static unsigned int collect_fds(const struct player *p, const struct waiting *w,
				struct pollfd *fds)
{
	/* poll passes over fds below 0. */
	fds[0] = (struct pollfd){.fd = w->deaf ? -1 : p->bell_player, .events = POLLIN};
	if (!p->sink || w->noisy)
		return 1;
	return 1 + (unsigned int)p->sink->ops->pollfds(p->sink, fds + 1, MAX_FDS - 1);
}

/* When to look again at the latest; PLAYER_SLEEPS: when somebody rings. */
static uint64_t next_deadline(const struct player *p, const struct waiting *w,
			      uint64_t now)
{
	uint64_t least = now + w->pause_ns;

	if ((w->noisy || w->deaf) && p->wake_ns > now + PAUSE_MAX)
		return now + PAUSE_MAX;
	return p->wake_ns > least ? p->wake_ns : least;
}

static void count_lateness(struct player *p, uint64_t late_ns)
{
	static const uint32_t bounds_us[PLAYER_LATE_BUCKETS - 1] = {50,   100,  200, 500,
								    1000, 2000, 5000};
	uint32_t i = 0;

	while (i < PLAYER_LATE_BUCKETS - 1 && late_ns >= bounds_us[i] * NS_PER_US)
		i++;
	atomic_fetch_add_explicit(&p->counts.late[i], 1, memory_order_relaxed);
}

/* Takes what the bell has to say. False: it cannot be read. */
static bool hush(int bell)
{
	uint64_t rings;
	ssize_t n;

	do
		n = read(bell, &rings, sizeof(rings));
	while (n < 0 && errno == EINTR);
	return n > 0 || errno == EAGAIN;
}

/* It was rung for, too early. What is due by the clock does not wait. */
static void rest(const struct player *p, const struct waiting *w)
{
	uint64_t until = p->wake_ns < w->rest_until ? p->wake_ns : w->rest_until;
	uint64_t now = now_ns();
	struct timespec timeout = {.tv_nsec = (long)(until > now ? until - now : 0)};

	if (timeout.tv_nsec > 0)
		ppoll(NULL, 0, &timeout, NULL);
}

/* Waits for the bell, the device or the deadline. */
static void wait_for_work(struct player *p, struct waiting *w)
{
	struct pollfd fds[MAX_FDS];
	unsigned int num = collect_fds(p, w, fds);
	uint64_t now = now_ns(), deadline = next_deadline(p, w, now);
	uint64_t left = deadline > now ? deadline - now : 0;
	struct timespec timeout = {.tv_sec = (time_t)(left / NS_PER_S),
				   .tv_nsec = (long)(left % NS_PER_S)};
	int ready = ppoll(fds, num, deadline == PLAYER_SLEEPS ? NULL : &timeout, NULL);

	atomic_fetch_add_explicit(&p->counts.wakeups, 1, memory_order_relaxed);
	if (ready == 0 && left > 0)
		count_lateness(p, now_ns() - deadline);
	w->rung = ready > 0 && fds[0].revents;
	w->noisy = ready > 0 && !w->rung;
	if (w->rung)
		rest(p, w);
	w->deaf = w->rung && !hush(p->bell_player);
}

static void lengthen_pause(struct waiting *w, bool moved)
{
	uint64_t most = moved ? HURRIED_MAX : PAUSE_MAX;

	if (moved && w->hurried < MOST_HURRIED)
		w->pause_ns = 0;
	else if (w->rung && !w->deaf)
		return;
	else if (w->pause_ns == 0)
		w->pause_ns = PAUSE_MIN;
	else if (w->pause_ns < most)
		w->pause_ns *= 2;
}

static void note_progress(struct waiting *w, const struct player *p)
{
	uint64_t applied = atomic_load_explicit(&p->applied, memory_order_relaxed);
	uint64_t xruns = atomic_load_explicit(&p->counts.xruns, memory_order_relaxed);
	bool moved = w->dev_fed != p->dev_fed || w->dev_played != p->dev_played ||
		     w->applied != applied;

	/* A device that stops again and again gets nowhere. */
	moved = moved && w->xruns == xruns;
	w->xruns = xruns;
	w->dev_fed = p->dev_fed;
	w->dev_played = p->dev_played;
	w->applied = applied;
	w->hurried = p->wake_ns <= now_ns() ? w->hurried + 1 : 0;
	lengthen_pause(w, moved);
}

static void turn(struct player *p, struct waiting *w)
{
	uint64_t began = now_ns(), ended, took;

	player_turn(p);
	ended = now_ns();
	took = ended - began;
	w->rest_until = ended + (took < REST_MAX ? took : REST_MAX);
}

/* What the device does not give back plays out, unless it has stopped to play. */
static void wind_down(struct player *p, struct waiting *w)
{
	uint64_t limit;

	player_end(p);
	limit = now_ns() + player_ends_in(p) + END_LATE;
	do {
		turn(p, w);
		if (player_ends_in(p) == 0)
			return;
		note_progress(w, p);
		wait_for_work(p, w);
	} while (now_ns() < limit);
}

void *thread_run(void *thread)
{
	struct thread *t = thread;
	struct player *p = t->player;
	struct waiting w = {.pause_ns = 0};

	introduce(t);
	p->ring = true; /* main waits for the number */
	while (!atomic_load_explicit(&t->stop, memory_order_relaxed)) {
		turn(p, &w);
		note_progress(&w, p);
		wait_for_work(p, &w);
	}
	wind_down(p, &w);
	player_finish(p);
	return NULL;
}
