/* SPDX-License-Identifier: MIT */
/*
 * The socket: who may have it, what is in its way, and when no client can be taken.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "listener.h"
#include "suite.h"

enum { MOST_NS = 20000000 }; /* in a second */

static struct audd audd;
static struct client client;

static void set_up(void)
{
	audd_start(&audd, NULL);
	client_init(&client, audd.socket);
}

static void tear_down(void)
{
	client_done(&client);
	if (audd.pid)
		ck_assert_int_eq(audd_stop(&audd), 0);
	audd_done(&audd);
}

static const Aud__DaemonStatus *status(void)
{
	return client_await(&client, client_status(&client))->get_daemon_status;
}

START_TEST(without_files_left_clients_are_turned_away_and_others_go_on)
{
	enum { MANY = 40 };
	struct rlimit few = {.rlim_cur = 30, .rlim_max = 30};
	struct client many[MANY];

	ck_assert_int_eq(prlimit(audd.pid, RLIMIT_NOFILE, &few, NULL), 0);
	for (int i = 0; i < MANY; i++)
		client_connect(&many[i], audd.socket);
	client_await_end(&many[MANY - 1]);
	status();
	ck_assert_int_eq(audd_log_lines(&audd, "turned away"), 1);
	if (!SANITIZED)
		ck_assert(audd_rests(&audd, 100));

	for (int i = 0; i < MANY; i++)
		client_done(&many[i]);
	while (status()->connections > 1)
		;
	client_init(&many[0], audd.socket);
	client_done(&many[0]);
}
END_TEST

static void limit_files(rlim_t n)
{
	struct rlimit limit = {.rlim_cur = n, .rlim_max = 1000};

	ck_assert_int_eq(prlimit(audd.pid, RLIMIT_NOFILE, &limit, NULL), 0);
}

START_TEST(where_the_spare_does_not_help_clients_wait_and_nothing_spins)
{
	struct client other;
	uint64_t id;

	limit_files(3);
	client_connect(&other, audd.socket);
	id = client_hello(&other);
	ck_assert_uint_le(audd_cpu_ns_of(&audd, 1000, MOST_NS), MOST_NS);
	status();
	ck_assert_ptr_null(client_look(&other, id));
	ck_assert(!client_is_closed(&other));
	ck_assert_int_eq(audd_log_lines(&audd, "have to wait"), 1);

	limit_files(1000);
	ck_assert_int_eq(client_await(&other, id)->kind_case, AUD__REPLY__KIND_HELLO);
	client_done(&other);
}
END_TEST

START_TEST(a_second_daemon_at_the_same_socket_gives_up)
{
	const char *options[] = {"--socket", audd.socket, "--backend", "null", NULL};

	ck_assert_int_eq(audd_wait(audd_spawn(&audd, options)), 1);

	ck_assert_int_eq(audd_log_lines(&audd, "another daemon listens there"), 1);
	status();
}
END_TEST

START_TEST(a_socket_that_was_left_behind_is_replaced)
{
	const char *options[] = {"--socket", audd.socket, "--backend", "null", NULL};
	struct client other;

	kill(audd.pid, SIGKILL);
	audd.pid = 0;
	client_await_end(&client);
	audd.pid = audd_spawn(&audd, options);
	while (audd_log_lines(&audd, "rewinds") < 2)
		audd_pause(1);

	client_init(&other, audd.socket);
	client_done(&other);
}
END_TEST

/* In a process of its own: when `go` ends, tries to listen at the socket; says by one byte whether
 * it does, and goes when `end` ends. */
static void compete(int go, int say, int end)
{
	struct listener *l = NULL;
	sd_event *event = NULL;
	char *error = NULL, byte;

	(void)!read(go, &byte, 1);
	sd_event_new(&event);
	byte = listener_new(&l, event, audd.socket, NULL, NULL, NULL, &error) >= 0;
	(void)!write(say, &byte, 1);
	(void)!read(end, &byte, 1);
	_exit(0);
}

static void leave_a_socket_behind(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	unlink(address->sun_path);
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)address, sizeof(*address)), 0);
	close(fd);
}

