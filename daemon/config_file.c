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
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_keys.h"
#include "text.h"

enum { LINE_BYTES = 200 }; /* as inih has them */

struct reader {
	FILE *file;
	const char *path;
	struct config *config;
	struct config_output *output; /* of the section; NULL: [output], or another one */
	/* How sentences call it: "output a"; empty: there was none yet. */
	char section[sizeof("output ") + OUTPUT_NAME_MAX];
	uint32_t line; /* the one that inih works on, from 1 */
	int status;    /* negative errno: stop */
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
	if (asprintf(&r->error, "%s:%" PRIu32 ": %s", r->path, r->line, what) < 0)
		r->error = NULL;
}

static void fail_in_file(struct reader *r, int error)
{
	r->status = -error;
	if (asprintf(&r->error, "%s: %s", r->path, strerror(error)) < 0)
		r->error = NULL;
}

/* ---- sections --------------------------------------------------------------------- */

static const char *output_name(const char *section)
{
	static const char word[] = "output";
	const char *name = section + strlen(word);

	if (strncmp(section, word, strlen(word)) != 0 || !isblank(*name))
		return NULL;
	return name + strspn(name, " \t");
}

static bool is_name(const char *name)
{
	return *name && strlen(name) <= OUTPUT_NAME_MAX && text_is_printable(name) &&
	       !strpbrk(name, " \t");
}

static void begin_output(struct reader *r, const char *name)
{
	const struct config_output *first = config_find_output(r->config, name);
	char shown[64];

	text_escape(shown, sizeof(shown), name);
	if (!is_name(name))
		fail_in_line(
			r, "'%s' is no name for an output: one word of at most %d bytes",
			shown, OUTPUT_NAME_MAX);
	else if (first)
		fail_in_line(r, "[output %s] stands twice, first in line %" PRIu32, shown,
			     first->lines.section);
	else if (!(r->output = config_add_output(r->config, name, r->line)))
		fail_in_line(r, "there are %d outputs, and may be no more", OUTPUTS_MAX);
	snprintf(r->section, sizeof(r->section), "output %s", name);
}

static void begin_section(struct reader *r, const char *section)
{
	const char *name = output_name(section);
	char shown[64];

	r->output = NULL;
	if (name)
		begin_output(r, name);
	else if (config_has_section(section))
		snprintf(r->section, sizeof(r->section), "%.*s",
			 (int)sizeof(r->section) - 1, section);
	else
		fail_in_line(r, "there is no section [%s]; audd.conf(5) lists them",
			     text_escape(shown, sizeof(shown), section));
}

/* inih tells its handler of keys only: a section that is misspelt and empty, or a key behind
 * the bracket, would go unseen; and it cuts long names. A bracket that is missing it does see. */
static void see_section(struct reader *r, const char *line)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	char section[LINE_BYTES], shown[64];
	const char *end;

	if (r->line == 1 &&
	    strncmp(line, byte_order_mark, strlen(byte_order_mark)) == 0) {
		line += strlen(byte_order_mark);
		line += strspn(line, " \t\v\f\r");
	}
	end = strchr(line, ']');
	if (*line != '[' || !end)
		return;
	snprintf(section, sizeof(section), "%.*s", (int)(end - line - 1), line + 1);
	begin_section(r, section);

	end += 1 + strspn(end + 1, " \t\r");
	if (*end && *end != '#' && *end != ';')
		fail_in_line(
			r, "'%s' stands behind a [section]; a key has a line of its own",
			text_escape(shown, sizeof(shown), end));
}

/* ---- lines and keys --------------------------------------------------------------- */

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
	see_section(r, buf);
	return r->status < 0 ? NULL : buf;
}

static void fail_for_key(struct reader *r, const char *name)
{
	char shown[64];

	text_escape(shown, sizeof(shown), name);
	if (!*r->section)
		fail_in_line(r, "'%s' stands before the first [section]", shown);
	else
		fail_in_line(r, "there is no key '%s' in [%s]; audd.conf(5) lists them",
			     shown, r->section);
}

/* A key in any section but [output NAME] goes where the table says. */
static void put_key(struct reader *r, const struct config_key *key, const char *value)
{
	void *fields = r->output ? r->output : config_key_fields(key, r->config);
	uint32_t *line = config_key_line(key, fields);
	char *error = NULL;

	if (*line) {
		fail_in_line(r, "%s.%s is set twice, first in line %" PRIu32, r->section,
			     key->name, *line);
		return;
	}
	*line = r->line;
	r->status = config_key_set(key, fields, value, &error);
	if (error)
		fail_in_line(r, "%s.%s: %s", r->section, key->name, error);
	free(error);
}

/* inih's handler; 0 is failure there. What inih calls the section is what stands between the
 * brackets, with blanks as they are and cut where it likes; the reader knows better. */
static int set_key(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;
	const struct config_key *key =
		config_key_find(r->output ? "output" : r->section, name);

	(void)section;
	if (key)
		put_key(r, key, value);
	else
		fail_for_key(r, name);
	return r->status == 0;
}

static int read_all(struct reader *r)
{
	int line = ini_parse_stream(read_line, r, set_key, r);

	/* inih goes on after what it cannot split, and says at the end where the first such
	 * line was. */
	if (line > 0 && (r->status == 0 || (uint32_t)line < r->line)) {
		r->line = (uint32_t)line;
		fail_in_line(r, "neither 'key = value' nor '[section]'");
	} else if (line < 0) {
		r->status = -ENOMEM;
	}
	return r->status;
}

static int set_path(struct config *c, const char *path)
{
	free(c->path);
	c->path = strdup(path);
	return c->path ? 0 : -ENOMEM;
}

static void forget_lines(struct config *c)
{
	c->lines = (struct config_lines){0};
	c->output.lines = (struct config_lines){0};
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
		forget_lines(&next);
		r.status = set_path(&next, path);
		if (r.status == 0)
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
