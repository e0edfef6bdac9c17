/* SPDX-License-Identifier: MIT */
/*
 * bind, listen, accept, and what can be wrong with a path.
 */
#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "log.h"
#include "text.h"
#include "timer.h"

static const char USUAL_GROUP[] = "audio";

enum {
	ACCEPT_BUDGET = 16, /* in one go, then others have their turn */
	PAUSE_MS = 250,     /* where even turning away cannot be done */
	PAUSE_ACCURACY_US = 50000,
	LOCK_TRIES = 50, /* for another daemon that begins, too */
	LOCK_PAUSE_US = 20000,
};

struct listener {
	int fd;
	int spare; /* given up for a moment when no other file may be opened */
	bool told_full;
	struct sockaddr_un address;
	struct stat made; /* what we have bound at the path; st_ino 0: nothing */
	sd_event_source *io, *pause;
	void (*on_client)(void *user, int fd);
	void *user;
};

static int __attribute__((format(printf, 3, 4)))
fail(char **ret_error, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vasprintf(ret_error, format, args) < 0)
		*ret_error = NULL;
	va_end(args);
	return error;
}

/* ---- clients --------------------------------------------------------------------- */

/* Once, until a client can be taken again. */
static void tell_full(struct listener *l, const char *what, int error)
{
	if (!l->told_full)
		log_about(LEVEL_WARNING, ABOUT(.event = EVENT_CLIENT_TURNED_AWAY),
			  "socket %s: %s: %s", l->address.sun_path, what,
			  strerror(error));
	l->told_full = true;
}

/* No more files may be opened. The client that waits is told by closing; else it would
 * wait for ever, and we would be woken for it again and again. Returns 0, or what is in the way
 * even of that; EAGAIN: none waits. */
static int turn_away(struct listener *l)
{
	int fd, error;

	if (l->spare >= 0)
		close(l->spare);
	fd = accept(l->fd, NULL, NULL);
	error = fd < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (error == 0)
		tell_full(l, "a client was turned away", EMFILE);
	return error;
}

static int pause_is_over(sd_event_source *timer, uint64_t usec, void *user)
{
	struct listener *l = user;

	(void)timer;
	(void)usec;
	sd_event_source_set_enabled(l->io, SD_EVENT_ON);
	return 0;
}

/* Clients wait, and we are not woken for them all the time. */
static void pause_for_a_moment(struct listener *l, int error)
{
	tell_full(l, "clients cannot be taken, and have to wait", error);
	if (timer_start(l->pause, PAUSE_MS) >= 0)
		sd_event_source_set_enabled(l->io, SD_EVENT_OFF);
}

/* What accept has failed with. False: it is of no use to go on. */
static bool try_to_go_on(struct listener *l, int error)
{
	if (error == EMFILE || error == ENFILE)
		error = turn_away(l);
	if (error == 0 || error == ECONNABORTED || error == EINTR)
		return true;
	if (error != EAGAIN)
		pause_for_a_moment(l, error);
	return false;
}

static int client_arrives(sd_event_source *source, int listening, uint32_t revents,
			  void *user)
{
	struct listener *l = user;

	(void)source;
	(void)revents;
	for (int i = 0; i < ACCEPT_BUDGET; i++) {
		int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			l->told_full = false;
			l->on_client(l->user, fd);
			continue;
		}
		if (!try_to_go_on(l, errno))
			break;
	}
	return 0;
}

/* ---- the path -------------------------------------------------------------------- */

/* 0: somebody listens there. */
static int try_to_connect(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
	    errno != EAGAIN)
		r = -errno;
	close(fd);
	return r;
}

