/* SPDX-License-Identifier: MIT */
/*
 * A selftest on a card with faults, in virtual time: it passes while the selftest sleeps, and the
 * card plays so long by a clock of its own. What is suggested for audd.conf is always read by the
 * daemon's own reader. For the programs test_selftest_….
 */
#ifndef TESTS_SELFTEST_BED_H
#define TESTS_SELFTEST_BED_H

#include "opening.h"
#include "selftest/parts.h"

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

struct selftest_bed {
	struct opening card;
	struct selftest_order order; /* of about 5 s */

	/* The machine, for the test to set. */
	uint64_t look_costs_ns; /* each look at the clock takes so long */
	uint64_t late_ns;       /* so late does every late_every-th sleep end */
	uint64_t late_every;
	void (*each_sleep)(void);

	/* What the card makes of its time, likewise. */
	double ppm;       /* it is fast */
	uint32_t granule; /* its pointer moves by so many frames */

	uint64_t now_ns, sleeps;
	bool plays;
	uint64_t since_ns, played;

	char said[32768]; /* the report */
	int status;
};

extern struct selftest_bed bed;

/* A card that the kernel drives and that takes anything; or one that offers this. */
void selftest_bed_set_up(void);
void selftest_bed_offer(const struct fake_pcm_offer *offer);
void selftest_bed_tear_down(void);

/* Fills said and status. */
void selftest_bed_run(void);

/* Since the beginning, virtual. */
double seconds_gone(void);

void assert_said(const char *what);
void assert_not_said(const char *what);
void assert_problem(const char *what);
void assert_fine(void);

#endif
