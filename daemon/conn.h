/* SPDX-License-Identifier: MIT */
/*
 * One client: bytes in, replies and events out. A connection that breaks the protocol, or
 * does not read its replies, is closed; one that does not read its events loses some;
 * nobody else notices. Main thread.
 */
#ifndef DAEMON_CONN_H
#define DAEMON_CONN_H

#include <sys/queue.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "arena.h"
#include "config.h"
#include "creds.h"
#include "policy.h"
#include "sources.h"
#include "ticket.h"
#include "wire.h"

TAILQ_HEAD(conn_list, conn);

/* What all connections share; the server's. */
struct hub {
	sd_event *event;
	const struct config *config;
	struct policy policy;
	struct users users;
	struct outputs outputs;
	struct sources sources;
	uint64_t start_us;  /* CLOCK_MONOTONIC */
	uint64_t config_us; /* the settings are those of then, */
	char *config_error; /* because newer ones are wrong: a sentence; or NULL */

	struct conn_list conns;
	uint32_t num_conns;
	struct conn_list touched; /* those that have to be flushed, or freed */
	uint64_t refused;         /* requests answered with an error */
	uint64_t broken;          /* connections closed for breaking the protocol */

	/* A message has come; the bytes are valid until it returns. */
	void (*on_message)(struct conn *c, const uint8_t *message, size_t len);

	/* For the time of one reading, and of one request. */
	struct wire_reader reader;
	struct arena arena;
};

enum conn_state {
	CONN_NEW,     /* has not said hello */
	CONN_READY,   /* may ask for anything */
	CONN_CLOSING, /* is not read any more; gone at the next flush */
};

struct conn {
	TAILQ_ENTRY(conn) link, touched_link;
	struct hub *hub;
	int fd;
	sd_event_source *io;
	sd_event_source *more; /* NULL: what has come is taken, as far as it can be */
	enum conn_state state;
	struct creds creds;
	struct user *user;
	uint32_t requests;              /* that are not answered */
	char name[SOURCE_NAME_MAX + 1]; /* of the program, "" if it has not said */
	uint64_t client_id;             /* likewise, 0 */

	struct wire_reader in; /* what has come, and is not taken yet */
	struct wire_writer out;
	uint64_t events_lost; /* of which it has not been told */
	bool touched;
	bool awaits_room; /* EPOLLOUT is asked for */
};

/* A client has connected, one of this user's. Owns fd and what is in creds if it succeeds; else a
 * negative errno. */
int conn_new(struct conn **ret, struct hub *hub, int fd, const struct creds *creds,
	     struct user *user);

/* Its sources end as they were told to, its requests are forgotten. */
void conn_free(struct conn *c);

/* Adds the reply to a request to those that the next flush sends. */
void conn_answer(struct conn *c, const Aud__Reply *r);

/* Adds an event likewise, if the client reads what it is sent; else it is told, as soon as it does,
 * how many it has missed. NULL: one that there was no memory to prepare. */
void conn_tell(struct conn *c, const Aud__Event *e);

/* It has sent a request, which conn_answer is to answer, now or later. */
void conn_asks(struct conn *c);

/* For the answer to a request that comes later, and for events. */
struct ticket conn_ticket(struct conn *c, uint64_t async_id);

/* The client does not speak the protocol, or cannot be understood for want of memory: says so to it
 * and to the log, and closes. */
void conn_break(struct conn *c, Aud__ErrorCode code, const char *sentence);

/* Sends what there is to send. False: it is over, free it. */
bool conn_flush(struct conn *c);

#endif
