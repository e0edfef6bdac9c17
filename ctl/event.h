/* SPDX-License-Identifier: MIT */
/*
 * An event in words, or as JSON; see aud-ctl(1) for the forms. Both have the same parts,
 * which one table lists.
 */
#ifndef CTL_EVENT_H
#define CTL_EVENT_H

#include <jansson.h>

#include "aud.h"

/* What is known of the source that an event is about. */
struct event_source {
	uint64_t handle;
	char name[64];
	uint32_t sample_rate; /* Hz */
};

struct event_source event_source(const struct aud_source_status *status);

/* One line on stdout. */
void event_say(const struct aud_event *event, const struct event_source *source);

/* A new reference; see json.h. */
json_t *event_json(const struct aud_event *event, const struct event_source *source);

#endif
