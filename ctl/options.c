/* SPDX-License-Identifier: MIT */
/*
 * Options of the command line. To add one: a name in enum option, a field, a row here,
 * and its bit in the row of each verb that takes it.
 */
#include "options.h"

#include <stdarg.h>
#include <string.h>

#include "text.h"

enum kind {
	KIND_FLAG,
	KIND_TEXT,
	KIND_COUNT,
	KIND_GAIN,
	KIND_FORMAT,
	KIND_CURVE,
	KIND_ROLE
};

enum {
	MAX_GAIN = 16,
	MAX_DB = 24, /* hardly less than that */
	MIN_DB = -200,
	MAX_NAME = 63,        /* bytes */
	MAX_OUTPUT_NAME = 31, /* bytes */
};

struct option_row {
	const char *name, *value; /* value: what the help calls it */
	enum kind kind;
	size_t offset;     /* of its field in struct options */
	uint64_t min, max; /* of a count; of the bytes of a text */
	const char *help;
};

#define FIELD(kind, field)     kind, offsetof(struct options, field)
#define FLAG(field)            FIELD(KIND_FLAG, field), 0, 0
#define TEXT(field, min, max)  FIELD(KIND_TEXT, field), min, max
#define COUNT(field, min, max) FIELD(KIND_COUNT, field), min, max
#define GAIN(field)            FIELD(KIND_GAIN, field), 0, 0
#define FORMAT(field)          FIELD(KIND_FORMAT, field), 0, 0
#define CURVE(field)           FIELD(KIND_CURVE, field), 0, 0
#define ROLE(field)            FIELD(KIND_ROLE, field), 0, 0

static const struct option_row rows[] = {
	[OPTION_SOCKET] = {"socket", "PATH", TEXT(socket, 1, 4096),
			   "the daemon's socket ($AUD_SOCKET, or the usual place)"},
	[OPTION_JSON] = {"json", NULL, FLAG(json), "answer in JSON"},
	[OPTION_QUIET] = {"quiet", NULL, FLAG(quiet),
			  "print errors only; but lists, status, events and JSON"},
	[OPTION_HELP] = {"help", NULL, FLAG(help), "print this help; also -h"},
	[OPTION_VERSION] = {"version", NULL, FLAG(version), "print the version"},
	[OPTION_ALL] = {"all", NULL, FLAG(all), "every source, not only one's own"},
	[OPTION_FADE] = {"fade", "MS", COUNT(fade_ms, 0, 250),
			 "length of the fade, 0 to 250 (5)"},
	[OPTION_CURVE] = {"curve", "CURVE", CURVE(curve),
			  "of the fade, linear or equal-power (linear)"},
	[OPTION_RAMP] = {"ramp", "MS", COUNT(ramp_ms, 0, 10000),
			 "time to get to the new gain, 0 to 10000 (20)"},
	[OPTION_TIMEOUT] = {"timeout", "MS", COUNT(timeout_ms, 0, AUD_NO_TIMEOUT - 1),
			    "how long to wait (no limit)"},
	[OPTION_DEVICE_LOST] = {"device-lost", "MS",
				COUNT(device_lost_ms, 0, AUD_NO_TIMEOUT - 1),
				"how long to wait without a device (no limit)"},
	[OPTION_PRESENT] = {"present", NULL, FLAG(present),
			    "wait only for what is queued now"},
	[OPTION_DROP] = {"drop", NULL, FLAG(drop),
			 "drop what is queued instead of playing it out"},
	[OPTION_QUEUE] = {"queue", "MS", COUNT(queue_ms, 1, 60000),
			  "how much to queue ahead, 1 to 60000 (1000)"},
	[OPTION_GAIN] = {"gain", "LEVEL", GAIN(gain),
			 "how loud, a factor from 0 to 16 or dB: -6dB (1)"},
	[OPTION_NAME] = {"name", "NAME", TEXT(name, 0, MAX_NAME),
			 "the source's name (that of the first file)"},
	[OPTION_DROP_ON_EXIT] = {"drop-on-exit", NULL, FLAG(drop_on_exit),
				 "if aud-ctl is killed, drop what is queued"},
	[OPTION_LINGER] = {"linger", "MS", COUNT(linger_ms, 1, 3600000),
			   "if aud-ctl is killed, how long the source stays (audd's)"},
	[OPTION_RATE] = {"rate", "HZ", COUNT(rate, 1000, 768000),
			 "frames in a second of standard input (48000)"},
	[OPTION_CHANNELS] = {"channels", "N", COUNT(channels, 1, 32),
			     "channels of standard input (1)"},
	[OPTION_FORMAT] = {"format", "FORMAT", FORMAT(format),
			   "samples of standard input (s16)"},
	[OPTION_LOW_WATER] = {"low-water", "MS", COUNT(low_water_ms, 1, 60000),
			      "tell also when less is queued, 1 to 60000 (not)"},
	[OPTION_COUNT] = {"count", "N", COUNT(count, 1, INT64_MAX),
			  "end after so many events (no limit)"},
	[OPTION_ID] = {"id", "N", COUNT(id, 0, INT64_MAX), "the mark's number (1)"},
	[OPTION_AT] = {"at", "FRAME", COUNT(at, 0, INT64_MAX),
		       "its position (the end of what is queued)"},
	[OPTION_OUTPUT] = {"output", "NAME", TEXT(output, 1, MAX_OUTPUT_NAME),
			   "which output, as the verb outputs lists them"},
	[OPTION_LAYOUT] =
		{"layout", "NAMES", TEXT(layout, 1, 127),
		 "its channels, as in \"FL FR FC LFE\" or 5.1 (the usual ones)"},
	[OPTION_ROLE] = {"role", "ROLE", ROLE(role),
			 "speech: others are softer while it sounds"},
	[OPTION_DEVICE] = {"device", "PCM", TEXT(device, 1, 255),
			   "ALSA's name of the device (the output's)"},
	[OPTION_SECONDS] = {"seconds", "N", COUNT(seconds, 1, 600),
			    "about how long, 1 to 600 (30)"},
};

