/* SPDX-License-Identifier: MIT */
/*
 * The log's way out: a journal of the test's own, and what becomes of lines for which there is
 * no room. No test may wait: one that does is killed.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "suite.h"

enum { MANY = 5000 };

static char dir[] = "/tmp/test_log_sink.XXXXXX", path[64];
static int journal, pipe_end; /* to read from */
static char got[8192];

/* Standard error is a pipe, which is the journal's stream as far as anybody knows. */
static void set_up(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char stream[64];
	struct stat st;
	int fds[2];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/socket", dir);
	strcpy(address.sun_path, path);
	journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(journal, (struct sockaddr *)&address, sizeof(address)), 0);

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_ge(dup2(fds[1], STDERR_FILENO), 0);
	close(fds[1]);
	pipe_end = fds[0];
	fcntl(pipe_end, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
		 (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, true);
}

static void tear_down(void)
{
	unlink(path);
	rmdir(dir);
}

static const char *take(int fd)
{
	ssize_t n = read(fd, got, sizeof(got) - 1);

	got[n > 0 ? n : 0] = '\0';
	return got;
}

/* Many lines that are not alike. */
static void log_many(void)
{
	log_set_level(LEVEL_DEBUG);
	for (int i = 0; i < MANY; i++)
		log_debug("line %d", i);
}

START_TEST(the_journal_gets_fields)
{
	log_open(path);

	log_about(LEVEL_WARNING,
		  ABOUT(.event = EVENT_DEVICE_MISSING, .output = "main", .source = 7),
		  "device %s: lost", "hw:0");

	ck_assert_str_eq(take(journal),
			 "PRIORITY=4\nSYSLOG_IDENTIFIER=audd\n"
			 "MESSAGE_ID=93cb767bafb84b2e849a86d3225a637d\n"
			 "AUD_SOURCE=7\nAUD_OUTPUT=main\nMESSAGE=device hw:0: lost\n");
	ck_assert_str_eq(take(pipe_end), "");
}
END_TEST

START_TEST(what_a_line_is_not_about_is_left_out)
{
	log_open(path);

	log_info("ready");

	ck_assert_str_eq(take(journal),
			 "PRIORITY=6\nSYSLOG_IDENTIFIER=audd\nMESSAGE=ready\n");
}
END_TEST

START_TEST(nothing_in_a_message_makes_a_field)
{
	log_open(path);

	log_info("client x\nMESSAGE_ID=%s\r", "forged");

	ck_assert_str_eq(take(journal), "PRIORITY=6\nSYSLOG_IDENTIFIER=audd\n"
					"MESSAGE=client x?MESSAGE_ID=forged?\n");
}
END_TEST

START_TEST(the_longest_message_fits_with_all_its_fields)
{
	char text[3000] = "";

	memset(text, 'x', sizeof(text) - 1);
	log_open(path);

	log_about(LEVEL_INFO,
		  ABOUT(.event = EVENT_RELOADED, .output = text, .source = UINT64_MAX),
		  "%s", text);

	take(journal);
	ck_assert_ptr_nonnull(strstr(got, "\nAUD_SOURCE=18446744073709551615\n"));
	ck_assert_str_eq(got + strlen(got) - strlen("x…\n"), "x…\n");
}
END_TEST

START_TEST(standard_error_that_was_put_elsewhere_is_not_the_journals)
{
	setenv("JOURNAL_STREAM", "1:1", true);
	log_open(path);
	log_info("one");
	ck_assert_str_eq(take(pipe_end), "<6>one\n");

	setenv("JOURNAL_STREAM", "nonsense", true);
	log_open(path);
	log_info("two");
	ck_assert_str_eq(take(pipe_end), "<6>two\n");

	unsetenv("JOURNAL_STREAM");
	log_open(path);
	log_info("three");
	ck_assert_str_eq(take(pipe_end), "<6>three\n");
	ck_assert_str_eq(take(journal), "");
}
END_TEST

