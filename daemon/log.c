/* SPDX-License-Identifier: MIT */
/*
 * One message, one line, one write: lines of several processes on one stderr never mix.
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "log_limit.h"
#include "log_sink.h"
#include "text.h"

enum { TEXT_SIZE = 1020 };

static const char *const event_ids[NUM_LOG_EVENTS] = {
	[EVENT_DEVICE_OPENED] = "48fd7c1ae97c43e3a5da38b0c62c9282",
	[EVENT_DEVICE_MISSING] = "93cb767bafb84b2e849a86d3225a637d",
	[EVENT_CLIENT_BROKEN] = "b0723e7a74694339ba252b7483634bff",
	[EVENT_CLIENT_TURNED_AWAY] = "98a444828d654758af09a57a66497d05",
	[EVENT_SOURCE_MADE] = "0a29e60aca944fafa4d5232cec27ee52",
	[EVENT_SOURCE_KEPT] = "656fab50df4a4261ab9dcb3bab15cc25",
	[EVENT_SOURCE_GONE] = "62047c76c7da470cb389cd9fbda98d25",
	[EVENT_SCHEDULING] = "85aa272e561a46089ab56b9ce622e174",
	[EVENT_RELOADED] = "ef260f2f03a742268f30677da6ec04e6",
	[EVENT_RELOAD_REFUSED] = "a0a533d894a84e08925d163e0cc7b689",
	[EVENT_LINES_LOST] = "160822b6c5524220a6b18a5d91d4edf1",
};

static enum log_level most = LEVEL_INFO;
static uint64_t lost; /* lines for which there was no room, since that was told */

const char *log_event_id(enum log_event event)
{
	return event_ids[event];
}

void log_set_level(enum log_level level)
{
	most = level;
}

void log_open(const char *journal)
{
	log_sink_open(journal);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- texts ----------------------------------------------------------------------- */

/* A message is one line, whatever got into it: a stranger's text must not look like a line of
 * ours. */
static void flatten(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
	}
}

static void __attribute__((format(printf, 2, 0)))
compose(char text[TEXT_SIZE], const char *format, va_list args)
{
	int wanted = vsnprintf(text, TEXT_SIZE - sizeof("…"), format, args);

	if (wanted < 0)
		strcpy(text, "(a message that could not be made)");
	flatten(text);
	if (wanted >= TEXT_SIZE - (int)sizeof("…"))
		text_cut(text);
}

/* ---- what was not written -------------------------------------------------------- */

static void __attribute__((format(printf, 1, 2))) tell(const char *format, ...)
{
	static const struct log_subject subject = {.event = EVENT_LINES_LOST};
	char text[TEXT_SIZE];
	va_list args;

	va_start(args, format);
	compose(text, format, args);
	va_end(args);
	lost += !log_sink_write(LEVEL_NOTICE, &subject, text);
}

void log_settle(void)
{
	struct log_left_out left_out;
	uint64_t before = lost;

	lost = 0;
	if (before > 0)
		tell("%llu lines of the log are lost: there was no room for them",
		     (unsigned long long)before);
	if (lost > 0) {
		lost = before; /* nor for this one */
		return;
	}
	while (log_limit_take(now_ns(), &left_out))
		tell("%u more lines like this one were left out: %s", left_out.times,
		     left_out.last);
}

/* ---- messages -------------------------------------------------------------------- */

void log_about(enum log_level level, struct log_subject subject, const char *format, ...)
{
	int saved_errno = errno;
	char text[TEXT_SIZE];
	va_list args;

	if (level > most)
		return;
	va_start(args, format);
	compose(text, format, args); /* the format may hold %m */
	va_end(args);
	if (level == LEVEL_DEBUG ||
	    log_limit_passes(format, subject.output, text, now_ns())) {
		log_settle();
		lost += !log_sink_write(level, &subject, text);
	}
	errno = saved_errno;
}