enum { NUM_OPTIONS = sizeof(rows) / sizeof(rows[0]) };

/* An option's words, by the value that they stand for. */
struct words {
	const char *const *names;
	size_t num;
	const char *all; /* of them, for people */
};

#define WORDS(names, all)                                                                \
	{                                                                                \
		names, sizeof(names) / sizeof((names)[0]), all                           \
	}

static const char *const curve_names[] = {
	[AUD_LINEAR] = "linear",
	[AUD_EQUAL_POWER] = "equal-power",
};

static const struct words curves = WORDS(curve_names, "linear or equal-power");

static const char *const role_names[] = {
	[AUD_ROLE_SPEECH] = "speech",
};

static const struct words roles = WORDS(role_names, "speech, the only one");

void options_init(struct options *o)
{
	*o = (struct options){
		.fade_ms = AUD_FADE_DEFAULT_MS,
		.ramp_ms = 20,
		.timeout_ms = AUD_NO_TIMEOUT,
		.device_lost_ms = AUD_NO_TIMEOUT,
		.queue_ms = 1000,
		.rate = 48000,
		.channels = 1,
		.count = UINT64_MAX,
		.id = 1,
		.at = AUD_NO_POSITION,
		.format = AUD_FORMAT_S16,
		.gain = 1.0f,
	};
}

static bool wrong(struct options_error *ret_error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool wrong(struct options_error *ret_error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ret_error->s, sizeof(ret_error->s), format, args);
	va_end(args);
	return false;
}

bool options_to_gain(const char *what, const char *s, float *ret,
		     struct options_error *ret_error)
{
	float db;

	if (text_to_factor(s, 0, MAX_GAIN, ret))
		return true;
	if (text_to_db(s, MIN_DB, MAX_DB, &db)) {
		*ret = aud_gain_from_db(db);
		return true;
	}
	return wrong(ret_error,
		     "%s: '%s' is not a number from 0 to %d, nor from %ddB to %ddB", what,
		     s, MAX_GAIN, MIN_DB, MAX_DB);
}

static bool to_word(const struct words *words, const char *name, const char *s,
		    size_t *ret, struct options_error *ret_error)
{
	for (size_t i = 0; i < words->num; i++) {
		if (words->names[i] && !strcmp(s, words->names[i])) {
			*ret = i;
			return true;
		}
	}
	return wrong(ret_error, "%s: '%s' is not %s", name, s, words->all);
}

static bool to_format(const char *name, const char *s, enum aud_format *ret,
		      struct options_error *ret_error)
{
	int format = aud_format_by_name(s);

