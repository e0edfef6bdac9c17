/* SPDX-License-Identifier: MIT */
/*
 * The journal is spoken to by its own protocol ("KEY=value" lines in a datagram) because
 * sd_journal_send waits when it is full. Standard error belongs to others too, so it is not made
 * non-blocking: a socket is sent to, anything else is written to when it has room.
 */
#include "log_sink.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum { MESSAGE_SIZE = 2048, LINE_SIZE = 1100 };

struct level {
	const char *priority; /* for whoever reads standard error */
	const char *word;     /* for a terminal */
};

static const struct level levels[] = {
	[LEVEL_ERROR] = {SD_ERR, "audd: error: "},
	[LEVEL_WARNING] = {SD_WARNING, "audd: warning: "},
	[LEVEL_NOTICE] = {SD_NOTICE, "audd: "},
	[LEVEL_INFO] = {SD_INFO, "audd: "},
	[LEVEL_DEBUG] = {SD_DEBUG, "audd: debug: "},
};

/* There is one log. */
static struct sockaddr_un journal_address;
static int journal = -1;

/* ---- the journal ----------------------------------------------------------------- */

/* The service manager has said which file the journal is: whoever has put another in its place
 * wants the lines there. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	return stream && sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}

void log_sink_open(const char *path)
{
	if (journal >= 0)
		close(journal);
	journal = -1;
	if (!stderr_is_journal() || strlen(path) >= sizeof(journal_address.sun_path))
		return;
	journal_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	strcpy(journal_address.sun_path, path);
	journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

struct fields {
	char text[MESSAGE_SIZE];
	size_t length;
};

static void __attribute__((format(printf, 2, 3)))
add_field(struct fields *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	f->length += (size_t)vsnprintf(f->text + f->length, sizeof(f->text) - f->length,
				       format, args);
	va_end(args);
}

/* False: it is not to be had any more. */
static bool send_to_journal(enum log_level level, const struct log_subject *subject,
			    const char *text, bool *ret_full)
{
	struct fields f = {.length = 0};

	add_field(&f, "PRIORITY=%c\nSYSLOG_IDENTIFIER=audd\n", levels[level].priority[1]);
	if (subject->event)
		add_field(&f, "MESSAGE_ID=%s\n", log_event_id(subject->event));
	if (subject->source)
		add_field(&f, "AUD_SOURCE=%" PRIu64 "\n", subject->source);
	if (subject->output)
		add_field(&f, "AUD_OUTPUT=%.64s\n", subject->output);
	add_field(&f, "MESSAGE=%s\n", text);
	if (sendto(journal, f.text, f.length, MSG_NOSIGNAL,
		   (struct sockaddr *)&journal_address, sizeof(journal_address)) >= 0)
		return true;
	*ret_full = errno == EAGAIN || errno == ENOBUFS;
	return *ret_full;
}

/* ---- standard error -------------------------------------------------------------- */

/* Another writer may take the room between the look and the write; a service manager gives us a
 * socket or a pipe of our own. */
static bool write_to_stderr(enum log_level level, const char *text)
{
	const struct level *l = &levels[level];
	struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
	char line[LINE_SIZE];
	int n = snprintf(line, sizeof(line), "%s%s\n",
			 isatty(STDERR_FILENO) ? l->word : l->priority, text);

	if (send(STDERR_FILENO, line, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return true;
	if (errno != ENOTSOCK)
		return errno != EAGAIN && errno != ENOBUFS; /* else nobody is there */
	if (poll(&fd, 1, 0) == 1 && fd.revents & (POLLERR | POLLNVAL))
		return true;
	return fd.revents & POLLOUT && write(STDERR_FILENO, line, (size_t)n) >= 0;
}

bool log_sink_write(enum log_level level, const struct log_subject *subject,
		    const char *text)
{
	bool full = false;

	if (journal >= 0 && send_to_journal(level, subject, text, &full))
		return !full;
	return write_to_stderr(level, text);
}
