/* SPDX-License-Identifier: MIT */
/*
 * Devices that systemd keeps open for us, so that they play what they have though we were killed
 * or hang: the kernel goes on by itself until their buffer is empty, and stops them there. The next
 * daemon then knows that all of it was heard. Only a PCM of the kernel's can be kept. Main thread.
 */
#ifndef DAEMON_DEVICE_KEPT_H
#define DAEMON_DEVICE_KEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "fd_store.h"
#include "rt/queue.h"

/* Each output has one, or two while it leaves one for a better. */
enum { DEVICES_KEPT_MAX = 2 * OUTPUTS_MAX };

/* Has this PCM, open as fd, kept until it is forgotten. Returns its number, which no other has. */
uint64_t device_kept_add(int fd);

/* It was closed by us, and is closed now: it can be opened again. */
void device_kept_forget(uint64_t device);

/* Those of a daemon before this one. */
struct devices_kept {
	uint64_t played_out
		[DEVICES_KEPT_MAX]; /* those that have played all that they had */
	uint32_t num;
};

/* Takes the devices out of these files, waits until they have played out (so long as that buffer
 * lasts), and closes them: then they can be opened. */
void devices_kept_take(struct devices_kept *k, struct fd_store_file *files, int num);

/* For queue_adopt. */
struct played_out devices_kept_played_out(const struct devices_kept *k);

/* Whether a file of this name is one of these. */
bool device_kept_is_name(const char *name);

#endif
