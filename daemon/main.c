/* SPDX-License-Identifier: MIT */
/*
 * audd: options, settings, and the event loop from READY to STOPPING.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "config.h"
#include "config_change.h"
#include "config_keys.h"
#include "device_alsa.h"
#include "log.h"
#include "memory.h"
#include "notify.h"
#include "server.h"
#include "socket_path.h"

enum { EXIT_CANNOT_RUN = 1, EXIT_USAGE = 2 };

/* The options that stand for keys, in the order of setting_keys; then the others. */
enum {
	OPTION_SOCKET,
	OPTION_BACKEND,
	OPTION_DEVICE,
	OPTION_RECORD,
	NUM_SETTINGS,
	OPTION_CONFIG = NUM_SETTINGS,
	OPTION_VERBOSE,
	OPTION_VERSION,
	OPTION_HELP,
};

static const char journal_socket[] = "/run/systemd/journal/socket";
static const char default_config[] = AUD_SYSCONFDIR "/audd.conf";

static const char *const setting_keys[NUM_SETTINGS] = {
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
	{"version", no_argument, NULL, OPTION_VERSION},
	{"help", no_argument, NULL, OPTION_HELP},
	{0},
};

struct options {
	const char *config; /* NULL: the default file, if it is there */
	const char *settings[NUM_SETTINGS];
	bool verbose;
};

static int print_help(void)
{
	printf("Usage: audd [OPTION]...\n"
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
	       "  --version            print the version\n"
	       "  --help               print this\n"
	       "\n"
	       "Keys of the configuration file; see audd.conf(5):\n",
	       default_config);
	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		const struct config_key *key = &config_keys[i];

		printf("  %s.%-26s  %s%s%s%s\n", key->section, key->name, key->help,
		       *key->initial ? " (" : "", key->initial, *key->initial ? ")" : "");
	}
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_CANNOT_RUN;
}

static int print_version(void)
{
	puts("audd " AUD_VERSION);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_CANNOT_RUN;
}

static int usage_error(void)
{
	fputs("Try 'audd --help'.\n", stderr);
	return EXIT_USAGE;
}

/* Returns -1 to go on, or the status with which to exit at once. */
static int parse_options(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		switch (c) {
		case OPTION_CONFIG:
			o->config = optarg;
			break;
		case OPTION_VERBOSE:
			o->verbose = true;
			break;
		case OPTION_VERSION:
			return print_version();
		case OPTION_HELP:
			return print_help();
		case '?':
			return usage_error();
		default:
			o->settings[c] = optarg;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "audd: it takes options only, not '%s'\n", argv[optind]);
		return usage_error();
	}
	return -1;
}

static int apply_options(struct config *c, const struct options *o, char **ret_error)
{
	if (o->verbose)
		c->log_level = LEVEL_DEBUG;
	for (int i = 0; i < NUM_SETTINGS; i++) {
		int r;

		if (!o->settings[i])
			continue;
		r = config_set(c, setting_keys[i], o->settings[i], ret_error);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The file over the defaults, the command line over the file. */
static int read_settings(struct config *c, const struct options *o, char **ret_error)
{
	const char *path = o->config ? o->config : default_config;
	int r;

	r = config_read(c, path, o->config != NULL, ret_error);
	if (r == 0)
		r = apply_options(c, o, ret_error);
	if (r == 0)
		r = config_finish(c, ret_error);
	return r;
}

/* Whether systemd listens for us, so that no path is needed. */
static bool socket_is_passed(void)
{
	int n = sd_listen_fds(0);

	for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n; fd++) {
		if (sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) > 0)
			return true;
	}
	return false;
}

/* *ret is to be freed; NULL: none is needed. */
static int choose_socket(const struct config *c, char **ret, char **ret_error)
{
	char *path = NULL;
	int r;

	*ret = NULL;
	if (socket_is_passed())
		return 0;
	if (c->socket) {
		*ret = strdup(c->socket);
		return *ret ? 0 : -ENOMEM;
	}
	r = socket_path_default(geteuid(), getenv("XDG_RUNTIME_DIR"), &path);
	if (r == -ENOENT)
		*ret_error = strdup("no place for the socket: XDG_RUNTIME_DIR is not "
				    "set; say --socket PATH");
	if (r < 0)
		return r;

	r = socket_path_make_dir(path);
	if (r < 0 && asprintf(ret_error, "%s: its directory cannot be made: %s", path,
			      strerror(-r)) < 0)
		*ret_error = NULL;
	if (r < 0)
		free(path);
	else
		*ret = path;
	return r;
}

