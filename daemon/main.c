/* SPDX-License-Identifier: MIT */
/*
 * audd: options, settings, and the event loop from READY to STOPPING.
 */
#include <errno.h>
#include <fcntl.h>
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
#include "device_alsa.h"
#include "log.h"
#include "memory.h"
#include "notify.h"
#include "options.h"
#include "selftest/selftest.h"
#include "server.h"
#include "socket_path.h"

static const char journal_socket[] = "/run/systemd/journal/socket";

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

/* What failed without a sentence of its own, most likely for want of memory or files, gets one, in
 * buf. */
static const char *sentence(char buf[96], const char *own, const char *what, int error)
{
	if (own)
		return own;
	snprintf(buf, 96, "%s: %s", what, strerror(-error));
	return buf;
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
	r = options_read_settings(o, &next, ret_error);
	if (r == 0)
		r = config_change(c, &next, ret, ret_error);
	if (r < 0)
		config_done(&next);
	return r;
}

static int hangup(sd_event_source *source, const struct signalfd_siginfo *info,
		  void *user)
{
	struct daemon *d = user;
	struct config_change change;
	char *error = NULL, buf[96];
	int r;

	(void)source;
	(void)info;
	notify_reloading();
	r = reload(d->config, d->options, &change, &error);
	if (r < 0)
		server_refuse(d->server,
			      sentence(buf, error, "the settings cannot be read", r));
	else
		server_follow(d->server, &change);
	free(error);
	notify_ready();
	return 0;
}

/* ---- life ------------------------------------------------------------------------ */

/* Where a stream is closed a client's socket could take its number, and get what is logged. */
static void hold_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* They would end us, and nobody who sends one of them means that. */
static void ignore_signals(void)
{
	static const int signals[] = {SIGPIPE, SIGALRM,   SIGUSR1, SIGUSR2,
				      SIGIO,   SIGVTALRM, SIGPROF};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_IGN);
}

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

	r = options_read_settings(o, c, ret_error);
	if (r < 0)
		return r;
	log_set_level(c->log_level);
	r = choose_socket(c, &socket, ret_error);
	if (r < 0)
		return r;

	ignore_signals();
	umask(0117); /* of the socket: for user and group */
	device_alsa_quiet();
	lock_memory(c);
	r = serve(&d, socket, ret_error);
	free(socket);
	return r;
}

/* ---- no life -------------------------------------------------------------------- */

static int refuse(int error, char **ret_error, const char *format, const char *name)
{
	if (asprintf(ret_error, format, name) < 0)
		*ret_error = NULL;
	return error;
}

/* The output whose device is tested, with the one of the command line in place of its own. */
static int choose_output(const struct config *c, const struct options *o,
			 struct config_output *ret, char **ret_error)
{
	const struct config_output *output =
		o->output ? config_find_output(c, o->output) : config_default_output(c);

	if (!output)
		return refuse(-EINVAL, ret_error, "there is no output '%s'", o->output);
	*ret = *output;
	if (options_device(o))
		ret->device = (char *)options_device(o);
	else if (ret->backend != BACKEND_ALSA)
		return refuse(-EINVAL, ret_error,
			      "output '%s' plays to nothing; say --device PCM",
			      ret->name);
	return 0;
}

static int run_selftest(struct config *c, const struct options *o, int *ret_status,
			char **ret_error)
{
	struct config_output output;
	struct selftest_order order = {
		.output = &output,
		.seconds = o->seconds,
		.json = o->json,
		.quiet = o->quiet,
	};
	int r = options_read_settings(o, c, ret_error);

	if (r == 0)
		r = choose_output(c, o, &output, ret_error);
	if (r < 0)
		return r;
	order.priority = (int)c->realtime_priority;
	log_set_level(LEVEL_WARNING); /* the report says what it got */
	device_alsa_quiet();
	lock_memory(c);
	*ret_status = selftest_run(&order);
	return 0;
}

/* A selftest that cannot be done has found no fault, and speaks to people, not to a journal. */
static int cannot_run(const struct options *o, const char *sentence)
{
	if (!o->selftest) {
		log_error("%s", sentence);
		return OPTIONS_CANNOT_RUN;
	}
	fprintf(stderr, "audd: %s\n", sentence);
	return SELFTEST_NOT_TESTED;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct config config;
	char *error = NULL, buf[96];
	int r, status = EXIT_SUCCESS;

	hold_streams();
	memory_keep_small();
	r = options_parse(&o, argc, argv);
	if (r >= 0)
		return r;
	log_open(journal_socket);

	r = config_init(&config);
	if (r < 0) {
		log_error("audd cannot run: %s", strerror(-r));
		return OPTIONS_CANNOT_RUN;
	}
	/* Once before the file is read: a wrong command line is refused as such. */
	if (options_apply(&o, &config, &error) == -EINVAL) {
		fprintf(stderr, "audd: %s\n", error ? error : strerror(EINVAL));
		status = options_usage();
	} else {
		r = o.selftest ? run_selftest(&config, &o, &status, &error)
			       : run(&config, &o, &error);
		if (r < 0)
			status = cannot_run(&o,
					    sentence(buf, error, "audd cannot run", r));
	}
	free(error);
	config_done(&config);
	return status;
}
