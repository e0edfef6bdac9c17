/* SPDX-License-Identifier: MIT */
/*
 * Log lines, as they come out of stderr. stderr is one end of a datagram socket here, so that
 * each write is a message of its own; or a terminal.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "suite.h"

static int other_end;
static char line[4096];

static void stderr_is_a_socket(void)
{
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds), 0);
	ck_assert_int_ge(dup2(fds[0], STDERR_FILENO), 0);
	other_end = fds[1];
}

static void stderr_is_a_terminal(void)
{
	int terminal;

	other_end = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	ck_assert_int_ge(other_end, 0);
	ck_assert_int_eq(grantpt(other_end), 0);
	ck_assert_int_eq(unlockpt(other_end), 0);
	terminal = open(ptsname(other_end), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(dup2(terminal, STDERR_FILENO), 0);
}

/* What the next write was; "" if there was none. */
static const char *written(void)
{
	ssize_t n = read(other_end, line, sizeof(line) - 1);

	line[n > 0 ? n : 0] = '\0';
	return line;
}

START_TEST(each_level_has_its_priority)
{
	stderr_is_a_socket();

	log_error("device %s: open failed", "hw:1");
	ck_assert_str_eq(written(), "<3>device hw:1: open failed\n");
	log_warning("%d", 1);
	ck_assert_str_eq(written(), "<4>1\n");
	log_notice("two");
	ck_assert_str_eq(written(), "<5>two\n");
	log_info("three");
	ck_assert_str_eq(written(), "<6>three\n");
}
END_TEST

START_TEST(what_is_less_urgent_than_the_level_is_not_written)
{
	stderr_is_a_socket();

	log_debug("not this");
	ck_assert_str_eq(written(), "");
	log_set_level(LEVEL_DEBUG);
	log_debug("but this");
	ck_assert_str_eq(written(), "<7>but this\n");
	log_set_level(LEVEL_ERROR);
	log_debug("not this");
	log_warning("nor this");
	ck_assert_str_eq(written(), "");
	log_error("this");
	ck_assert_str_eq(written(), "<3>this\n");
}
END_TEST

START_TEST(a_terminal_gets_words)
{
	stderr_is_a_terminal();

	log_error("one");
	ck_assert_str_eq(written(), "audd: error: one\r\n");
	log_warning("two");
	ck_assert_str_eq(written(), "audd: warning: two\r\n");
	log_info("three");
	ck_assert_str_eq(written(), "audd: three\r\n");
}
END_TEST

START_TEST(a_message_is_one_line_whatever_is_in_it)
{
	stderr_is_a_socket();

	log_info("a\n<0>b\r\x1b[0m\x7f");

	ck_assert_str_eq(written(), "<6>a?<0>b??[0m?\n");
	ck_assert_str_eq(written(), "");
}
END_TEST

START_TEST(a_message_that_is_too_long_is_cut_between_characters)
{
	char text[3000] = "";
	size_t length;

	stderr_is_a_socket();
	for (int shift = 0; shift < 2; shift++) {
		memset(text, 'x', sizeof(text) - 1);
		for (size_t i = 1000 + shift; i + 2 < 1100; i += 2)
			memcpy(text + i, "ä", 2);

		log_info("%s", text);

		length = strlen(written());
		ck_assert_uint_lt(length, 1024);
		ck_assert_uint_gt(length, 1010);
		ck_assert_str_eq(line + length - 6, "ä…\n");
	}
}
END_TEST

START_TEST(errno_can_be_logged_and_is_kept)
{
	stderr_is_a_socket();
	errno = ENODEV;

	log_error("card: %m");

	ck_assert_int_eq(errno, ENODEV);
	ck_assert_str_eq(written(), "<3>card: No such device\n");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("log");

	tcase_add_test(tc, each_level_has_its_priority);
	tcase_add_test(tc, what_is_less_urgent_than_the_level_is_not_written);
	tcase_add_test(tc, a_terminal_gets_words);
	tcase_add_test(tc, a_message_is_one_line_whatever_is_in_it);
	tcase_add_test(tc, a_message_that_is_too_long_is_cut_between_characters);
	tcase_add_test(tc, errno_can_be_logged_and_is_kept);
	return suite_run("log", tc);
}
