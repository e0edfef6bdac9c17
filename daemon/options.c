/* SPDX-License-Identifier: MIT */
/*
 * Long options only, by getopt.
 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_keys.h"
#include "log.h"
#include "selftest/selftest.h"

enum { SELFTEST_SECONDS = 30 };

/* Those that stand for keys, in the order of setting_keys; then the others. */
enum {
	OPTION_SOCKET,
	OPTION_BACKEND,
	OPTION_DEVICE,
	OPTION_RECORD,
	OPTION_CONFIG = OPTIONS_SETTINGS,
	OPTION_VERBOSE,
	OPTION_SELFTEST,
	OPTION_OUTPUT,
	OPTION_SECONDS,
	OPTION_JSON,
	OPTION_QUIET,
	OPTION_VERSION,
	OPTION_HELP,
};

static const char default_config[] = AUD_SYSCONFDIR "/audd.conf";

static const char *const setting_keys[OPTIONS_SETTINGS] = {
	[OPTION_SOCKET] = "daemon.socket",
	[OPTION_BACKEND] = "output.backend",
	[OPTION_DEVICE] = "output.device",
	[OPTION_RECORD] = "output.record",
};

static const struct option long_options[] = {
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"socket", required_argument, NULL, OPTION_SOCKET},
	{"backend", required_argument, NULL, OPTION_BACKEND},
	{"device", required_argument, NULL, OPTION_DEVICE},
	{"record", required_argument, NULL, OPTION_RECORD},
	{"verbose", no_argument, NULL, OPTION_VERBOSE},
	{"selftest", no_argument, NULL, OPTION_SELFTEST},
	{"output", required_argument, NULL, OPTION_OUTPUT},
	{"seconds", required_argument, NULL, OPTION_SECONDS},
	{"json", no_argument, NULL, OPTION_JSON},
	{"quiet", no_argument, NULL, OPTION_QUIET},
	{"version", no_argument, NULL, OPTION_VERSION},
	{"help", no_argument, NULL, OPTION_HELP},
	{0},
};

/* Of the longest name of a key with its section, less the dot. */
static int key_width(void)
{
	int width = 0;

	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		int n = (int)(strlen(config_keys[i].section) +
			      strlen(config_keys[i].name));

		width = n > width ? n : width;
	}
	return width;
}

static int print_help(void)
{
	int width = key_width();

	printf("Usage: audd [OPTION]...\n"
	       "       audd --selftest [OPTION]...\n"
	       "Plays what its clients push; see audd(8).\n"
	       "\n"
	       "  --config FILE        settings (default: %s, if it is there)\n"
	       "  --socket PATH        where to listen (default: /run/aud/aud.sock for "
	       "root, else\n"
	       "                       $XDG_RUNTIME_DIR/aud/aud.sock)\n"
	       "  --backend alsa|null  play to a device; or to nothing, on the clock\n"
	       "  --device PCM         name of the ALSA device\n"
	       "  --record FILE        null backend: write what was heard to a WAV file\n"
	       "  --verbose            log more\n"
	       "  --selftest           be no daemon, but find out what the device is "
	       "good "
	       "for\n"
	       "  --output NAME        selftest: which output's (default: the default "
	       "one's)\n"
	       "  --seconds N          selftest: about how long (default: %d)\n"
	       "  --json, --quiet      selftest: report in JSON; no progress\n"
	       "  --version            print the version\n"
	       "  --help               print this; also -h\n"
	       "\n"
	       "Keys of the configuration file; see audd.conf(5):\n",
	       default_config, SELFTEST_SECONDS);
	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		const struct config_key *key = &config_keys[i];

		printf("  %s.%-*s  %s%s%s%s\n", key->section,
		       width - (int)strlen(key->section), key->name, key->help,
		       *key->initial ? " (" : "", key->initial, *key->initial ? ")" : "");
	}
	return fflush(stdout) == 0 ? EXIT_SUCCESS : OPTIONS_CANNOT_RUN;
}

static int print_version(void)
{
	puts("audd " AUD_VERSION);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : OPTIONS_CANNOT_RUN;
}

int options_usage(void)
{
	fputs("Try 'audd --help'.\n", stderr);
	return OPTIONS_USAGE;
}

static int read_seconds(struct options *o, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < 1 || n > SELFTEST_SECONDS_MAX) {
		fprintf(stderr,
			"audd: --seconds: '%s' is not a whole number from 1 to %d\n",
			text, SELFTEST_SECONDS_MAX);
		return options_usage();
	}
	o->seconds = (uint32_t)n;
	return -1;
}

/* Those of the selftest. */
static int take_more(struct options *o, int c)
{
	switch (c) {
	case OPTION_SELFTEST:
		o->selftest = true;
		break;
	case OPTION_OUTPUT:
		o->output = optarg;
		break;
	case OPTION_SECONDS:
		return read_seconds(o, optarg);
	case OPTION_JSON:
		o->json = true;
		break;
	case OPTION_QUIET:
		o->quiet = true;
		break;
	default:
		o->settings[c] = optarg;
	}
	return -1;
}

static int take(struct options *o, int c)
{
	switch (c) {
	case OPTION_CONFIG:
		o->config = optarg;
		return -1;
	case OPTION_VERBOSE:
		o->verbose = true;
		return -1;
	case OPTION_VERSION:
		return print_version();
	case OPTION_HELP:
	case 'h':
		return print_help();
	case '?':
		return options_usage();
	default:
		return take_more(o, c);
	}
}

int options_parse(struct options *o, int argc, char **argv)
{
	int c, status = -1;

	while (status < 0 && (c = getopt_long(argc, argv, "h", long_options, NULL)) >= 0)
		status = take(o, c);
	if (status >= 0)
		return status;
	if (optind < argc) {
		fprintf(stderr, "audd: it takes options only, not '%s'\n", argv[optind]);
		return options_usage();
	}
	if (!o->selftest && (o->output || o->seconds || o->json || o->quiet)) {
		fprintf(stderr, "audd: --output, --seconds, --json and --quiet go with "
				"--selftest\n");
		return options_usage();
	}
	if (!o->seconds)
		o->seconds = SELFTEST_SECONDS;
	return -1;
}

const char *options_device(const struct options *o)
{
	return o->settings[OPTION_DEVICE];
}

int options_apply(const struct options *o, struct config *c, char **ret_error)
{
	if (o->verbose)
		c->log_level = LEVEL_DEBUG;
	for (int i = 0; i < OPTIONS_SETTINGS; i++) {
		int r;

		if (!o->settings[i] || (o->selftest && i == OPTION_DEVICE))
			continue;
		r = config_set(c, setting_keys[i], o->settings[i], ret_error);
		if (r < 0)
			return r;
	}
	return 0;
}

int options_read_settings(const struct options *o, struct config *c, char **ret_error)
{
	const char *path = o->config ? o->config : default_config;
	int r;

	r = config_read(c, path, o->config != NULL, ret_error);
	if (r == 0)
		r = options_apply(o, c, ret_error);
	if (r == 0)
		r = config_finish(c, ret_error);
	return r;
}
