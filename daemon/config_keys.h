/* SPDX-License-Identifier: MIT */
/*
 * Every key of the configuration, one row each: what it may be, where it goes, its default.
 * To add one: a field in struct config, a row in config_keys.c, an entry in audd.conf and in
 * audd.conf(5). Main thread.
 */
#ifndef DAEMON_CONFIG_KEYS_H
#define DAEMON_CONFIG_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "config.h"

enum config_type {
	CONFIG_NUMBER, /* uint32_t */
	CONFIG_WORD,   /* int: the value of one of the words */
	CONFIG_BOOL,   /* bool: yes or no */
	CONFIG_TEXT,   /* char *: NULL when empty, where that is allowed */
};

struct config_word {
	const char *name; /* NULL: the list ends */
	int value;
};

struct config_key {
	const char *section, *name;
	enum config_type type;
	size_t offset;     /* of the field in struct config */
	uint32_t min, max; /* NUMBER: of the value; TEXT: of its length in bytes */
	const char *unit;  /* NUMBER: "a number of …"; NULL: a bare number */
	const struct config_word *words; /* WORD and BOOL */
	const char *initial;             /* the default, as it would stand in the file */
	const char *help;
};

enum { NUM_CONFIG_KEYS = 21 };

extern const struct config_key config_keys[NUM_CONFIG_KEYS];

/* The key of that name, or NULL. */
const struct config_key *config_key_find(const char *section, const char *name);

/* Whether any key is in that section. */
bool config_has_section(const char *section);

/* Sets the key's field; a text that was there is freed. On failure the field is as it was:
 * -ENOMEM, or -EINVAL and a sentence (to be freed; NULL when there is no memory for it). */
int config_key_set(const struct config_key *key, struct config *c, const char *value,
		   char **ret_error);

/* The field of a CONFIG_TEXT key; NULL for any other. */
char **config_key_text(const struct config_key *key, struct config *c);

/* Writes what is expected of a value: "a number of Hz from 1000 to 768000". */
void config_key_describe(const struct config_key *key, char *buf, size_t size);

#endif
