/* SPDX-License-Identifier: MIT */
/*
 * Which device an output plays to: opens it, offers it to the player, takes back what is
 * lost, tries again. Main thread.
 */
#ifndef DAEMON_DEVICE_H
#define DAEMON_DEVICE_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "config.h"
#include "device_open.h"
#include "rt/player.h"

struct device;

/* Opens nothing yet, but the recording, if there is to be one: that it cannot be
 * written is an error at start. c and p must live as long. Negative errno, and
 * *ret_error is a sentence (to be freed) or NULL. */
int device_new(struct device **ret, sd_event *event, const struct config_output *c,
	       struct player *p, char **ret_error);

/* Opens and offers; if that fails, says so and goes on trying. */
void device_start(struct device *d);

/* The settings have changed: closes it, if it is open, and opens it with them. What it has not
 * played yet is played then. */
void device_reopen(struct device *d);

/* The player has rung: it may have given the sink back, or filled the tape. */
void device_serve(struct device *d);

/* The player has finished: closes the device, completes the recording. NULL is
 * allowed. */
void device_free(struct device *d);

/* Whether there is one that plays, or would. */
bool device_is_there(const struct device *d);

/* For people: "alsa" or "null"; its name; why it is not there, or NULL. */
const char *device_backend(const struct device *d);
const char *device_name(const struct device *d);
const char *device_error(const struct device *d);
enum player_state device_state(const struct device *d);
/* By how many frames earlier than usual it is filled; how much of its buffer is used. */
uint32_t device_margin(const struct device *d);
uint32_t device_buffer(const struct device *d);
const struct device_facts *device_facts(const struct device *d);

#endif
