/* SPDX-License-Identifier: MIT */
/*
 * The table of the keys, and how a value becomes a field.
 */
#include "config_keys.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "log.h"
#include "names.h"
#include "rt/format.h"
#include "text.h"

static const struct config_word yes_no[] = {{"yes", true}, {"no", false}, {0}};
static const struct config_word backends[] = {
	{"alsa", BACKEND_ALSA}, {"null", BACKEND_NULL}, {0}};
static const struct config_word log_levels[] = {
	{"error", LEVEL_ERROR}, {"warning", LEVEL_WARNING}, {"notice", LEVEL_NOTICE},
	{"info", LEVEL_INFO},   {"debug", LEVEL_DEBUG},     {0}};
#define ORDERS(name, format)                                                             \
	{name, format}, {name "le", FORMAT_LE(format)},                                  \
	{                                                                                \
		name "be", FORMAT_BE(format)                                             \
	}
static const struct config_word sample_formats[] = {{"auto", -1},
						    ORDERS("s16", FORMAT_S16),
						    ORDERS("s24", FORMAT_S24),
						    ORDERS("s24_3", FORMAT_S24_3),
						    ORDERS("s32", FORMAT_S32),
						    ORDERS("f32", FORMAT_F32),
						    {0}};
static const struct config_word accesses[] = {
	{"auto", ACCESS_AUTO}, {"mmap", ACCESS_MMAP}, {"rw", ACCESS_RW}, {0}};
static const struct config_word dithers[] = {
	{"auto", DITHER_AUTO}, {"no", DITHER_NO}, {0}};
static const struct config_word rewinds[] = {
	{"auto", REWIND_AUTO}, {"yes", REWIND_YES}, {"no", REWIND_NO}, {0}};

enum {
	HOUR_MS = 60 * 60 * 1000,
	NAME_BYTES = 255,
	SOCKET_PATH_MAX = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1,
};

/* clang-format off */
#define DAEMON(field) "daemon", #field, .offset = offsetof(struct config, field)
#define OUTPUT(field) "output", #field, .offset = offsetof(struct config_output, field)
#define NUMBER(low, high, of) .type = CONFIG_NUMBER, .min = low, .max = high, .unit = of
#define WORD(list) .type = CONFIG_WORD, .words = list
#define BOOL .type = CONFIG_BOOL, .words = yes_no
#define AT_RESTART .when = CONFIG_AT_RESTART
#define REOPENS .when = CONFIG_REOPENS
#define IF_LESS .when = CONFIG_IF_LESS
#define TEXT(least, most) .type = CONFIG_TEXT, .min = least, .max = most

