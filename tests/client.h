/* SPDX-License-Identifier: MIT */
/*
 * A client that speaks the protocol itself, so that it can also speak it wrongly.
 * Failures end the test; so does waiting for more than some seconds.
 */
#ifndef TESTS_CLIENT_H
#define TESTS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "aud.pb-c.h"
#include "wire.h"

struct client {
	int fd;
	uint32_t rate; /* of its sources, Hz; 48000 unless it is changed */
	uint64_t last_id;
	struct wire_reader in;
	struct wire_writer out;
	Aud__Message **messages; /* replies and events, in order */
	size_t num_messages;
};

/* Connects and says nothing; the same, on a socket that is connected; the same as the first,
 * and says hello. */
void client_connect(struct client *c, const char *socket);
void client_take(struct client *c, int fd);
void client_init(struct client *c, const char *socket);

/* client_init as another user, who is in one more group. The folder of the socket and the socket
 * are opened for that. The tests run as root. */
void client_init_as(struct client *c, const char *socket, uid_t uid, gid_t group);
void client_done(struct client *c);

/* Sends bytes as they are. False: the daemon has closed the connection. */
bool client_say(struct client *c, const void *data, size_t len);

/* Sends a request; gives it the next async_id, and returns that. client_put does not send
 * before client_push_out, so that many requests arrive at once. */
uint64_t client_put(struct client *c, Aud__Request *r);
void client_push_out(struct client *c);
uint64_t client_send(struct client *c, Aud__Request *r);

/* The reply with this id; waits for it. It lives as long as the client. */
const Aud__Reply *client_await(struct client *c, uint64_t id);

/* Takes what has come, without waiting. The reply with this id, or NULL. */
const Aud__Reply *client_look(struct client *c, uint64_t id);

/* Waits until the daemon closes the connection. */
void client_await_end(struct client *c);

/* Whether it was closed; what has come before stays readable. */
bool client_is_closed(struct client *c);

/* client_send for each kind; samples are interleaved. */
uint64_t client_hello(struct client *c);
uint64_t client_new_source(struct client *c, uint32_t channels, uint32_t queue_ms);
uint64_t client_capture(struct client *c, uint64_t handle, const int16_t *samples,
			uint32_t channels, uint32_t frames);
uint64_t client_clear(struct client *c, uint64_t handle, uint32_t fade_ms);
uint64_t client_pause(struct client *c, uint64_t handle);
uint64_t client_resume(struct client *c, uint64_t handle);
uint64_t client_wait(struct client *c, uint64_t handle);
uint64_t client_get(struct client *c, uint64_t handle);
uint64_t client_list(struct client *c);
uint64_t client_status(struct client *c);
uint64_t client_close(struct client *c, uint64_t handle, bool drop);

/* Fails the test unless this request is refused, for that reason, in a sentence that
 * has these words in it. */
void client_assert_refused(struct client *c, uint64_t id, Aud__ErrorCode code,
			   const char *words);

/* Until the daemon has so many connections, this one included. */
void client_await_connections(struct client *c, uint32_t n);

/* Makes a source and returns its handle; waits for a playout; gets a status. */
uint64_t client_source(struct client *c, uint32_t channels, uint32_t queue_ms);
void client_play_out(struct client *c, uint64_t handle);
const Aud__AudioSourceStatus *client_look_at(struct client *c, uint64_t handle);

#endif
