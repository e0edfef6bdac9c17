/* SPDX-License-Identifier: MIT */
/*
 * Which sources the command line means.
 */
#ifndef CTL_SOURCES_H
#define CTL_SOURCES_H

#include "ctl.h"

/* Zero-initialised is empty. */
struct sources {
	struct aud_source_status *list; /* all there are */
	size_t num_list;
	const struct aud_source_status **chosen; /* in the order of the list */
	size_t num_chosen;
};

/* What is meant where no source is named. Only where all may be looked at does a name mean
 * sources that one may not control. */
enum sources_default {
	SOURCES_OWN,  /* this user's */
	SOURCES_MINE, /* that one may control */
	SOURCES_ALL,
};

/* Asks the daemon for its sources and chooses those that the operands name: a number is a
 * handle, anything else is a name. CTL_DONE, or says what is wrong and returns the
 * status; sources_done is due in any case. */
int sources_find(struct sources *s, struct ctl *ctl, char **operands, size_t num_operands,
		 enum sources_default otherwise);

/* The same, where it is wrong that an operand names nothing. */
int sources_choose(struct sources *s, struct ctl *ctl, char **operands,
		   size_t num_operands, enum sources_default otherwise);
void sources_done(struct sources *s);

/* "source 3 (voice)", safe for a terminal. Returned by value, to be used in a printf. */
struct source_label {
	char s[288];
};

struct source_label source_label(uint64_t handle, const char *name);

#endif
