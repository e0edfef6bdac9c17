/* SPDX-License-Identifier: MIT */
/*
 * Who gives a thread its scheduling: the limits, a RealtimeKit of the test's own on a bus of its
 * own, or nobody. The daemon runs as a user who may take nothing by itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "log.h"
#include "scheduling.h"
#include "suite.h"

enum { NOBODY = 65534, MOST_PRIORITY = 20, LEAST_NICE = -5 };

static const char name[] = "org.freedesktop.RealtimeKit1";

static char dir[32], address[64];
static pid_t bus, kit;

/* What this RealtimeKit gives; shared with its process by fork. */
static bool gives_realtime, gives_nice, answers;

/* ---- a RealtimeKit ------------------------------------------------------------------ */

static int get_number(sd_bus *b, const char *path, const char *interface,
		      const char *property, sd_bus_message *reply, void *user,
		      sd_bus_error *error)
{
	(void)b, (void)path, (void)interface, (void)user, (void)error;
	if (strcmp(property, "RTTimeUSecMax") == 0)
		return sd_bus_message_append(reply, "x", INT64_C(200000));
	return sd_bus_message_append(reply, "i",
				     strcmp(property, "MinNiceLevel") ? MOST_PRIORITY
								      : LEAST_NICE);
}

/* As the real one, it insists on a limit of real time. */
static bool is_limited(uint64_t process)
{
	unsigned long long soft, hard = UINT64_MAX;
	char path[32], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/limits", (int)process);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Max realtime timeout %llu %llu", &soft, &hard) == 2)
			break;
	}
	if (f)
		fclose(f);
	return hard <= 200000;
}

static int make_realtime(sd_bus_message *m, void *user, sd_bus_error *error)
{
	struct sched_param param = {0};
	uint64_t process, thread;
	uint32_t priority;

	(void)user;
	if (!answers)
		return 1;
	sd_bus_message_read(m, "ttu", &process, &thread, &priority);
	param.sched_priority = (int)priority;
	if (!gives_realtime || !is_limited(process) || priority > MOST_PRIORITY)
		return sd_bus_error_set_errno(error, EPERM);
	if (sched_setscheduler((pid_t)thread, SCHED_RR | SCHED_RESET_ON_FORK, &param) < 0)
		return sd_bus_error_set_errno(error, errno);
	return sd_bus_reply_method_return(m, "");
}

