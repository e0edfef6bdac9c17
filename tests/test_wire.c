/* SPDX-License-Identifier: MIT */
/*
 * Delimited messages on a stream: whole, in pieces, too long, and garbage.
 */
#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "aud.pb-c.h"
#include "suite.h"
#include "wire.h"

static void feed(struct wire_reader *r, const void *data, size_t n)
{
	size_t room;
	void *space;

	space = wire_reader_space(r, n, &room);
	ck_assert_ptr_nonnull(space);
	ck_assert_uint_ge(room, n);
	memcpy(space, data, n);
	wire_reader_received(r, n);
}

/* A request whose only content is its number. */
static void add_numbered(struct wire_writer *w, uint64_t n)
{
	Aud__Request m = AUD__REQUEST__INIT;

	m.has_async_id = true;
	m.async_id = n;
	ck_assert_int_eq(wire_writer_add(w, &m.base), 0);
}

/* Takes all the messages that are there, which are numbered on from `first`; returns how
 * many. */
static int take_numbered(struct wire_reader *r, uint64_t first)
{
	const uint8_t *data;
	Aud__Request *m;
	size_t size;
	int count = 0;

	while (wire_reader_next(r, &data, &size) == 1) {
		m = aud__request__unpack(NULL, size, data);
		ck_assert_ptr_nonnull(m);
		ck_assert_uint_eq(m->async_id, first + count);
		aud__request__free_unpacked(m, NULL);
		count++;
	}
	return count;
}

static int next(struct wire_reader *r)
{
	const uint8_t *data;
	size_t size;

	return wire_reader_next(r, &data, &size);
}

/* A message with this much in it. */
static int add_long(struct wire_writer *w, uint8_t *data, size_t size)
{
	Aud__AudioFrameBuffer m = AUD__AUDIO_FRAME_BUFFER__INIT;

	m.has_data = true;
	m.data.data = data;
	m.data.len = size;
	return wire_writer_add(w, &m.base);
}

START_TEST(a_message_comes_a_byte_at_a_time)
{
	struct wire_writer w = {0};
	struct wire_reader r = {0};

	add_numbered(&w, 123456789);
	ck_assert_uint_eq(wire_reader_missing(&r), 1);

	for (size_t i = 0; i < wire_writer_pending(&w); i++) {
		ck_assert_int_eq(next(&r), 0);
		feed(&r, w.data + w.start + i, 1);
	}

	ck_assert_int_eq(take_numbered(&r, 123456789), 1);
	wire_reader_done(&r);
	wire_writer_done(&w);
}
END_TEST

/* A piece of a message, or many messages at once. */
START_TEST(a_stream_may_be_cut_anywhere)
{
	struct wire_writer w = {0};
	struct wire_reader r = {0};
	size_t total, n;
	int taken = 0;

	srand(1);
	for (int i = 0; i < 20000; i++)
		add_numbered(&w, i);
	total = wire_writer_pending(&w);

	for (size_t at = 0; at < total; at += n) {
		n = 1 + rand() % (rand() % 2 ? 4 : 2000);
		n = n < total - at ? n : total - at;
		feed(&r, w.data + at, n);
		taken += take_numbered(&r, taken);
	}

	ck_assert_int_eq(taken, 20000);
	wire_reader_done(&r);
	wire_writer_done(&w);
}
END_TEST

START_TEST(an_empty_message_is_a_message)
{
	struct wire_reader r = {0};
	const uint8_t *data;
	size_t size = 7;

	feed(&r, "", 1);

	ck_assert_int_eq(wire_reader_next(&r, &data, &size), 1);
	ck_assert_uint_eq(size, 0);
	wire_reader_done(&r);
}
END_TEST

START_TEST(the_longest_message_is_taken_and_one_byte_more_refused)
{
	static const uint8_t longest[] = {0x80, 0x80, 0x40},
			     longer[] = {0x81, 0x80, 0x40};
	uint8_t *zeros = calloc(1, WIRE_MAX_MESSAGE);
	struct wire_reader r = {0};
	const uint8_t *data;
	size_t size;

	feed(&r, longest, sizeof(longest));
	ck_assert_uint_eq(wire_reader_missing(&r), WIRE_MAX_MESSAGE);
	feed(&r, zeros, WIRE_MAX_MESSAGE);
	ck_assert_int_eq(wire_reader_next(&r, &data, &size), 1);
	ck_assert_uint_eq(size, WIRE_MAX_MESSAGE);

	feed(&r, longer, sizeof(longer));
	ck_assert_int_eq(next(&r), -EMSGSIZE);
	ck_assert_uint_eq(wire_reader_missing(&r), 1);
	wire_reader_done(&r);
	free(zeros);
}
END_TEST

