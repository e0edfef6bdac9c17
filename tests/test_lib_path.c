/* SPDX-License-Identifier: MIT */
/*
 * libaud: at which path it looks for the daemon's socket.
 */
#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aud.h"
#include "suite.h"

/* A directory for $XDG_RUNTIME_DIR; with the daemon's socket in it (a plain file will
 * do). */
static void make_runtime_dir(char *dir, bool with_socket)
{
	char path[128];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	setenv("XDG_RUNTIME_DIR", dir, 1);
	if (!with_socket)
		return;
	snprintf(path, sizeof(path), "%s/aud", dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/aud/aud.sock", dir);
	fclose(fopen(path, "w"));
}

static void remove_runtime_dir(const char *dir)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/aud/aud.sock", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/aud", dir);
	rmdir(path);
	rmdir(dir);
}

START_TEST(the_path_given_goes_before_the_environment)
{
	char dir[] = "/tmp/aud-test-XXXXXX", path[108];

	make_runtime_dir(dir, true);
	setenv("AUD_SOCKET", "/elsewhere/sock", 1);

	ck_assert_int_eq(aud_socket_path("/given/sock", path, sizeof(path)), 11);

	ck_assert_str_eq(path, "/given/sock");
	remove_runtime_dir(dir);
}
END_TEST

START_TEST(aud_socket_goes_before_the_runtime_dir)
{
	char dir[] = "/tmp/aud-test-XXXXXX", path[108];

	make_runtime_dir(dir, true);
	setenv("AUD_SOCKET", "/elsewhere/sock", 1);

	ck_assert_int_eq(aud_socket_path(NULL, path, sizeof(path)), 15);

	ck_assert_str_eq(path, "/elsewhere/sock");
	remove_runtime_dir(dir);
}
END_TEST

START_TEST(the_users_socket_is_taken_if_it_is_there)
{
	char dir[] = "/tmp/aud-test-XXXXXX", path[108], expected[108];

	make_runtime_dir(dir, true);
	setenv("AUD_SOCKET", "", 1);

	ck_assert_int_gt(aud_socket_path(NULL, path, sizeof(path)), 0);

	snprintf(expected, sizeof(expected), "%s/aud/aud.sock", dir);
	ck_assert_str_eq(path, expected);
	remove_runtime_dir(dir);
}
END_TEST

START_TEST(else_the_systems_socket_is_taken)
{
	char dir[] = "/tmp/aud-test-XXXXXX", path[108];

	make_runtime_dir(dir, false);
	unsetenv("AUD_SOCKET");

	ck_assert_int_eq(aud_socket_path(NULL, path, sizeof(path)), 17);
	ck_assert_str_eq(path, "/run/aud/aud.sock");

	unsetenv("XDG_RUNTIME_DIR");
	ck_assert_int_eq(aud_socket_path(NULL, path, sizeof(path)), 17);
	ck_assert_str_eq(path, "/run/aud/aud.sock");
	remove_runtime_dir(dir);
}
END_TEST

START_TEST(a_path_that_does_not_fit_is_refused)
{
	char path[11], longer[200];
	struct aud *a = NULL;

	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';

	ck_assert_int_eq(aud_socket_path("/given/sock", path, sizeof(path)),
			 -ENAMETOOLONG);
	ck_assert_int_eq(aud_connect(&a, longer, NULL), -ENAMETOOLONG);
	ck_assert_ptr_null(a);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_path");

	tcase_add_test(t, the_path_given_goes_before_the_environment);
	tcase_add_test(t, aud_socket_goes_before_the_runtime_dir);
	tcase_add_test(t, the_users_socket_is_taken_if_it_is_there);
	tcase_add_test(t, else_the_systems_socket_is_taken);
	tcase_add_test(t, a_path_that_does_not_fit_is_refused);
	return suite_run("lib_path", t);
}
