/* SPDX-License-Identifier: MIT */
/*
 * libaud: connecting, hello, what each error becomes, and that the header, the symbol map
 * and the man page know the same functions.
 */
#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_peer.h"
#include "suite.h"

START_TEST(without_a_socket_the_error_says_where_it_was_looked_for)
{
	struct aud *a = NULL;

	ck_assert_int_eq(aud_connect(&a, "/nowhere/aud.sock", NULL), -ENOENT);

	ck_assert_str_eq(aud_error(NULL),
			 "/nowhere/aud.sock: there is no such socket; is audd running?");
	ck_assert_ptr_null(a);
}
END_TEST

START_TEST(with_nobody_listening_the_connection_is_refused)
{
	struct aud *a = NULL;
	struct peer p;

	peer_init(&p);
	close(p.listener);
	p.listener = -1;

	ck_assert_int_eq(aud_connect(&a, p.path, NULL), -ECONNREFUSED);

	ck_assert_ptr_nonnull(strstr(aud_error(NULL), "nobody listens"));
	ck_assert_ptr_nonnull(strstr(aud_error(NULL), p.path));
	ck_assert_ptr_null(a);
	peer_done(&p);
}
END_TEST

static void check_hello(struct peer *p)
{
	peer_welcome(p);
	ck_assert_uint_eq(p->request->hello->version, 1);
	ck_assert_str_eq(p->request->hello->name, "a name");
	ck_assert_uint_ne(p->request->async_id, 0);
}

START_TEST(hello_says_the_version_and_the_name)
{
	struct aud *a;
	struct peer p;

	peer_init(&p);
	peer_run(&p, check_hello);

	ck_assert_int_eq(aud_connect(&a, p.path, "a name"), 0);

	peer_join(&p);
	ck_assert_int_ge(aud_fd(a), 0);
	aud_free(a);
	ck_assert_int_eq(recv(p.fd, &a, 1, 0), 0); /* closed */
	peer_done(&p);
}
END_TEST

static void refuse_hello(struct peer *p)
{
	peer_accept(p);
	peer_expect(p, AUD__REQUEST__KIND_HELLO);
	peer_refuse(p, AUD__ERROR_CODE__WRONG_PROTOCOL, "I speak version 2 only");
}

static void answer_with_version_2(struct peer *p)
{
	Aud__HelloReply hello = AUD__HELLO_REPLY__INIT;

	peer_accept(p);
	peer_expect(p, AUD__REQUEST__KIND_HELLO);
	hello.has_version = true;
	hello.version = 2;
	peer_answer(p, AUD__REPLY__KIND_HELLO, &hello);
}

static void hang_up_at_once(struct peer *p)
{
	peer_accept(p);
	peer_hang_up(p);
}

static void hang_up_after_refusal(struct peer *p)
{
	peer_accept(p);
	peer_expect(p, AUD__REQUEST__KIND_HELLO);
	peer_refuse(p, AUD__ERROR_CODE__LIMIT_REACHED, "no more than 2 connections");
	peer_hang_up(p);
}

static void speak_http(struct peer *p)
{
	static const char http[] = "HTTP/1.1 400 Bad Request\r\n"
				   "Content-Type: text/html; charset=us-ascii\r\n"
				   "Connection: close\r\n\r\n";

	peer_accept(p);
	peer_say(p, http, sizeof(http));
}

static const struct {
	void (*script)(struct peer *p);
	int error;
	const char *sentence;
} failures[] = {
	{refuse_hello, -EPROTO, "I speak version 2 only"},
	{answer_with_version_2, -EPROTO,
	 "audd speaks version 2 of the protocol, libaud 1"},
	{hang_up_at_once, -ENOTCONN, "the daemon has closed the connection"},
	{hang_up_after_refusal, -ENOBUFS, "no more than 2 connections"},
	{speak_http, -EPROTO, "the daemon broke the protocol"},
};

START_TEST(a_hello_that_fails_is_no_connection)
{
	struct aud *a = NULL;
	struct peer p;

	peer_init(&p);
	peer_run(&p, failures[_i].script);

	ck_assert_int_eq(aud_connect(&a, p.path, NULL), failures[_i].error);

	ck_assert_ptr_nonnull(strstr(aud_error(NULL), failures[_i].sentence));
	ck_assert_ptr_null(a);
	peer_join(&p);
	peer_done(&p);
}
END_TEST

static const struct {
	int code, error;
} codes[] = {
	{AUD__ERROR_CODE__INVALID_ARGUMENT, -EINVAL},
	{AUD__ERROR_CODE__NOT_FOUND, -ENOENT},
	{AUD__ERROR_CODE__PERMISSION_DENIED, -EACCES},
	{AUD__ERROR_CODE__LIMIT_REACHED, -ENOBUFS},
	{AUD__ERROR_CODE__NOT_SUPPORTED, -EOPNOTSUPP},
	{AUD__ERROR_CODE__WRONG_PROTOCOL, -EPROTO},
	{AUD__ERROR_CODE__NO_MEMORY, -ENOMEM},
	{AUD__ERROR_CODE__CLOSED, -ECANCELED},
	{AUD__ERROR_CODE__ERROR_UNSPECIFIED, -EPROTO},
	{1000, -EPROTO},
	{-1, -EPROTO},
};

