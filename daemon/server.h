/* SPDX-License-Identifier: MIT */
/*
 * The daemon but for its options: a socket, connections, sources, an output, in one event
 * loop. Main thread; SIGTERM, SIGINT and the loop are the caller's.
 */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include <systemd/sd-event.h>

#include "config_change.h"

struct server;

/* Listens, on what systemd has passed or at this path, and starts the players. config must live as
 * long, at its place; see server_follow. Negative errno; *ret_error is then a sentence (to be
 * freed), or as it was. */
int server_new(struct server **ret, sd_event *event, const struct config *config,
	       const char *socket, char **ret_error);

/* The settings have changed; or they were to be read again, and are wrong: what is said to
 * people. */
void server_follow(struct server *s, const struct config_change *change);
void server_refuse(struct server *s, const char *error);

/* The player stops first, so that all numbers and a recording are exact. NULL is
 * allowed. */
void server_free(struct server *s);

#endif
