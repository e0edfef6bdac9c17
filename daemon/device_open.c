/* SPDX-License-Identifier: MIT */
/*
 * The backends, and the names of an output's devices one after the other.
 */
#include "device_open.h"

#include <stdio.h>
#include <stdlib.h>

#include "device_null.h"
#include "names.h"

/* ---- backends -------------------------------------------------------------------- */

struct backend_row {
	const char *name;
	bool comes_and_goes;
	int (*open)(const struct config_output *c, struct tape *tape, struct sink **ret,
		    struct device_info *info, char **ret_error);
};

static int open_alsa(const struct config_output *c, struct tape *tape, struct sink **ret,
		     struct device_info *info, char **ret_error)
{
	(void)tape;
	return device_alsa_open(c, ret, info, ret_error);
}

static int open_null(const struct config_output *c, struct tape *tape, struct sink **ret,
		     struct device_info *info, char **ret_error)
{
	(void)ret_error;
	return device_null_open(c, tape, ret, info);
}

static const struct backend_row backends[] = {
	[BACKEND_ALSA] = {"alsa", true, open_alsa},
	[BACKEND_NULL] = {"null", false, open_null},
};

const char *device_backend_name(const struct config_output *c)
{
	return backends[c->backend].name;
}

bool device_comes_and_goes(const struct config_output *c)
{
	return backends[c->backend].comes_and_goes;
}

/* ---- names ----------------------------------------------------------------------- */

/* Only ALSA's devices have some. */
static bool get_name(const struct config_output *c, uint32_t rank, char *buf, size_t size)
{
	if (c->backend == BACKEND_ALSA)
		return names_get(c->device, rank, buf, size);
	snprintf(buf, size, "%s", device_backend_name(c));
	return rank == 0;
}

void device_add_error(const struct config_output *c, char **all, const char *name,
		      char *error)
{
	const char *what = error ? error : "no memory";
	bool alone = c->backend != BACKEND_ALSA || names_count(c->device) == 1;
	char *longer;

	if (asprintf(&longer, "%s%s%s%s%s", *all ? *all : "", *all ? "; " : "",
		     alone ? "" : name, alone ? "" : ": ", what) < 0)
		longer = NULL;
	free(*all);
	free(error);
	*all = longer;
}

static void learn(struct opened *o, const struct device_info *info)
{
	const struct sink *s = o->sink;

	o->facts = (struct device_facts){
		.rate = s->rate,
		.channels = s->channels,
		.layout = s->layout,
		.buffer = s->buffer,
		.spare = s->spare,
		.guard = s->guard,
		.rewinds = s->rewinds,
		.dithers = s->dither_bits > 0,
		.info = *info,
	};
}

bool device_open_best(const struct config_output *c, struct tape *tape, uint32_t end,
		      uint32_t but, struct opened *ret, char **errors)
{
	struct config_output one = *c;
	struct opened o = {0};

	for (; o.rank < end && get_name(c, o.rank, o.name, sizeof(o.name)); o.rank++) {
		struct device_info info;
		char *error = NULL;

		if (o.rank == but)
			continue;
		one.device = o.name;
		if (backends[c->backend].open(&one, tape, &o.sink, &info, &error) == 0) {
			learn(&o, &info);
			*ret = o;
			return true;
		}
		if (errors)
			device_add_error(c, errors, o.name, error);
		else
			free(error);
	}
	return false;
}
