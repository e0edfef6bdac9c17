/* SPDX-License-Identifier: MIT */
/*
 * audd as a service manager and a shell see it: its command line, what it says when, how it
 * ends.
 */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config_keys.h"
#include "manager.h"

#define AUDD BUILD_DIR "/audd"

static char directory[] = "/tmp/test_main.XXXXXX";
static char config_path[64], socket_path[64];
static struct manager manager;

static void set_up(void)
{
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(config_path, sizeof(config_path), "%s/audd.conf", directory);
	snprintf(socket_path, sizeof(socket_path), "%s/aud.sock", directory);
	manager_init(&manager, directory);
}

static void tear_down(void)
{
	manager_done(&manager);
	unlink(config_path);
	unlink(socket_path);
	rmdir(directory);
}

static void write_config(const char *text)
{
	FILE *file = fopen(config_path, "we");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

/* ---- to its end ----------------------------------------------------------------------- */

static char said[16384];

/* Runs audd with these arguments, as a shell splits them, until it ends by itself; by a program
 * that takes a command. What it says, on either stream, is in `said`. Returns its exit status. */
static int audd_by(const char *program, const char *format, va_list args)
{
	char arguments[512], command[1024];
	FILE *pipe;
	size_t n;

	vsnprintf(arguments, sizeof(arguments), format, args);
	snprintf(command, sizeof(command), "exec %s '%s' %s 2>&1", program, AUDD,
		 arguments);

	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	n = fread(said, 1, sizeof(said) - 1, pipe);
	said[n] = '\0';
	return WEXITSTATUS(pclose(pipe));
}

static int audd(const char *format, ...)
{
	va_list args;
	int status;

	va_start(args, format);
	status = audd_by("", format, args);
	va_end(args);
	return status;
}

/* The same, which may open so few files. */
static int audd_with_files(int files, const char *format, ...)
{
	char program[64];
	va_list args;
	int status;

	snprintf(program, sizeof(program), "prlimit --nofile=%d:%d", files, files);
	va_start(args, format);
	status = audd_by(program, format, args);
	va_end(args);
	return status;
}

static void assert_said(const char *what)
{
	ck_assert_msg(strstr(said, what) != NULL, "no '%s' in: %s", what, said);
}

static const struct {
	const char *name, *argument;
} options[] = {
	{"config", "FILE"}, {"socket", "PATH"}, {"backend", "alsa|null"},
	{"device", "PCM"},  {"record", "FILE"}, {"verbose", NULL},
	{"version", NULL},  {"help", NULL},
};
enum { NUM_OPTIONS = sizeof(options) / sizeof(options[0]) };

START_TEST(help_names_every_option)
{
	ck_assert_int_eq(audd("--help"), 0);

	for (int i = 0; i < NUM_OPTIONS; i++) {
		char line[64];

		snprintf(line, sizeof(line), "\n  --%s%s%s ", options[i].name,
			 options[i].argument ? " " : "",
			 options[i].argument ? options[i].argument : "");
		assert_said(line);
	}
}
END_TEST

START_TEST(help_is_what_h_asks_for_too)
{
	ck_assert_int_eq(audd("-h"), 0);

	assert_said("Usage: audd");
}
END_TEST

START_TEST(help_shows_keys_in_a_column)
{
	const char *line;
	size_t column = 0;

	ck_assert_int_eq(audd("--help"), 0);

	line = strstr(said, "\n  daemon.");
	for (; line && line[1]; line = strchr(line + 1, '\n')) {
		size_t name = 3 + strcspn(line + 3, " "), help;

		help = name + strspn(line + name, " ");
		if (!column)
			column = help;
		ck_assert_msg(help == column, "another column: %.60s", line);
	}
	ck_assert_uint_gt(column, 0);
}
END_TEST

START_TEST(help_names_every_key)
{
	ck_assert_int_eq(audd("--help"), 0);

	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "\n  %s.%s ", config_keys[i].section,
			 config_keys[i].name);
		assert_said(name);
		assert_said(config_keys[i].help);
	}
}
END_TEST

START_TEST(the_man_page_names_every_option)
{
	FILE *page = fopen(SOURCE_DIR "/man/audd.8", "re");

	ck_assert_ptr_nonnull(page);
	said[fread(said, 1, sizeof(said) - 1, page)] = '\0';
	fclose(page);

	for (int i = 0; i < NUM_OPTIONS; i++) {
		char item[32];

		snprintf(item, sizeof(item), "\n.It Fl -%s", options[i].name);
		assert_said(item);
	}
}
END_TEST

START_TEST(version_is_one_line)
{
	int major, minor, patch, end = 0;

	ck_assert_int_eq(audd("--version"), 0);

	sscanf(said, "audd %d.%d.%d\n%n", &major, &minor, &patch, &end);
	ck_assert_int_gt(end, 0);
	ck_assert_int_eq(said[end], '\0');
}
END_TEST

static const struct {
	const char *arguments, *sentence;
} usage_errors[] = {
	{"--loud", "unrecognized option '--loud'"},
	{"-v", "invalid option -- 'v'"},
	{"--socket", "option '--socket' requires an argument"},
	{"--verbose=yes", "option '--verbose' doesn't allow an argument"},
	{"a.wav", "audd: it takes options only, not 'a.wav'"},
	{"--backend pulse", "audd: output.backend: 'pulse' is not one of alsa, null"},
	{"--device ''", "audd: output.device: '' is not a text of 1 to 255 bytes"},
	{"--config /nonexistent --backend x", "audd: output.backend: 'x' is not one of"},
};