const struct config_key config_keys[NUM_CONFIG_KEYS] = {
	{DAEMON(socket), AT_RESTART, TEXT(0, SOCKET_PATH_MAX), .initial = "",
	 .help = "path of the socket; empty: the usual place"},
	{DAEMON(socket_group), AT_RESTART, TEXT(0, NAME_BYTES), .initial = "",
	 .help = "group of the socket; empty: audio, where root makes it"},
	{DAEMON(admin_group), TEXT(0, NAME_BYTES), .initial = "",
	 .help = "group whose members control everything; empty: none"},
	{DAEMON(max_connections), NUMBER(1, 4096, NULL), .initial = "256",
	 .help = "clients at a time"},
	{DAEMON(max_connections_per_user), NUMBER(1, 4096, NULL), .initial = "128",
	 .help = "clients of one user at a time"},
	{DAEMON(max_sources), IF_LESS, NUMBER(1, 4096, NULL), .initial = "64",
	 .help = "sources of all clients together"},
	{DAEMON(max_sources_per_user), NUMBER(1, 4096, NULL), .initial = "48",
	 .help = "sources of one user"},
	{DAEMON(max_sources_per_connection), NUMBER(1, 4096, NULL), .initial = "32",
	 .help = "sources of one client"},
	{DAEMON(max_queue_bytes), NUMBER(64 << 10, 1 << 30, "bytes"), .initial = "67108864",
	 .help = "the longest queue that a source may ask for"},
	{DAEMON(max_queue_bytes_per_user), NUMBER(64 << 10, UINT32_MAX, "bytes"),
	 .initial = "536870912",
	 .help = "the queues of all sources of one user"},
	{DAEMON(max_requests_per_user), NUMBER(1, 1 << 20, NULL), .initial = "16384",
	 .help = "requests of one user that wait for their answer"},
	{DAEMON(max_requests_per_connection), NUMBER(1, 1 << 20, NULL), .initial = "4096",
	 .help = "the same, of one client"},
	{DAEMON(max_requests_per_source), NUMBER(1, 1 << 20, NULL), .initial = "1024",
	 .help = "the same, for one source, pushes not counted"},
	{DAEMON(max_marks), NUMBER(1, 16384, NULL), .initial = "1024",
	 .help = "marks on one source"},
	{DAEMON(max_marks_per_user), NUMBER(1, 1 << 20, NULL), .initial = "16384",
	 .help = "marks on all sources of one user"},
	{DAEMON(max_gain_db), NUMBER(0, 24, "dB"), .initial = "24",
	 .help = "how much louder than it is a source may be set"},
	{DAEMON(linger_ms), NUMBER(0, HOUR_MS, "ms"), .initial = "10000",
	 .help = "how long a source that its client has left is kept"},
	{DAEMON(reconnect_ms), NUMBER(0, HOUR_MS, "ms"), .initial = "5000",
	 .help = "how long sources wait for their clients after a restart"},
	{DAEMON(log_level), WORD(log_levels), .initial = "info",
	 .help = "what is logged: that, and what is more urgent"},
	{DAEMON(realtime_priority), NUMBER(0, 99, NULL), .initial = "50",
	 .help = "SCHED_FIFO priority of the player; 0: none"},
	{DAEMON(lock_memory), AT_RESTART, BOOL, .initial = "yes",
	 .help = "keep the daemon's memory out of swap, where that is allowed"},
	{DAEMON(default_output), TEXT(0, OUTPUT_NAME_MAX), .initial = "",
	 .help = "for sources that name none; empty: the first"},

	{OUTPUT(backend), AT_RESTART, WORD(backends), .initial = "alsa",
	 .help = "alsa: a device; null: nothing, on the clock"},
	{OUTPUT(device), REOPENS, TEXT(1, DEVICE_NAME_MAX), .names = DEVICES_MAX, .initial = "default",
	 .help = "the name of an ALSA PCM, or several: the first that opens"},
	{OUTPUT(record), AT_RESTART, TEXT(0, PATH_MAX - 1), .initial = "",
	 .help = "null backend: a WAV file of what was heard; empty: none"},
	{OUTPUT(rate), AT_RESTART, NUMBER(1000, 768000, "Hz"), .initial = "48000",
	 .help = "sample rate of the device"},
	{OUTPUT(channels), AT_RESTART, NUMBER(1, 32, "channels"), .initial = "2",
	 .help = "channels of the device"},
	{OUTPUT(layout), REOPENS, TEXT(0, 127), .initial = "",
	 .help = "what the channels are; empty: what the device says"},
	{OUTPUT(format), REOPENS, WORD(sample_formats), .initial = "auto",
	 .help = "sample format of the device; auto: the best it has"},
	{OUTPUT(dither), REOPENS, WORD(dithers), .initial = "auto",
	 .help = "noise before rounding to 16 bits; auto: where something is rounded"},
	{OUTPUT(access), REOPENS, WORD(accesses), .initial = "auto",
	 .help = "how samples get to the device; auto: mmap, else rw"},
	{OUTPUT(rewind), REOPENS, WORD(rewinds), .initial = "auto",
	 .help = "whether the device gives frames back; auto: where that can be trusted"},
	{OUTPUT(buffer_ms), REOPENS, NUMBER(5, 2000, "ms"), .initial = "200",
	 .help = "the device's buffer, on a device that rewinds"},
	{OUTPUT(short_buffer_ms), REOPENS, NUMBER(5, 2000, "ms"), .initial = "40",
	 .help = "the device's buffer, on one that does not"},
	{OUTPUT(xrun_margin_ms), REOPENS, NUMBER(0, 1000, "ms"), .initial = "120",
	 .help = "how much earlier the device is filled, at most, if it runs dry; 0: never"},
	{OUTPUT(rewind_guard_us), AT_RESTART, NUMBER(0, 20000, "us"), .initial = "1000",
	 .help = "what is never taken back, next to the speaker"},
	{OUTPUT(look_ms), REOPENS, NUMBER(0, 2000, "ms"), .initial = "20",
	 .help = "what may be heard again after a crash or an unplugged device"},
	{OUTPUT(idle_ms), REOPENS, NUMBER(0, HOUR_MS, "ms"), .initial = "1000",
	 .help = "silence after which the device is stopped"},
	{OUTPUT(duck_db), NUMBER(0, 60, "dB"), .initial = "12",
	 .help = "how much softer others are while speech sounds; 0: not at all"},
	{OUTPUT(duck_attack_ms), NUMBER(0, 10000, "ms"), .initial = "30",
	 .help = "how long it takes others to get softer"},
	{OUTPUT(duck_hold_ms), NUMBER(0, 10000, "ms"), .initial = "300",
	 .help = "how long they stay so behind the last of the speech"},
	{OUTPUT(duck_release_ms), NUMBER(0, 10000, "ms"), .initial = "500",
	 .help = "how long it takes them to get back"},
};
/* clang-format on */

