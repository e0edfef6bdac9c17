/* SPDX-License-Identifier: MIT */
/*
 * One request to each of several sources, all sent at once and then waited for, so that
 * "clear --all" is one moment and not a series.
 */
#ifndef CTL_ORDERS_H
#define CTL_ORDERS_H

#include <jansson.h>

#include "ctl.h"

/* A request to one source, and its answer. */
struct order {
	const struct aud_source_status *on; /* the source, before */
	struct aud_source *source;
	const struct options *options;
	struct orders *orders;
	bool answered;
	int error; /* negative errno, 0 if it was done */
	union {    /* of what was done */
		struct aud_cleared cleared;
		struct aud_playout playout;
		struct aud_level level;
		uint64_t position;
	};
};

/* What a verb asks for. */
struct order_kind {
	const char *nothing; /* what to say when there is no source */
	/* Sends the request, with order_answered and the order; negative errno if it
	 * cannot. */
	int (*send)(struct order *order);
	/* Keeps what is in the answer; NULL: nothing is. */
	void (*keep)(struct order *order, const struct aud_result *result);
	/* Tells what was done, in words and as an object. */
	void (*say)(const struct order *order);
	json_t *(*to_json)(const struct order *order);
	/* The exit status for what was done; NULL: CTL_DONE. */
	int (*status)(const struct order *order);
};

/* Gives the order to every source that the operands mean and tells the outcome. Returns
 * the exit status. */
int orders_give(struct ctl *ctl, const struct order_kind *kind, char **operands,
		size_t num_operands);

/* To be called with every answer; user is the order. An aud_done_fn. */
void order_answered(const struct aud_result *result, void *user);

#endif
