/* SPDX-License-Identifier: MIT */
/*
 * Events as the daemon says them, as the struct of aud.h.
 */
#ifndef LIB_EVENT_H
#define LIB_EVENT_H

#include <stdbool.h>

#include "aud.h"
#include "aud.pb-c.h"

/* False: a kind that this library does not know; *ret is untouched. */
bool event_read(const Aud__Event *in, struct aud_event *ret);

/* Runs the handler, if there is one. Returns how many callbacks were run. (lock held, but not
 * while the handler runs) */
int event_tell(struct aud *a, const struct aud_event *event);

#endif
