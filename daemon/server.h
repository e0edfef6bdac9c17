/* SPDX-License-Identifier: MIT */
/*
 * The daemon but for its options: a socket, connections, sources, an output, in one event
 * loop. Main thread; SIGTERM, SIGINT and the loop are the caller's.
 */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include <systemd/sd-event.h>

#include "config.h"

struct server;

/* Listens, and starts the player. config must live as long. Negative errno; *ret_error
 * is then a sentence (to be freed), or as it was. */
int server_new(struct server **ret, sd_event *event, const struct config *config,
	       char **ret_error);

/* The player stops first, so that all numbers and a recording are exact. NULL is
 * allowed. */
void server_free(struct server *s);

#endif
