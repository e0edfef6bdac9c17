/* SPDX-License-Identifier: MIT */
/*
 * What has to wait is put back into the new settings, key by key; then they take the old ones'
 * place.
 */
#include "config_change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_keys.h"

/* Notes what waits for a restart. */
static void wait_for_restart(struct config_change *change, const char *section,
			     const char *name)
{
	size_t used = strlen(change->waits), room = sizeof(change->waits) - used;

	if (strlen(section) + strlen(name) + sizeof(", .") > room)
		return; /* enough is said */
	if (used)
		strcat(change->waits, ", ");
	strcat(change->waits, section);
	strcat(change->waits, *name ? "." : "");
	strcat(change->waits, name);
}

/* Whether what is asked for can be had. */
static bool may_change(const struct config_key *key, const void *from, const void *to)
{
	switch (key->when) {
	case CONFIG_AT_ONCE:
	case CONFIG_REOPENS:
		return true;
	case CONFIG_IF_LESS:
		return config_key_number(key, to) < config_key_number(key, from);
	case CONFIG_AT_RESTART:
		break;
	}
	return false;
}

static int change_output(const struct config_key *key, const struct config_output *from,
			 struct config_output *to, bool *reopens,
			 struct config_change *change)
{
	char section[OUTPUT_NAME_MAX + sizeof("output ")] = "output ";

	if (config_key_is_equal(key, from, to))
		return 0;
	if (may_change(key, from, to)) {
		*reopens |= key->when == CONFIG_REOPENS;
		return 0;
	}
	wait_for_restart(change, strcat(section, from->name), key->name);
	return config_key_copy(key, to, from);
}

static int change_daemon(const struct config_key *key, const struct config *from,
			 struct config *to, struct config_change *change)
{
	if (config_key_is_equal(key, from, to) || may_change(key, from, to))
		return 0;
	wait_for_restart(change, key->section, key->name);
	return config_key_copy(key, to, from);
}

static bool has_same_outputs(const struct config *a, const struct config *b)
{
	bool same = a->num_outputs == b->num_outputs;

	for (uint32_t i = 0; same && i < a->num_outputs; i++)
		same = strcmp(a->outputs[i].name, b->outputs[i].name) == 0;
	return same;
}

/* Which outputs there are, and which of them is whose. */
static int keep_outputs(struct config *from, struct config *to)
{
	int r = config_key_copy(config_key_find("daemon", "default_output"), to, from);
	struct config_output outputs[OUTPUTS_MAX];
	uint32_t num = to->num_outputs;

	if (r < 0)
		return r;
	memcpy(outputs, to->outputs, sizeof(outputs));
	memcpy(to->outputs, from->outputs, sizeof(outputs));
	memcpy(from->outputs, outputs, sizeof(outputs));
	to->num_outputs = from->num_outputs;
	from->num_outputs = num;
	return 0;
}

static int change_keys(const struct config *c, struct config *next, bool outputs,
		       struct config_change *change)
{
	int r = 0;

	for (int i = 0; i < NUM_CONFIG_KEYS && r == 0; i++) {
		const struct config_key *key = &config_keys[i];

		if (!config_key_is_output(key))
			r = change_daemon(key, c, next, change);
		for (uint32_t n = 0;
		     config_key_is_output(key) && outputs && r == 0 && n < c->num_outputs;
		     n++)
			r = change_output(key, &c->outputs[n], &next->outputs[n],
					  &change->reopens[n], change);
	}
	return r;
}

/* The new settings go together, and so did the old ones: but a mixture? */
static int check_mixture(const struct config *next, const struct config_change *change,
			 char **ret_error)
{
	char *error = NULL;
	int r = *change->waits ? config_check(next, &error) : 0;

	if (error && asprintf(ret_error, "%s, so long as these have had no restart: %s",
			      error, change->waits) < 0)
		*ret_error = NULL;
	free(error);
	return r;
}

int config_change(struct config *c, struct config *next, struct config_change *ret,
		  char **ret_error)
{
	struct config_change change = {.waits = ""};
	bool same = has_same_outputs(c, next);
	int r = change_keys(c, next, same, &change);

	if (r == 0 && same)
		r = check_mixture(next, &change, ret_error);
	if (r == 0 && !same) {
		r = keep_outputs(c, next);
		wait_for_restart(&change, "which outputs there are", "");
	}
	if (r < 0)
		return r;
	next->memory_is_locked = c->memory_is_locked;
	config_done(c);
	*c = *next;
	*ret = change;
	return 0;
}
