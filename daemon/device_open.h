/* SPDX-License-Identifier: MIT */
/*
 * An output may have several devices: the best that opens. Main thread.
 */
#ifndef DAEMON_DEVICE_OPEN_H
#define DAEMON_DEVICE_OPEN_H

#include <stdbool.h>

#include "config.h"
#include "device_alsa.h"
#include "recording.h"

/* What is known of a device that was opened. */
struct device_facts {
	uint32_t rate, channels, buffer, guard; /* Hz; frames */
	uint32_t spare;                         /* frames of the buffer; see sink.h */
	struct layout layout;
	bool rewinds, dithers;
	struct device_info info;
};

struct opened {
	struct sink *sink;
	uint32_t rank; /* which of the output's names it has; 0 is the best */
	char name[DEVICE_NAME_MAX + 1];
	struct device_facts facts;
};

#define DEVICE_NONE UINT32_MAX /* no rank */

/* For people: "alsa" or "null"; and whether there are devices that come and go, as files under
 * /dev/snd do. */
const char *device_backend_name(const struct config_output *c);
bool device_comes_and_goes(const struct config_output *c);

/* Opens the best of those whose rank is below `end`, and is not `but`. False: none does; each is
 * added to *errors (to be freed), if it is not NULL. tape may be NULL. */
bool device_open_best(const struct config_output *c, struct tape *tape, uint32_t end,
		      uint32_t but, struct opened *ret, char **errors);

/* Adds to *all (to be freed; NULL: it is empty) what has happened to the device of that name; it
 * takes over the sentence's end, and NULL stands for no memory. The name is left out where
 * there is no other. */
void device_add_error(const struct config_output *c, char **all, const char *name,
		      char *error);

#endif
