/* SPDX-License-Identifier: MIT */
/*
 * What the daemon has to say: one line a message, to the journal if standard error is connected to
 * it, with fields to search by; else to standard error, with sd-daemon(3) priority prefixes
 * ("<3>device hw:1,0: open failed: …") or, on a terminal, with words ("audd: error: …"). Main
 * thread only. A line names the object, what failed, why, and what happens now. Text from clients
 * goes through text_escape first.
 *
 * Nothing here waits: lines for which there is no room are lost, and counted; of a message that
 * comes again and again only some are written.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <stdint.h>

enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_NOTICE, LEVEL_INFO, LEVEL_DEBUG };

/* What one may want to find in the journal: each has a MESSAGE_ID, see audd(8). */
enum log_event {
	EVENT_NONE,
	EVENT_DEVICE_OPENED,
	EVENT_DEVICE_MISSING, /* lost, or cannot be opened */
	EVENT_CLIENT_BROKEN,  /* its connection was closed: it broke the protocol */
	EVENT_CLIENT_TURNED_AWAY,
	EVENT_SOURCE_MADE,
	EVENT_SOURCE_KEPT, /* it goes on after a restart */
	EVENT_SOURCE_GONE,
	EVENT_SCHEDULING, /* what a player's thread has got has changed */
	EVENT_RELOADED,
	EVENT_RELOAD_REFUSED,
	EVENT_LINES_LOST,
	NUM_LOG_EVENTS
};

/* What a line is about, for the journal's fields; what is 0 is left out. */
struct log_subject {
	enum log_event event;
	uint64_t source;    /* AUD_SOURCE */
	const char *output; /* AUD_OUTPUT */
};

/* log_about(LEVEL_INFO, ABOUT(.output = name), "output %s: …", name) */
#define ABOUT(...) ((struct log_subject){__VA_ARGS__})

void log_about(enum log_level level, struct log_subject subject, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(...)   log_about(LEVEL_ERROR, (struct log_subject){0}, __VA_ARGS__)
#define log_warning(...) log_about(LEVEL_WARNING, (struct log_subject){0}, __VA_ARGS__)
#define log_notice(...)  log_about(LEVEL_NOTICE, (struct log_subject){0}, __VA_ARGS__)
#define log_info(...)    log_about(LEVEL_INFO, (struct log_subject){0}, __VA_ARGS__)
#define log_debug(...)   log_about(LEVEL_DEBUG, (struct log_subject){0}, __VA_ARGS__)

/* Lines of this level and of more urgent ones are written; LEVEL_INFO at first. */
void log_set_level(enum log_level level);

/* Looks whether standard error is the journal's: then lines go to its socket at this path. */
void log_open(const char *journal);

/* Says how many lines were left out since they were told last; to be called now and then. */
void log_settle(void);

/* Of EVENT_NONE: NULL; else 32 hexadecimal digits. */
const char *log_event_id(enum log_event event);

#endif
