/* SPDX-License-Identifier: MIT */
/*
 * The scripted daemon. It waits for the library at most 3 s, so that a test fails rather
 * than hangs.
 */
#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_peer.h"

void peer_init(struct peer *p)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	*p = (struct peer){.dir = "/tmp/aud-peer-XXXXXX", .fd = -1};
	ck_assert_ptr_nonnull(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/aud.sock", p->dir);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", p->path);
	p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(p->listener, 0);
	ck_assert_int_eq(bind(p->listener, (struct sockaddr *)&address, sizeof(address)),
			 0);
	ck_assert_int_eq(listen(p->listener, 8), 0);
}

void peer_done(struct peer *p)
{
	if (p->request)
		aud__request__free_unpacked(p->request, NULL);
	if (p->fd >= 0)
		close(p->fd);
	if (p->listener >= 0)
		close(p->listener);
	unlink(p->path);
	rmdir(p->dir);
	wire_reader_done(&p->reader);
	wire_writer_done(&p->writer);
}

static void *run(void *peer)
{
	struct peer *p = peer;

	p->script(p);
	return NULL;
}

void peer_run(struct peer *p, void (*script)(struct peer *p))
{
	p->script = script;
	ck_assert_int_eq(pthread_create(&p->thread, NULL, run, p), 0);
}

void peer_join(struct peer *p)
{
	pthread_join(p->thread, NULL);
}

void peer_accept(struct peer *p)
{
	p->fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
	ck_assert_int_ge(p->fd, 0);
}

void peer_welcome(struct peer *p)
{
	Aud__HelloReply hello = AUD__HELLO_REPLY__INIT;

	peer_accept(p);
	peer_expect(p, AUD__REQUEST__KIND_HELLO);
	hello.has_version = true;
	hello.version = AUD__VERSION__PROTOCOL_VERSION;
	peer_answer(p, AUD__REPLY__KIND_HELLO, &hello);
}

/* What becomes of a connection that is lost is for the tests to say. */
static const struct aud_connect_options for_once = {.reconnect_ms = 0};

struct aud *peer_connect(struct peer *p)
{
	struct aud *a;

	peer_run(p, peer_welcome);
	ck_assert_int_eq(aud_connect_with(&a, p->path, "test", &for_once), 0);
	peer_join(p);
	return a;
}

static void make_source(struct peer *p)
{
	Aud__NewAudioSourceReply made = AUD__NEW_AUDIO_SOURCE_REPLY__INIT;
	uint8_t token[AUD_TOKEN_BYTES];

	peer_expect(p, AUD__REQUEST__KIND_NEW_AUDIO_SOURCE);
	made.has_source_handle = true;
	made.source_handle = *(uint64_t *)p->user;
	made.has_queue_frames = true;
	made.queue_frames = 48000;
	memset(token, (int)made.source_handle, sizeof(token));
	made.has_token = true;
	made.token.data = token;
	made.token.len = sizeof(token);
	peer_answer(p, AUD__REPLY__KIND_NEW_AUDIO_SOURCE, &made);
}

struct aud_source *peer_source(struct peer *p, struct aud *a, uint64_t handle,
			       uint32_t num_channels)
{
	struct aud_source *s;

	p->user = &handle;
	peer_run(p, make_source);
	ck_assert_int_eq(aud_source_new(a, &s, 48000, num_channels, NULL), 0);
	peer_join(p);
	p->user = NULL;
	return s;
}

/* Takes a message if it is all there. */
static bool take(struct peer *p)
{
	const uint8_t *data;
	size_t size;

	if (wire_reader_next(&p->reader, &data, &size) != 1)
		return false;
	if (p->request)
		aud__request__free_unpacked(p->request, NULL);
	p->request = aud__request__unpack(NULL, size, data);
	ck_assert_ptr_nonnull(p->request);
	return true;
}

void peer_take(struct peer *p)
{
	struct pollfd fd = {.fd = p->fd, .events = POLLIN};
	size_t size;
	void *space;
	ssize_t n;

	while (!take(p)) {
		ck_assert_int_eq(poll(&fd, 1, 3000), 1);
		space = wire_reader_space(&p->reader, 65536, &size);
		n = recv(p->fd, space, size, 0);
		ck_assert_int_gt(n, 0);
		wire_reader_received(&p->reader, n);
	}
}

void peer_expect(struct peer *p, Aud__Request__KindCase kind)
{
	peer_take(p);
	ck_assert_int_eq(p->request->kind_case, kind);
}

