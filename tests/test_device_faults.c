/* SPDX-License-Identifier: MIT */
/*
 * Every ALSA call that the daemon makes, failing once in every way, wherever it is made while a
 * device is opened and while it plays: nothing is lost, what is heard twice is bounded, and what
 * becomes of the device is what the table in HACKING.md says.
 *
 * The calls are those of the objects that the daemon is linked of: one that is new is tried with
 * the others, and fails here until it has its place in the table. All of them take and return
 * what fits into registers, so one kind of function can stand in for each.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_bed.h"
#include "suite.h"

/* ---- the calls ---------------------------------------------------------------------- */

enum call {
#define CALL(name) CALL_##name,
#include "alsa_calls.h"
#undef CALL
	NUM_CALLS,
};

static const char *const call_names[] = {
#define CALL(name) #name,
#include "alsa_calls.h"
#undef CALL
};

/* The one call that goes wrong. */
static struct {
	uint32_t hits[NUM_CALLS];
	uint32_t opening[NUM_CALLS]; /* hits before it was open for the first time */
	bool armed;
	enum call call;
	uint32_t at; /* counted from 1 */
	uint32_t times;
	long returns;
	uint64_t struck_ns; /* 0: not yet */
} fault;

static struct device_bed bed;

static bool strikes(enum call call)
{
	uint32_t hit = ++fault.hits[call];

	if (!fault.armed || call != fault.call || hit < fault.at ||
	    hit >= fault.at + fault.times)
		return false;
	fault.struck_ns = bed.now_ns;
	return true;
}

#define CALL(name)                                                                       \
	long __real_##name(long a, long b, long c, long d, long e, long f);              \
	long __wrap_##name(long a, long b, long c, long d, long e, long f);              \
	long __wrap_##name(long a, long b, long c, long d, long e, long f)               \
	{                                                                                \
		return strikes(CALL_##name) ? fault.returns                              \
					    : __real_##name(a, b, c, d, e, f);           \
	}
#include "alsa_calls.h"
#undef CALL

int __wrap_clock_gettime(clockid_t id, struct timespec *ret)
{
	return bed.now_ns && id == CLOCK_MONOTONIC ? device_bed_time(&bed, ret)
						   : __real_clock_gettime(id, ret);
}

/* ---- the table ---------------------------------------------------------------------- */

/* What becomes of the device. */
enum outcome { NEVER_CALLED, CANNOT_FAIL, GOES_ON, XRUN, LOST, REFUSED, NUM_OUTCOMES };

static const char *const words[] = {"-",    "cannot fail", "goes on",
				    "xrun", "lost",        "refused"};

/* Columns: while it is opened, whatever it returns; while it plays, by what it returns. */
enum { AT_OPEN, COLUMNS = 5 };

static const struct {
	int error, column;
} errors[] = {
	{EPIPE, 1},  {ESTRPIPE, 1}, {EBADFD, 1}, {EAGAIN, 2},
	{ENODEV, 3}, {EBUSY, 4},    {EIO, 4},    {EINTR, 4},
};
enum { NUM_ERRORS = sizeof(errors) / sizeof(errors[0]) };

static struct row {
	bool there;
	enum outcome outcomes[COLUMNS];
} rows[NUM_CALLS];

static int find_call(const char *name)
{
	char full[64];

	for (int i = 0; i < NUM_CALLS; i++) {
		snprintf(full, sizeof(full), "snd_pcm_%s", name);
		if (strcmp(call_names[i], full) == 0 || strcmp(call_names[i], name) == 0)
			return i;
	}
	ck_abort_msg("HACKING.md has a row for %s, which the daemon does not call", name);
	return -1;
}

static enum outcome find_word(const char *text)
{
	for (int i = 0; i < NUM_OUTCOMES; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	ck_abort_msg("HACKING.md, faults of devices: what is '%s'?", text);
	return NEVER_CALLED;
}

/* One cell of a line of the table, without the spaces around it. */
static char *next_cell(char **line)
{
	char *cell = strsep(line, "|");
	size_t n;

	if (!cell)
		return NULL;
	cell += strspn(cell, " ");
	n = strlen(cell);
	while (n > 0 && strchr(" \n", cell[n - 1]))
		cell[--n] = '\0';
	return cell;
}

static void read_row(char *line)
{
	enum outcome outcomes[COLUMNS];
	char *calls, *name;

	next_cell(&line);
	calls = next_cell(&line);
	for (int i = 0; i < COLUMNS; i++)
		outcomes[i] = find_word(next_cell(&line));
	while ((name = strsep(&calls, "`")) != NULL) {
		struct row *row;

		if (!*name || strchr(", ", *name))
			continue;
		row = &rows[find_call(name)];
		ck_assert_msg(!row->there, "%s has two rows", name);
		row->there = true;
		memcpy(row->outcomes, outcomes, sizeof(outcomes));
	}
}

static void read_table(void)
{
	FILE *f = fopen(SOURCE_DIR "/HACKING.md", "r");
	bool inside = false;
	char line[1024];

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "## ", 3) == 0)
			inside = strcmp(line, "## Faults of devices\n") == 0;
		if (inside && strncmp(line, "| `", 3) == 0)
			read_row(line);
		else if (inside && strncmp(line, "| a ", 4) == 0)
			break; /* the table of lies: test_device_lies.c */
	}
	fclose(f);
}

