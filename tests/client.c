/* SPDX-License-Identifier: MIT */
/*
 * A blocking socket to write to, and poll with patience to read from.
 */
#include "client.h"

#include <check.h>
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000, RATE = 48000 };

/* ---- bytes ----------------------------------------------------------------------- */

void client_take(struct client *c, int fd)
{
	memset(c, 0, sizeof(*c));
	ck_assert_int_ge(fd, 0);
	c->fd = fd;
	c->rate = RATE;
}

void client_connect(struct client *c, const char *socket_path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	client_take(c, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	strcpy(address.sun_path, socket_path);
	ck_assert_msg(connect(c->fd, (struct sockaddr *)&address, sizeof(address)) == 0,
		      "%s: %s", socket_path, strerror(errno));
}

void client_init_as(struct client *c, const char *socket, uid_t uid, gid_t group)
{
	char dir[128];

	snprintf(dir, sizeof(dir), "%s", socket);
	*strrchr(dir, '/') = '\0';
	chmod(dir, 0755);
	chmod(socket, 0666);
	ck_assert_int_eq(setgroups(1, &group), 0);
	ck_assert_int_eq(seteuid(uid), 0);
	client_init(c, socket);
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(setgroups(0, NULL), 0);
}

void client_done(struct client *c)
{
	for (size_t i = 0; i < c->num_messages; i++)
		aud__message__free_unpacked(c->messages[i], NULL);
	free(c->messages);
	wire_reader_done(&c->in);
	wire_writer_done(&c->out);
	close(c->fd);
}

bool client_say(struct client *c, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len > 0) {
		ssize_t n = send(c->fd, p, len, MSG_NOSIGNAL);

		if (n < 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

uint64_t client_put(struct client *c, Aud__Request *r)
{
	r->has_async_id = true;
	r->async_id = ++c->last_id;
	ck_assert_int_eq(wire_writer_add(&c->out, &r->base), 0);
	return r->async_id;
}

void client_push_out(struct client *c)
{
	ck_assert(
		client_say(c, c->out.data + c->out.start, wire_writer_pending(&c->out)));
	c->out.start = c->out.end = 0;
}

uint64_t client_send(struct client *c, Aud__Request *r)
{
	uint64_t id = client_put(c, r);

	client_push_out(c);
	return id;
}

static void keep(struct client *c, const uint8_t *data, size_t len)
{
	Aud__Message *m = aud__message__unpack(NULL, len, data);

	ck_assert_msg(m != NULL, "a message that is none");
	c->messages = realloc(c->messages, (c->num_messages + 1) * sizeof(*c->messages));
	c->messages[c->num_messages++] = m;
}

/* Takes what comes within so many ms. False: nothing did, or the connection is closed. */
static bool receive(struct client *c, int ms)
{
	struct pollfd fd = {.fd = c->fd, .events = POLLIN};
	const uint8_t *message;
	size_t size;
	void *space;
	ssize_t n;

	if (poll(&fd, 1, ms) <= 0)
		return false;
	space = wire_reader_space(&c->in, 65536, &size);
	n = recv(c->fd, space, size, MSG_DONTWAIT);
	if (n <= 0)
		return false;
	wire_reader_received(&c->in, (size_t)n);
	while (wire_reader_next(&c->in, &message, &size) == 1)
		keep(c, message, size);
	return true;
}

static const Aud__Reply *find(const struct client *c, uint64_t id)
{
	for (size_t i = c->num_messages; i-- > 0;) {
		const Aud__Message *m = c->messages[i];

		if (m->kind_case == AUD__MESSAGE__KIND_REPLY && m->reply->async_id == id)
			return m->reply;
	}
	return NULL;
}

const Aud__Reply *client_look(struct client *c, uint64_t id)
{
	while (receive(c, 0))
		;
	return find(c, id);
}

const Aud__Reply *client_await(struct client *c, uint64_t id)
{
	const Aud__Reply *r;

	while (!(r = find(c, id)))
		ck_assert_msg(receive(c, PATIENCE_MS), "no reply to request %d", (int)id);
	return r;
}

void client_await_end(struct client *c)
{
	struct pollfd fd = {.fd = c->fd, .events = POLLIN};

	while (receive(c, PATIENCE_MS))
		;
	ck_assert_int_eq(poll(&fd, 1, 0), 1);
	ck_assert(client_is_closed(c));
}

bool client_is_closed(struct client *c)
{
	char byte;
	ssize_t n;

	while (receive(c, 0))
		;
	n = recv(c->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
	return n == 0 || (n < 0 && errno != EAGAIN);
}

/* ---- requests -------------------------------------------------------------------- */

#define REQUEST(r, kind, field, body)                                                    \
	((r)->kind_case = AUD__REQUEST__KIND_##kind, (r)->field = (body))

uint64_t client_hello(struct client *c)
{
	Aud__Hello hello = AUD__HELLO__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	hello.has_version = true;
	hello.version = AUD__VERSION__PROTOCOL_VERSION;
	hello.name = (char *)"test";
	REQUEST(&r, HELLO, hello, &hello);
	return client_send(c, &r);
}

void client_init(struct client *c, const char *socket_path)
{
	client_connect(c, socket_path);
	ck_assert_int_eq(client_await(c, client_hello(c))->kind_case,
			 AUD__REPLY__KIND_HELLO);
}

uint64_t client_new_source(struct client *c, uint32_t channels, uint32_t queue_ms)
{
	Aud__NewAudioSource body = AUD__NEW_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_sample_rate = body.has_num_channels = body.has_queue_size_ms = true;
	body.sample_rate = c->rate;
	body.num_channels = channels;
	body.queue_size_ms = queue_ms;
	REQUEST(&r, NEW_AUDIO_SOURCE, new_audio_source, &body);
	return client_send(c, &r);
}

uint64_t client_capture(struct client *c, uint64_t handle, const int16_t *samples,
			uint32_t channels, uint32_t frames)
{
	Aud__AudioFrameBuffer buffer = AUD__AUDIO_FRAME_BUFFER__INIT;
	Aud__CaptureAudioFrame body = AUD__CAPTURE_AUDIO_FRAME__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	buffer.has_data = buffer.has_sample_rate = buffer.has_num_channels = true;
	buffer.has_samples_per_channel = true;
	buffer.data.data = (uint8_t *)samples;
	buffer.data.len = (size_t)frames * channels * sizeof(*samples);
	buffer.sample_rate = c->rate;
	buffer.num_channels = channels;
	buffer.samples_per_channel = frames;
	body.has_source_handle = true;
	body.source_handle = handle;
	body.buffer = &buffer;
	REQUEST(&r, CAPTURE_AUDIO_FRAME, capture_audio_frame, &body);
	return client_send(c, &r);
}

uint64_t client_clear(struct client *c, uint64_t handle, uint32_t fade_ms)
{
	Aud__ClearAudioBuffer body = AUD__CLEAR_AUDIO_BUFFER__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_fade_ms = true;
	body.source_handle = handle;
	body.fade_ms = fade_ms;
	REQUEST(&r, CLEAR_AUDIO_BUFFER, clear_audio_buffer, &body);
	return client_send(c, &r);
}

uint64_t client_pause(struct client *c, uint64_t handle)
{
	Aud__PauseAudioSource body = AUD__PAUSE_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = true;
	body.source_handle = handle;
	REQUEST(&r, PAUSE_AUDIO_SOURCE, pause_audio_source, &body);
	return client_send(c, &r);
}

uint64_t client_resume(struct client *c, uint64_t handle)
{
	Aud__ResumeAudioSource body = AUD__RESUME_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = true;
	body.source_handle = handle;
	REQUEST(&r, RESUME_AUDIO_SOURCE, resume_audio_source, &body);
	return client_send(c, &r);
}

uint64_t client_wait(struct client *c, uint64_t handle)
{
	Aud__WaitForPlayout body = AUD__WAIT_FOR_PLAYOUT__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = true;
	body.source_handle = handle;
	REQUEST(&r, WAIT_FOR_PLAYOUT, wait_for_playout, &body);
	return client_send(c, &r);
}

uint64_t client_get(struct client *c, uint64_t handle)
{
	Aud__GetAudioSource body = AUD__GET_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = true;
	body.source_handle = handle;
	REQUEST(&r, GET_AUDIO_SOURCE, get_audio_source, &body);
	return client_send(c, &r);
}

uint64_t client_list(struct client *c)
{
	Aud__ListAudioSources body = AUD__LIST_AUDIO_SOURCES__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	REQUEST(&r, LIST_AUDIO_SOURCES, list_audio_sources, &body);
	return client_send(c, &r);
}

uint64_t client_status(struct client *c)
{
	Aud__GetDaemonStatus body = AUD__GET_DAEMON_STATUS__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	REQUEST(&r, GET_DAEMON_STATUS, get_daemon_status, &body);
	return client_send(c, &r);
}

uint64_t client_close(struct client *c, uint64_t handle, bool drop)
{
	Aud__CloseAudioSource body = AUD__CLOSE_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_drop = true;
	body.source_handle = handle;
	body.drop = drop;
	REQUEST(&r, CLOSE_AUDIO_SOURCE, close_audio_source, &body);
	return client_send(c, &r);
}

/* ---- with their answers ---------------------------------------------------------- */

static const Aud__Reply *await_kind(struct client *c, uint64_t id,
				    Aud__Reply__KindCase kind)
{
	const Aud__Reply *r = client_await(c, id);

	if (r->kind_case == AUD__REPLY__KIND_ERROR)
		ck_assert_msg(kind == AUD__REPLY__KIND_ERROR, "%s", r->error->message);
	ck_assert_int_eq(r->kind_case, kind);
	return r;
}

void client_await_connections(struct client *c, uint32_t n)
{
	const Aud__Reply *r;

	do {
		poll(NULL, 0, 1);
		r = await_kind(c, client_status(c), AUD__REPLY__KIND_GET_DAEMON_STATUS);
	} while (r->get_daemon_status->connections != n);
}

uint64_t client_source(struct client *c, uint32_t channels, uint32_t queue_ms)
{
	uint64_t id = client_new_source(c, channels, queue_ms);

	return await_kind(c, id, AUD__REPLY__KIND_NEW_AUDIO_SOURCE)
		->new_audio_source->source_handle;
}

void client_play_out(struct client *c, uint64_t handle)
{
	const Aud__Reply *r =
		await_kind(c, client_wait(c, handle), AUD__REPLY__KIND_WAIT_FOR_PLAYOUT);

	ck_assert_int_eq(r->wait_for_playout->reason, AUD__PLAYOUT_REASON__PLAYED);
}

const Aud__AudioSourceStatus *client_look_at(struct client *c, uint64_t handle)
{
	uint64_t id = client_get(c, handle);

	return await_kind(c, id, AUD__REPLY__KIND_GET_AUDIO_SOURCE)->get_audio_source;
}

void client_assert_refused(struct client *c, uint64_t id, Aud__ErrorCode code,
			   const char *words)
{
	const Aud__Reply *r = client_await(c, id);

	ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_ERROR);
	ck_assert_msg(r->error->code == code, "code %d, not %d: %s", r->error->code, code,
		      r->error->message);
	ck_assert_msg(strstr(r->error->message, words) != NULL, "no '%s' in: %s", words,
		      r->error->message);
}
