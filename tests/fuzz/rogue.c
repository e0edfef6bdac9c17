/* SPDX-License-Identifier: MIT */
/*
 * Messages are written by what protobuf says of their types, so that there is nothing to be added
 * here for a new one. A connection is a pair of sockets of this process. When its steps are all
 * done it goes, and does not come back.
 */
#include "rogue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "aud.pb-c.h"
#include "clock.h"
#include "must.h"
#include "wire.h"

enum {
	PENDING_MAX = 1024,
	MESSAGE_SIZE = 8192,
	DEPTH_MAX = 3,
	WAITS_MAX = 20000,
	STEP_NS = 100000000, /* the most that passes while nothing happens */
};

struct pending {
	uint64_t id;
	uint32_t kind;
};

static struct rogue {
	int fd; /* -1: nobody is connected */
	struct step steps[ROGUE_STEPS];
	uint32_t num_steps, done;
	struct wire_reader in;
	struct pending pending[PENDING_MAX];
	uint32_t num_pending;
	uint32_t waits;
} rogue;

/* ---- messages of any type ------------------------------------------------------------ */

struct pen {
	uint8_t data[MESSAGE_SIZE];
	size_t len;
	uint32_t state;
};

static uint32_t roll(struct pen *p, uint32_t n)
{
	p->state = p->state * 1664525u + 1013904223u;
	return (p->state >> 8) % n;
}

static void put(struct pen *p, const void *data, size_t len)
{
	if (p->len + len > sizeof(p->data))
		return;
	memcpy(p->data + p->len, data, len);
	p->len += len;
}

static void put_varint(struct pen *p, uint64_t n)
{
	uint8_t byte;

	do {
		byte = (uint8_t)((n & 127) | (n > 127 ? 128 : 0));
		put(p, &byte, 1);
		n >>= 7;
	} while (n > 0);
}

static void put_part(struct pen *p, uint32_t field, const void *data, size_t len)
{
	put_varint(p, field << 3 | 2);
	put_varint(p, len);
	put(p, data, len);
}

static uint64_t any_number(struct pen *p)
{
	switch (roll(p, 8)) {
	case 0:
		return ROGUE_HANDLE;
	case 1:
		return 48000;
	case 2:
		return UINT64_MAX - roll(p, 3);
	case 3:
		return (uint64_t)roll(p, 1 << 20) << roll(p, 44);
	default:
		return roll(p, 4000) >> roll(p, 12);
	}
}

static void write_message(struct pen *p, const ProtobufCMessageDescriptor *d, int depth);

static void write_field(struct pen *p, const ProtobufCFieldDescriptor *f, int depth)
{
	static const char *const texts[] = {"", "voice", "FL FR", "\xff\xfe", "\033[2J"};
	static const char token[] = "0123456789abcdef";
	struct pen inner = {.state = p->state ^ f->id};
	uint32_t bits = (uint32_t)any_number(p);

	switch (f->type) {
	case PROTOBUF_C_TYPE_FLOAT:
		put_varint(p, f->id << 3 | 5);
		put(p, &bits, sizeof(bits));
		break;
	case PROTOBUF_C_TYPE_STRING:
		put_part(p, f->id, texts[bits % 5], strlen(texts[bits % 5]));
		break;
	case PROTOBUF_C_TYPE_BYTES:
		put_part(p, f->id, token, bits & 1 ? 16 : bits % 17);
		break;
	case PROTOBUF_C_TYPE_MESSAGE:
		write_message(&inner, f->descriptor, depth + 1);
		put_part(p, f->id, inner.data, inner.len);
		break;
	default:
		put_varint(p, f->id << 3);
		put_varint(p, any_number(p));
	}
}

/* Most fields are there; some are not. */
static void write_message(struct pen *p, const ProtobufCMessageDescriptor *d, int depth)
{
	for (unsigned int i = 0; depth <= DEPTH_MAX && i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		uint32_t times = f->label == PROTOBUF_C_LABEL_REPEATED ? roll(p, 4)
								       : roll(p, 8) > 0;

		while (times-- > 0)
			write_field(p, f, depth);
	}
}

/* ---- what it says --------------------------------------------------------------------- */

