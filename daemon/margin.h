/* SPDX-License-Identifier: MIT */
/*
 * How much earlier than usual a device is filled, since it has run dry: it grows in steps with
 * repeated xruns, and shrinks again after a quiet while. On a device that does not rewind, that
 * is how much longer its buffer is, too. Main thread.
 */
#ifndef DAEMON_MARGIN_H
#define DAEMON_MARGIN_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "config.h"
#include "rt/player.h"

enum {
	MARGIN_XRUNS = 3, /* within MARGIN_WHILE_S: then it grows */
	MARGIN_WHILE_S = 60,
	MARGIN_FIRST_MS = 10, /* then twice that, and so on */
	MARGIN_QUIET_S = 600, /* without an xrun: then it shrinks by half */
};

/* By what rules. All times are of one clock. */
struct margin_rules {
	uint32_t ms;
	uint64_t xruns;    /* of the device, as of the last look */
	uint32_t fresh;    /* of these, since since_us */
	uint64_t since_us; /* when the while began in which they are counted */
	uint64_t quiet_us; /* since when there was none, and no change */
};

/* The device has had so many xruns by now. Whether ms has changed. most_ms: of the settings. */
bool margin_look(struct margin_rules *m, uint64_t xruns, uint32_t most_ms,
		 uint64_t now_us);

/* A player's margin. */
struct margin {
	struct margin_rules rules;
	sd_event *event;
	sd_event_source *timer;
	const struct config_output *config;
	struct player *player;
};

/* config and p must live as long. Negative errno. */
int margin_init(struct margin *m, sd_event *event, const struct config_output *config,
		struct player *p);
void margin_done(struct margin *m);

/* The player has rung: it may have had an xrun on the device of that name. */
void margin_serve(struct margin *m, const char *device);

/* Frames of the output. */
uint32_t margin_frames(const struct margin *m);

#endif