START_TEST(where_the_journal_is_gone_standard_error_is_left)
{
	log_open(path);
	unlink(path);

	log_info("one");

	ck_assert_str_eq(take(pipe_end), "<6>one\n");
}
END_TEST

/* ---- no room ------------------------------------------------------------------------ */

START_TEST(a_full_journal_makes_nobody_wait_and_is_told_afterwards)
{
	int written = 0;

	log_open(path);
	log_many();
	ck_assert_str_eq(take(pipe_end), "");
	while (*take(journal))
		written++;
	ck_assert_int_gt(written, 0);
	ck_assert_int_lt(written, MANY);

	log_info("again");

	take(journal);
	ck_assert_ptr_nonnull(strstr(got, "MESSAGE_ID=160822b6c5524220a6b18a5d91d4edf1"));
	ck_assert_ptr_nonnull(strstr(got, "lines of the log are lost"));
	ck_assert_int_eq(atoi(strstr(got, "MESSAGE=") + 8), MANY - written);
	ck_assert_ptr_nonnull(strstr(take(journal), "MESSAGE=again"));
	log_settle();
	ck_assert_str_eq(take(journal), "");
}
END_TEST

static int lines(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

START_TEST(a_full_pipe_makes_nobody_wait_and_is_told_afterwards)
{
	int written = 0;

	unsetenv("JOURNAL_STREAM");
	log_open(path);
	for (int i = 0; i < 20; i++)
		log_many();
	while (*take(pipe_end))
		written += lines(got);
	ck_assert_int_gt(written, 0);
	ck_assert_int_lt(written, 20 * MANY);

	log_info("again");

	take(pipe_end);
	ck_assert_int_eq(strncmp(got, "<5>", 3), 0);
	ck_assert_int_eq(atoi(got + 3), 20 * MANY - written);
	ck_assert_ptr_nonnull(strstr(got, "\n<6>again\n"));
}
END_TEST

START_TEST(a_pipe_that_nobody_reads_is_no_reason_to_die)
{
	unsetenv("JOURNAL_STREAM");
	log_open(path);
	close(pipe_end);

	log_info("nobody hears that");
}
END_TEST

/* ---- what people read --------------------------------------------------------------- */

START_TEST(each_event_has_a_number_of_its_own_and_is_in_the_man_page)
{
	static char page[100000];
	FILE *f = fopen(SOURCE_DIR "/man/audd.8", "re");

	ck_assert_ptr_nonnull(f);
	page[fread(page, 1, sizeof(page) - 1, f)] = '\0';
	fclose(f);

	ck_assert_ptr_null(log_event_id(EVENT_NONE));
	for (int i = 1; i < NUM_LOG_EVENTS; i++) {
		const char *id = log_event_id(i);

		ck_assert_uint_eq(strspn(id, "0123456789abcdef"), 32);
		ck_assert_uint_eq(strlen(id), 32);
		for (int k = 1; k < i; k++)
			ck_assert_str_ne(log_event_id(k), id);
		ck_assert_msg(strstr(page, id) != NULL, "audd.8 has no %s", id);
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("log_sink");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 10);
	tcase_add_test(tc, the_journal_gets_fields);
	tcase_add_test(tc, what_a_line_is_not_about_is_left_out);
	tcase_add_test(tc, nothing_in_a_message_makes_a_field);
	tcase_add_test(tc, the_longest_message_fits_with_all_its_fields);
	tcase_add_test(tc, standard_error_that_was_put_elsewhere_is_not_the_journals);
	tcase_add_test(tc, where_the_journal_is_gone_standard_error_is_left);
	tcase_add_test(tc, a_full_journal_makes_nobody_wait_and_is_told_afterwards);
	tcase_add_test(tc, a_full_pipe_makes_nobody_wait_and_is_told_afterwards);
	tcase_add_test(tc, a_pipe_that_nobody_reads_is_no_reason_to_die);
	tcase_add_test(tc, each_event_has_a_number_of_its_own_and_is_in_the_man_page);
	return suite_run("log_sink", tc);
}
