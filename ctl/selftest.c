/* SPDX-License-Identifier: MIT */
/*
 * The selftest has to have the card itself, which no client of the daemon has: audd does it, as a
 * program of its own beside the daemon, if there is one.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "verbs.h"

enum { MAX_ARGS = 12 };

/* The one that lies beside this program, so that it is of the same build; else that of $PATH. */
static void find_audd(char *buf, size_t size)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	self[n > 0 ? n : 0] = '\0';
	slash = strrchr(self, '/');
	if (slash) {
		*slash = '\0';
		if ((size_t)snprintf(buf, size, "%s/audd", self) < size &&
		    access(buf, X_OK) == 0)
			return;
	}
	snprintf(buf, size, "audd");
}

static void add(const char **args, int *n, const char *option, const char *value)
{
	args[(*n)++] = option;
	if (value)
		args[(*n)++] = value;
}

int verb_selftest(struct ctl *ctl)
{
	const struct options *o = &ctl->options;
	char audd[PATH_MAX], seconds[24];
	const char *args[MAX_ARGS] = {"audd", "--selftest"};
	int n = 2;

	if (o->device)
		add(args, &n, "--device", o->device);
	if (o->output)
		add(args, &n, "--output", o->output);
	if (o->given & OPTION_BIT(OPTION_SECONDS)) {
		snprintf(seconds, sizeof(seconds), "%llu",
			 (unsigned long long)o->seconds);
		add(args, &n, "--seconds", seconds);
	}
	if (o->json)
		add(args, &n, "--json", NULL);
	if (o->quiet)
		add(args, &n, "--quiet", NULL);
	find_audd(audd, sizeof(audd));
	execvp(audd, (char *const *)args);
	ctl_error(ctl, "%s cannot be run: %s", audd, strerror(errno));
	return CTL_NO_DAEMON; /* nothing was tested: 1 would be a fault that was found */
}
