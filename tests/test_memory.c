/* SPDX-License-Identifier: MIT */
/*
 * Locked memory: where it is allowed, and where a limit would make later mappings fail. Each
 * test runs in a process of its own, since a lock stays.
 */
#include <check.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"

static bool limit_locked_memory(rlim_t bytes)
{
	struct rlimit limit = {bytes, bytes};

	return setrlimit(RLIMIT_MEMLOCK, &limit) == 0;
}

static void drop_privileges(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};

	ck_assert_int_eq(syscall(SYS_capset, &header, none), 0);
}

/* In kB. */
static long locked_memory(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	long kb = -1;

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "VmLck: %ld", &kb);
	fclose(file);
	return kb;
}

/* Sanitizers make mlock and its kind do nothing. */
static bool locking_is_real(void)
{
	static char page[4096];
	bool real;

	ck_assert_int_eq(mlock(page, sizeof(page)), 0);
	real = locked_memory() > 0;
	munlock(page, sizeof(page));
	return real;
}

START_TEST(nothing_is_locked_under_a_limit_and_mappings_go_on_to_succeed)
{
	void *p;

	ck_assert(limit_locked_memory(64 * 1024));
	drop_privileges();

	ck_assert_int_eq(memory_lock(), -EPERM);

	ck_assert_int_eq(locked_memory(), 0);
	p = mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(p, MAP_FAILED);
}
END_TEST

START_TEST(memory_is_locked_where_there_is_no_limit)
{
	if (!limit_locked_memory(RLIM_INFINITY))
		return; /* nobody here may lift it */
	drop_privileges();

	ck_assert_int_eq(memory_lock(), 0);

	ck_assert(locked_memory() > 0 || !locking_is_real());
}
END_TEST

START_TEST(a_privilege_beats_the_limit)
{
	void *p;
	int r;

	ck_assert(limit_locked_memory(64 * 1024));

	r = memory_lock();

	if (geteuid() != 0 || r == -EPERM) { /* a container's root may lack it, too */
		ck_assert_int_eq(r, -EPERM);
		return;
	}
	ck_assert_int_eq(r, 0);
	ck_assert(locked_memory() > 0 || !locking_is_real());
	p = mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(p, MAP_FAILED);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("memory");
	TCase *tc = tcase_create("memory");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, nothing_is_locked_under_a_limit_and_mappings_go_on_to_succeed);
	tcase_add_test(tc, memory_is_locked_where_there_is_no_limit);
	tcase_add_test(tc, a_privilege_beats_the_limit);
	suite_add_tcase(suite, tc);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
