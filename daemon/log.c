/* SPDX-License-Identifier: MIT */
/*
 * One message, one line, one write: lines of several processes on one stderr never mix.
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum { LINE_SIZE = 1024 };

struct level {
	const char *priority; /* for the journal */
	const char *word;     /* for a terminal */
};

static const struct level level_error = {SD_ERR, "audd: error: "};
static const struct level level_warning = {SD_WARNING, "audd: warning: "};
static const struct level level_notice = {SD_NOTICE, "audd: "};
static const struct level level_info = {SD_INFO, "audd: "};
static const struct level level_debug = {SD_DEBUG, "audd: debug: "};

static bool verbose;

void log_set_verbose(bool on)
{
	verbose = on;
}

/* A message is one line, whatever got into it: a stranger's text must not look like a line of
 * ours. */
static void flatten(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
	}
}

/* Cuts a text that was too long; the last character may be half there, so it goes too. */
static void shorten(char *text)
{
	size_t length = strlen(text);

	while (length > 0 && (text[length - 1] & 0xc0) == 0x80)
		length--;
	if (length > 0)
		length--;
	strcpy(text + length, "…");
}

static void __attribute__((format(printf, 2, 0)))
log_line(const struct level *level, const char *format, va_list args)
{
	char line[LINE_SIZE];
	int saved_errno = errno;
	size_t start, room;
	int wanted;

	strcpy(line, isatty(STDERR_FILENO) ? level->word : level->priority);
	start = strlen(line);
	room = sizeof(line) - start - sizeof("…\n");

	errno = saved_errno; /* the format may hold %m */
	wanted = vsnprintf(line + start, room, format, args);
	if (wanted < 0)
		strcpy(line + start, "(a message that could not be made)");
	flatten(line + start);
	if (wanted >= (int)room)
		shorten(line + start);
	strcat(line, "\n");

	/* Where a log cannot be written there is nobody to tell. */
	(void)!write(STDERR_FILENO, line, strlen(line));
	errno = saved_errno;
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(&level_error, format, args);
	va_end(args);
}

void log_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(&level_warning, format, args);
	va_end(args);
}

void log_notice(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(&level_notice, format, args);
	va_end(args);
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(&level_info, format, args);
	va_end(args);
}

void log_debug(const char *format, ...)
{
	va_list args;

	if (!verbose)
		return;
	va_start(args, format);
	log_line(&level_debug, format, args);
	va_end(args);
}
