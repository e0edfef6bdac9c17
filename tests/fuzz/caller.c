/* SPDX-License-Identifier: MIT */
/*
 * What is sent is read here as well, as the daemon should read it.
 */
#include "caller.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "must.h"
#include "text.h"

void caller_begin(struct caller *c, int fd)
{
	wire_writer_done(&c->held);
	wire_reader_done(&c->sent);
	wire_reader_done(&c->reply);
	memset(c, 0, offsetof(struct caller, asked));
	c->num_asked = 0;
	c->fd = fd;
}

void caller_hang_up(struct caller *c)
{
	if (c->fd >= 0)
		close(c->fd);
	caller_begin(c, -1);
}

/* ---- what is sent -------------------------------------------------------------------- */

static struct asked *find_asked(struct caller *c, uint64_t id)
{
	for (uint32_t i = 0; i < c->num_asked; i++) {
		if (c->asked[i].id == id)
			return &c->asked[i];
	}
	return NULL;
}

static void note_request(struct caller *c, const uint8_t *message, size_t len)
{
	Aud__Request *r = aud__request__unpack(NULL, len, message);
	struct asked *a;

	if (!r) {
		c->broken = c->may_end = true;
		return;
	}
	a = find_asked(c, r->async_id);
	if (!a) {
		must(c->num_asked < CALLER_REQUESTS, "too many requests");
		a = &c->asked[c->num_asked++];
		*a = (struct asked){.id = r->async_id};
	}
	a->count++;
	a->kinds |= 1u << r->kind_case;
	aud__request__free_unpacked(r, NULL);
}

/* After what is no message the daemon looks at nothing more. */
static void note_sent(struct caller *c, const uint8_t *bytes, size_t n)
{
	const uint8_t *message = NULL;
	size_t size, len;
	void *space;
	int r = 0;

	if (c->broken)
		return;
	space = wire_reader_space(&c->sent, n, &size);
	must(space, "no memory");
	memcpy(space, bytes, n);
	wire_reader_received(&c->sent, n);
	while (!c->broken && (r = wire_reader_next(&c->sent, &message, &len)) > 0)
		note_request(c, message, len);
	if (r < 0)
		c->broken = c->may_end = true;
}

void caller_add(struct caller *c, const uint8_t *bytes, size_t n)
{
	struct wire_writer *w = &c->held;
	uint8_t *data = malloc(w->end + n + 1);

	must(data, "no memory");
	if (w->end)
		memcpy(data, w->data, w->end);
	memcpy(data + w->end, bytes, n);
	free(w->data);
	w->data = data;
	w->size = w->end += n;
}

/* The kernel closes it when nobody takes it. */
static void add_file(struct msghdr *m, void *control, size_t size)
{
	struct cmsghdr *c;
	int fd = STDERR_FILENO;

	m->msg_control = control;
	m->msg_controllen = size;
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
}

static ssize_t send_some(struct caller *c, const uint8_t *bytes, size_t n)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec v = {(void *)bytes, n};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};

	if (c->with_file)
		add_file(&m, control.bytes, sizeof(control.bytes));
	c->with_file = false;
	return sendmsg(c->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool caller_send(struct caller *c)
{
	struct wire_writer *w = &c->held;
	size_t all = w->end, n = all > c->tail ? all - c->tail : 0;
	ssize_t sent;

	if (c->fd < 0 || n == 0)
		return true;
	sent = send_some(c, w->data, n);
	if (sent < 0 && errno == EAGAIN)
		return false;
	if (sent < 0) { /* caller_read says whether that was right */
		w->end = 0;
		return true;
	}
	note_sent(c, w->data, (size_t)sent);
	memmove(w->data, w->data + sent, all - (size_t)sent);
	w->end = all - (size_t)sent;
	if ((size_t)sent < n)
		return false;
	c->tail = 0;
	return true;
}

/* ---- what comes back ----------------------------------------------------------------- */

/* Kinds of requests and of replies have the same names. */
static bool answers(const Aud__Reply *r, const struct asked *a)
{
	const ProtobufCFieldDescriptor *answered, *asked;

	if (r->kind_case == AUD__REPLY__KIND_ERROR)
		return true;
	answered = protobuf_c_message_descriptor_get_field(&aud__reply__descriptor,
							   r->kind_case);
	asked = answered ? protobuf_c_message_descriptor_get_field_by_name(
				   &aud__request__descriptor, answered->name)
			 : NULL;
	return asked && a->kinds >> asked->id & 1;
}

static void settle_request(struct caller *c, const Aud__Reply *r)
{
	struct asked *a = find_asked(c, r->async_id);

	if (!a && c->broken && r->kind_case == AUD__REPLY__KIND_ERROR && r->async_id == 0)
		return; /* why it is cut off */
	must(r->kind_case != AUD__REPLY__KIND_ERROR ||
		     text_is_printable(r->error->message),
	     "a sentence that is no text: %s", r->error->message);
	must(a && answers(r, a),
	     "a reply of kind %d to request %" PRIu64 ", which nobody waits for",
	     (int)r->kind_case, r->async_id);
	if (--a->count == 0)
		*a = c->asked[--c->num_asked];
}

static void take_message(struct caller *c, const uint8_t *message, size_t len)
{
	Aud__Message *m = aud__message__unpack(NULL, len, message);

	must(m && m->kind_case != AUD__MESSAGE__KIND__NOT_SET, "a message that is none");
	if (m->kind_case == AUD__MESSAGE__KIND_REPLY)
		settle_request(c, m->reply);
	aud__message__free_unpacked(m, NULL);
}

static ssize_t receive(struct caller *c)
{
	size_t size;
	void *space = wire_reader_space(&c->reply, 65536, &size);
	ssize_t n;

	must(space, "no memory");
	n = recv(c->fd, space, size, MSG_DONTWAIT);
	if (n > 0)
		wire_reader_received(&c->reply, (size_t)n);
	return n;
}

void caller_read(struct caller *c)
{
	const uint8_t *message = NULL;
	size_t len;
	ssize_t n;
	int r;

	if (c->fd < 0 || c->deaf)
		return;
	while ((n = receive(c)) > 0) {
		while ((r = wire_reader_next(&c->reply, &message, &len)) > 0)
			take_message(c, message, len);
		must(r == 0, "no length stands before a message");
	}
	if (n == 0 || errno != EAGAIN) {
		must(c->may_end, "it was cut off and has done nothing");
		caller_hang_up(c);
	}
}
