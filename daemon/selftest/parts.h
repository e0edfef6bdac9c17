/* SPDX-License-Identifier: MIT */
/*
 * The parts of the selftest, and what they find out. Frames are those of the device. Main thread.
 */
#ifndef DAEMON_SELFTEST_PARTS_H
#define DAEMON_SELFTEST_PARTS_H

#include "config.h"
#include "device_alsa.h"
#include "layout.h"
#include "rt/sink_alsa.h"
#include "scheduling.h"
#include "selftest.h"

enum {
	SELFTEST_RATES = 16,
	SELFTEST_MAPS = 8,
	SELFTEST_GUARDS = 12,
	SELFTEST_SIZES = 12,
	SELFTEST_LATE = 8, /* < 50, 100, 200, 500, 1000, 2000, 5000 us, more */
	SELFTEST_FINDINGS = 16,
	SELFTEST_LINES = 8,
	SELFTEST_TEXT = 256,
};

/* ---- time (time.c) ------------------------------------------------------- */

/* CLOCK_MONOTONIC. False: a signal wants it to end. */
uint64_t selftest_now(void);
bool selftest_sleep_until(uint64_t ns);

/* From now on SIGINT, SIGTERM and SIGHUP only leave a note: which one came, or 0. */
void selftest_take_signals(void);
int selftest_signal(void);

/* ---- as a player is scheduled (realtime.c) ------------------------------- */

struct realtime;

/* A thread of that SCHED_FIFO priority, or what comes nearest to it; 0: an ordinary one. Waits until
 * that is decided. Negative errno. */
int realtime_new(struct realtime **ret, int priority);
void realtime_free(struct realtime *t);

/* Has it run this, and waits for it. Returns what that returns. */
int realtime_run(struct realtime *t, int (*job)(void *arg), void *arg);

const struct scheduling *realtime_scheduling(const struct realtime *t);

/* ---- a device that plays silence (stream.c) ------------------------------ */

struct stream {
	struct sink *sink;
	struct sink_alsa *alsa;
	struct device_info info;
	float *silence;
	uint64_t written; /* frames, less those that were taken back */
};

/* What the device said, taken as it is. */
struct look {
	uint64_t when_ns;
	int64_t heard;  /* frames, by what it says of its delay */
	uint32_t held;  /* in its buffer, by what it says of its room */
	int64_t behind; /* of the delay, what does not lie in the buffer */
};

/* As device_alsa_open. */
int stream_open(struct stream *s, const struct config_output *c, char **ret_error);
void stream_close(struct stream *s);

/* 0, -EPIPE: it has stopped by itself; or another negative errno. */
int stream_look(struct stream *s, struct look *ret);

/* Writes until the buffer holds so many frames. 0 or a negative errno. */
int stream_fill(struct stream *s, uint32_t frames);

/* Stops, fills, starts. 0 or a negative errno. */
int stream_start(struct stream *s, uint32_t frames);

/* ---- what it offers (offer.c) -------------------------------------------- */

struct offer {
	char kind[24]; /* alsa-lib's word: "HW", "PLUG" */
	char card[96]; /* its name; "": it has none */
	bool is_hw;
	uint32_t num_rates, rates[SELFTEST_RATES]; /* of the usual ones, Hz */
	uint32_t rate_min, rate_max, channels_min, channels_max;
	uint32_t buffer_min, buffer_max, period_min, period_max;
	char formats[96]; /* our names, with blanks between them */
	uint32_t num_maps;
	char maps[SELFTEST_MAPS][LAYOUT_TEXT];
};

/* Opens the PCM for it. Negative errno and *ret_error as device_alsa_open. */
int offer_learn(const struct config_output *c, struct offer *ret, char **ret_error);

/* ---- does its clock tell the truth? (clock.c) ---------------------------- */

struct clock_sample {
	uint64_t when_ns;
	int64_t heard;
};

