/* SPDX-License-Identifier: MIT */
/*
 * Years of a daemon in minutes: a device of 1000 Hz, so that an hour has 3.6 million frames and
 * not 173 million, and as many changes as one of 48 kHz would get. Positions begin at 2^40. What is
 * done is what test_ledger does: clients ask for anything, the device is lost, runs dry, takes and
 * gives back less than asked; and nothing may grow. SOAK_VIRTUAL_HOURS says how long.
 */
#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "mischief.h"
#include "rt/queue.h"
#include "stats.h"
#include "suite.h"

enum {
	RATE = 1000, /* Hz */
	STEP = 400, /* frames, between two turns, at most; but the device has a fifth of a second, */
	SETTLED = 50, /* episodes: then all that is made once is there */
};

#define START     (UINT64_C(1) << 40)
#define NS_PER_HR UINT64_C(3600000000000)

struct tally {
	uint64_t episodes, sources, pushed, heard, dropped, lost;
	uint64_t position; /* the furthest of a source */
};

static struct stage *st;
static struct tally tally;

/* As if it had come so far, by the way that a restart takes. */
static void begin_far(struct source *s)
{
	struct queue *q = &s->queue;
	struct queue_saved *saved = &q->player->saved[q->player->saved_which];

	atomic_store(&saved->saved_played, START);
	atomic_store(&saved->saved_heard, START);
	atomic_store(&saved->saved_floor, START);
	atomic_store(&q->writer->written, START);
	ck_assert_ptr_null(queue_adopt(q, s->store.map, &q->shape, q->near,
				       &(struct played_out){.num = 0}));
	voice_init(&s->voice, q, s->taps);
	tally.sources++;
}

/* An idle device's clock has only gone on. */
static void begin_device_far(void)
{
	struct player *p = output_player(st->output);

	p->dev_fed = p->dev_played = START;
}

static uint64_t hours_from(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 10) : otherwise;
}

static int files_open(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* What malloc has given out. */
static uint64_t memory(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* All is heard or dropped: what is not is lost. Then new ones come. */
static void sum_up_and_close(void)
{
	for (uint32_t i = 0; i < st->sources.num; i++) {
		struct source *s = st->sources.items[i];
		Aud__AudioSourceStatus a;
		uint64_t dropped;

		stats_source(s, &a);
		if (s->state != SOURCE_LIVE)
			continue;
		tally.pushed += a.pushed - START;
		tally.heard += a.heard - START;
		dropped = a.dropped_cleared + a.dropped_refused + a.dropped_closed;
		tally.dropped += dropped;
		tally.lost += a.pushed - a.heard - dropped;
		if (a.played > tally.position)
			tally.position = a.played;
		sources_close(s, false);
	}
	stage_settle(st);
}

static void episode(struct mischief *m)
{
	mischief_begin(m);
	for (int i = 0; i < 150; i++) {
		mischief_do(m);
		mischief_drift(m, rand() % 8, rand() % 8 ? STEP / 4 : STEP);
	}
	mischief_end(m, RATE / 10);
	sum_up_and_close();
	tally.episodes++;
}

START_TEST(nothing_is_lost_and_nothing_grows_in_a_long_time)
{
	uint64_t hours = hours_from("SOAK_VIRTUAL_HOURS", SANITIZED ? 2 : 20), begin = 0;
	struct mischief m = {
		.st = st,
		.rates = {RATE, RATE, RATE, RATE, RATE, 2 * RATE},
		.least_queued = 200, /* frame by frame it would take for ever */
		.most_queued = 4000,
		.most_pushed = 3000,
		.stay = true,
		.born = begin_far,
	};
	const struct player_counts *c = &output_player(st->output)->counts;
	uint64_t began_ns = clock_now();
	int files = 0;

	srand(1);
	sources_close(st->s, true);
	stage_settle(st);
	begin_device_far();
	while (st->sink.now_ns < hours * NS_PER_HR || tally.episodes <= SETTLED) {
		episode(&m);
		if (tally.episodes == SETTLED) {
			begin = memory();
			files = files_open();
		}
	}
	printf("%.0f hours of virtual time at %d Hz: %" PRIu64 " turns, %" PRIu64
	       " sources, %" PRIu64 " frames pushed, %" PRIu64 " heard, %" PRIu64
	       " dropped by request, %" PRIu64 " lost\n",
	       (double)st->sink.now_ns / (double)NS_PER_HR, RATE, c->turns, tally.sources,
	       tally.pushed, tally.heard, tally.dropped, tally.lost);
	printf("%" PRIu64 " underruns, %" PRIu64 " lost devices, %" PRIu64
	       " frames taken back; position 2^40 + %" PRIu64 "; device 2^40 + %" PRIu64
	       "; memory %" PRIu64 " bytes, %" PRIu64
	       " at first; %d files, %d at first\n",
	       c->xruns, c->losses, c->given_back, tally.position - START,
	       output_player(st->output)->dev_played - START, memory(), begin,
	       files_open(), files);
	ck_assert_uint_eq(tally.lost, 0);
	ck_assert(tally.pushed > 0 && tally.dropped > 0 && c->xruns > 0 && c->losses > 0);
	ck_assert_uint_gt(c->given_back, 0);
	ck_assert_int_eq(files_open(), files);
	if (!SANITIZED) /* they have a malloc of their own */
		ck_assert_uint_le(memory(), begin + begin / 10 + 65536);
	clock_set(began_ns); /* Check takes a test's time, and knows of no such lengths */
}
END_TEST

static void set_up(void)
{
	log_set_level(LEVEL_ERROR); /* that it runs dry is asked for */
	st = stage_new_at(RATE);
	st->config.max_marks = 30;
	st->config.linger_ms = 3600000;
	tally = (struct tally){0};
}

static void tear_down(void)
{
	stage_free(st);
}

int main(void)
{
	TCase *t = tcase_create("soak_virtual");

	tcase_set_timeout(t, 24 * 3600);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, nothing_is_lost_and_nothing_grows_in_a_long_time);
	return suite_run("soak_virtual", t);
}
