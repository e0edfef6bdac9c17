/* SPDX-License-Identifier: MIT */
/*
 * The verbs of aud-ctl: one function and one table row for each. To add one: a function,
 * a row, and its place in aud-ctl(1).
 */
#ifndef CTL_VERBS_H
#define CTL_VERBS_H

#include "ctl.h"

struct verb {
	const char *name;
	const char *operands; /* as the help shows them, "" if there are none */
	const char *summary;  /* of one line */
	const char *details;  /* more lines for the verb's own help, or NULL */
	uint32_t options;     /* set of those that it takes besides the ones for all */
	size_t min_operands;
	const char *missing;         /* what is missing when there are fewer */
	bool no_operands;            /* it takes none */
	int (*run)(struct ctl *ctl); /* returns the exit status */
};

/* Ends with a row without a name. */
extern const struct verb verbs[];

/* What the rows run. */
int verb_play(struct ctl *ctl);
int verb_clear(struct ctl *ctl);
int verb_pause(struct ctl *ctl);
int verb_resume(struct ctl *ctl);
int verb_wait(struct ctl *ctl);
int verb_gain(struct ctl *ctl);
int verb_mute(struct ctl *ctl);
int verb_unmute(struct ctl *ctl);
int verb_close(struct ctl *ctl);
int verb_mark(struct ctl *ctl);
int verb_events(struct ctl *ctl);
int verb_list(struct ctl *ctl);
int verb_status(struct ctl *ctl);
int verb_move(struct ctl *ctl);
int verb_outputs(struct ctl *ctl);
int verb_selftest(struct ctl *ctl);

/* NULL: there is none. */
const struct verb *verb_find(const char *name);

/* The verb that was perhaps meant, or NULL. */
const struct verb *verb_nearest(const char *name);

#endif