static void refuse_clear(struct peer *p)
{
	peer_expect(p, AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER);
	peer_refuse(p, *(int *)p->user, "the reason, in words");
}

START_TEST(each_error_code_becomes_an_errno)
{
	struct aud_cleared cleared = {.at_ns = 77};
	int code = codes[_i].code;
	struct aud_source *s;
	struct aud *a;
	struct peer p;

	peer_init(&p);
	a = peer_connect(&p);
	ck_assert_int_eq(aud_source_by_handle(a, &s, 3), 0);
	p.user = &code;
	peer_run(&p, refuse_clear);

	ck_assert_int_eq(aud_source_clear_queue(s, NULL, &cleared), codes[_i].error);

	ck_assert_str_eq(aud_error(a), "the reason, in words");
	ck_assert_uint_eq(cleared.at_ns, 77); /* untouched */
	peer_join(&p);
	aud_free(a);
	peer_done(&p);
}
END_TEST

START_TEST(every_request_has_a_reply_of_its_name_and_the_next_number)
{
	const ProtobufCMessageDescriptor *requests = &aud__request__descriptor;
	const ProtobufCFieldDescriptor *request, *reply;

	for (unsigned int i = 1; i < requests->n_fields; i++) {
		request = &requests->fields[i];
		reply = protobuf_c_message_descriptor_get_field_by_name(
			&aud__reply__descriptor, request->name);
		ck_assert_msg(reply, "%s has no reply", request->name);
		ck_assert_uint_eq(reply->id, request->id + 1);
	}
	ck_assert_uint_eq(requests->n_fields + 1, aud__reply__descriptor.n_fields);
}
END_TEST

static char *read_file(const char *name)
{
	char path[256], *text = NULL;
	size_t size = 0;
	FILE *f;

	snprintf(path, sizeof(path), SOURCE_DIR "/%s", name);
	f = fopen(path, "r");
	ck_assert_msg(f, "%s: %s", path, strerror(errno));
	ck_assert_int_gt(getdelim(&text, &size, '\0', f), 0);
	fclose(f);
	return text;
}

/* Blanks out comments, which name functions too. */
static void drop_comments(char *text)
{
	char *start = text, *end;

	while ((start = strstr(start, "/*"))) {
		end = strstr(start, "*/") + 2;
		memset(start, ' ', end - start);
	}
}

/* How many functions the map exports. */
static int count_exported(const char *map)
{
	int count = 0;

	while ((map = strstr(map, "\taud_"))) {
		map++;
		count++;
	}
	return count;
}

static void assert_is_known(const char *name, const char *map, const char *man)
{
	char in_map[80], in_man[80];

	snprintf(in_map, sizeof(in_map), "\t%s;\n", name);
	snprintf(in_man, sizeof(in_man), ".Fn %s ", name);
	ck_assert_msg(dlsym(RTLD_DEFAULT, name), "%s is not exported", name);
	ck_assert_msg(strstr(map, in_map), "%s is not in libaud.map", name);
	ck_assert_msg(strstr(man, in_man), "%s is not in libaud.3", name);
}

START_TEST(the_map_and_the_man_page_know_every_function_of_the_header)
{
	char *header = read_file("lib/aud.h"), *at = header, name[64];
	char *map = read_file("lib/libaud.map"), *man = read_file("man/libaud.3");
	regmatch_t match[2];
	regex_t function;
	int count = 0;

	drop_comments(header);
	ck_assert_int_eq(regcomp(&function, "[ *](aud_[a-z_]+)\\([a-z]", REG_EXTENDED),
			 0);

	for (; regexec(&function, at, 2, match, 0) == 0; at += match[1].rm_eo) {
		snprintf(name, sizeof(name), "%.*s",
			 (int)(match[1].rm_eo - match[1].rm_so), at + match[1].rm_so);
		if (strcmp(name, "aud_done_fn") == 0 || strcmp(name, "aud_event_fn") == 0)
			continue;
		assert_is_known(name, map, man);
		count++;
	}

	ck_assert_int_ge(count, 45);
	ck_assert_int_eq(count_exported(map), count);
	regfree(&function);
	free(header);
	free(map);
	free(man);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib");

	tcase_add_test(t, without_a_socket_the_error_says_where_it_was_looked_for);
	tcase_add_test(t, with_nobody_listening_the_connection_is_refused);
	tcase_add_test(t, hello_says_the_version_and_the_name);
	tcase_add_loop_test(t, a_hello_that_fails_is_no_connection, 0,
			    sizeof(failures) / sizeof(failures[0]));
	tcase_add_loop_test(t, each_error_code_becomes_an_errno, 0,
			    sizeof(codes) / sizeof(codes[0]));
	tcase_add_test(t, every_request_has_a_reply_of_its_name_and_the_next_number);
	tcase_add_test(t, the_map_and_the_man_page_know_every_function_of_the_header);
	return suite_run("lib", t);
}
