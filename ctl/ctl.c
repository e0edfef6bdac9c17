/* SPDX-License-Identifier: MIT */
/*
 * The connection, and how to fail.
 */
#include "ctl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

enum { MAX_SENTENCE = 1024 }; /* bytes */

/* The library's sentence says what was tried, and where. */
int ctl_connect(struct ctl *ctl)
{
	if (aud_connect(&ctl->aud, ctl->options.socket, "aud-ctl") >= 0)
		return CTL_DONE;
	ctl->aud = NULL;
	ctl_error(ctl, "%s", aud_error(NULL));
	return CTL_NO_DAEMON;
}

void ctl_disconnect(struct ctl *ctl)
{
	aud_free(ctl->aud);
	ctl->aud = NULL;
}

static void print_sentence(const struct ctl *ctl, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* A sentence may hold names that others chose. */
static void print_sentence(const struct ctl *ctl, const char *format, va_list args)
{
	char sentence[MAX_SENTENCE], safe[MAX_SENTENCE];

	vsnprintf(sentence, sizeof(sentence), format, args);
	fflush(stdout); /* keep the order when both go to the same place */
	fprintf(stderr, "aud-ctl: %s%s%s\n", ctl->verb ? ctl->verb : "",
		ctl->verb ? ": " : "", text_safe(safe, sizeof(safe), sentence));
}

void ctl_error(const struct ctl *ctl, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_sentence(ctl, format, args);
	va_end(args);
}

int ctl_usage(const struct ctl *ctl, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_sentence(ctl, format, args);
	va_end(args);
	fprintf(stderr, "Try 'aud-ctl%s%s --help'.\n", ctl->verb ? " " : "",
		ctl->verb ? ctl->verb : "");
	return CTL_USAGE;
}

/* A failure is told once; that nobody reads is no reason to complain. */
int ctl_flush(const struct ctl *ctl)
{
	int error = fflush(stdout) ? errno : ferror(stdout) ? EIO : 0;

	clearerr(stdout);
	if (!error)
		return CTL_DONE;
	if (error != EPIPE)
		ctl_error(ctl, "standard output: %s", strerror(error));
	return CTL_REFUSED;
}

int ctl_status(int error)
{
	switch (error) {
	case -ENOTCONN:
	case -ECONNREFUSED:
	case -ECONNRESET:
	case -EPIPE:
		return CTL_NO_DAEMON;
	default:
		return CTL_REFUSED;
	}
}

int ctl_failed(const struct ctl *ctl, int error)
{
	ctl_error(ctl, "%s", aud_error(ctl->aud));
	return ctl_status(error);
}
