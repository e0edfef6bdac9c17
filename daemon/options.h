/* SPDX-License-Identifier: MIT */
/*
 * The command line: options that stand for settings, and others. Main thread, at start.
 */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"

enum { OPTIONS_SETTINGS = 4, OPTIONS_CANNOT_RUN = 1, OPTIONS_USAGE = 2 };

struct options {
	const char *config; /* NULL: the default file, if it is there */
	const char *settings[OPTIONS_SETTINGS];
	bool verbose;

	bool selftest;      /* of this output, in place of being a daemon */
	const char *output; /* NULL: the default one */
	uint32_t seconds;
	bool json, quiet;
};

/* Returns -1 to go on, or the status with which to exit at once; it has said why. */
int options_parse(struct options *o, int argc, char **argv);

/* Sets what stands for settings. As config_set. */
int options_apply(const struct options *o, struct config *c, char **ret_error);

/* The file over the defaults, the command line over the file. As config_read. */
int options_read_settings(const struct options *o, struct config *c, char **ret_error);

/* The PCM that was named, or NULL. A selftest's stands for none of the settings. */
const char *options_device(const struct options *o);

/* Says where to find help; returns the status for a wrong command line. */
int options_usage(void);

#endif
