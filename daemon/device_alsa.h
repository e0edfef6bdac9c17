/* SPDX-License-Identifier: MIT */
/*
 * Opens an ALSA PCM: hardware and software parameters, does it rewind? Main thread.
 */
#ifndef DAEMON_DEVICE_ALSA_H
#define DAEMON_DEVICE_ALSA_H

#include "config.h"
#include "rt/sink.h"

/* What was opened, for people. */
struct device_info {
	char format[8];  /* "s16" … */
	char access[8];  /* "mmap", "rw", "memory" */
	uint32_t period; /* frames */
	uint32_t bits;   /* of a sample, that it uses */
	bool batch;      /* its pointers move by periods; see alsa_params.h */
	bool alsa_locks; /* alsa-lib takes a mutex for this kind of PCM */
};

/* Opens c->device and makes a sink of it, stopped and empty. Negative errno, and *ret_error
 * (to be freed) is a sentence's end: "open failed: Device or resource busy", "it offers 44100
 * Hz, not 48000". Free the sink by sink->free. */
int device_alsa_open(const struct config_output *c, struct sink **ret,
		     struct device_info *info, char **ret_error);

/* Stops alsa-lib from writing lines of its own to stderr, for the whole process; what matters
 * in them is in the errors. For main(), once. */
void device_alsa_quiet(void);

#endif
