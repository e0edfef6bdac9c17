/* SPDX-License-Identifier: MIT */
/*
 * Settings as a whole: defaults, copies, single values.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_keys.h"
#include "rt/dither.h"

int config_init(struct config *c)
{
	struct config fresh = {0};

	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		const struct config_key *key = &config_keys[i];
		char *error = NULL;
		int r = config_key_set(key, config_key_fields(key, &fresh), key->initial,
				       &error);

		assert(r != -EINVAL);
		if (r < 0) {
			config_done(&fresh);
			return r;
		}
	}
	*c = fresh;
	return 0;
}

/* ---- texts ----------------------------------------------------------------------- */

/* Calls f for each text there is, in whichever section. */
static void each_text(struct config *c, void (*f)(char **text, void *user), void *user)
{
	f(&c->path, user);
	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		const struct config_key *key = &config_keys[i];
		char **text = config_key_text(key, config_key_fields(key, c));

		if (!text)
			continue;
		f(text, user);
		for (uint32_t n = 0; config_key_is_output(key) && n < c->num_outputs; n++)
			f(config_key_text(key, &c->outputs[n]), user);
	}
}

static void free_text(char **text, void *user)
{
	(void)user;
	free(*text);
	*text = NULL;
}

void config_done(struct config *c)
{
	each_text(c, free_text, NULL);
	c->num_outputs = 0;
}

/* Every text, even after a failure: none may stay shared. */
static void copy_text(char **text, void *user)
{
	bool *failed = user;

	if (!*text)
		return;
	*text = strdup(*text);
	*failed |= !*text;
}

int config_copy(struct config *ret, const struct config *c)
{
	struct config copy = *c;
	bool failed = false;

	each_text(&copy, copy_text, &failed);
	if (failed) {
		config_done(&copy);
		return -ENOMEM;
	}
	*ret = copy;
	return 0;
}

/* ---- single values --------------------------------------------------------------- */

int config_set(struct config *c, const char *key, const char *value, char **ret_error)
{
	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		const struct config_key *row = &config_keys[i];
		size_t length = strlen(row->section);
		char *error = NULL;
		int r;

		if (strncmp(key, row->section, length) != 0 || key[length] != '.' ||
		    strcmp(key + length + 1, row->name) != 0)
			continue;
		r = config_key_set(row, config_key_fields(row, c), value, &error);
		*config_key_line(row, config_key_fields(row, c)) = 0;
		if (error && asprintf(ret_error, "%s: %s", key, error) < 0)
			*ret_error = NULL;
		free(error);
		return r;
	}
	assert(!"a key of the table");
	return -EINVAL;
}

uint32_t config_dither_bits(const struct config_output *c, uint32_t bits)
{
	return c->dither == DITHER_AUTO && bits <= DITHER_BITS ? bits : 0;
}