START_TEST(every_alsa_call_of_the_daemon_has_its_row)
{
	read_table();

	for (int i = 0; i < NUM_CALLS; i++)
		ck_assert_msg(rows[i].there,
			      "%s is called and has no row in HACKING.md, "
			      "Faults of devices",
			      call_names[i]);
}
END_TEST

/* ---- one run ------------------------------------------------------------------------ */

/* Opens, plays, is taken back from, runs out, stops, starts again. */
static void play_a_while(void)
{
	for (int i = 0; i < 60; i++) {
		if (i == 20 || i == 40)
			rig_hold(&bed.rig, bed.source, true, 0);
		if (i == 24 || i == 41)
			rig_hold(&bed.rig, bed.source, false, 0);
		if (i < 50)
			device_bed_push(&bed, 2 * DEVICE_BED_STEP);
		device_bed_pass(&bed, DEVICE_BED_STEP);
	}
	device_bed_play_out(&bed);
	for (int i = 0; i < 20; i++)
		device_bed_pass(&bed, DEVICE_BED_STEP);
	device_bed_push(&bed, 1000);
	device_bed_play_out(&bed);
}

static void run(int kind)
{
	memset(fault.hits, 0, sizeof(fault.hits));
	fault.struck_ns = 0;
	device_bed_init(&bed, kind, NULL, NULL);
	memcpy(fault.opening, fault.hits, sizeof(fault.hits));
	play_a_while();
}

static enum outcome outcome(void)
{
	if (bed.refused)
		return REFUSED;
	if (atomic_load(&bed.rig.player.counts.losses))
		return LOST;
	return atomic_load(&bed.rig.player.counts.xruns) ? XRUN : GOES_ON;
}

/* How often each call is made where nothing fails. */
static uint32_t plain_hits[NUM_ALL_DEVICE_BEDS][NUM_CALLS];
static uint32_t plain_opening[NUM_ALL_DEVICE_BEDS][NUM_CALLS];

static void run_plainly(void)
{
	fault.armed = false;
	for (int kind = 0; kind < NUM_ALL_DEVICE_BEDS; kind++) {
		run(kind);
		ck_assert_int_eq(outcome(), kind < NUM_DEVICE_BEDS ? GOES_ON : REFUSED);
		ck_assert_uint_eq(bed.repeated, 0);
		device_bed_done(&bed);
		memcpy(plain_hits[kind], fault.hits, sizeof(fault.hits));
		memcpy(plain_opening[kind], fault.opening, sizeof(fault.hits));
	}
}

static void assert_it_told(enum outcome o, int error)
{
	if (o == REFUSED)
		ck_assert_str_ne(bed.said, "");
	/* What it means that it does not stop, prepare says. */
	if (o == LOST && strcmp(call_names[fault.call], "snd_pcm_drop") == 0)
		ck_assert_int_eq(bed.error, -EBUSY);
	else if (o == LOST)
		ck_assert_int_eq(bed.error, -error);
}

/* What was heard since the last look: here, from turn to turn. */
static void assert_little_is_repeated(enum outcome o)
{
	ck_assert_uint_le(bed.repeated, o == LOST ? DEVICE_BED_STEP : 0);
}

static void set_fault(enum call call, uint32_t at, uint32_t times, int error)
{
	fault.armed = true;
	fault.call = call;
	fault.at = at;
	fault.times = times;
	/* The only one that returns a pointer. */
	fault.returns = strcmp(call_names[call], "snd_pcm_get_chmap") == 0 ? 0 : -error;
}

/* ---- every call, every error -------------------------------------------------------- */