static_assert((int)NUM_CONFIG_KEYS <= (int)CONFIG_KEYS_MAX, "each key has a line");

const struct config_key *config_key_find(const char *section, const char *name)
{
	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		const struct config_key *key = &config_keys[i];

		if (strcmp(key->section, section) == 0 && strcmp(key->name, name) == 0)
			return key;
	}
	return NULL;
}

bool config_has_section(const char *section)
{
	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		if (strcmp(config_keys[i].section, section) == 0)
			return true;
	}
	return false;
}

/* Decimal digits and nothing else: strtoul would take signs, spaces and what wraps round. */
static int parse_number(const char *text, uint32_t *ret)
{
	uint64_t n = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		n = 10 * n + (*text - '0');
		if (n > UINT32_MAX)
			return -EINVAL;
	}
	*ret = n;
	return 0;
}

static const struct config_word *find_word(const struct config_word *words,
					   const char *name)
{
	for (; words->name; words++) {
		if (strcmp(words->name, name) == 0)
			return words;
	}
	return NULL;
}

static int set_number(const struct config_key *key, uint32_t *field, const char *value)
{
	uint32_t n;

	if (parse_number(value, &n) < 0 || n < key->min || n > key->max)
		return -EINVAL;
	*field = n;
	return 0;
}

static int set_text(const struct config_key *key, char **field, const char *value)
{
	size_t length = strlen(value);
	char *copy = NULL;

	if (length < key->min || length > key->max)
		return -EINVAL;
	if (key->names && !names_are_sound(value, key->names))
		return -EINVAL;
	if (length > 0) {
		copy = strdup(value);
		if (!copy)
			return -ENOMEM;
	}
	free(*field);
	*field = copy;
	return 0;
}

bool config_key_is_output(const struct config_key *key)
{
	return strcmp(key->section, "output") == 0;
}

void *config_key_fields(const struct config_key *key, struct config *c)
{
	return config_key_is_output(key) ? (void *)&c->output : c;
}

