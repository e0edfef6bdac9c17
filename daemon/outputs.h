/* SPDX-License-Identifier: MIT */
/*
 * All outputs there are, in the order of the configuration. They begin and end with the
 * daemon. Main thread.
 */
#ifndef DAEMON_OUTPUTS_H
#define DAEMON_OUTPUTS_H

#include "config_change.h"
#include "output.h"

struct outputs {
	struct output *items[OUTPUTS_MAX];
	uint32_t num;
	struct output *standard; /* for sources that name none */
};

/* Makes them all, stopped; see output_new. After a failure outputs_done is due as well. */
int outputs_init(struct outputs *set, sd_event *event, const struct config *c,
		 output_bell_fn *on_bell, void *user, char **ret_error);

/* As output_start, output_stop, output_flush, output_free, for each. */
int outputs_start(struct outputs *set, char **ret_error);
void outputs_stop(struct outputs *set);
void outputs_flush(struct outputs *set);
void outputs_done(struct outputs *set);

/* As output_check, for each. */
void outputs_check(struct outputs *set);

/* The settings have changed: opens anew what has to be. */
void outputs_follow(struct outputs *set, const struct config *c,
		    const struct config_change *change);

/* The one of that name; NULL: there is none. */
struct output *outputs_find(const struct outputs *set, const char *name);

/* The same by its output_key. */
struct output *outputs_find_key(const struct outputs *set, uint64_t key);

/* Their names for a sentence, "speaker, headset"; what does not fit is cut. Returns buf. */
const char *outputs_names(const struct outputs *set, char *buf, size_t size);

/* Frames of a source of this rate (Hz) that must stay readable behind what is played, whichever
 * output it plays to. */
uint32_t outputs_lookback(const struct outputs *set, uint32_t rate);

#endif