/* Removes a socket that a daemon has left behind. */
static int clear_path(const struct sockaddr_un *address, char **ret_error)
{
	const char *path = address->sun_path;
	struct stat st;
	int r;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0
				       : fail(ret_error, -errno, "socket %s: %s", path,
					      strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return fail(ret_error, -EEXIST,
			    "socket %s: something else is there, which is not removed",
			    path);
	r = try_to_connect(address);
	if (r == 0)
		return fail(ret_error, -EADDRINUSE,
			    "socket %s: another daemon listens there", path);
	if (r != -ECONNREFUSED)
		return fail(ret_error, r,
			    "socket %s: one is there, and is not removed: %s", path,
			    strerror(-r));
	if (unlink(path) < 0)
		return fail(ret_error, -errno,
			    "socket %s: the old one cannot be removed: %s", path,
			    strerror(errno));
	return 0;
}

/* For whom the socket is, beside us. The usual group may be missing, and is given only by root,
 * whose socket would be nobody's else; one that was asked for is given or it is an error. */
static int set_group(const char *path, const char *wanted, char **ret_error)
{
	const char *name = wanted ? wanted : geteuid() == 0 ? USUAL_GROUP : NULL;
	const struct group *group = name ? getgrnam(name) : NULL;
	char shown[64];

	if (!wanted && !group)
		return 0;
	text_escape(shown, sizeof(shown), name);
	if (!group)
		return fail(ret_error, -EINVAL,
			    "socket %s: there is no group '%s' (daemon.socket_group)",
			    path, shown);
	if (lchown(path, (uid_t)-1, group->gr_gid) < 0 && wanted)
		return fail(ret_error, -errno,
			    "socket %s: it cannot be given to group '%s' "
			    "(daemon.socket_group): %s",
			    path, shown, strerror(errno));
	return 0;
}

/* Clears the path and makes a socket there. */
static int make_socket(struct listener *l, const char *group, char **ret_error)
{
	const char *path = l->address.sun_path;
	int r = clear_path(&l->address, ret_error);

	if (r < 0)
		return r;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return -errno;
	if (bind(l->fd, (struct sockaddr *)&l->address, sizeof(l->address)) < 0)
		return fail(ret_error, -errno, "socket %s: cannot be made: %s", path,
			    strerror(errno));
	if (lstat(path, &l->made) < 0)
		l->made.st_ino = 0;
	r = set_group(path, group, ret_error);
	if (r < 0)
		return r;
	if (listen(l->fd, SOMAXCONN) < 0)
		return fail(ret_error, -errno, "socket %s: listen failed: %s", path,
			    strerror(errno));
	return 0;
}

/* Of daemons that begin at once each would find that nobody listens yet, and remove what another
 * has just made. Returns what is to be closed afterwards, or -1: there is no lock. Whoever may
 * look into the folder may keep it locked, so we do not wait for long. */
static int lock_folder(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	free(copy);
	for (int i = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
		if (errno != EWOULDBLOCK || i == LOCK_TRIES) {
			close(fd);
			return -1;
		}
		usleep(LOCK_PAUSE_US);
	}
	return fd;
}

static int bind_path(struct listener *l, const char *path, const char *group,
		     char **ret_error)
{
	int lock, r;

	l->address.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(l->address.sun_path))
		return fail(ret_error, -ENAMETOOLONG, "socket %s: the path is too long",
			    path);
	strcpy(l->address.sun_path, path);
	lock = lock_folder(path);
	r = make_socket(l, group, ret_error);
	if (lock >= 0)
		close(lock);
	return r;
}

/* The first fd of systemd's on which clients can arrive, or -ENOENT. */
static int take_passed(struct listener *l)
{
	int n = sd_listen_fds(false);

	for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n; fd++) {
		if (sd_is_socket(fd, AF_UNIX, SOCK_STREAM, true) <= 0)
			continue;
		strcpy(l->address.sun_path, "of systemd");
		l->fd = fd;
		return fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0 ? -errno : 0;
	}
	return -ENOENT;
}

/* ---- life ------------------------------------------------------------------------ */

static int start(struct listener *l, sd_event *event, const char *path, const char *group,
		 char **ret_error)
{
	int r = take_passed(l);

	if (r == -ENOENT)
		r = path ? bind_path(l, path, group, ret_error) : -EINVAL;
	if (r < 0)
		return r;
	l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (l->spare < 0)
		return -errno;
	r = timer_new(&l->pause, event, PAUSE_ACCURACY_US, pause_is_over, l);
	if (r >= 0)
		r = sd_event_add_io(event, &l->io, l->fd, EPOLLIN, client_arrives, l);
	if (r >= 0 && l->made.st_ino)
		log_info("socket %s: listening", path);
	return r;
}

int listener_new(struct listener **ret, sd_event *event, const char *path,
		 const char *group, void (*on_client)(void *user, int fd), void *user,
		 char **ret_error)
{
	struct listener *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->fd = l->spare = -1;
	l->on_client = on_client;
	l->user = user;
	r = start(l, event, path, group, ret_error);
	if (r < 0)
		listener_free(l);
	else
		*ret = l;
	return r;
}

/* Another daemon may have put its own there. */
static bool path_is_ours(const struct listener *l)
{
	struct stat st;

	return l->made.st_ino != 0 && lstat(l->address.sun_path, &st) == 0 &&
	       st.st_ino == l->made.st_ino && st.st_dev == l->made.st_dev;
}

void listener_free(struct listener *l)
{
	if (!l)
		return;
	sd_event_source_disable_unref(l->io);
	sd_event_source_disable_unref(l->pause);
	if (path_is_ours(l))
		unlink(l->address.sun_path);
	if (l->fd >= 0)
		close(l->fd);
	if (l->spare >= 0)
		close(l->spare);
	free(l);
}
