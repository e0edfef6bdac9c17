/* SPDX-License-Identifier: MIT */
/*
 * Channel layouts as people write them: ALSA's names in order, "FL FR FC LFE RL RR", or the name of
 * a usual one, "5.1". Main thread.
 */
#ifndef DAEMON_LAYOUT_H
#define DAEMON_LAYOUT_H

#include <stddef.h>

#include "config.h"
#include "rt/channels.h"

enum { LAYOUT_TEXT = CHANNELS_MAX * 4 + 1 }; /* bytes for layout_write */

/* Reads one of that many channels. 0; or -EINVAL, and says what is wrong with it in `error`. */
int layout_read(const char *text, uint32_t count, struct layout *ret, char *error,
		size_t size);

/* Writes the channels' names; "?" is one without. Returns buf. */
const char *layout_write(const struct layout *l, uint32_t count, char buf[LAYOUT_TEXT]);

/* Whether every channel of a source can be heard on so many; the first that cannot is *ret_lost.
 * Those without a name go to the one in the same place. */
bool layout_is_playable(const struct layout *l, uint32_t count, uint32_t outputs,
			uint32_t *ret_lost);

/* What the settings say an output's channels are; else ALSA's order. */
struct layout layout_of_output(const struct config_output *c);

#endif
