/* SPDX-License-Identifier: MIT */
/*
 * A connection inside: its lock, what is to be sent and was received, the requests that
 * are outstanding, and which thread does what.
 *
 * Any thread sends. At most one thread polls the socket, without the lock. At most one
 * dispatches: receives, tells every request its end, and events to their handler; it lets
 * go of the lock while a callback runs. A blocking call polls and dispatches until its own
 * answer is there. If another thread is at it already, it follows: sleeps until that one
 * has seen its answer, or leaves and passes the polling on.
 */
#ifndef LIB_CONNECTION_H
#define LIB_CONNECTION_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "aud.h"
#include "aud.pb-c.h"
#include "memory.h"
#include "outcome.h"
#include "request.h"
#include "wire.h"

struct follower;

/* How it stands with the daemon; see link.c. */
enum link { LINK_UP, LINK_AWAY, LINK_GREETING, LINK_TAKING_UP };

struct aud {
	int fd;    /* the socket; -1: there is none */
	int set;   /* epoll: the socket and the timer; what the caller polls */
	int timer; /* for the next step while the daemon is away */
	int bell; /* eventfd: rouses the thread that polls, to look at the writer again */

	pthread_mutex_t lock; /* of all that follows, and of the sources */
	struct wire_reader reader;
	struct wire_writer writer;
	struct request_table requests;
	struct aud_source *sources; /* a list */

	enum link link;
	char path[108], name[64];
	uint64_t client_id; /* by which the daemon knows us again */
	bool met;           /* the daemon has answered hello: it is worth to come back */
	uint32_t reconnect_ms; /* 0: never */
	uint32_t watched;      /* epoll's events of the socket */
	uint32_t retry_ms;
	uint32_t to_attach; /* answers that are awaited */
	uint64_t give_up_ns;
	size_t kept; /* bytes of messages that are not answered */
	struct memories memories;

	aud_event_fn *event_handler; /* NULL: nobody is told */
	void *event_user;

	bool polling;     /* a thread waits for the socket */
	bool rung;        /* the bell is, for that thread */
	bool dispatching; /* a thread receives and tells */
	pthread_t dispatcher;
	struct follower *followers; /* threads that wait for one of these two */
	uint64_t messages;          /* how many were received */

	int broken;      /* negative errno: the connection is gone. Set once */
	const char *why; /* the sentence for it */
};

/* Sends a request, with the async_id that r gets. On success the table has r. -ENOTCONN,
 * -ENOMEM, -EMSGSIZE, with a sentence. (lock held) */
int connection_send(struct aud *a, Aud__Request *m, struct request *r);

/* How the end of a request is wanted: told to a callback, or waited for. */
struct ending {
	aud_done_fn *done; /* NULL: nobody is told */
	void *user;
	struct outcome *outcome; /* not NULL: wait, and fill this in */
};

static inline struct ending ending_told(aud_done_fn *done, void *user)
{
	return (struct ending){.done = done, .user = user};
}

static inline struct ending ending_awaited(struct outcome *ret)
{
	return (struct ending){.outcome = ret};
}

/* Sends a request. If its end is awaited: 0 and the outcome is filled in, and a block in
 * it is the caller's; or a negative errno, with a sentence, and nothing is to be freed.
 * Else: 0, and the end will be told; or a negative errno, -ENOBUFS if too much waits to
 * be sent. */
int connection_request(struct aud *a, Aud__Request *m, struct ending ending);

/* 0, or -EDEADLK with a sentence: this thread runs a callback. (lock held) */
int connection_may_block(const struct aud *a);

/* (dispatch.c) Sends and receives what is possible now and tells requests their ends. How
 * many callbacks were run; 0 too if another thread, or this one further up, dispatches
 * already. Negative errno, with a sentence: the connection is gone, and nothing is
 * outstanding any more. (lock held; not while a callback runs) */
int connection_dispatch(struct aud *a);

/* (dispatch.c) Tells a request, which is out of the table, its end, and frees it if it is no
 * thread's. Returns how many callbacks were run, or what a step has returned. (lock held, but
 * not while a callback runs) */
int connection_tell(struct aud *a, struct request *r, struct outcome *outcome);

/* (dispatch.c) Ends the connection: every outstanding request ends with -ENOTCONN. `why`
 * is not copied. (lock held; not while a callback runs) */
void connection_break(struct aud *a, int error, const char *why);

/* (wait.c) Waits until r has ended. -ETIMEDOUT: the time is over, and r is out of the
 * table. (lock held; not while waiting) */
int connection_await(struct aud *a, struct request *r, uint64_t deadline);

/* (wait.c) The thread that polls has to look at the writer again. (lock held) */
void connection_ring(struct aud *a);

/* (wait.c) Rouses the thread that waits for r, or those that wait for any message: r is
 * NULL. (lock held) */
void connection_rouse(struct aud *a, const struct request *r);

#endif
