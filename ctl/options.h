/* SPDX-License-Identifier: MIT */
/*
 * Options of the command line: one table, from which they are read and from which the
 * help is printed. Long options only: --name, --name VALUE or --name=VALUE.
 */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "aud.h"

enum option {
	OPTION_SOCKET,
	OPTION_JSON,
	OPTION_QUIET,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_ALL,
	OPTION_FADE,
	OPTION_CURVE,
	OPTION_RAMP,
	OPTION_TIMEOUT,
	OPTION_DEVICE_LOST,
	OPTION_PRESENT,
	OPTION_DROP,
	OPTION_QUEUE,
	OPTION_GAIN,
	OPTION_NAME,
	OPTION_DROP_ON_EXIT,
	OPTION_LINGER,
	OPTION_RATE,
	OPTION_CHANNELS,
	OPTION_FORMAT,
	OPTION_LOW_WATER,
	OPTION_COUNT,
	OPTION_ID,
	OPTION_AT,
	OPTION_OUTPUT,
	OPTION_LAYOUT,
	OPTION_ROLE,
	OPTION_DEVICE,
	OPTION_SECONDS,
};

/* Sets of options. */
#define OPTION_BIT(option) (UINT32_C(1) << (option))
#define OPTIONS_EVERYWHERE                                                               \
	(OPTION_BIT(OPTION_SOCKET) | OPTION_BIT(OPTION_JSON) |                           \
	 OPTION_BIT(OPTION_QUIET) | OPTION_BIT(OPTION_HELP) |                            \
	 OPTION_BIT(OPTION_VERSION))

/* What the options say. Texts are those of argv. */
struct options {
	const char *socket, *name, *output, *layout, *device; /* or NULL */
	bool json, quiet, help, version, all, drop, drop_on_exit, present;
	uint64_t fade_ms, ramp_ms, timeout_ms, device_lost_ms, queue_ms, linger_ms;
	uint64_t low_water_ms; /* 0: nobody asks */
	uint64_t rate, channels;
	uint64_t seconds;
	uint64_t count;  /* events */
	uint64_t id, at; /* of a mark; at is a position, or AUD_NO_POSITION */
	enum aud_format format;
	enum aud_curve curve;
	enum aud_role role;
	float gain;
	uint32_t given; /* set of those on the command line */
};

/* A sentence for people about what is wrong on the command line. */
struct options_error {
	char s[256];
};

void options_init(struct options *o);

/* Takes the option at argv[*at], which is one of `allowed`, with its value; *at is then
 * at the last argument that was taken. argv ends with NULL. False: see ret_error. */
bool options_take(struct options *o, uint32_t allowed, char **argv, int *at,
		  struct options_error *ret_error);

/* One line for each option of the set. */
void options_print_help(FILE *f, uint32_t set);

/* The range of gains, for --gain and the gain verb. False: see ret_error. */
bool options_to_gain(const char *what, const char *s, float *ret,
		     struct options_error *ret_error);

#endif
