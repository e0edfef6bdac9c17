/* SPDX-License-Identifier: MIT */
/*
 * The device that there always is: it plays into nothing, on the clock. Main thread.
 */
#ifndef DAEMON_DEVICE_NULL_H
#define DAEMON_DEVICE_NULL_H

#include "config.h"
#include "device_alsa.h"
#include "rt/sink_null.h"

/* The format that it will have: enum sample_format. */
uint32_t device_null_format(const struct config_output *c);

/* Makes the sink, stopped and empty; tape may be NULL. -ENOMEM. Free it by sink->free. */
int device_null_open(const struct config_output *c, struct tape *tape, struct sink **ret,
		     struct device_info *info);

#endif