static const struct {
	const char *bytes;
	size_t size;
	int result;
} prefixes[] = {
	{"\xff\xff\xff\xff\xff", 5, -EPROTO}, /* more than five bytes */
	{"\xff\xff\xff\xff\xff\x01", 6, -EPROTO},
	{"\x80\x00", 2, -EPROTO},               /* 0, longer than it need be */
	{"\x85\x80\x00", 3, -EPROTO},           /* 5, longer than it need be */
	{"\xff\xff\xff\xff\x0f", 5, -EMSGSIZE}, /* 2^32 - 1 */
	{"\xff\xff\xff\xff\x7f", 5, -EMSGSIZE}, /* 2^35 - 1 */
	{"\xff\xff\xff\xff", 4, 0},             /* not all there yet */
	{"\x80", 1, 0},
};

START_TEST(a_prefix_that_is_no_length_is_refused)
{
	struct wire_reader r = {0};

	feed(&r, prefixes[_i].bytes, prefixes[_i].size);

	ck_assert_int_eq(next(&r), prefixes[_i].result);
	ck_assert_int_eq(next(&r), prefixes[_i].result);
	ck_assert_uint_eq(wire_reader_missing(&r), 1);
	wire_reader_done(&r);
}
END_TEST

START_TEST(a_long_message_in_small_pieces_is_copied_only_a_few_times)
{
	static uint8_t data[WIRE_MAX_MESSAGE - 100];
	struct wire_writer w = {0};
	struct wire_reader r = {0};
	const uint8_t *before;
	int moves = 0;
	size_t n;

	add_numbered(&w, 1);
	ck_assert_int_eq(add_long(&w, data, sizeof(data)), 0);
	feed(&r, w.data, 3);
	ck_assert_int_eq(take_numbered(&r, 1), 1);

	for (size_t at = 3; at < wire_writer_pending(&w); at += n) {
		n = wire_writer_pending(&w) - at;
		n = n < 97 ? n : 97;
		before = r.data + r.start;
		feed(&r, w.data + at, n);
		moves += r.data + r.start != before;
	}

	ck_assert_int_eq(next(&r), 1);
	ck_assert_int_le(moves, 12);
	wire_reader_done(&r);
	wire_writer_done(&w);
}
END_TEST

START_TEST(a_buffer_that_stays_nearly_full_is_copied_only_a_few_times)
{
	static const uint8_t message[] = {2, 0x08, 1}; /* number 1 */
	struct wire_reader r = {0};
	const uint8_t *before;
	int moves = 0;

	for (int i = 0; i < 21845; i++) /* 64 KiB less a byte */
		feed(&r, message, sizeof(message));

	for (int i = 0; i < 21845; i++) {
		ck_assert_int_eq(next(&r), 1);
		before = r.data + r.start;
		feed(&r, message, sizeof(message));
		moves += r.data + r.start != before;
	}

	ck_assert_int_le(moves, 2);
	wire_reader_done(&r);
}
END_TEST

START_TEST(a_stream_of_messages_needs_no_more_memory_than_the_longest)
{
	static uint8_t data[3000];
	struct wire_writer w = {0};
	struct wire_reader r = {0};
	size_t total, n;
	int messages = 0;

	for (int i = 0; i < 500; i++)
		ck_assert_int_eq(add_long(&w, data, sizeof(data)), 0);
	total = wire_writer_pending(&w);

	for (size_t at = 0; at < total; at += n) {
		n = total - at < 1777 ? total - at : 1777;
		feed(&r, w.data + at, n);
		while (next(&r) == 1)
			messages++;
	}

	ck_assert_int_eq(messages, 500);
	ck_assert_uint_le(r.size, 16384);
	wire_reader_done(&r);
	wire_writer_done(&w);
}
END_TEST

