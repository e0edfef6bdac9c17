/* SPDX-License-Identifier: MIT */
/*
 * epoll, and what each client has asked for last.
 */
#include "crowd.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "aud.pb-c.h"
#include "wire.h"

enum {
	PIECE_MS = 20,
	OUTSTANDING = 2, /* pieces that are not answered for */
	PATIENCE_MS = 60000,
	RATE_MAX = 48000,
	MAX_EVENTS = 64,
	FILES = 64, /* beside those of clients */
};

struct member {
	int fd;
	uint64_t handle;
	uint32_t piece; /* frames; 0: it has no source */
	struct wire_reader in;
	struct wire_writer push; /* a whole message, which is sent again and again */
	uint64_t pushed;
	uint32_t left, outstanding; /* pieces */
	bool busy;                  /* it waits for an answer */
};

struct crowd {
	const char *socket;
	int epoll;
	uint32_t num, busy;
	struct member *members;
	uint64_t heard; /* frames, of those that were looked at */
};

static int16_t samples[RATE_MAX / 1000 * PIECE_MS];

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("crowd: ", stderr);
	vfprintf(stderr, format, args);
	fputs("\n", stderr);
	va_end(args);
	exit(EXIT_FAILURE);
}

/* ---- sending --------------------------------------------------------------------- */