static void say(const void *data, size_t len)
{
	if (rogue.fd >= 0)
		(void)!send(rogue.fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void say_message(struct pen *p, uint32_t field, const struct step *s)
{
	struct pen all = {0}, framed = {0};

	put_part(&all, field, p->data, p->len);
	if (s->flags & ROGUE_SPOILT && all.len)
		all.data[s->x % all.len] = (uint8_t)s->z;
	put_varint(&framed, all.len);
	put(&framed, all.data, all.len);
	say(framed.data, framed.len);
}

static void reply(const struct pending *to, const ProtobufCFieldDescriptor *f,
		  const struct step *s)
{
	struct pen p = {.state = s->y};

	put_varint(&p, 1 << 3);
	put_varint(&p, to->id);
	write_field(&p, f, 0);
	say_message(&p, AUD__MESSAGE__KIND_REPLY, s);
}

static const ProtobufCFieldDescriptor *right_kind(const struct pending *to)
{
	const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(
		&aud__request__descriptor, to->kind);

	return protobuf_c_message_descriptor_get_field_by_name(&aud__reply__descriptor,
							       f ? f->name : "error");
}

static const ProtobufCFieldDescriptor *any_kind(const ProtobufCMessageDescriptor *d,
						uint32_t n)
{
	return &d->fields[1 + n % (d->n_fields - 1)];
}

/* A reply to one of those that wait, or to nothing. */
static void answer(const struct step *s, const ProtobufCFieldDescriptor *f)
{
	struct pending nobody = {.id = s->z, .kind = AUD__REQUEST__KIND_HELLO};
	uint32_t i = rogue.num_pending ? s->x % rogue.num_pending : 0;
	struct pending to = rogue.num_pending ? rogue.pending[i] : nobody;

	reply(&to, f ? f : right_kind(&to), s);
	if (rogue.num_pending)
		rogue.pending[i] = rogue.pending[--rogue.num_pending];
}

static void tell(const struct step *s)
{
	struct pen p = {.state = s->y};

	put_varint(&p, 1 << 3);
	put_varint(&p, s->x & 1 ? ROGUE_HANDLE : s->x);
	write_field(&p, any_kind(&aud__event__descriptor, s->z), 0);
	say_message(&p, AUD__MESSAGE__KIND_EVENT, s);
}

static void hang_up(void)
{
	if (rogue.fd >= 0)
		close(rogue.fd);
	rogue.fd = -1;
	rogue.num_pending = 0;
	wire_reader_done(&rogue.in);
}

static void do_step(const struct step *s)
{
	switch (s->kind % NUM_ROGUE_STEPS) {
	case ROGUE_MISTAKE:
		answer(s, any_kind(&aud__reply__descriptor, s->z));
		break;
	case ROGUE_REFUSE:
		answer(s, protobuf_c_message_descriptor_get_field_by_name(
				  &aud__reply__descriptor, "error"));
		break;
	case ROGUE_TELL:
		tell(s);
		break;
	case ROGUE_BYTES:
		say(&s->x, 1 + s->flags % 12);
		break;
	case ROGUE_HANG_UP:
		hang_up();
		break;
	case ROGUE_ALL:
		while (rogue.num_pending)
			answer(s, NULL);
		break;
	default:
		answer(s, NULL);
	}
}

/* ---- what it hears -------------------------------------------------------------------- */

static void welcome(uint64_t id)
{
	static const struct step plain = {.kind = ROGUE_ANSWER};
	struct pen hello = {0}, p = {0};

	put_varint(&hello, 1 << 3);
	put_varint(&hello, AUD__VERSION__PROTOCOL_VERSION);
	put_varint(&p, 1 << 3);
	put_varint(&p, id);
	put_part(&p, AUD__REPLY__KIND_HELLO, hello.data, hello.len);
	say_message(&p, AUD__MESSAGE__KIND_REPLY, &plain);
}

static void hear_message(const uint8_t *message, size_t len)
{
	Aud__Request *r = aud__request__unpack(NULL, len, message);

	must(r, "the library sends what is no request");
	if (r->kind_case == AUD__REQUEST__KIND_HELLO)
		welcome(r->async_id);
	else if (rogue.num_pending < PENDING_MAX)
		rogue.pending[rogue.num_pending++] =
			(struct pending){r->async_id, r->kind_case};
	aud__request__free_unpacked(r, NULL);
}

static void hear(void)
{
	const uint8_t *message = NULL;
	size_t size;
	ssize_t n = 1;
	int r = 0;

	while (rogue.fd >= 0 && n > 0) {
		void *space = wire_reader_space(&rogue.in, 65536, &size);

		n = recv(rogue.fd, space, size, MSG_DONTWAIT);
		if (n > 0)
			wire_reader_received(&rogue.in, (size_t)n);
		while ((r = wire_reader_next(&rogue.in, &message, &size)) > 0)
			hear_message(message, size);
		must(r == 0, "the library sends what is no message");
	}
}

static void act(void)
{
	hear();
	if (rogue.done < rogue.num_steps)
		do_step(&rogue.steps[rogue.done++]);
	else
		hang_up();
}

/* ---- in place of the C library's ------------------------------------------------------- */

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
	int fds[2];

	(void)address;
	(void)len;
	if (rogue.done == rogue.num_steps) {
		errno = ECONNREFUSED;
		return -1;
	}
	hang_up();
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0, "no sockets");
	must(dup3(fds[0], fd, O_CLOEXEC) == fd, "no socket");
	close(fds[0]);
	rogue.fd = fds[1];
	return 0;
}

static int look(struct pollfd *fds, nfds_t n)
{
	struct timespec at_once = {0};

	return (int)syscall(SYS_ppoll, fds, n, &at_once, NULL, 0);
}

static void let_time_pass(uint64_t most)
{
	uint64_t next = clock_next(), now = clock_now();
	uint64_t until = now + (most < STEP_NS ? most : STEP_NS);

	if (next > now && next < until)
		until = next;
	clock_set(until);
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
	  const sigset_t *mask)
{
	uint64_t most = timeout ? (uint64_t)timeout->tv_sec * 1000000000 +
					  (uint64_t)timeout->tv_nsec
				: STEP_NS;
	int ready;

	(void)mask;
	must(++rogue.waits < WAITS_MAX, "it waits for ever");
	act();
	ready = look(fds, n);
	if (ready != 0)
		return ready;
	let_time_pass(most);
	return look(fds, n);
}

/* ---- its life ---------------------------------------------------------------------------- */

void rogue_begin(void)
{
	memset(&rogue, 0, sizeof(rogue));
	rogue.fd = -1;
}

void rogue_add(const struct step *s)
{
	if (rogue.num_steps < ROGUE_STEPS)
		rogue.steps[rogue.num_steps++] = *s;
}

void rogue_end(void)
{
	hang_up();
	rogue.done = rogue.num_steps;
}
