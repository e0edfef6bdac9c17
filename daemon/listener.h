/* SPDX-License-Identifier: MIT */
/*
 * The socket on which clients arrive: passed by systemd, or made at a path. Main thread.
 */
#ifndef DAEMON_LISTENER_H
#define DAEMON_LISTENER_H

#include <systemd/sd-event.h>

struct listener;

/* Listens on the socket that systemd has passed, else at path (whose folder is there, and which is
 * given to group; NULL: to audio, if we are root and there is one). A socket that nobody listens
 * on is replaced; one that somebody does, or a file of another kind, is an error. on_client gets
 * each new connection's fd (non-blocking, close-on-exec) and owns it. Negative errno, and
 * *ret_error is a sentence (to be freed) or NULL. */
int listener_new(struct listener **ret, sd_event *event, const char *path,
		 const char *group, void (*on_client)(void *user, int fd), void *user,
		 char **ret_error);

/* Closes; a path that it has made is removed. NULL is allowed. */
void listener_free(struct listener *l);

#endif