static void send_all(int fd, const struct wire_writer *w)
{
	const uint8_t *p = w->data + w->start;
	size_t left = wire_writer_pending(w);

	while (left > 0) {
		ssize_t n = send(fd, p, left, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			fail("send: %s", strerror(errno));
		p += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
}

static void set_busy(struct crowd *c, struct member *m, bool busy)
{
	c->busy += busy - m->busy;
	m->busy = busy;
}

static void ask(struct crowd *c, struct member *m, Aud__Request *r)
{
	struct wire_writer w = {0};

	wire_writer_add(&w, &r->base);
	send_all(m->fd, &w);
	wire_writer_done(&w);
	set_busy(c, m, true);
}

static void prepare_push(struct member *m, uint32_t rate)
{
	Aud__AudioFrameBuffer buffer = AUD__AUDIO_FRAME_BUFFER__INIT;
	Aud__CaptureAudioFrame body = AUD__CAPTURE_AUDIO_FRAME__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	buffer.has_data = buffer.has_sample_rate = buffer.has_num_channels = true;
	buffer.has_samples_per_channel = true;
	buffer.data.data = (uint8_t *)samples;
	buffer.data.len = m->piece * sizeof(*samples);
	buffer.sample_rate = rate;
	buffer.num_channels = 1;
	buffer.samples_per_channel = m->piece;
	body.has_source_handle = true;
	body.source_handle = m->handle;
	body.buffer = &buffer;
	r.kind_case = AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME;
	r.capture_audio_frame = &body;
	wire_writer_add(&m->push, &r.base);
}

static void ask_to_wait(struct crowd *c, struct member *m)
{
	Aud__WaitForPlayout body = AUD__WAIT_FOR_PLAYOUT__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = true;
	body.source_handle = m->handle;
	r.kind_case = AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT;
	r.wait_for_playout = &body;
	ask(c, m, &r);
}

static void push_more(struct crowd *c, struct member *m)
{
	while (m->left > 0 && m->outstanding < OUTSTANDING) {
		send_all(m->fd, &m->push);
		m->left--;
		m->outstanding++;
		m->pushed += m->piece;
		set_busy(c, m, true);
	}
	if (m->left == 0 && m->outstanding == 0)
		ask_to_wait(c, m);
}

/* ---- receiving ------------------------------------------------------------------- */

static void check(struct crowd *c, const struct member *m,
		  const Aud__AudioSourceStatus *s)
{
	if (s->pushed != m->pushed || s->heard != m->pushed || s->queued != 0)
		fail("source %" PRIu64 ": pushed %" PRIu64 ", of which it knows %" PRIu64
		     ", heard %" PRIu64 ", queued %" PRIu64,
		     m->handle, m->pushed, s->pushed, s->heard, s->queued);
	c->heard += s->heard;
}

static void take_reply(struct crowd *c, struct member *m, const Aud__Reply *r)
{
	switch (r->kind_case) {
	case AUD__REPLY__KIND_ERROR:
		fail("refused: %s", r->error->message);
	case AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME:
		if (r->capture_audio_frame->accepted != m->piece)
			fail("a piece was dropped");
		m->outstanding--;
		push_more(c, m);
		return;
	case AUD__REPLY__KIND_NEW_AUDIO_SOURCE:
		m->handle = r->new_audio_source->source_handle;
		break;
	case AUD__REPLY__KIND_GET_AUDIO_SOURCE:
		check(c, m, r->get_audio_source);
		break;
	default:
		break;
	}
	set_busy(c, m, false);
}

static void take_message(struct crowd *c, struct member *m, const uint8_t *data,
			 size_t len)
{
	Aud__Message *message = aud__message__unpack(NULL, len, data);

	if (!message || message->kind_case != AUD__MESSAGE__KIND_REPLY)
		fail("a message that is no reply");
	take_reply(c, m, message->reply);
	aud__message__free_unpacked(message, NULL);
}

static void receive(struct crowd *c, struct member *m)
{
	const uint8_t *message;
	size_t size;
	void *space = wire_reader_space(&m->in, 4096, &size);
	ssize_t n = recv(m->fd, space, size, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		fail("the daemon has closed a connection");
	wire_reader_received(&m->in, (size_t)n);
	while (wire_reader_next(&m->in, &message, &size) == 1)
		take_message(c, m, message, size);
}

/* Until nobody waits for an answer. */
static void await_all(struct crowd *c)
{
	struct epoll_event events[MAX_EVENTS];

	while (c->busy > 0) {
		int n = epoll_wait(c->epoll, events, MAX_EVENTS, PATIENCE_MS);

		if (n == 0 || (n < 0 && errno != EINTR))
			fail("%u clients wait for an answer for too long", c->busy);
		for (int i = 0; i < n; i++)
			receive(c, events[i].data.ptr);
	}
}

/* ---- who there is ---------------------------------------------------------------- */

static void greet(struct crowd *c, struct member *m)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = m};
	Aud__Hello hello = AUD__HELLO__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", c->socket);
	m->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (m->fd < 0 || connect(m->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		fail("connect: %s", strerror(errno));
	epoll_ctl(c->epoll, EPOLL_CTL_ADD, m->fd, &e);
	hello.has_version = true;
	hello.version = AUD__VERSION__PROTOCOL_VERSION;
	r.kind_case = AUD__REQUEST__KIND_HELLO;
	r.hello = &hello;
	ask(c, m, &r);
}

static void allow_files(uint32_t n)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= n)
		return;
	limit.rlim_cur = n;
	if (limit.rlim_max < n)
		limit.rlim_max = n;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		fail("no more than %ju files", (uintmax_t)limit.rlim_max);
}

struct crowd *crowd_new(const char *path, uint32_t clients)
{
	struct crowd *c = calloc(1, sizeof(*c));

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		samples[i] = CROWD_SAMPLE;
	allow_files(clients + FILES);
	c->socket = path;
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	c->num = clients;
	c->members = calloc(clients, sizeof(*c->members));
	for (uint32_t i = 0; i < clients; i++)
		greet(c, &c->members[i]);
	await_all(c);
	return c;
}

void crowd_free(struct crowd *c)
{
	for (uint32_t i = 0; i < c->num; i++) {
		close(c->members[i].fd);
		wire_reader_done(&c->members[i].in);
		wire_writer_done(&c->members[i].push);
	}
	close(c->epoll);
	free(c->members);
	free(c);
}

void crowd_storm(struct crowd *c, uint32_t client, uint32_t times)
{
	struct member *m = &c->members[client];

	for (uint32_t i = 0; i < times; i++) {
		close(m->fd);
		greet(c, m);
		await_all(c);
	}
}

/* ---- sources --------------------------------------------------------------------- */

void crowd_open(struct crowd *c, uint32_t n, uint32_t rate)
{
	Aud__NewAudioSource body = AUD__NEW_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_sample_rate = body.has_num_channels = body.has_queue_size_ms = true;
	body.sample_rate = rate;
	body.num_channels = 1;
	body.queue_size_ms = CROWD_QUEUE_MS;
	r.kind_case = AUD__REQUEST__KIND_NEW_AUDIO_SOURCE;
	r.new_audio_source = &body;
	for (uint32_t i = 0; i < n; i++)
		ask(c, &c->members[i], &r);
	await_all(c);
	for (uint32_t i = 0; i < n; i++) {
		c->members[i].piece = rate / 1000 * PIECE_MS;
		prepare_push(&c->members[i], rate);
	}
}

void crowd_stream(struct crowd *c, uint32_t first, uint32_t n, uint32_t pieces)
{
	for (uint32_t i = first; i < first + n; i++) {
		c->members[i].left = pieces;
		push_more(c, &c->members[i]);
	}
	await_all(c);
}

uint64_t crowd_heard(struct crowd *c)
{
	Aud__GetAudioSource body = AUD__GET_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	c->heard = 0;
	body.has_source_handle = true;
	r.kind_case = AUD__REQUEST__KIND_GET_AUDIO_SOURCE;
	r.get_audio_source = &body;
	for (uint32_t i = 0; i < c->num; i++) {
		if (!c->members[i].piece)
			continue;
		body.source_handle = c->members[i].handle;
		ask(c, &c->members[i], &r);
	}
	await_all(c);
	return c->heard;
}

/* ---- the daemon ------------------------------------------------------------------ */

/* The first number, or the first word, of one of its files. */
static void read_first(int pid, const char *task, const char *file, char *buf, size_t n)
{
	char path[320];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/%s", pid, task, file);
	f = fopen(path, "re");
	if (!f || !fgets(buf, (int)n, f))
		buf[0] = '\0';
	if (f)
		fclose(f);
	buf[strcspn(buf, " \n")] = '\0';
}

uint64_t crowd_cpu_ns(int pid, const char *thread)
{
	char path[32], text[256];
	struct dirent *e;
	uint64_t ns = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		read_first(pid, e->d_name, "comm", text, sizeof(text));
		if (e->d_name[0] == '.' || (thread && strcmp(text, thread) != 0))
			continue;
		read_first(pid, e->d_name, "schedstat", text, sizeof(text));
		ns += strtoull(text, NULL, 10);
	}
	if (dir)
		closedir(dir);
	return ns;
}
