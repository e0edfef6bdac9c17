/* SPDX-License-Identifier: MIT */
/*
 * New settings for a daemon that runs. Main thread.
 */
#ifndef DAEMON_CONFIG_CHANGE_H
#define DAEMON_CONFIG_CHANGE_H

#include "config.h"

struct config_change {
	bool reopens[OUTPUTS_MAX]; /* the output's device has to be opened anew */
	char waits
		[256]; /* what takes a restart, and stays as it was: "daemon.socket, …"; "" */
};

/* Lets c become next, as far as a daemon that runs can; what is in next is c's then. Both are
 * finished (see config_finish). It happens in place: pointers to c and to its outputs stay
 * valid, those to its texts do not. On failure c is as it was, and next is still the caller's:
 * -ENOMEM; or -EINVAL and a sentence (to be freed, or NULL), if what can be taken over does not go
 * together with what has to wait. */
int config_change(struct config *c, struct config *next, struct config_change *ret,
		  char **ret_error);

#endif