	if (format < 0)
		return wrong(ret_error,
			     "%s: '%s' is not s16, s24, s24_3, s32 or f32, with le or be "
			     "behind it, nor u8, alaw or mulaw",
			     name, s);
	*ret = (enum aud_format)format;
	return true;
}

/* name is as it was written, with the dashes. */
static bool set_value(struct options *o, const struct option_row *row, const char *name,
		      const char *value, struct options_error *ret_error)
{
	void *field = (char *)o + row->offset;
	size_t word = 0;

	switch (row->kind) {
	case KIND_FLAG:
		*(bool *)field = true;
		return true;
	case KIND_TEXT:
		if (strlen(value) < row->min)
			return wrong(ret_error, "%s: %s is empty", name, row->value);
		if (strlen(value) > row->max)
			return wrong(ret_error, "%s: %s is longer than %d bytes", name,
				     row->value, (int)row->max);
		*(const char **)field = value;
		return true;
	case KIND_COUNT:
		if (!text_to_count(value, row->min, row->max, field))
			return wrong(ret_error,
				     "%s: '%s' is not a whole number from %llu to %llu",
				     name, value, (unsigned long long)row->min,
				     (unsigned long long)row->max);
		return true;
	case KIND_GAIN:
		return options_to_gain(name, value, field, ret_error);
	case KIND_FORMAT:
		return to_format(name, value, field, ret_error);
	case KIND_CURVE:
		if (!to_word(&curves, name, value, &word, ret_error))
			return false;
		*(enum aud_curve *)field = (enum aud_curve)word;
		return true;
	case KIND_ROLE:
		if (!to_word(&roles, name, value, &word, ret_error))
			return false;
		*(enum aud_role *)field = (enum aud_role)word;
		return true;
	}
	return false;
}

static int find(const char *name, size_t length)
{
	for (int i = 0; i < NUM_OPTIONS; i++)
		if (strlen(rows[i].name) == length && !memcmp(rows[i].name, name, length))
			return i;
	return -1;
}

/* Of those that are allowed, the one that may have been meant by a name with its dashes. */
static bool unknown(const char *arg, int length, uint32_t allowed,
		    struct options_error *ret_error)
{
	char name[32];
	unsigned best_distance = 3; /* further off it is another word */
	int best = -1;

	snprintf(name, sizeof(name), "%.*s", length, arg);
	for (int i = 0; i < NUM_OPTIONS; i++) {
		unsigned distance = text_distance(name + strspn(name, "-"), rows[i].name);

		if (allowed & OPTION_BIT(i) && distance < best_distance) {
			best_distance = distance;
			best = i;
		}
	}
	if (best >= 0)
		return wrong(ret_error, "unknown option '%.*s'; did you mean '--%s'?",
			     length, arg, rows[best].name);
	return wrong(ret_error, "unknown option '%.*s'", length, arg);
}

bool options_take(struct options *o, uint32_t allowed, char **argv, int *at,
		  struct options_error *ret_error)
{
	const char *arg = argv[*at], *value = strchr(arg, '=');
	int length = value ? (int)(value - arg) : (int)strlen(arg);
	int i = length > 2 && arg[1] == '-' ? find(arg + 2, (size_t)length - 2) : -1;
	char name[32];

	if (!strcmp(arg, "-h"))
		i = OPTION_HELP;
	if (i < 0)
		return unknown(arg, length, allowed, ret_error);
	snprintf(name, sizeof(name), "--%s", rows[i].name);
	if (!(allowed & OPTION_BIT(i)))
		return wrong(ret_error, "%s does not belong here", name);
	if (rows[i].kind == KIND_FLAG && value)
		return wrong(ret_error, "%s takes no value", name);
	if (rows[i].kind != KIND_FLAG) {
		value = value ? value + 1 : argv[++*at];
		if (!value)
			return wrong(ret_error, "%s: %s is missing", name, rows[i].value);
	}
	o->given |= OPTION_BIT(i);
	return set_value(o, &rows[i], name, value, ret_error);
}

void options_print_help(FILE *f, uint32_t set)
{
	for (int i = 0; i < NUM_OPTIONS; i++) {
		char left[32];

		if (!(set & OPTION_BIT(i)))
			continue;
		snprintf(left, sizeof(left), "--%s %s", rows[i].name,
			 rows[i].value ? rows[i].value : "");
		fprintf(f, "  %-18s %s\n", left, rows[i].help);
	}
}