bool peer_has_more(struct peer *p)
{
	struct pollfd fd = {.fd = p->fd, .events = POLLIN};

	return p->reader.end > p->reader.start || poll(&fd, 1, 0) > 0;
}

static void flush(struct peer *p)
{
	struct pollfd fd = {.fd = p->fd, .events = POLLOUT};

	ck_assert_int_eq(wire_writer_flush(&p->writer, p->fd), 0);
	while (wire_writer_pending(&p->writer) > 0) {
		ck_assert_int_eq(poll(&fd, 1, 3000), 1);
		ck_assert_int_eq(wire_writer_flush(&p->writer, p->fd), 0);
	}
}

void peer_answer_id(struct peer *p, uint64_t id, Aud__Reply__KindCase kind, void *message)
{
	Aud__Message m = AUD__MESSAGE__INIT;
	Aud__Reply reply = AUD__REPLY__INIT;

	m.kind_case = AUD__MESSAGE__KIND_REPLY;
	m.reply = &reply;
	reply.has_async_id = true;
	reply.async_id = id;
	reply.kind_case = kind;
	reply.error = message; /* of a union of pointers */
	ck_assert_int_eq(wire_writer_add(&p->writer, &m.base), 0);
	flush(p);
}

void peer_answer(struct peer *p, Aud__Reply__KindCase kind, void *message)
{
	peer_answer_id(p, p->request->async_id, kind, message);
}

void peer_event(struct peer *p, uint64_t handle, Aud__Event__KindCase kind, void *message)
{
	Aud__Message m = AUD__MESSAGE__INIT;
	Aud__Event event = AUD__EVENT__INIT;

	m.kind_case = AUD__MESSAGE__KIND_EVENT;
	m.event = &event;
	event.has_source_handle = true;
	event.source_handle = handle;
	event.kind_case = kind;
	event.mark_heard = message; /* of a union of pointers */
	ck_assert_int_eq(wire_writer_add(&p->writer, &m.base), 0);
	flush(p);
}

void peer_drained(struct peer *p, uint64_t position)
{
	Aud__Drained drained = AUD__DRAINED__INIT;

	drained.has_position = true;
	drained.position = position;
	peer_event(p, 5, AUD__EVENT__KIND_DRAINED, &drained);
}

void peer_refuse(struct peer *p, Aud__ErrorCode code, const char *sentence)
{
	Aud__Error error = AUD__ERROR__INIT;

	error.has_code = true;
	error.code = code;
	error.message = (char *)sentence;
	peer_answer(p, AUD__REPLY__KIND_ERROR, &error);
}

void peer_cleared(struct peer *p, uint64_t id, uint64_t heard_until)
{
	Aud__ClearAudioBufferReply cleared = AUD__CLEAR_AUDIO_BUFFER_REPLY__INIT;

	cleared.has_heard_until = true;
	cleared.heard_until = heard_until;
	peer_answer_id(p, id, AUD__REPLY__KIND_CLEAR_AUDIO_BUFFER, &cleared);
}

void peer_played(struct peer *p, uint64_t id, uint64_t played)
{
	Aud__WaitForPlayoutReply waited = AUD__WAIT_FOR_PLAYOUT_REPLY__INIT;

	waited.has_reason = true;
	waited.reason = AUD__PLAYOUT_REASON__PLAYED;
	waited.has_played = true;
	waited.played = played;
	peer_answer_id(p, id, AUD__REPLY__KIND_WAIT_FOR_PLAYOUT, &waited);
}

void peer_captured(struct peer *p, uint64_t id, uint64_t first, uint64_t accepted,
		   uint64_t dropped)
{
	Aud__CaptureAudioFrameReply captured = AUD__CAPTURE_AUDIO_FRAME_REPLY__INIT;

	captured.has_first = true;
	captured.first = first;
	captured.has_accepted = true;
	captured.accepted = accepted;
	captured.has_dropped = true;
	captured.dropped = dropped;
	captured.has_reason = true;
	if (dropped > 0)
		captured.reason = AUD__DROP_REASON__DROPPED_BY_CLEAR;
	peer_answer_id(p, id, AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME, &captured);
}

void peer_say(struct peer *p, const void *data, size_t size)
{
	ck_assert_int_eq(send(p->fd, data, size, MSG_NOSIGNAL), (ssize_t)size);
}

void peer_hang_up(struct peer *p)
{
	close(p->fd);
	p->fd = -1;
}
