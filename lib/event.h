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

#endif