START_TEST(a_wrong_command_line_is_refused_with_a_hint)
{
	ck_assert_int_eq(audd("%s", usage_errors[_i].arguments), 2);

	assert_said(usage_errors[_i].sentence);
	assert_said("\nTry 'audd --help'.\n");
}
END_TEST

START_TEST(a_configuration_that_was_named_must_be_there)
{
	ck_assert_int_eq(audd("--config '%s'", config_path), 1);

	assert_said("<3>");
	assert_said("/audd.conf: No such file or directory\n");
}
END_TEST

START_TEST(a_mistake_in_the_configuration_is_named_with_its_line)
{
	write_config("[output]\nbackend = null\nrate = 48k\n");

	ck_assert_int_eq(audd("--config '%s' --socket '%s'", config_path, socket_path),
			 1);

	assert_said("/audd.conf:3: output.rate: '48k' is not a number of Hz from 1000 to "
		    "768000\n");
	ck_assert_int_eq(access(socket_path, F_OK), -1);
}
END_TEST

START_TEST(only_the_null_backend_records)
{
	write_config("");

	ck_assert_int_eq(audd("--config '%s' --record x.wav", config_path), 1);

	assert_said("output.record: only the null backend records");
}
END_TEST

START_TEST(a_socket_that_cannot_be_made_is_named)
{
	write_config("");

	ck_assert_int_eq(
		audd("--config '%s' --backend null --socket /nonexistent/aud.sock",
		     config_path),
		1);

	assert_said("/nonexistent/aud.sock");
	assert_said("No such file or directory");
}
END_TEST

START_TEST(without_files_it_says_that_it_cannot_run)
{
	write_config("");

	ck_assert_int_eq(audd_with_files(8, "--config '%s' --backend null --socket '%s'",
					 config_path, socket_path),
			 1);

	assert_said("<3>audd cannot run: Too many open files\n");
}
END_TEST

/* ---- to a signal ---------------------------------------------------------------------- */

/* Starts audd on the null backend, and waits until it is ready. */
static pid_t start(void)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		setenv("NOTIFY_SOCKET", manager.path, true);
		umask(0);
		execl(AUDD, AUDD, "--config", config_path, "--socket", socket_path,
		      "--backend", "null", NULL);
		_exit(127);
	}
	manager_awaits(&manager, "READY=1");
	return pid;
}

static int stop(pid_t pid, int signal)
{
	int status;

	ck_assert_int_eq(kill(pid, signal), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(it_says_when_it_is_ready_and_when_it_stops)
{
	static const int signals[] = {SIGTERM, SIGINT};
	pid_t pid;

	write_config("");
	pid = start();
	ck_assert_int_eq(access(socket_path, F_OK), 0);

	ck_assert_int_eq(stop(pid, signals[_i]), 0);

	manager_awaits(&manager, "STOPPING=1");
}
END_TEST

START_TEST(the_command_line_has_the_last_word)
{
	write_config("[daemon]\nsocket = /nonexistent/aud.sock\n"
		     "[output]\nbackend = alsa\ndevice = nonsense\n");

	stop(start(), SIGTERM);
}
END_TEST

START_TEST(its_socket_is_for_its_user_and_group)
{
	struct stat st;
	pid_t pid;

	write_config("");
	pid = start();

	ck_assert_int_eq(stat(socket_path, &st), 0);
	ck_assert_int_eq(stop(pid, SIGTERM), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
}
END_TEST

static Suite *main_suite(void)
{
	Suite *suite = suite_create("main");
	TCase *command_line = tcase_create("command line"), *life = tcase_create("life");

	tcase_add_checked_fixture(command_line, set_up, tear_down);
	tcase_add_test(command_line, help_names_every_option);
	tcase_add_test(command_line, help_is_what_h_asks_for_too);
	tcase_add_test(command_line, help_shows_keys_in_a_column);
	tcase_add_test(command_line, help_names_every_key);
	tcase_add_test(command_line, the_man_page_names_every_option);
	tcase_add_test(command_line, version_is_one_line);
	tcase_add_loop_test(command_line, a_wrong_command_line_is_refused_with_a_hint, 0,
			    sizeof(usage_errors) / sizeof(usage_errors[0]));
	tcase_add_test(command_line, a_configuration_that_was_named_must_be_there);
	tcase_add_test(command_line,
		       a_mistake_in_the_configuration_is_named_with_its_line);
	tcase_add_test(command_line, only_the_null_backend_records);
	tcase_add_test(command_line, a_socket_that_cannot_be_made_is_named);
	tcase_add_test(command_line, without_files_it_says_that_it_cannot_run);
	suite_add_tcase(suite, command_line);

	tcase_add_checked_fixture(life, set_up, tear_down);
	tcase_add_loop_test(life, it_says_when_it_is_ready_and_when_it_stops, 0, 2);
	tcase_add_test(life, the_command_line_has_the_last_word);
	tcase_add_test(life, its_socket_is_for_its_user_and_group);
	suite_add_tcase(suite, life);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(main_suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
