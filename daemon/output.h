/* SPDX-License-Identifier: MIT */
/*
 * The main thread's handle on a player: its slots, its bells, its thread, its device.
 * Main thread.
 */
#ifndef DAEMON_OUTPUT_H
#define DAEMON_OUTPUT_H

#include <systemd/sd-event.h>

#include "config.h"
#include "device.h"
#include "rt/thread.h"
#include "scheduling.h"

struct output;

/* A number of its player, or of a voice of its, may have moved that somebody waits for. */
typedef void output_bell_fn(void *user, struct output *o);

/* Makes the player of the output that is configured as o in c, stopped and without a device.
 * Both must live as long. -ENOMEM or another negative errno; then *ret_error may be a
 * sentence (to be freed). */
int output_new(struct output **ret, sd_event *event, const struct config *c,
	       const struct config_output *o, output_bell_fn *on_bell, void *user,
	       char **ret_error);

/* Starts the thread and opens the device, which may take as long as it likes to
 * appear. */
int output_start(struct output *o, char **ret_error);

/* The settings have changed; of the device those that need it to be opened anew. */
void output_follow(struct output *o, bool reopens);

/* As scheduling_check. */
void output_check(struct output *o);

/* Ends the thread: from here on all numbers stand still, and what they say is exact.
 * The device is closed, a recording complete. */
void output_stop(struct output *o);

/* Stops, and frees. Voices that are still in slots must live until then. */
void output_free(struct output *o);

/* Puts a voice into a slot. Returns the slot, or -ENOBUFS: none is free. */
int output_add(struct output *o, struct voice *v);

/* Empties a slot. The voice must live until the change with the returned number has taken
 * effect (see player_has_applied). */
uint64_t output_remove(struct output *o, uint32_t slot);

/* As player_ask. */
uint64_t output_ask(struct output *o);

/* How loud all of it is, until the daemon ends. */
void output_set_gain(struct output *o, struct gain gain);
struct gain output_gain(const struct output *o);

/* The player has to look again: it is rung by the next output_flush, so once for many. */
void output_ring(struct output *o);
void output_flush(struct output *o);

/* To look at their numbers. The device is NULL when the output has stopped. */
struct player *output_player(struct output *o);

/* Whether the player has a device, as it said last. */
bool output_has_device(const struct output *o);

/* A number that is its name's: for what is kept beyond our life, in one store. */
uint64_t output_key(const struct output *o);

const struct config_output *output_config(const struct output *o);
const struct scheduling *output_scheduling(const struct output *o);
const struct device *output_device(const struct output *o);

#endif
