/* SPDX-License-Identifier: MIT */
/*
 * Settings as a whole: defaults, copies, single values.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config_keys.h"

int config_init(struct config *c)
{
	struct config fresh = {0};

	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		char *error = NULL;
		int r = config_key_set(&config_keys[i], &fresh, config_keys[i].initial,
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

void config_done(struct config *c)
{
	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		char **text = config_key_text(&config_keys[i], c);

		if (!text)
			continue;
		free(*text);
		*text = NULL;
	}
}

int config_copy(struct config *ret, const struct config *c)
{
	struct config copy = *c;
	bool failed = false;

	/* Every text, even after a failure: none may stay shared. */
	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		char **text = config_key_text(&config_keys[i], &copy);

		if (!text || !*text)
			continue;
		*text = strdup(*text);
		failed |= !*text;
	}
	if (failed) {
		config_done(&copy);
		return -ENOMEM;
	}
	*ret = copy;
	return 0;
}

int config_set(struct config *c, const char *key, const char *value, char **ret_error)
{
	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		const struct config_key *row = &config_keys[i];
		size_t length = strlen(row->section);

		if (strncmp(key, row->section, length) == 0 && key[length] == '.' &&
		    strcmp(key + length + 1, row->name) == 0)
			return config_key_set(row, c, value, ret_error);
	}
	assert(!"a key of the table");
	return -EINVAL;
}

int config_check(const struct config *c, char **ret_error)
{
	if (c->output.record && c->output.backend != BACKEND_NULL) {
		*ret_error = strdup("output.record: only the null backend records; say "
				    "output.backend = null, or --backend null");
		return -EINVAL;
	}
	return 0;
}
