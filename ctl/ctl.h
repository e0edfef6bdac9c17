/* SPDX-License-Identifier: MIT */
/*
 * What every verb of aud-ctl works with: the command line, the connection, how to fail.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stddef.h>

#include "aud.h"
#include "options.h"

/* Exit statuses, see aud-ctl(1). A verb ended by a signal adds its number to 128. */
enum {
	CTL_DONE = 0,
	CTL_REFUSED = 1, /* by the daemon, or a file that cannot be read */
	CTL_USAGE = 2,
	CTL_NO_DAEMON = 3, /* none there, or the connection was lost */
};

struct ctl {
	const char *verb; /* its name, NULL until it is known */
	struct options options;
	char **operands; /* what is left of the command line, without verb and options */
	size_t num_operands;
	struct aud *aud; /* NULL until ctl_connect */
};

/* Connects to the daemon. CTL_DONE, or says what is wrong and returns the status. */
int ctl_connect(struct ctl *ctl);

/* Ends the connection: callbacks of outstanding requests are called before it returns. */
void ctl_disconnect(struct ctl *ctl);

/* One line on stderr: "aud-ctl: play: " and the sentence, safe for a terminal. */
void ctl_error(const struct ctl *ctl, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for a wrong command line, with a hint at the help. Returns CTL_USAGE. */
int ctl_usage(const struct ctl *ctl, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What was printed goes out now. CTL_DONE, or says why it does not and returns
 * CTL_REFUSED. */
int ctl_flush(const struct ctl *ctl);

/* The status for a negative errno of the library. */
int ctl_status(int error);

/* The sentence of the library's latest failure on stderr. Returns the status for it. */
int ctl_failed(const struct ctl *ctl, int error);

#endif
