/* SPDX-License-Identifier: MIT */
/*
 * Settings under test: a struct config, a file that it can be read from, the sentence that
 * the latest failure left.
 */
#ifndef TESTS_SETTINGS_H
#define TESTS_SETTINGS_H

#include <stddef.h>

#include "config.h"

struct settings {
	struct config config;
	char path[32];
	char *error;
};

/* Defaults, and an empty file. */
void settings_init(struct settings *s);
void settings_done(struct settings *s);

/* Writes the file and reads it; as config_read. */
int settings_read(struct settings *s, const char *bytes, size_t n);
int settings_read_text(struct settings *s, const char *text);

/* As config_set. */
int settings_set(struct settings *s, const char *key, const char *value);

/* Fails the test if any value is not the default. */
void settings_assert_defaults(struct settings *s);

#endif