uint32_t *config_key_line(const struct config_key *key, void *fields)
{
	struct config_output *o = fields;
	struct config *c = fields;
	struct config_lines *lines = config_key_is_output(key) ? &o->lines : &c->lines;

	return &lines->key[key - config_keys];
}

static void *field_of(const struct config_key *key, const void *fields)
{
	return (char *)fields + key->offset;
}

char **config_key_text(const struct config_key *key, void *fields)
{
	return key->type == CONFIG_TEXT ? field_of(key, fields) : NULL;
}

static int put(const struct config_key *key, void *fields, const char *value)
{
	const struct config_word *word;

	if (key->type == CONFIG_NUMBER)
		return set_number(key, field_of(key, fields), value);
	if (key->type == CONFIG_TEXT)
		return set_text(key, field_of(key, fields), value);

	word = find_word(key->words, value);
	if (!word)
		return -EINVAL;
	if (key->type == CONFIG_BOOL)
		*(bool *)field_of(key, fields) = word->value;
	else
		*(int *)field_of(key, fields) = word->value;
	return 0;
}

uint32_t config_key_number(const struct config_key *key, const void *fields)
{
	return *(const uint32_t *)field_of(key, fields);
}

static bool is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool config_key_is_equal(const struct config_key *key, const void *a, const void *b)
{
	const void *x = field_of(key, a), *y = field_of(key, b);

	switch (key->type) {
	case CONFIG_NUMBER:
	case CONFIG_WORD:
		return memcmp(x, y, sizeof(uint32_t)) == 0;
	case CONFIG_BOOL:
		return *(const bool *)x == *(const bool *)y;
	case CONFIG_TEXT:
		return is_same_text(*(char *const *)x, *(char *const *)y);
	}
	return false;
}

int config_key_copy(const struct config_key *key, void *to, const void *from)
{
	const char *text;

	switch (key->type) {
	case CONFIG_NUMBER:
	case CONFIG_WORD:
		memcpy(field_of(key, to), field_of(key, from), sizeof(uint32_t));
		break;
	case CONFIG_BOOL:
		*(bool *)field_of(key, to) = *(bool *)field_of(key, from);
		break;
	case CONFIG_TEXT:
		text = *(char **)field_of(key, from);
		return set_text(key, field_of(key, to), text ? text : "");
	}
	return 0;
}

static void describe_words(const struct config_word *words, char *buf, size_t size)
{
	size_t used = snprintf(buf, size, "one of");

	for (; words->name && used < size; words++)
		used += snprintf(buf + used, size - used, " %s%s", words->name,
				 words[1].name ? "," : "");
}

static void describe_text(const struct config_key *key, char *buf, size_t size)
{
	char of[64] = "";

	if (key->names)
		snprintf(of, sizeof(of), ", 1 to %u names with ', ' between them",
			 key->names);
	if (key->min > 0)
		snprintf(buf, size, "a text of %u to %u bytes%s", key->min, key->max, of);
	else
		snprintf(buf, size, "a text of at most %u bytes%s", key->max, of);
}

void config_key_describe(const struct config_key *key, char *buf, size_t size)
{
	switch (key->type) {
	case CONFIG_NUMBER:
		snprintf(buf, size, "a number%s%s from %u to %u", key->unit ? " of " : "",
			 key->unit ? key->unit : "", key->min, key->max);
		break;
	case CONFIG_TEXT:
		describe_text(key, buf, size);
		break;
	case CONFIG_WORD:
	case CONFIG_BOOL:
		describe_words(key->words, buf, size);
		break;
	}
}

int config_key_set(const struct config_key *key, void *fields, const char *value,
		   char **ret_error)
{
	char shown[64], expected[256];
	int r = put(key, fields, value);

	if (r != -EINVAL)
		return r;
	config_key_describe(key, expected, sizeof(expected));
	if (asprintf(ret_error, "'%s' is not %s",
		     text_escape(shown, sizeof(shown), value), expected) < 0)
		*ret_error = NULL;
	return r;
}
