/* SPDX-License-Identifier: MIT */
/*
 * The library's answers as JSON; see aud-ctl(1) for the forms. Without memory, what is
 * being made becomes NULL and stays so, whatever is added to it: json_print says it,
 * once.
 */
#ifndef CTL_JSON_H
#define CTL_JSON_H

#include <jansson.h>

#include "ctl.h"

/* Every frame that a source was given, and what became of it. */
struct ledger {
	uint64_t pushed; /* heard + queued + cleared + refused + closed */
	uint64_t heard, queued;
	uint64_t cleared, refused, closed; /* dropped */
	uint64_t silence;
};

struct ledger ledger_of(const struct aud_source_status *status);
void ledger_add(struct ledger *sum, const struct ledger *more);
uint64_t ledger_dropped(const struct ledger *ledger);

/* New references, all of them. */
json_t *json_ledger(const struct ledger *ledger);
json_t *json_source(const struct aud_source_status *status);
json_t *json_daemon(const struct aud_daemon_status *status);
json_t *json_outputs(const struct aud_daemon_status *status);

/* Any text as a string: what is no UTF-8 is escaped. */
json_t *json_text(const char *s);

/* To an object and to an array; take the reference of value. */
void json_add(json_t **object, const char *key, json_t *value);
void json_add_count(json_t **object, const char *key, uint64_t count);
void json_append(json_t **array, json_t *value);

/* Prints it as one line on stdout, and drops the reference. Returns CTL_DONE, or
 * CTL_REFUSED after saying that there was no memory. */
int json_print(const struct ctl *ctl, json_t *root);

#endif
