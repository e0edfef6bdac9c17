/* SPDX-License-Identifier: MIT */
/*
 * No busy loop: whatever hangs on a daemon that is ready for ever, broken or gone, it takes at most 1 % of
 * a processor. Time on processors is measured, which does not depend on what else the machine
 * does. A device that is at fault: test_thread.c; a storm under /dev/snd: test_retry.c.
 */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "suite.h"

enum {
	SPAN_MS = 500,
	MOST_PERCENT = SANITIZED ? 10 : 1,
	MOST_NS = SPAN_MS * 10000 * MOST_PERCENT,
};

static struct audd audd;

static void set_up(void)
{
	audd_start(&audd, NULL);
}

static void tear_down(void)
{
	audd_done(&audd);
}

static void assert_it_sleeps(void)
{
	uint64_t took = audd_cpu_ns_of(&audd, SPAN_MS, MOST_NS);

	if (took > MOST_NS)
		ck_abort_msg("%lu us of %u ms", (unsigned long)(took / 1000), SPAN_MS);
}

/* Others are served while that goes on. */
static void assert_it_serves(void)
{
	struct client c;

	client_init(&c, audd.socket);
	client_play_out(&c, client_source(&c, 2, 10));
	client_done(&c);
}

START_TEST(a_daemon_that_has_nothing_to_do_sleeps)
{
	assert_it_serves();
	assert_it_sleeps();
}
END_TEST

static const int halves[] = {SHUT_RD, SHUT_WR, SHUT_RDWR};

START_TEST(connections_that_are_half_closed_cost_nothing)
{
	struct client clients[10];

	for (int i = 0; i < 10; i++) {
		client_init(&clients[i], audd.socket);
		client_source(&clients[i], 2, 1000);
		shutdown(clients[i].fd, halves[_i]);
	}

	assert_it_sleeps();
	assert_it_serves();
	for (int i = 0; i < 10; i++)
		client_done(&clients[i]);
}
END_TEST

START_TEST(a_connection_that_says_half_a_message_costs_nothing)
{
	struct client c;

	client_connect(&c, audd.socket);
	client_say(&c,
		   "\x80\x20"
		   "abc",
		   5);

	assert_it_sleeps();
	assert_it_serves();
	client_done(&c);
}
END_TEST

/* Until the daemon has more to say than the socket takes. */
START_TEST(a_client_that_reads_nothing_costs_nothing)
{
	struct client c;

	client_init(&c, audd.socket);
	for (int i = 0; i < 1500; i++)
		client_status(&c);

	assert_it_sleeps();
	assert_it_serves();
	client_done(&c);
}
END_TEST

static void limit_files(rlim_t most)
{
	struct rlimit limit = {.rlim_cur = most, .rlim_max = 4096};

	ck_assert_int_eq(prlimit(audd.pid, RLIMIT_NOFILE, &limit, NULL), 0);
}

START_TEST(clients_that_cannot_be_let_in_for_want_of_files_cost_nothing)
{
	struct client waiting[5];

	limit_files(3); /* it cannot even turn them away */
	for (int i = 0; i < 5; i++)
		client_connect(&waiting[i], audd.socket);

	assert_it_sleeps();

	limit_files(4096);
	assert_it_serves();
	for (int i = 0; i < 5; i++)
		client_done(&waiting[i]);
}
END_TEST

/* ---- what it was started with ------------------------------------------------------- */

static bool listens(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r;

	strcpy(address.sun_path, audd.socket);
	r = connect(fd, (struct sockaddr *)&address, sizeof(address));
	close(fd);
	return r == 0;
}

/* With these settings, and this for its log. */
static void start_anew(const char *config, int log)
{
	audd_stop(&audd);
	audd_configure(&audd, config);
	audd.pid = fork();
	ck_assert_int_ge(audd.pid, 0);
	if (audd.pid == 0) {
		dup2(log, STDERR_FILENO);
		execl(BUILD_DIR "/audd", "audd", "--config", audd.config, "--socket",
		      audd.socket, NULL);
		_exit(127);
	}
	while (!listens())
		audd_pause(1);
}

START_TEST(a_device_that_is_never_there_costs_next_to_nothing)
{
	start_anew("[output]\nbackend = alsa\ndevice = no_such_device\n", STDERR_FILENO);
	audd_pause(2000); /* the first tries come soon one after the other */

	assert_it_sleeps();
}
END_TEST

static void fill(int fd)
{
	char block[4096] = {0};

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (write(fd, block, sizeof(block)) > 0)
		;
	fcntl(fd, F_SETFL, 0);
}

START_TEST(a_log_that_is_full_costs_nothing)
{
	struct client c;
	int fds[2];

	ck_assert_int_eq(_i ? pipe(fds) : socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	fill(fds[1]);
	start_anew("[output]\nbackend = null\n", fds[1]);
	for (int i = 0; i < 20; i++) {
		client_connect(&c, audd.socket);
		client_say(&c, "\xff\xff\xff\xff\xff", 5); /* it is broken for that */
		client_await_end(&c);
		client_done(&c);
	}

	assert_it_sleeps();
	assert_it_serves();
	close(fds[0]);
	close(fds[1]);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("busy");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_daemon_that_has_nothing_to_do_sleeps);
	tcase_add_loop_test(t, connections_that_are_half_closed_cost_nothing, 0, 3);
	tcase_add_test(t, a_connection_that_says_half_a_message_costs_nothing);
	tcase_add_test(t, a_client_that_reads_nothing_costs_nothing);
	tcase_add_test(t, clients_that_cannot_be_let_in_for_want_of_files_cost_nothing);
	tcase_add_test(t, a_device_that_is_never_there_costs_next_to_nothing);
	tcase_add_loop_test(t, a_log_that_is_full_costs_nothing, 0, 2);
	return suite_run("busy", t);
}