struct clock_figures {
	bool stands_for_nothing; /* all that is written is heard at once: there is no clock */
	uint32_t looks, xruns;
	double rate, ppm, ppm_error; /* by a line through the looks */
	double jitter_us, worst_us;  /* off the line: 99 of 100, all */
	uint32_t step; /* frames by which the pointer moves; 0: too few to see */
	double seen;   /* how fine one could see, frames */
	uint32_t jumps, backward;
	int64_t most_jump, most_backward; /* frames */
	double stood_ms;                  /* the longest without moving */
	int64_t behind_min, behind_max;
};

/* The line, jitter, jumps and standstills of n looks at a device of this rate. ret->step is looked
 * for if it is 0. */
void clock_judge(const struct clock_sample *samples, uint32_t n, uint32_t rate,
		 struct clock_figures *ret);

/* 0, -EINTR, or a negative errno of the device. */
int clock_measure(struct realtime *t, struct stream *s, uint64_t for_ns,
		  struct clock_figures *ret);

/* ---- does it rewind? (rewind.c) ------------------------------------------ */

struct rewind_figures {
	bool works;  /* the daemon's own trial says so */
	bool boasts; /* says that it gave back more than its pointers moved */
	uint32_t asked,
		given;    /* the first time that it gave less than was asked for; or 0 */
	uint32_t deepest; /* the most that it gave back at once */
	uint32_t num_guards;
	struct guard_trial {
		uint32_t us, frames, tries, failed;
	} guards[SELFTEST_GUARDS]; /* the largest first */
	int smallest;              /* that held, as all above it did; -1: none */
};

int rewind_measure(struct realtime *t, struct stream *s, uint32_t step,
		   struct rewind_figures *ret);

/* ---- how late does it wake up? (wake.c) ---------------------------------- */

struct wake_figures {
	char asked[SCHEDULING_TEXT], got[SCHEDULING_TEXT], by[8]; /* as scheduling.h */
	uint32_t wakes, late[SELFTEST_LATE];
	uint64_t worst_ns;
};

int wake_measure(struct realtime *t, uint64_t for_ns, struct wake_figures *ret);

/* ---- the smallest buffer (size.c) ---------------------------------------- */

struct size_figures {
	uint32_t num;
	struct size_trial {
		uint32_t frames, xruns;
		uint32_t least;   /* that it still held */
	} trials[SELFTEST_SIZES]; /* the largest first; the last one failed, if any did */
	int smallest;             /* without an xrun, as all above it; -1: none */
};

int size_measure(struct realtime *t, const struct config_output *c, uint64_t for_ns,
		 struct size_figures *ret);

/* ---- all of it -------------------------------------------------------------------- */

struct selftest_result {
	const struct config_output *output; /* as tested */
	uint32_t others;                    /* devices that the output has beside it */
	struct offer offer;
	struct device_info info; /* as the daemon opens it */
	uint32_t buffer, spare,
		guard; /* frames: used; more, for after xruns; see sink.h */
	bool rewinds;
	uint32_t deep; /* the buffer on which its clock was measured */
	uint64_t spent_ns;
	char *error; /* why it could not be tested; NULL: it was */
	int error_number;
	bool has_clock, has_rewind, has_wake, has_sizes; /* what was measured */
	struct clock_figures clock;
	struct rewind_figures rewind;
	struct wake_figures wake;
	struct size_figures sizes;

	/* By findings_make. */
	uint32_t num_problems, num_notes, num_lines;
	char problems[SELFTEST_FINDINGS][SELFTEST_TEXT];
	char notes[SELFTEST_FINDINGS][SELFTEST_TEXT];
	struct config_hint {
		char why[SELFTEST_TEXT], line[64];
	} lines[SELFTEST_LINES]; /* for audd.conf, in [output] */
};

/* (findings.c) What follows from the figures, in sentences. */
void findings_make(struct selftest_result *r);

/* (report.c, json.c) */
void report_print(const struct selftest_result *r);
void report_print_json(const struct selftest_result *r);

#endif
