/* SPDX-License-Identifier: MIT */
/*
 * What is done to all outputs is done one after the other.
 */
#include "outputs.h"

#include <stdio.h>
#include <string.h>

#include "taps.h"

static void find_standard(struct outputs *set, const struct config *c)
{
	set->standard = set->items[config_default_output(c) - c->outputs];
}

int outputs_init(struct outputs *set, sd_event *event, const struct config *c,
		 output_bell_fn *on_bell, void *user, char **ret_error)
{
	*set = (struct outputs){0};
	for (uint32_t i = 0; i < c->num_outputs; i++) {
		int r = output_new(&set->items[i], event, c, &c->outputs[i], on_bell,
				   user, ret_error);

		if (r < 0)
			return r;
		set->num++;
	}
	find_standard(set, c);
	return 0;
}

void outputs_follow(struct outputs *set, const struct config *c,
		    const struct config_change *change)
{
	find_standard(set, c);
	for (uint32_t i = 0; i < set->num; i++)
		output_follow(set->items[i], change->reopens[i]);
}

void outputs_check(struct outputs *set)
{
	for (uint32_t i = 0; i < set->num; i++)
		output_check(set->items[i]);
}

int outputs_start(struct outputs *set, char **ret_error)
{
	int r = 0;

	for (uint32_t i = 0; i < set->num && r == 0; i++)
		r = output_start(set->items[i], ret_error);
	return r;
}

void outputs_stop(struct outputs *set)
{
	for (uint32_t i = 0; i < set->num; i++)
		output_stop(set->items[i]);
}

void outputs_flush(struct outputs *set)
{
	for (uint32_t i = 0; i < set->num; i++)
		output_flush(set->items[i]);
}

void outputs_done(struct outputs *set)
{
	for (uint32_t i = 0; i < set->num; i++)
		output_free(set->items[i]);
	*set = (struct outputs){0};
}

struct output *outputs_find(const struct outputs *set, const char *name)
{
	for (uint32_t i = 0; i < set->num; i++) {
		if (strcmp(output_config(set->items[i])->name, name) == 0)
			return set->items[i];
	}
	return NULL;
}

struct output *outputs_find_key(const struct outputs *set, uint64_t key)
{
	for (uint32_t i = 0; i < set->num; i++) {
		if (output_key(set->items[i]) == key)
			return set->items[i];
	}
	return NULL;
}

const char *outputs_names(const struct outputs *set, char *buf, size_t size)
{
	size_t used = 0;

	for (uint32_t i = 0; i < set->num && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "",
					 output_config(set->items[i])->name);
	return buf;
}

uint32_t outputs_lookback(const struct outputs *set, uint32_t rate)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < set->num; i++) {
		uint32_t half = taps_half(rate, output_config(set->items[i])->rate);

		if (half > most)
			most = half;
	}
	return most;
}
