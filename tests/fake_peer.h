/* SPDX-License-Identifier: MIT */
/*
 * A daemon's end of the socket for tests of libaud: it says what the test tells it to
 * say. Once a connection is open, the test's own thread may play the daemon between calls
 * that do not block, or a script may play it on a thread of its own.
 */
#ifndef TESTS_FAKE_PEER_H
#define TESTS_FAKE_PEER_H

#include <pthread.h>
#include <stdbool.h>

#include "aud.h"
#include "aud.pb-c.h"
#include "wire.h"

struct peer {
	char dir[64];
	char path[96]; /* of the socket */
	int listener;
	int fd; /* of the one connection */
	struct wire_reader reader;
	struct wire_writer writer;
	Aud__Request *request; /* the latest that was taken */

	void (*script)(struct peer *p);
	void *user; /* the test's, for its script */
	pthread_t thread;
};

/* A socket in a new folder, with nobody connected. */
void peer_init(struct peer *p);
void peer_done(struct peer *p);

/* Runs a script on a thread of its own, until peer_join. */
void peer_run(struct peer *p, void (*script)(struct peer *p));
void peer_join(struct peer *p);

/* For scripts: takes the connection; the same, and answers hello. */
void peer_accept(struct peer *p);
void peer_welcome(struct peer *p);

/* A connection that has said hello. */
struct aud *peer_connect(struct peer *p);

/* A source (48000 Hz, s16) on it, with this handle; each byte of its token is the handle. */
struct aud_source *peer_source(struct peer *p, struct aud *a, uint64_t handle,
			       uint32_t num_channels);

/* Waits for a request and takes it: p->request. */
void peer_take(struct peer *p);

/* The same, and it has to be of this kind. */
void peer_expect(struct peer *p, Aud__Request__KindCase kind);

/* Whether more was sent by now. */
bool peer_has_more(struct peer *p);

/* Answers the latest request, or that with this id. message is of the kind's type. */
void peer_answer(struct peer *p, Aud__Reply__KindCase kind, void *message);
void peer_answer_id(struct peer *p, uint64_t id, Aud__Reply__KindCase kind,
		    void *message);
void peer_refuse(struct peer *p, Aud__ErrorCode code, const char *sentence);

/* Answers a clear, or a wait, that had this id; the numbers are told by it. */
void peer_cleared(struct peer *p, uint64_t id, uint64_t heard_until);
void peer_played(struct peer *p, uint64_t id, uint64_t played);

/* Answers a capture that had this id; what was dropped was so by a clear. */
void peer_captured(struct peer *p, uint64_t id, uint64_t first, uint64_t accepted,
		   uint64_t dropped);

/* Says that something happened to a source. message is of the kind's type. */
void peer_event(struct peer *p, uint64_t handle, Aud__Event__KindCase kind,
		void *message);

/* Says that source 5 has drained at this position: an event that is told by it. */
void peer_drained(struct peer *p, uint64_t position);

/* Sends bytes that may be no message. */
void peer_say(struct peer *p, const void *data, size_t size);

/* Ends the connection. */
void peer_hang_up(struct peer *p);

#endif