static void lock_memory(struct config *c)
{
	int r;

	if (!c->lock_memory)
		return;
	r = memory_lock();
	c->memory_is_locked = r == 0;
	if (r == 0)
		return;
	log_notice("memory is not locked: %s; playing may stutter when the machine swaps",
		   strerror(-r));
}

/* ---- settings, once more --------------------------------------------------------- */

/* What of the daemon a signal finds. */
struct daemon {
	struct config *config;
	const struct options *options;
	struct server *server;
};

static int reload(struct config *c, const struct options *o, struct config_change *ret,
		  char **ret_error)
{
	struct config next;
	int r = config_init(&next);

	if (r < 0)
		return r;
	r = read_settings(&next, o, ret_error);
	if (r == 0)
		r = config_change(c, &next, ret);
	if (r < 0)
		config_done(&next);
	return r;
}

static int hangup(sd_event_source *source, const struct signalfd_siginfo *info,
		  void *user)
{
	struct daemon *d = user;
	struct config_change change;
	char *error = NULL;
	int r;

	(void)source;
	(void)info;
	notify_reloading();
	r = reload(d->config, d->options, &change, &error);
	if (r < 0)
		server_refuse(d->server, error ? error : strerror(-r));
	else
		server_follow(d->server, &change);
	free(error);
	notify_ready();
	return 0;
}

/* ---- life ------------------------------------------------------------------------ */

/* Before there is any other thread: it would be one that a signal kills. */
static int take_signals(sd_event *event, struct daemon *d)
{
	sigset_t hangups;
	int r;

	sigemptyset(&hangups);
	sigaddset(&hangups, SIGHUP);
	sigprocmask(SIG_BLOCK, &hangups, NULL);
	r = sd_event_set_signal_exit(event, true);
	return r < 0 ? r : sd_event_add_signal(event, NULL, SIGHUP, hangup, d);
}

/* From a server to its end by a signal. */
static int serve(struct daemon *d, const char *socket, char **ret_error)
{
	__attribute__((cleanup(sd_event_unrefp))) sd_event *event = NULL;
	int r;

	r = sd_event_new(&event);
	if (r >= 0)
		r = take_signals(event, d);
	if (r >= 0)
		r = server_new(&d->server, event, d->config, socket, ret_error);
	if (r < 0)
		return r;

	notify_ready();
	r = sd_event_loop(event);
	notify_stopping();
	server_free(d->server);
	return r;
}

static int run(struct config *c, const struct options *o, char **ret_error)
{
	struct daemon d = {.config = c, .options = o};
	char *socket;
	int r;

	r = read_settings(c, o, ret_error);
	if (r < 0)
		return r;
	log_set_level(c->log_level);
	r = choose_socket(c, &socket, ret_error);
	if (r < 0)
		return r;

	signal(SIGPIPE, SIG_IGN);
	umask(0117); /* of the socket: for user and group */
	device_alsa_quiet();
	lock_memory(c);
	r = serve(&d, socket, ret_error);
	free(socket);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct config config;
	char *error = NULL;
	int r, status = EXIT_SUCCESS;

	memory_keep_small();
	r = parse_options(&o, argc, argv);
	if (r >= 0)
		return r;
	log_open(journal_socket);

	r = config_init(&config);
	if (r < 0) {
		log_error("%s", strerror(-r));
		return EXIT_CANNOT_RUN;
	}
	/* Once before the file is read: a wrong command line is refused as such. */
	if (apply_options(&config, &o, &error) == -EINVAL) {
		fprintf(stderr, "audd: %s\n", error ? error : strerror(EINVAL));
		status = usage_error();
	} else {
		r = run(&config, &o, &error);
		if (r < 0) {
			log_error("%s", error ? error : strerror(-r));
			status = EXIT_CANNOT_RUN;
		}
	}
	free(error);
	config_done(&config);
	return status;
}
