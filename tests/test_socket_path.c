/* SPDX-License-Identifier: MIT */
/*
 * Where the daemon listens when nobody says where.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "socket_path.h"

static char *path;

static void tear_down(void)
{
	free(path);
	path = NULL;
}

START_TEST(root_listens_in_run_whatever_its_runtime_directory)
{
	ck_assert_int_eq(socket_path_default(0, "/run/user/0", &path), 0);
	ck_assert_str_eq(path, "/run/aud/aud.sock");
}
END_TEST

START_TEST(a_user_listens_in_the_runtime_directory)
{
	ck_assert_int_eq(socket_path_default(1000, "/run/user/1000", &path), 0);
	ck_assert_str_eq(path, "/run/user/1000/aud/aud.sock");
}
END_TEST

START_TEST(a_user_without_a_runtime_directory_has_no_place)
{
	ck_assert_int_eq(socket_path_default(1000, NULL, &path), -ENOENT);
	ck_assert_int_eq(socket_path_default(1000, "", &path), -ENOENT);
	ck_assert_int_eq(socket_path_default(1000, "run", &path), -ENOENT);
	ck_assert_ptr_null(path);
}
END_TEST

/* ---- its directory ------------------------------------------------------------------- */

static char parent[] = "/tmp/test_socket_path.XXXXXX";
static char directory[64], socket_path[80];

static void make_parent(void)
{
	strcpy(parent + strlen(parent) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(parent));
	snprintf(directory, sizeof(directory), "%s/aud", parent);
	snprintf(socket_path, sizeof(socket_path), "%s/aud.sock", directory);
}

static void remove_parent(void)
{
	rmdir(directory);
	rmdir(parent);
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(stat(name, &st), 0);
	return st.st_mode & 07777;
}

START_TEST(its_directory_is_made_for_all_to_search)
{
	mode_t before = umask(077);

	ck_assert_int_eq(socket_path_make_dir(socket_path), 0);

	umask(before);
	ck_assert_uint_eq(mode_of(directory), 0755);
}
END_TEST

START_TEST(a_directory_that_is_there_stays_as_it_is)
{
	ck_assert_int_eq(mkdir(directory, 0700), 0);

	ck_assert_int_eq(socket_path_make_dir(socket_path), 0);

	ck_assert_uint_eq(mode_of(directory), 0700);
}
END_TEST

START_TEST(a_directory_without_a_parent_is_not_made)
{
	ck_assert_int_eq(rmdir(parent), 0);

	ck_assert_int_eq(socket_path_make_dir(socket_path), -ENOENT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("socket_path");
	TCase *choice = tcase_create("choice"), *making = tcase_create("directory");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(choice, NULL, tear_down);
	tcase_add_test(choice, root_listens_in_run_whatever_its_runtime_directory);
	tcase_add_test(choice, a_user_listens_in_the_runtime_directory);
	tcase_add_test(choice, a_user_without_a_runtime_directory_has_no_place);
	suite_add_tcase(suite, choice);

	tcase_add_checked_fixture(making, make_parent, remove_parent);
	tcase_add_test(making, its_directory_is_made_for_all_to_search);
	tcase_add_test(making, a_directory_that_is_there_stays_as_it_is);
	tcase_add_test(making, a_directory_without_a_parent_is_not_made);
	suite_add_tcase(suite, making);

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
