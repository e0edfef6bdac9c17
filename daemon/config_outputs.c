/* SPDX-License-Identifier: MIT */
/*
 * The outputs of the configuration: what each has from [output], and whether they go together.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "config_keys.h"
#include "names.h"
#include "layout.h"
#include "text.h"

enum { SHOWN = 128 }; /* bytes of a value that a sentence repeats */

/* Of the file that names none. */
static const char only_output[] = "main";

struct config_output *config_add_output(struct config *c, const char *name, uint32_t line)
{
	struct config_output *o;

	if (c->num_outputs == OUTPUTS_MAX)
		return NULL;
	o = &c->outputs[c->num_outputs++];
	*o = (struct config_output){.lines.section = line};
	snprintf(o->name, sizeof(o->name), "%s", name);
	return o;
}

const struct config_output *config_find_output(const struct config *c, const char *name)
{
	for (uint32_t i = 0; i < c->num_outputs; i++) {
		if (strcmp(c->outputs[i].name, name) == 0)
			return &c->outputs[i];
	}
	return NULL;
}

const struct config_output *config_default_output(const struct config *c)
{
	return c->default_output ? config_find_output(c, c->default_output)
				 : &c->outputs[0];
}

static int inherit(struct config *c, struct config_output *o)
{
	int r = 0;

	for (int i = 0; i < NUM_CONFIG_KEYS && r == 0; i++) {
		if (config_key_is_output(&config_keys[i]) && !o->lines.key[i])
			r = config_key_copy(&config_keys[i], o, &c->output);
	}
	return r;
}

/* ---- whether all goes together --------------------------------------------------- */

/* Where an output has a value from: the line of the key in its section, the section's, or, of the
 * one that has none, that in [output]; 0: the command line's, or the default. */
static uint32_t line_of(const struct config *c, const struct config_output *o,
			const char *name)
{
	size_t i = (size_t)(config_key_find("output", name) - config_keys);

	if (o->lines.key[i])
		return o->lines.key[i];
	return o->lines.section ? o->lines.section : c->output.lines.key[i];
}

/* Makes the sentence, with the line if there is one. Returns -EINVAL. */
static int __attribute__((format(printf, 4, 5)))
refuse(const struct config *c, uint32_t line, char **ret_error, const char *format, ...)
{
	char what[512], where[32] = "";
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);

	if (line)
		snprintf(where, sizeof(where), ":%" PRIu32 ": ", line);
	if (asprintf(ret_error, "%s%s%s", line ? c->path : "", where, what) < 0)
		*ret_error = NULL;
	return -EINVAL;
}

static int check_default(const struct config *c, char **ret_error)
{
	const struct config_key *key = config_key_find("daemon", "default_output");
	char shown[SHOWN];

	if (config_default_output(c))
		return 0;
	return refuse(c, c->lines.key[key - config_keys], ret_error,
		      "daemon.default_output: there is no [output %s]",
		      text_escape(shown, sizeof(shown), c->default_output));
}

static int check_alone(const struct config *c, const struct config_output *o,
		       char **ret_error)
{
	if (!o->record || o->backend == BACKEND_NULL)
		return 0;
	return refuse(c, line_of(c, o, "record"), ret_error,
		      "output.record: only the null backend records; say "
		      "output.backend = null, or --backend null");
}

static int check_layout(const struct config *c, const struct config_output *o,
			char **ret_error)
{
	struct layout layout;
	char error[160];

	if (!o->layout ||
	    layout_read(o->layout, o->channels, &layout, error, sizeof(error)) == 0)
		return 0;
	return refuse(c, line_of(c, o, "layout"), ret_error, "output.layout: %s", error);
}

/* One that both have, in name; false: there is none. */
static bool share_device(const struct config_output *a, const struct config_output *b,
			 char *name, size_t size)
{
	if (a->backend != BACKEND_ALSA || b->backend != BACKEND_ALSA)
		return false;
	for (uint32_t i = 0; names_get(b->device, i, name, size); i++) {
		if (names_have(a->device, name))
			return true;
	}
	return false;
}

/* b stands behind a. */
static int check_pair(const struct config *c, const struct config_output *a,
		      const struct config_output *b, char **ret_error)
{
	char name[DEVICE_NAME_MAX + 1], shown[SHOWN];

	if (share_device(a, b, name, sizeof(name)))
		return refuse(c, line_of(c, b, "device"), ret_error,
			      "output '%s' has the device '%s', as output '%s' does",
			      b->name, text_escape(shown, sizeof(shown), name), a->name);
	if (a->record && b->record && strcmp(a->record, b->record) == 0)
		return refuse(c, line_of(c, b, "record"), ret_error,
			      "output '%s' records to '%s', as output '%s' does", b->name,
			      text_escape(shown, sizeof(shown), b->record), a->name);
	return 0;
}

int config_check(const struct config *c, char **ret_error)
{
	int r = check_default(c, ret_error);

	for (uint32_t i = 0; i < c->num_outputs && r == 0; i++) {
		r = check_alone(c, &c->outputs[i], ret_error);
		if (r == 0)
			r = check_layout(c, &c->outputs[i], ret_error);
		for (uint32_t j = 0; j < i && r == 0; j++)
			r = check_pair(c, &c->outputs[j], &c->outputs[i], ret_error);
	}
	return r;
}

int config_finish(struct config *c, char **ret_error)
{
	int r = 0;

	if (c->num_outputs == 0)
		config_add_output(c, only_output, 0);
	for (uint32_t i = 0; i < c->num_outputs && r == 0; i++)
		r = inherit(c, &c->outputs[i]);
	return r < 0 ? r : config_check(c, ret_error);
}
