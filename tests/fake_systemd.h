/* SPDX-License-Identifier: MIT */
/*
 * What systemd is to a service that it restarts: it listens on the socket while the service
 * is away, keeps the files that the service gives it, and passes all of them on to the next
 * life. A thread takes the messages.
 */
#ifndef TESTS_FAKE_SYSTEMD_H
#define TESTS_FAKE_SYSTEMD_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

enum { FAKE_SYSTEMD_FILES = 512, FAKE_SYSTEMD_NAME = 64 };

struct fake_systemd_file {
	char name[FAKE_SYSTEMD_NAME];
	int fd;
};

struct fake_systemd {
	int notify, listening, wake[2];
	char notify_path[108];
	pthread_t thread;

	pthread_mutex_t lock; /* of what follows */
	bool ready, stopping; /* what the present life has said */
	int num_files;
	struct fake_systemd_file files[FAKE_SYSTEMD_FILES];
};

/* Listens at the path; NOTIFY_SOCKET lies in dir. */
void fake_systemd_init(struct fake_systemd *f, const char *dir, const char *socket);
void fake_systemd_done(struct fake_systemd *f);

/* Starts a life: args as for execv, its stderr goes to the file at `log`. Does not wait. */
pid_t fake_systemd_start(struct fake_systemd *f, const char *const *args,
			 const char *log);

/* All that was sent is taken; when the service has ended it can say no more. */
void fake_systemd_catch_up(struct fake_systemd *f);

/* Whether the present life has said READY=1. */
bool fake_systemd_is_ready(struct fake_systemd *f);

/* Keeps a file as if the service had given it; fd becomes ours. */
void fake_systemd_keep(struct fake_systemd *f, const char *name, int fd);

/* Keeps nothing any more. */
void fake_systemd_forget_all(struct fake_systemd *f);

/* How many files are kept whose names begin so; and the fd of the first, or -1. */
int fake_systemd_count(struct fake_systemd *f, const char *prefix);
int fake_systemd_find(struct fake_systemd *f, const char *prefix);

#endif
