/* SPDX-License-Identifier: MIT */
/*
 * The wire reader: a stream, cut into pieces in any way, gives the messages that are in it. The
 * first byte says how it is cut, the rest is the stream. Held against a reader that sees all of it
 * at once; and what the writer writes of it is read again.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "must.h"
#include "wire.h"

/* ---- as aud.proto says it ----------------------------------------------------------- */

/* The message at the front of the stream: 1, its bytes, and what it takes of the stream; 0; or a
 * negative errno. */
static int first_message(const uint8_t *data, size_t size, const uint8_t **ret,
			 size_t *ret_len, size_t *ret_taken)
{
	uint64_t len = 0;
	size_t n = 0;

	do {
		if (n == WIRE_MAX_PREFIX)
			return -EPROTO;
		if (n == size)
			return 0;
		len += (uint64_t)(data[n] & 127) << 7 * n;
	} while (data[n++] & 128);
	if (n > 1 && data[n - 1] == 0)
		return -EPROTO;
	if (len > WIRE_MAX_MESSAGE)
		return -EMSGSIZE;
	if (len > size - n)
		return 0;
	*ret = data + n;
	*ret_len = len;
	*ret_taken = n + len;
	return 1;
}

/* ---- the reader --------------------------------------------------------------------- */

struct stream {
	const uint8_t *data;
	size_t size, taken; /* by messages, so far */
	size_t sent;
	uint32_t seed;
	struct wire_reader reader;
};

/* Lengths of pieces: mostly short ones, at times long ones. */
static size_t next_piece(struct stream *s)
{
	size_t left = s->size - s->sent, n;

	s->seed = s->seed * 1664525u + 1013904223u;
	n = s->seed >> 28 ? s->seed >> 16 & 15 : s->seed >> 12 & 0xffff;
	n++;
	return n < left ? n : left;
}

/* Takes all messages that are there. False: the stream is broken. */
static bool take_messages(struct stream *s)
{
	const uint8_t *message = NULL, *expected = NULL;
	size_t len = 0, expected_len = 0, taken = 0;
	int r, expected_r;

	do {
		expected_r = first_message(s->data + s->taken, s->sent - s->taken,
					   &expected, &expected_len, &taken);
		r = wire_reader_next(&s->reader, &message, &len);
		must(r == expected_r, "%d, not %d", r, expected_r);
		if (r == 1) {
			must(len == expected_len && memcmp(message, expected, len) == 0,
			     "another message");
			s->taken += taken;
		}
	} while (r == 1);
	return r == 0;
}

static void receive(struct stream *s, size_t n)
{
	size_t want = wire_reader_missing(&s->reader), size;
	void *space;

	must(want >= 1 && want <= WIRE_MAX_MESSAGE + WIRE_MAX_PREFIX, "too much");
	space = wire_reader_space(&s->reader, n, &size);
	must(space && size >= n, "no room");
	memcpy(space, s->data + s->sent, n);
	wire_reader_received(&s->reader, n);
	s->sent += n;
	must(s->reader.size <= 4 * (s->size + 1024), "it holds on to memory");
}

static void read_all(const uint8_t *data, size_t size, uint8_t seed)
{
	struct stream s = {.data = data, .size = size, .seed = seed};

	while (s.sent < s.size) {
		receive(&s, next_piece(&s));
		if (!take_messages(&s))
			break;
		if (s.seed >> 30 == 0)
			wire_reader_trim(&s.reader, 0);
	}
	wire_reader_done(&s.reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0)
		read_all(data + 1, size - 1, data[0]);
	return 0;
}