START_TEST(trimming_gives_memory_back_when_nothing_is_buffered)
{
	static uint8_t data[500000];
	struct wire_writer w = {0};
	struct wire_reader r = {0};

	ck_assert_int_eq(add_long(&w, data, sizeof(data)), 0);
	feed(&r, w.data, wire_writer_pending(&w) - 1);

	wire_reader_trim(&r, 1000);
	ck_assert_uint_gt(r.size, sizeof(data));

	feed(&r, w.data + wire_writer_pending(&w) - 1, 1);
	ck_assert_int_eq(next(&r), 1);
	wire_reader_trim(&r, r.size);
	ck_assert_uint_gt(r.size, sizeof(data));
	wire_reader_trim(&r, 1000);
	ck_assert_uint_eq(r.size, 0);
	ck_assert_ptr_null(r.data);
	wire_reader_done(&r);
	wire_writer_done(&w);
}
END_TEST

START_TEST(a_message_that_is_too_long_to_send_leaves_the_writer_as_it_was)
{
	static uint8_t data[WIRE_MAX_MESSAGE];
	struct wire_writer w = {0};

	add_numbered(&w, 1);

	ck_assert_int_eq(add_long(&w, data, sizeof(data)), -EMSGSIZE);

	ck_assert_uint_eq(wire_writer_pending(&w), 3);
	wire_writer_done(&w);
}
END_TEST

static void receive(int fd, struct wire_reader *r)
{
	size_t room;
	void *space;
	ssize_t n;

	space = wire_reader_space(r, 10000, &room);
	n = recv(fd, space, room, MSG_DONTWAIT);
	ck_assert_int_gt(n, 0);
	wire_reader_received(r, n);
}

START_TEST(what_a_full_socket_does_not_take_is_sent_later_in_order)
{
	struct wire_writer w = {0};
	struct wire_reader r = {0};
	int fds[2], sent = 0, received = 0;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);

	while (received < 200000) {
		for (int i = 0; i < 5000 && sent < 200000; i++)
			add_numbered(&w, sent++);
		ck_assert_int_eq(wire_writer_flush(&w, fds[0]), 0);
		receive(fds[1], &r);
		received += take_numbered(&r, received);
	}

	ck_assert_uint_eq(wire_writer_pending(&w), 0);
	wire_reader_done(&r);
	wire_writer_done(&w);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(an_empty_writer_does_not_hold_on_to_much_memory)
{
	static uint8_t data[WIRE_MAX_MESSAGE / 2];
	struct wire_writer w = {0};
	struct wire_reader r = {0};
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ck_assert_int_eq(add_long(&w, data, sizeof(data)), 0);

	while (wire_writer_pending(&w) > 0) {
		ck_assert_int_eq(wire_writer_flush(&w, fds[0]), 0);
		receive(fds[1], &r);
	}

	ck_assert_uint_le(w.size, 128 * 1024);
	wire_reader_done(&r);
	wire_writer_done(&w);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(sending_to_nobody_is_an_error_and_no_signal)
{
	struct wire_writer w = {0};
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	close(fds[1]);
	add_numbered(&w, 1);

	ck_assert_int_eq(wire_writer_flush(&w, fds[0]), -EPIPE);

	ck_assert_uint_eq(wire_writer_pending(&w), 3);
	wire_writer_done(&w);
	close(fds[0]);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("wire");
	int num_prefixes = sizeof(prefixes) / sizeof(prefixes[0]);

	tcase_add_test(t, a_message_comes_a_byte_at_a_time);
	tcase_add_test(t, a_stream_may_be_cut_anywhere);
	tcase_add_test(t, an_empty_message_is_a_message);
	tcase_add_test(t, the_longest_message_is_taken_and_one_byte_more_refused);
	tcase_add_loop_test(t, a_prefix_that_is_no_length_is_refused, 0, num_prefixes);
	tcase_add_test(t, a_long_message_in_small_pieces_is_copied_only_a_few_times);
	tcase_add_test(t, a_buffer_that_stays_nearly_full_is_copied_only_a_few_times);
	tcase_add_test(t, a_stream_of_messages_needs_no_more_memory_than_the_longest);
	tcase_add_test(t, trimming_gives_memory_back_when_nothing_is_buffered);
	tcase_add_test(t, a_message_that_is_too_long_to_send_leaves_the_writer_as_it_was);
	tcase_add_test(t, what_a_full_socket_does_not_take_is_sent_later_in_order);
	tcase_add_test(t, an_empty_writer_does_not_hold_on_to_much_memory);
	tcase_add_test(t, sending_to_nobody_is_an_error_and_no_signal);
	return suite_run("wire", t);
}
