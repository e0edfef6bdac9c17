/* SPDX-License-Identifier: MIT */
/*
 * The daemon as a service: while it runs, the service manager is told how it is, in a sentence
 * of which people can make something, and its watchdog is fed as long as the players get on
 * with what they have to do. Main thread.
 */
#ifndef DAEMON_SERVICE_H
#define DAEMON_SERVICE_H

#include "conn.h"

struct service;

/* The hub, with what is in it, must live longer. *ret is NULL, and nothing is done, if there is
 * no service manager. Negative errno. */
int service_new(struct service **ret, const struct hub *hub);

/* NULL is allowed, here and below. */
void service_free(struct service *s);

/* Something has happened, whatever it was: at most once a second it is looked at whether the
 * sentence is another one. */
void service_touch(struct service *s);

#endif