static int make_nice(sd_bus_message *m, void *user, sd_bus_error *error)
{
	uint64_t process, thread;
	int32_t nice;

	(void)user;
	sd_bus_message_read(m, "tti", &process, &thread, &nice);
	if (!gives_nice || nice < LEAST_NICE)
		return sd_bus_error_set_errno(error, EPERM);
	if (setpriority(PRIO_PROCESS, (id_t)thread, nice) < 0)
		return sd_bus_error_set_errno(error, errno);
	return sd_bus_reply_method_return(m, "");
}

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("RTTimeUSecMax", "x", get_number, 0, 0),
	SD_BUS_PROPERTY("MaxRealtimePriority", "i", get_number, 0, 0),
	SD_BUS_PROPERTY("MinNiceLevel", "i", get_number, 0, 0),
	SD_BUS_METHOD("MakeThreadRealtimeWithPID", "ttu", "", make_realtime,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("MakeThreadHighPriorityWithPID", "tti", "", make_nice,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END};

static void serve(int ready)
{
	sd_bus *b;

	if (sd_bus_open_system(&b) < 0 ||
	    sd_bus_add_object_vtable(b, NULL, "/org/freedesktop/RealtimeKit1", name,
				     vtable, NULL) < 0 ||
	    sd_bus_request_name(b, name, 0) < 0)
		_exit(1);
	(void)!write(ready, "", 1);
	for (;;) {
		int r = sd_bus_process(b, NULL);

		if (r < 0 || (r == 0 && sd_bus_wait(b, UINT64_MAX) < 0))
			_exit(1);
	}
}

static void start_kit(void)
{
	int ready[2];
	char byte;

	ck_assert_int_eq(pipe(ready), 0);
	kit = fork();
	if (kit == 0)
		serve(ready[1]);
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

/* ---- a bus -------------------------------------------------------------------------- */

/* It prints its address when it listens there. */
static void start_bus(void)
{
	char path[96], config[128], print[32], byte;
	int ready[2];
	FILE *f;

	snprintf(path, sizeof(path), "%s/bus.conf", dir);
	f = fopen(path, "we");
	fprintf(f,
		"<busconfig><type>system</type><listen>unix:path=%s/bus</listen>"
		"<auth>EXTERNAL</auth><policy context=\"default\"><allow user=\"*\"/>"
		"<allow own=\"*\"/><allow send_destination=\"*\"/>"
		"<allow receive_sender=\"*\"/></policy></busconfig>",
		dir);
	fclose(f);
	snprintf(config, sizeof(config), "--config-file=%s", path);
	ck_assert_int_eq(pipe(ready), 0);
	snprintf(print, sizeof(print), "--print-address=%d", ready[1]);
	bus = fork();
	if (bus == 0) {
		execlp("dbus-daemon", "dbus-daemon", config, print, "--nofork", NULL);
		_exit(127);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

static void end(pid_t *pid)
{
	if (*pid > 0) {
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
	}
	*pid = 0;
}

/* ---- a daemon that may take nothing ------------------------------------------------- */

static pid_t daemon_pid;
static char socket_path[96], log_path[sizeof(((struct audd *)NULL)->log)];
static struct client client;

static void set_up(void)
{
	strcpy(dir, "/tmp/test_scheduling.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	chmod(dir, 0777);
	snprintf(address, sizeof(address), "unix:path=%s/bus", dir);
	snprintf(socket_path, sizeof(socket_path), "%s/socket", dir);
	snprintf(log_path, sizeof(log_path), "%s/log", dir);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", address, true);
	gives_realtime = gives_nice = answers = true;
}

static void tear_down(void)
{
	char command[96];

	if (daemon_pid) {
		kill(daemon_pid, SIGTERM);
		ck_assert_int_eq(audd_wait(daemon_pid), 0);
	}
	end(&kit);
	end(&bus);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

static void await_log(const char *text)
{
	struct audd d = {.pid = daemon_pid};

	snprintf(d.log, sizeof(d.log), "%s", log_path);
	while (access(log_path, R_OK) < 0 || audd_log_lines(&d, text) == 0)
		audd_pause(2);
	ck_assert_int_eq(audd_log_lines(&d, text), 1);
}

/* As root, or as one who may take nothing. */
static pid_t spawn(uid_t uid, const char *const *args)
{
	struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
	pid_t pid = fork();

	if (pid == 0) {
		int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0666);

		dup2(log, STDOUT_FILENO);
		dup2(log, STDERR_FILENO);
		setrlimit(RLIMIT_RTPRIO, &none);
		setrlimit(RLIMIT_NICE, &none);
		if (setgid(uid) < 0 || setuid(uid) < 0)
			_exit(126);
		execv(BUILD_DIR "/audd", (char *const *)args);
		_exit(127);
	}
	return pid;
}

static void start_daemon(uid_t uid)
{
	const char *args[] = {"audd", "--socket", socket_path, "--backend", "null", NULL};

	daemon_pid = spawn(uid, args);
	await_log("rewinds"); /* by then it listens */
	client_init(&client, socket_path);
}

static const Aud__OutputStatus *look(void)
{
	return client_await(&client, client_status(&client))
		->get_daemon_status->outputs[0];
}

static void await_scheduling(const char *got, const char *by)
{
	while (strcmp(look()->scheduling, got) != 0 ||
	       strcmp(look()->scheduling_by, by) != 0)
		audd_pause(2);
	ck_assert_str_eq(look()->scheduling_asked, "fifo 50");
}

/* By a privilege, here: not every machine lets a test raise a limit. */
START_TEST(the_limits_are_asked_first)
{
	start_daemon(0);

	await_scheduling("fifo 50", "limits");
	ck_assert(look()->realtime);
	client_done(&client);
}
END_TEST

START_TEST(what_the_limits_refuse_realtimekit_may_give)
{
	start_bus();
	start_kit();
	start_daemon(NOBODY);

	await_scheduling("rr 20", "rtkit");
	ck_assert(look()->realtime);
	await_log(
		"output main: SCHED_FIFO 50 refused: Operation not permitted; its player "
		"has: rr 20, by rtkit");
	client_done(&client);
}
END_TEST

/* Or it would find more late wake-ups than the daemon has. */
START_TEST(a_selftest_is_scheduled_as_the_player_would_be)
{
	static const char *const args[] = {"audd",      "--selftest", "--device", "null",
					   "--seconds", "1",          NULL};

	start_bus();
	start_kit();

	ck_assert_int_eq(audd_wait(spawn(NOBODY, args)), 0);

	await_log("Wake-ups (rr 20, by rtkit)");
	await_log("fifo 50 was asked for, and rr 20 given");
}
END_TEST

START_TEST(without_real_time_it_gives_a_nice_value)
{
	gives_realtime = false;
	start_bus();
	start_kit();
	start_daemon(NOBODY);

	await_scheduling("nice -5", "rtkit");
	ck_assert(!look()->realtime);
	client_done(&client);
}
END_TEST

START_TEST(where_nobody_gives_anything_it_plays_as_it_is)
{
	gives_realtime = gives_nice = false;
	start_bus();
	start_kit();
	start_daemon(NOBODY);

	await_log("its player has: other");
	await_scheduling("other", "");
	ck_assert(!look()->realtime);
	client_play_out(&client, client_source(&client, 2, 10));
	client_done(&client);
}
END_TEST

START_TEST(no_bus_and_no_realtimekit_are_no_trouble)
{
	start_daemon(NOBODY);
	await_log("its player has: other");
	client_play_out(&client, client_source(&client, 2, 10));
	client_done(&client);
	end(&daemon_pid);
	unlink(log_path);

	start_bus();
	start_daemon(NOBODY);
	await_log("its player has: other");
	client_play_out(&client, client_source(&client, 2, 10));
	client_done(&client);
}
END_TEST

START_TEST(a_realtimekit_that_does_not_answer_keeps_nobody_waiting)
{
	answers = false;
	start_bus();
	start_kit();
	start_daemon(NOBODY);

	for (int i = 0; i < 10; i++)
		client_play_out(&client, client_source(&client, 2, 10));
	await_scheduling("nice -5", "rtkit"); /* 2 s later */
	client_done(&client);
}
END_TEST

/* ---- when it changes ---------------------------------------------------------------- */

static _Atomic int tid;

static void *sleeper(void *ended)
{
	tid = gettid();
	while (!*(_Atomic bool *)ended)
		audd_pause(1);
	return NULL;
}

START_TEST(what_is_lost_is_asked_for_again)
{
	struct sched_param none = {0};
	_Atomic bool ended = false;
	struct scheduling *s;
	sd_event *event;
	pthread_t thread;

	sd_event_new(&event);
	ck_assert_int_eq(scheduling_new(&s, event, "main"), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, sleeper, &ended), 0);
	while (!tid)
		audd_pause(1);
	scheduling_ask(s, tid, 10);
	ck_assert_str_eq(scheduling_got(s), "fifo 10");
	ck_assert_str_eq(scheduling_by(s), "limits");

	ck_assert_int_eq(sched_setscheduler(tid, SCHED_OTHER, &none), 0);
	scheduling_check(s);
	ck_assert_str_eq(scheduling_got(s), "fifo 10");
	ck_assert_int_eq(sched_getscheduler(tid), SCHED_FIFO | SCHED_RESET_ON_FORK);

	scheduling_ask(s, tid, 0);
	ck_assert_str_eq(scheduling_asked(s), "other");
	ck_assert_str_eq(scheduling_got(s), "other");
	ck_assert(!scheduling_is_realtime(s));
	ended = true;
	pthread_join(thread, NULL);
	scheduling_free(s);
	sd_event_unref(event);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("scheduling");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, the_limits_are_asked_first);
	tcase_add_test(tc, what_the_limits_refuse_realtimekit_may_give);
	tcase_add_test(tc, a_selftest_is_scheduled_as_the_player_would_be);
	tcase_add_test(tc, without_real_time_it_gives_a_nice_value);
	tcase_add_test(tc, where_nobody_gives_anything_it_plays_as_it_is);
	tcase_add_test(tc, no_bus_and_no_realtimekit_are_no_trouble);
	tcase_add_test(tc, a_realtimekit_that_does_not_answer_keeps_nobody_waiting);
	tcase_add_test(tc, what_is_lost_is_asked_for_again);
	return suite_run("scheduling", tc);
}
