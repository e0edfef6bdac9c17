/* SPDX-License-Identifier: MIT */
/*
 * One message on a stream: its length as a protobuf varint, then its bytes. The reader is
 * fed in pieces, as a socket delivers them. Knows nothing of what is in a message. Used
 * by the daemon and by libaud; never blocks, never logs.
 */
#ifndef AUD_WIRE_H
#define AUD_WIRE_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WIRE_MAX_MESSAGE = 1024 * 1024, /* bytes, without the length prefix */
	WIRE_MAX_PREFIX = 5,
};

/* Bytes received and not yet taken as messages; zero-initialised is empty. */
struct wire_reader {
	uint8_t *data;
	size_t start, end; /* data[start..end) is unread */
	size_t size;       /* allocated */
};

void wire_reader_done(struct wire_reader *r);

/* Room for receiving: at least `want` bytes. NULL: no memory. Say what arrived by
 * wire_reader_received. */
void *wire_reader_space(struct wire_reader *r, size_t want, size_t *ret_size);
void wire_reader_received(struct wire_reader *r, size_t n);

/* Takes the next whole message: 1 and the bytes (valid until the next wire_reader_space,
 * _trim or _done), 0: not all there yet, -EMSGSIZE: longer than WIRE_MAX_MESSAGE,
 * -EPROTO: the prefix is no varint. */
int wire_reader_next(struct wire_reader *r, const uint8_t **ret, size_t *ret_len);

/* How many more bytes the message at the front needs, as far as is known; at least 1. */
size_t wire_reader_missing(const struct wire_reader *r);

/* Gives memory back when nothing is buffered and more than `keep` bytes are allocated. */
void wire_reader_trim(struct wire_reader *r, size_t keep);

/* Bytes to be sent; zero-initialised is empty. */
struct wire_writer {
	uint8_t *data;
	size_t start, end; /* data[start..end) is to be sent */
	size_t size;       /* allocated */
};

void wire_writer_done(struct wire_writer *w);

/* Appends prefix and message. -ENOMEM, or -EMSGSIZE (nothing was appended). */
int wire_writer_add(struct wire_writer *w, const ProtobufCMessage *m);

static inline size_t wire_writer_pending(const struct wire_writer *w)
{
	return w->end - w->start;
}

/* Sends what the socket takes now (MSG_DONTWAIT | MSG_NOSIGNAL). 0: all of it is sent, or
 * the socket is full (see wire_writer_pending); negative errno: the connection is broken.
 * Gives memory back when all is sent and much was allocated. */
int wire_writer_flush(struct wire_writer *w, int fd);

#endif
