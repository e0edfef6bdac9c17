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

/* When a daemon that runs and reads its settings again takes over a new value. */
enum config_when {
	CONFIG_AT_ONCE,    /* it is looked up whenever it is needed */
	CONFIG_REOPENS,    /* the device is closed, and opened with it */
	CONFIG_IF_LESS,    /* memory was made for so many; more take a restart */
	CONFIG_AT_RESTART, /* not before that */
};

struct config_key {
	const char *section, *name;
	enum config_type type;
	size_t offset;     /* of the field in struct config, or in struct config_output */
	uint32_t min, max; /* NUMBER: of the value; TEXT: of its length in bytes */
	const char *unit;  /* NUMBER: "a number of …"; NULL: a bare number */
	uint32_t names;    /* TEXT: a list of at most so many names; 0: no list */
	const struct config_word *words; /* WORD and BOOL */
	const char *initial;             /* the default, as it would stand in the file */
	const char *help;
	enum config_when when;
};

enum { NUM_CONFIG_KEYS = 42 };

extern const struct config_key config_keys[NUM_CONFIG_KEYS];

/* The key of that name, or NULL. */
const struct config_key *config_key_find(const char *section, const char *name);

/* Whether any key is in that section. */
bool config_has_section(const char *section);

/* Where the key's section has its fields: of [output], what outputs have that do not say
 * otherwise. */
void *config_key_fields(const struct config_key *key, struct config *c);

/* In which line of the file the key was; fields are of its section. 0: in none. */
uint32_t *config_key_line(const struct config_key *key, void *fields);

/* Whether it is one of [output], and of each [output NAME]. */
bool config_key_is_output(const struct config_key *key);

/* Sets the key's field in such a struct; a text that was there is freed. On failure the field is
 * as it was: -ENOMEM, or -EINVAL and the end of a sentence: "'48k' is not a number" (to be
 * freed; NULL when there is no memory for it). */
int config_key_set(const struct config_key *key, void *fields, const char *value,
		   char **ret_error);

/* Sets it to what it is in another such struct. -ENOMEM. */
int config_key_copy(const struct config_key *key, void *to, const void *from);

/* Whether it is the same in two such structs; its value in one, of a CONFIG_NUMBER. */
bool config_key_is_equal(const struct config_key *key, const void *a, const void *b);
uint32_t config_key_number(const struct config_key *key, const void *fields);

/* The field of a CONFIG_TEXT key; NULL for any other. */
char **config_key_text(const struct config_key *key, void *fields);

/* Writes what is expected of a value: "a number of Hz from 1000 to 768000". */
void config_key_describe(const struct config_key *key, char *buf, size_t size);

#endif