/* All places in which a call is made; with the sanitizers some, from the first to the last. */
enum { PLACES = SANITIZED ? 9 : 1000 };

static uint32_t nth_place(uint32_t first, uint32_t last, uint32_t n)
{
	uint32_t span = last - first;

	return span < PLACES ? first + n
			     : first + (uint32_t)((uint64_t)span * n / (PLACES - 1));
}

/* Fails once in each place: the gravest that came of it. */
static enum outcome worst_of(int kind, enum call call, uint32_t first, uint32_t last,
			     int error, uint32_t *tried)
{
	enum outcome worst = NEVER_CALLED;

	for (uint32_t n = 0; n < PLACES && nth_place(first, last, n) <= last; n++) {
		enum outcome o;

		set_fault(call, nth_place(first, last, n), 1, error);
		run(kind);
		o = outcome();
		assert_it_told(o, error);
		assert_little_is_repeated(o);
		device_bed_done(&bed);
		ck_assert_uint_ne(fault.struck_ns, 0);
		worst = o > worst ? o : worst;
		++*tried;
	}
	return worst;
}

static void assert_outcome(enum call call, int column, int error, enum outcome o)
{
	enum outcome wanted = rows[call].outcomes[column];

	ck_assert_msg(o == wanted, "%s, %s, %s: %s, and not '%s' as HACKING.md says",
		      call_names[call], column == AT_OPEN ? "opening" : "playing",
		      strerrorname_np(error), words[o], words[wanted]);
}

/* Those that do not fit are for the calls that are made of no others. */
static int num_beds(enum call call)
{
	for (int kind = 0; kind < NUM_DEVICE_BEDS; kind++)
		if (plain_hits[kind][call] > 0)
			return NUM_DEVICE_BEDS;
	return NUM_ALL_DEVICE_BEDS;
}

START_TEST(a_call_that_fails_has_the_consequence_that_is_written_down_and_nothing_is_lost)
{
	uint32_t tried = 0;

	read_table();
	if (rows[_i].outcomes[AT_OPEN] == CANNOT_FAIL)
		return;
	run_plainly();

	for (int e = 0; e < NUM_ERRORS; e++) {
		enum outcome opening = NEVER_CALLED, playing = NEVER_CALLED;

		for (int kind = 0; kind < num_beds(_i); kind++) {
			uint32_t first = plain_opening[kind][_i],
				 last = plain_hits[kind][_i];
			enum outcome o = NEVER_CALLED;

			if (first > 0)
				o = worst_of(kind, _i, 1, first, errors[e].error, &tried);
			opening = o > opening ? o : opening;
			o = NEVER_CALLED;
			if (last > first)
				o = worst_of(kind, _i, first + 1, last, errors[e].error,
					     &tried);
			playing = o > playing ? o : playing;
		}
		assert_outcome(_i, AT_OPEN, errors[e].error, opening);
		assert_outcome(_i, errors[e].column, errors[e].error, playing);
	}
	printf("%s: %u faults, all survived\n", call_names[_i], tried);
}
END_TEST

START_TEST(a_call_that_goes_on_to_fail_loses_nothing)
{
	enum { TIMES = 40 };
	uint32_t tried = 0;

	read_table();
	if (rows[_i].outcomes[AT_OPEN] == CANNOT_FAIL)
		return;
	run_plainly();

	for (int e = 0; e < NUM_ERRORS; e++) {
		for (int kind = 0; kind < num_beds(_i); kind++) {
			uint32_t hits = plain_hits[kind][_i];

			if (hits == 0)
				continue;
			set_fault(_i, hits / 2 + 1, TIMES, errors[e].error);
			run(kind);
			ck_assert_uint_le(bed.repeated,
					  bed.rig.player.counts.losses * DEVICE_BED_STEP);
			device_bed_done(&bed);
			tried++;
		}
	}
	printf("%s: %u faults that stay, all survived\n", call_names[_i], tried);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("device_faults");

	device_alsa_quiet();
	tcase_set_timeout(t, 60);
	tcase_add_test(t, every_alsa_call_of_the_daemon_has_its_row);
	tcase_add_loop_test(
		t,
		a_call_that_fails_has_the_consequence_that_is_written_down_and_nothing_is_lost,
		0, NUM_CALLS);
	tcase_add_loop_test(t, a_call_that_goes_on_to_fail_loses_nothing, 0, NUM_CALLS);
	return suite_run("device_faults", t);
}