/* How many of so many that begin at once come to listen at the socket. */
static int count_winners(int competitors)
{
	int go[2], say[2], end[2], winners = 0;
	char byte;

	ck_assert(pipe(go) == 0 && pipe(say) == 0 && pipe(end) == 0);
	for (int i = 0; i < competitors; i++) {
		if (fork() != 0)
			continue;
		close(go[1]);
		close(end[1]);
		compete(go[0], say[1], end[0]);
	}
	close(go[1]);
	for (int i = 0; i < competitors; i++) {
		ck_assert_int_eq(read(say[0], &byte, 1), 1);
		winners += byte;
	}
	close(end[1]);
	while (wait(NULL) > 0)
		;
	close(go[0]);
	close(say[0]);
	close(say[1]);
	close(end[0]);
	return winners;
}

START_TEST(of_daemons_that_begin_at_once_one_has_the_socket)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	client_done(&client);
	ck_assert_int_eq(audd_stop(&audd), 0);
	strcpy(address.sun_path, audd.socket);
	for (int i = 0; i < 100; i++) {
		leave_a_socket_behind(&address);
		ck_assert_int_eq(count_winners(4), 1);
	}
	client = (struct client){.fd = -1};
}
END_TEST

START_TEST(a_folder_that_somebody_keeps_locked_keeps_nobody_out)
{
	const char *options[] = {"--socket", audd.socket, "--backend", "null", NULL};
	int folder = open(audd.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct client other;

	ck_assert_int_eq(flock(folder, LOCK_SH), 0);
	ck_assert_int_eq(audd_stop(&audd), 0);
	audd.pid = audd_spawn(&audd, options);
	while (audd_log_lines(&audd, "rewinds") < 2)
		audd_pause(1);

	client_init(&other, audd.socket);
	client_done(&other);
	close(folder);
}
END_TEST

START_TEST(a_file_in_the_way_is_not_removed)
{
	const char *options[] = {"--socket", audd.config, "--backend", "null", NULL};

	ck_assert_int_eq(audd_wait(audd_spawn(&audd, options)), 1);

	ck_assert_int_eq(access(audd.config, F_OK), 0);
	ck_assert_int_eq(audd_log_lines(&audd, "something else is there"), 1);
}
END_TEST

static pid_t spawn_with_socket(int fd)
{
	char number[16];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	dup2(fd, 3);
	dup2(open(audd.log, O_WRONLY | O_APPEND), STDERR_FILENO);
	snprintf(number, sizeof(number), "%d", getpid());
	setenv("LISTEN_PID", number, 1);
	setenv("LISTEN_FDS", "1", 1);
	execl(BUILD_DIR "/audd", "audd", "--config", audd.config, "--backend", "null",
	      NULL);
	_exit(127);
}

START_TEST(a_socket_that_systemd_has_made_is_served_and_left_alone)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct client other;
	pid_t pid;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/passed", audd.dir);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 10), 0);
	pid = spawn_with_socket(fd);
	client_init(&other, address.sun_path);
	client_play_out(&other, client_source(&other, 2, 10));
	client_done(&other);
	kill(pid, SIGTERM);
	ck_assert_int_eq(audd_wait(pid), 0);

	ck_assert_int_eq(unlink(address.sun_path), 0);
	close(fd);
}
END_TEST

START_TEST(a_recording_that_cannot_be_written_is_an_error)
{
	const char *options[] = {
		"--socket", "/tmp/audd-test.none",    "--backend", "null",
		"--record", "/nonexistent/heard.wav", NULL};

	ck_assert_int_eq(audd_wait(audd_spawn(&audd, options)), 1);

	ck_assert_int_eq(audd_log_lines(&audd, "/nonexistent/heard.wav"), 1);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("listener");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, without_files_left_clients_are_turned_away_and_others_go_on);
	tcase_add_test(tc, where_the_spare_does_not_help_clients_wait_and_nothing_spins);
	tcase_add_test(tc, a_second_daemon_at_the_same_socket_gives_up);
	tcase_add_test(tc, a_socket_that_was_left_behind_is_replaced);
	tcase_add_test(tc, of_daemons_that_begin_at_once_one_has_the_socket);
	tcase_add_test(tc, a_folder_that_somebody_keeps_locked_keeps_nobody_out);
	tcase_add_test(tc, a_file_in_the_way_is_not_removed);
	tcase_add_test(tc, a_socket_that_systemd_has_made_is_served_and_left_alone);
	tcase_add_test(tc, a_recording_that_cannot_be_written_is_an_error);
	return suite_run("listener", tc);
}
