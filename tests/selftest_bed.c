/* SPDX-License-Identifier: MIT */
/*
 * All of time passes in the functions that ask for it.
 */
#include "selftest_bed.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS = 5 };

#define BEGINNING_NS (1000000 * NS_PER_S)

int __wrap_clock_gettime(clockid_t id, struct timespec *ret);
int __wrap_clock_nanosleep(clockid_t id, int flags, const struct timespec *t,
			   struct timespec *left);
int __real_clock_gettime(clockid_t id, struct timespec *ret);

struct selftest_bed bed;

/* ---- time --------------------------------------------------------------------------- */

static void play_until(uint64_t ns)
{
	struct fake_pcm *f = &bed.card.fake;
	double frames =
		(double)(ns - bed.since_ns) / 1e9 * f->io.rate * (1 + bed.ppm / 1e6);
	uint64_t due = (uint64_t)frames / bed.granule * bed.granule;

	if (due <= bed.played)
		return;
	fake_pcm_play(f, (uint32_t)(due - bed.played));
	bed.played = f->pos;
}

static void pass(uint64_t ns)
{
	const struct fake_pcm *f = &bed.card.fake;
	bool runs = f->io.pcm && f->io.state == SND_PCM_STATE_RUNNING;

	/* It has been started since, at this very moment. */
	if (runs && (!bed.plays || f->pos != bed.played)) {
		bed.since_ns = bed.now_ns;
		bed.played = f->pos;
	}
	bed.plays = runs;
	bed.now_ns += ns;
	if (runs)
		play_until(bed.now_ns);
}

int __wrap_clock_gettime(clockid_t id, struct timespec *ret)
{
	if (!bed.now_ns || id != CLOCK_MONOTONIC)
		return __real_clock_gettime(id, ret);
	pass(bed.look_costs_ns);
	ret->tv_sec = (time_t)(bed.now_ns / NS_PER_S);
	ret->tv_nsec = (long)(bed.now_ns % NS_PER_S);
	return 0;
}

int __wrap_clock_nanosleep(clockid_t id, int flags, const struct timespec *t,
			   struct timespec *left)
{
	uint64_t until = (uint64_t)t->tv_sec * NS_PER_S + (uint64_t)t->tv_nsec;
	uint64_t late = bed.late_every && ++bed.sleeps % bed.late_every == 0 ? bed.late_ns
									     : 20000;

	(void)id, (void)flags, (void)left;
	if (bed.each_sleep)
		bed.each_sleep();
	pass((until > bed.now_ns ? until - bed.now_ns : 0) + late);
	return selftest_signal() ? EINTR : 0;
}

double seconds_gone(void)
{
	return (double)(bed.now_ns - BEGINNING_NS) / 1e9;
}

/* ---- a card, a test ----------------------------------------------------------------- */

static void set_up(const struct fake_pcm_offer *offer)
{
	struct opening *o = &bed.card;

	memset(&bed, 0, sizeof(bed));
	opening_init(o, offer);
	o->fake.no_timestamps = true;
	snd_pcm_close(o->fake.io.pcm);
	strcpy(o->config.name, "main");
	o->config.xrun_margin_ms = 120; /* as it is by default */
	bed.now_ns = BEGINNING_NS;
	bed.look_costs_ns = 1000;
	bed.granule = 1;
	bed.order = (struct selftest_order){
		.output = &o->config,
		.seconds = SECONDS,
		.quiet = true,
	};
}

void selftest_bed_set_up(void)
{
	set_up(NULL);
}

void selftest_bed_offer(const struct fake_pcm_offer *offer)
{
	selftest_bed_tear_down();
	set_up(offer);
}

void selftest_bed_tear_down(void)
{
	bed.now_ns = 0;
	opening_done(&bed.card);
}

/* What is to be pasted into audd.conf can be. */
static void assert_lines_are_read(void)
{
	static const char before[] = "For audd.conf\n  [output";
	char path[] = "/tmp/aud-selftest-XXXXXX", *error = NULL;
	char *begin = strstr(bed.said, before), *end;
	struct config config;
	FILE *f;

	if (!begin)
		return;
	begin = strchr(begin, '\n') + 1;
	end = strstr(begin, "Played silence");
	ck_assert_ptr_nonnull(end);
	f = fdopen(mkstemp(path), "w");
	ck_assert_ptr_nonnull(f);
	fwrite(begin, 1, (size_t)(end - begin), f);
	fclose(f);
	ck_assert_int_eq(config_init(&config), 0);
	ck_assert_msg(config_read(&config, path, true, &error) == 0, "%s, of: %s", error,
		      begin);
	config_done(&config);
	unlink(path);
}

void selftest_bed_run(void)
{
	char path[] = "/tmp/aud-selftest-XXXXXX";
	int fd = mkstemp(path);
	FILE *f;
	size_t n;

	ck_assert_int_ge(fd, 0);
	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	bed.status = selftest_run(&bed.order);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	n = fread(bed.said, 1, sizeof(bed.said) - 1, f);
	bed.said[n] = '\0';
	fclose(f);
	close(fd);
	unlink(path);
	assert_lines_are_read();
}

/* ---- what it said ------------------------------------------------------------------- */

void assert_said(const char *what)
{
	ck_assert_msg(strstr(bed.said, what) != NULL, "no '%s' in: %s", what, bed.said);
}

void assert_not_said(const char *what)
{
	ck_assert_msg(!strstr(bed.said, what), "'%s' in: %s", what, bed.said);
}

void assert_problem(const char *what)
{
	ck_assert_msg(bed.status == SELFTEST_PROBLEMS, "status %d: %s", bed.status,
		      bed.said);
	assert_said("Problems\n");
	assert_said(what);
}

void assert_fine(void)
{
	ck_assert_msg(bed.status == SELFTEST_FINE, "status %d: %s", bed.status, bed.said);
	assert_said("No problems\n");
}
