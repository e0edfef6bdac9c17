/* SPDX-License-Identifier: MIT */
/*
 * Reads the configuration file. inih splits lines into keys and values, but it neither counts
 * lines for its handler nor minds what it does not understand; so it is fed by a reader that
 * counts, and that refuses what inih would cut, join or skip.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_keys.h"
#include "text.h"

struct reader {
	FILE *file;
	const char *path;
	struct config *config;
	int line;                    /* the one that inih works on, from 1 */
	int set_in[NUM_CONFIG_KEYS]; /* line where the key was set; 0: not yet */
	int status;                  /* negative errno: stop */
	char *error;
};

static void __attribute__((format(printf, 2, 3)))
fail_in_line(struct reader *r, const char *format, ...)
{
	char what[256];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);

	r->status = -EINVAL;
	free(r->error);
	if (asprintf(&r->error, "%s:%d: %s", r->path, r->line, what) < 0)
		r->error = NULL;
}

static void fail_in_file(struct reader *r, int error)
{
	r->status = -error;
	if (asprintf(&r->error, "%s: %s", r->path, strerror(error)) < 0)
		r->error = NULL;
}

/* inih tells its handler of keys only: a section that is misspelt and empty, or a key behind
 * the bracket, would go unseen. A bracket that is missing it does see. */
static void check_section(struct reader *r, const char *line)
{
	const char *end = strchr(line, ']');
	char name[32], shown[64];

	if (*line != '[' || !end)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)(end - line - 1), line + 1);
	if (!config_has_section(name))
		fail_in_line(r, "there is no section [%s]; audd.conf(5) lists them",
			     text_escape(shown, sizeof(shown), name));

	end += 1 + strspn(end + 1, " \t\r");
	if (*end && *end != '#' && *end != ';')
		fail_in_line(
			r, "'%s' stands behind a [section]; a key has a line of its own",
			text_escape(shown, sizeof(shown), end));
}

/* inih's reader. Leading blanks are left out: to inih they would mean that the line goes on
 * with the value of the one before. */
static char *read_line(char *buf, int size, void *user)
{
	struct reader *r = user;
	int c, length = 0;

	if (r->status < 0)
		return NULL;
	r->line++;
	while ((c = getc(r->file)) != EOF && c != '\n') {
		if (length == 0 && isspace(c))
			continue;
		if (c == '\0')
			fail_in_line(r, "a NUL byte; this is no text");
		else if (length == size - 1)
			fail_in_line(r, "the line is longer than %d bytes", size - 1);
		if (r->status < 0)
			return NULL;
		buf[length++] = c;
	}
	if (c == EOF && ferror(r->file)) {
		fail_in_file(r, errno);
		return NULL;
	}
	if (c == EOF && length == 0)
		return NULL;
	buf[length] = '\0';
	check_section(r, buf);
	return r->status < 0 ? NULL : buf;
}

static void fail_for_key(struct reader *r, const char *section, const char *name)
{
	char shown[64], place[64];

	text_escape(shown, sizeof(shown), name);
	text_escape(place, sizeof(place), section);
	if (!*section)
		fail_in_line(r, "'%s' stands before the first [section]", shown);
	else
		fail_in_line(r, "there is no key '%s' in [%s]; audd.conf(5) lists them",
			     shown, place);
}

/* inih's handler; 0 is failure there. */
static int set_key(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;
	const struct config_key *key = config_key_find(section, name);
	char *error = NULL;
	int *set_in;

	if (!key) {
		fail_for_key(r, section, name);
		return 0;
	}
	set_in = &r->set_in[key - config_keys];
	if (*set_in) {
		fail_in_line(r, "%s.%s is set twice, first in line %d", section, name,
			     *set_in);
		return 0;
	}
	*set_in = r->line;

	r->status = config_key_set(key, r->config, value, &error);
	if (error)
		fail_in_line(r, "%s", error);
	free(error);
	return r->status == 0;
}

static int read_all(struct reader *r)
{
	int line = ini_parse_stream(read_line, r, set_key, r);

	/* inih goes on after what it cannot split, and says at the end where the first such
	 * line was. */
	if (line > 0 && (r->status == 0 || line < r->line)) {
		r->line = line;
		fail_in_line(r, "neither 'key = value' nor '[section]'");
	} else if (line < 0) {
		r->status = -ENOMEM;
	}
	return r->status;
}

int config_read(struct config *c, const char *path, bool must_exist, char **ret_error)
{
	struct reader r = {.path = path, .file = fopen(path, "re")};
	struct config next;

	if (!r.file && errno == ENOENT && !must_exist)
		return 0;
	if (!r.file) {
		fail_in_file(&r, errno);
		*ret_error = r.error;
		return r.status;
	}

	r.config = &next;
	r.status = config_copy(&next, c);
	if (r.status == 0) {
		read_all(&r);
		config_done(r.status == 0 ? c : &next);
	}
	fclose(r.file);
	if (r.status == 0)
		*c = next;
	else
		*ret_error = r.error;
	return r.status;
}
