/* SPDX-License-Identifier: MIT */
/*
 * A datagram socket, a list of files, and an environment for execv.
 */
#include "fake_systemd.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_FD = 3, MESSAGE_MAX = 4096 };

/* ---- what is kept ------------------------------------------------------------------ */

static bool is_same_file(int a, int b)
{
	struct stat one, other;

	return fstat(a, &one) == 0 && fstat(b, &other) == 0 &&
	       one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* As systemd does: a file that is kept already is not kept again, under whatever name. */
static void keep(struct fake_systemd *f, const char *name, int fd)
{
	struct fake_systemd_file *file = &f->files[f->num_files];

	for (int i = 0; i < f->num_files; i++) {
		if (is_same_file(f->files[i].fd, fd)) {
			close(fd);
			return;
		}
	}
	ck_assert_int_lt(f->num_files++, FAKE_SYSTEMD_FILES);
	snprintf(file->name, sizeof(file->name), "%s", name);
	file->fd = fd;
}

static void forget(struct fake_systemd *f, const char *name)
{
	int kept = 0;

	for (int i = 0; i < f->num_files; i++) {
		if (strcmp(f->files[i].name, name) == 0)
			close(f->files[i].fd);
		else
			f->files[kept++] = f->files[i];
	}
	f->num_files = kept;
}

/* ---- messages ---------------------------------------------------------------------- */

static bool says(const char *message, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = message; (at = strstr(at, line)); at++)
		if ((at == message || at[-1] == '\n') &&
		    (at[len] == '\n' || at[len] == 0))
			return true;
	return false;
}

static void obey(struct fake_systemd *f, const char *message, const int *fds, int num)
{
	const char *field = strstr(message, "FDNAME=");
	char name[FAKE_SYSTEMD_NAME] = "stored";

	if (field)
		sscanf(field, "FDNAME=%63[^\n]", name);
	f->ready |= says(message, "READY=1");
	f->stopping |= says(message, "STOPPING=1");
	if (says(message, "FDSTOREREMOVE=1"))
		forget(f, name);
	for (int i = 0; i < num; i++) {
		if (says(message, "FDSTORE=1"))
			keep(f, name, fds[i]);
		else
			close(fds[i]);
	}
}

