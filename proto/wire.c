/* SPDX-License-Identifier: MIT */
/*
 * Delimited protobuf messages on a stream. Both directions keep their bytes in one block
 * that moves its content only when at least as many bytes have left it, or doubles; so
 * the cost of a byte is constant, however the stream is cut.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "wire.h"

enum {
	MIN_SIZE = 1024,          /* bytes; what a block has at least */
	WRITER_KEEP = 128 * 1024, /* bytes; what an empty writer may hold on to */
};

/* Makes `want` bytes free behind *end. */
static int make_room(uint8_t **data, size_t *start, size_t *end, size_t *size,
		     size_t want)
{
	size_t used = *end - *start;
	size_t bigger = MIN_SIZE;
	uint8_t *fresh;

	if (used == 0)
		*start = *end = 0;
	if (*size - *end >= want)
		return 0;
	if (*start >= used && *size - used >= want) {
		memmove(*data, *data + *start, used);
	} else {
		while (bigger < 2 * used || bigger < used + want)
			bigger *= 2;
		fresh = malloc(bigger);
		if (!fresh)
			return -ENOMEM;
		if (used > 0)
			memcpy(fresh, *data + *start, used);
		free(*data);
		*data = fresh;
		*size = bigger;
	}
	*start = 0;
	*end = used;
	return 0;
}

void wire_reader_done(struct wire_reader *r)
{
	free(r->data);
	*r = (struct wire_reader){0};
}

void *wire_reader_space(struct wire_reader *r, size_t want, size_t *ret_size)
{
	if (make_room(&r->data, &r->start, &r->end, &r->size, want) < 0)
		return NULL;
	*ret_size = r->size - r->end;
	return r->data + r->end;
}

void wire_reader_received(struct wire_reader *r, size_t n)
{
	assert(n <= r->size - r->end);
	r->end += n;
}

/* The prefix at the front: its own length and *ret_len, 0: not all there, -EPROTO. */
static int read_prefix(const struct wire_reader *r, uint64_t *ret_len)
{
	uint64_t len = 0;
	uint8_t byte;

	for (int i = 0; i < WIRE_MAX_PREFIX; i++) {
		if (r->start + i == r->end)
			return 0;
		byte = r->data[r->start + i];
		len |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte & 0x80)
			continue;
		if (byte == 0 && i > 0)
			return -EPROTO; /* longer than it need be: nobody writes that */
		*ret_len = len;
		return i + 1;
	}
	return -EPROTO;
}

int wire_reader_next(struct wire_reader *r, const uint8_t **ret, size_t *ret_len)
{
	uint64_t len;
	int prefix;

	prefix = read_prefix(r, &len);
	if (prefix <= 0)
		return prefix;
	if (len > WIRE_MAX_MESSAGE)
		return -EMSGSIZE;
	if (r->end - r->start - prefix < len)
		return 0;
	*ret = r->data + r->start + prefix;
	*ret_len = len;
	r->start += prefix + len;
	return 1;
}

size_t wire_reader_missing(const struct wire_reader *r)
{
	size_t used = r->end - r->start;
	uint64_t len;
	int prefix;

	prefix = read_prefix(r, &len);
	if (prefix <= 0 || len > WIRE_MAX_MESSAGE || prefix + len <= used)
		return 1;
	return prefix + len - used;
}

void wire_reader_trim(struct wire_reader *r, size_t keep)
{
	if (r->start == r->end && r->size > keep)
		wire_reader_done(r);
}

void wire_writer_done(struct wire_writer *w)
{
	free(w->data);
	*w = (struct wire_writer){0};
}

static size_t write_prefix(uint8_t *dst, size_t len)
{
	size_t n = 0;

	for (; len >= 0x80; len >>= 7)
		dst[n++] = (uint8_t)len | 0x80;
	dst[n++] = (uint8_t)len;
	return n;
}

int wire_writer_add(struct wire_writer *w, const ProtobufCMessage *m)
{
	size_t len = protobuf_c_message_get_packed_size(m);
	int r;

	if (len > WIRE_MAX_MESSAGE)
		return -EMSGSIZE;
	r = make_room(&w->data, &w->start, &w->end, &w->size, WIRE_MAX_PREFIX + len);
	if (r < 0)
		return r;
	w->end += write_prefix(w->data + w->end, len);
	w->end += protobuf_c_message_pack(m, w->data + w->end);
	return 0;
}

int wire_writer_flush(struct wire_writer *w, int fd)
{
	ssize_t n;

	while (wire_writer_pending(w) > 0) {
		n = send(fd, w->data + w->start, wire_writer_pending(w),
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (n < 0)
			return -errno;
		w->start += n;
	}
	if (w->size > WRITER_KEEP)
		wire_writer_done(w);
	return 0;
}
