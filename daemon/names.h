/* SPDX-License-Identifier: MIT */
/*
 * Several names in one text, with a comma and a blank between them: "hw:USB, hw:0,0" is two,
 * since what ALSA calls a device has commas of its own. Any thread; no state, no allocation.
 */
#ifndef DAEMON_NAMES_H
#define DAEMON_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The i-th name, from 0, cut to what fits. False: there are not so many. */
bool names_get(const char *list, uint32_t i, char *buf, size_t size);

uint32_t names_count(const char *list);

/* Whether this is one of them. */
bool names_have(const char *list, const char *name);

/* Whether there are at most so many, none is empty, and all are different. */
bool names_are_sound(const char *list, uint32_t most);

#endif