static bool take_message(struct fake_systemd *f)
{
	char text[MESSAGE_MAX], control[CMSG_SPACE(16 * sizeof(int))];
	struct iovec iov = {text, sizeof(text) - 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(f->notify, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fds[16], num = 0;

	if (n < 0)
		return false;
	text[n] = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		num = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(fds, CMSG_DATA(c), (size_t)num * sizeof(int));
	}
	obey(f, text, fds, num);
	return true;
}

void fake_systemd_catch_up(struct fake_systemd *f)
{
	pthread_mutex_lock(&f->lock);
	while (take_message(f))
		;
	pthread_mutex_unlock(&f->lock);
}

static void *serve(void *user)
{
	struct fake_systemd *f = user;
	struct pollfd fds[] = {{.fd = f->notify, .events = POLLIN},
			       {.fd = f->wake[0], .events = POLLIN}};

	while (poll(fds, 2, -1) >= 0 && !fds[1].revents)
		fake_systemd_catch_up(f);
	return NULL;
}

/* ---- life -------------------------------------------------------------------------- */

static int make_socket(int type, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	strcpy(address.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

void fake_systemd_init(struct fake_systemd *f, const char *dir, const char *socket)
{
	*f = (struct fake_systemd){.lock = PTHREAD_MUTEX_INITIALIZER};
	snprintf(f->notify_path, sizeof(f->notify_path), "%s/notify", dir);
	f->notify = make_socket(SOCK_DGRAM, f->notify_path);
	f->listening = make_socket(SOCK_STREAM, socket);
	ck_assert_int_eq(listen(f->listening, 64), 0);
	ck_assert_int_eq(pipe2(f->wake, O_CLOEXEC), 0);
	pthread_create(&f->thread, NULL, serve, f);
}

void fake_systemd_done(struct fake_systemd *f)
{
	close(f->wake[1]);
	pthread_join(f->thread, NULL);
	for (int i = 0; i < f->num_files; i++)
		close(f->files[i].fd);
	close(f->wake[0]);
	close(f->notify);
	close(f->listening);
	unlink(f->notify_path);
}

/* What a life begins with. It is put together before the fork: behind it, the child of a program
 * with threads may not touch memory, as one of them may just have held its lock. */
struct birth {
	char names[(FAKE_SYSTEMD_FILES + 1) * FAKE_SYSTEMD_NAME];
	int fds[FAKE_SYSTEMD_FILES + 1], num;
	char listen_names[(FAKE_SYSTEMD_FILES + 2) * FAKE_SYSTEMD_NAME];
	char listen_fds[32], listen_pid[32], notify[160];
	char *environment[256];
};

static bool is_ours(const char *variable)
{
	return strncmp(variable, "LISTEN_", 7) == 0 ||
	       strncmp(variable, "NOTIFY_SOCKET=", 14) == 0;
}

static void make_environment(struct birth *b, const char *notify_path)
{
	size_t n = 0;

	snprintf(b->listen_fds, sizeof(b->listen_fds), "LISTEN_FDS=%d", b->num);
	snprintf(b->listen_names, sizeof(b->listen_names), "LISTEN_FDNAMES=%s", b->names);
	snprintf(b->notify, sizeof(b->notify), "NOTIFY_SOCKET=%s", notify_path);
	b->environment[n++] = b->listen_fds;
	b->environment[n++] = b->listen_names;
	b->environment[n++] = b->listen_pid;
	b->environment[n++] = b->notify;
	for (char **e = environ; *e; e++) {
		if (is_ours(*e))
			continue;
		ck_assert_uint_lt(n + 1, sizeof(b->environment) / sizeof(char *));
		b->environment[n++] = *e;
	}
	b->environment[n] = NULL;
}

/* In the child: the files stand from FIRST_FD on, and the environment says so. The copies are
 * made above all of them first, as an original may stand where a copy has to. */
static void pass(struct birth *b)
{
	int copies[FAKE_SYSTEMD_FILES + 1];

	for (int i = 0; i < b->num; i++)
		copies[i] = fcntl(b->fds[i], F_DUPFD_CLOEXEC, FIRST_FD + b->num + 1);
	for (int i = 0; i < b->num; i++)
		dup2(copies[i], FIRST_FD + i);
	snprintf(b->listen_pid, sizeof(b->listen_pid), "LISTEN_PID=%d", (int)getpid());
}

static int collect(const struct fake_systemd *f, int *fds, char *names)
{
	names += sprintf(names, "audd.socket");
	fds[0] = f->listening;
	for (int i = 0; i < f->num_files; i++) {
		names += sprintf(names, ":%s", f->files[i].name);
		fds[1 + i] = f->files[i].fd;
	}
	return 1 + f->num_files;
}

pid_t fake_systemd_start(struct fake_systemd *f, const char *const *args,
			 const char *log_path)
{
	static struct birth b;
	pid_t pid;
	int log;

	fake_systemd_catch_up(f);
	pthread_mutex_lock(&f->lock);
	f->ready = f->stopping = false;
	b.num = collect(f, b.fds, b.names);
	make_environment(&b, f->notify_path);
	log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	ck_assert_int_ge(log, 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		dup2(log, STDERR_FILENO);
		pass(&b);
		execve(args[0], (char **)args, b.environment);
		_exit(127);
	}
	close(log);
	pthread_mutex_unlock(&f->lock);
	return pid;
}

/* ---- looks ------------------------------------------------------------------------- */

bool fake_systemd_is_ready(struct fake_systemd *f)
{
	bool ready;

	pthread_mutex_lock(&f->lock);
	ready = f->ready;
	pthread_mutex_unlock(&f->lock);
	return ready;
}

void fake_systemd_keep(struct fake_systemd *f, const char *name, int fd)
{
	pthread_mutex_lock(&f->lock);
	keep(f, name, fd);
	pthread_mutex_unlock(&f->lock);
}

void fake_systemd_forget_all(struct fake_systemd *f)
{
	pthread_mutex_lock(&f->lock);
	while (f->num_files)
		close(f->files[--f->num_files].fd);
	pthread_mutex_unlock(&f->lock);
}

static int look(struct fake_systemd *f, const char *prefix, int *ret_fd)
{
	int n = 0;

	*ret_fd = -1;
	pthread_mutex_lock(&f->lock);
	for (int i = f->num_files; i-- > 0;) {
		if (strncmp(f->files[i].name, prefix, strlen(prefix)) != 0)
			continue;
		*ret_fd = f->files[i].fd;
		n++;
	}
	pthread_mutex_unlock(&f->lock);
	return n;
}

int fake_systemd_count(struct fake_systemd *f, const char *prefix)
{
	int fd;

	return look(f, prefix, &fd);
}

int fake_systemd_find(struct fake_systemd *f, const char *prefix)
{
	int fd;

	look(f, prefix, &fd);
	return fd;
}
