/* SPDX-License-Identifier: MIT */
/*
 * When a device is looked for again: by the time, at a change in its folder, and not at every one
 * of a storm of changes.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "retry.h"
#include "suite.h"

#define BEGINNING_NS UINT64_C(1000000000000)

static char parent[] = "/tmp/aud-test-XXXXXX";
static char folder[64];
static sd_event *event;
static struct retry retry;
static uint32_t tries;

/* It is not there, once more. */
static void again(void *user)
{
	(void)user;
	tries++;
	ck_assert_int_ge(retry_later(&retry), 0);
}

static void set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(parent));
	snprintf(folder, sizeof(folder), "%s/snd", parent);
	clock_set(BEGINNING_NS);
	ck_assert_int_ge(sd_event_new(&event), 0);
	ck_assert_int_ge(retry_init(&retry, event, folder, again, NULL), 0);
	tries = 0;
}

static void tear_down(void)
{
	retry_done(&retry);
	sd_event_unref(event);
	clock_set(0);
	rmdir(folder);
	rmdir(parent);
}

static void touch_a_file(void)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "%s/pcm", folder);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	unlink(path);
}

/* All that is there to be done now, in no time. */
static void serve(void)
{
	while (sd_event_run(event, 0) > 0)
		;
}

static void wait_for_timer(void)
{
	serve();
	clock_set(clock_next());
	serve();
}

START_TEST(a_change_in_the_folder_is_followed_at_once)
{
	mkdir(folder, 0700);
	retry_later(&retry);

	touch_a_file();
	serve();

	ck_assert_uint_ge(tries, 1);
}
END_TEST

START_TEST(a_folder_that_comes_is_noticed_and_watched)
{
	retry_later(&retry);
	serve();
	ck_assert_uint_eq(tries, 0);

	mkdir(folder, 0700);
	serve();
	ck_assert_uint_eq(tries, 1);
	touch_a_file();
	serve();

	ck_assert_uint_ge(tries, 2);
}
END_TEST

START_TEST(a_storm_of_changes_is_not_followed_change_by_change)
{
	mkdir(folder, 0700);
	retry_later(&retry);

	for (int i = 0; i < 5000; i++) {
		touch_a_file();
		serve();
	}

	/* A second later, once more. */
	ck_assert_uint_eq(tries, 10);
	wait_for_timer();
	ck_assert_uint_eq(tries, 11);
}
END_TEST

START_TEST(without_a_folder_the_timer_alone_counts)
{
	struct retry other;

	ck_assert_int_ge(retry_init(&other, event, NULL, again, NULL), 0);
	ck_assert_int_ge(retry_later(&other), 0);

	serve();
	ck_assert_uint_eq(tries, 0);
	wait_for_timer();
	ck_assert_uint_eq(tries, 1);
	retry_done(&other);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("retry");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_change_in_the_folder_is_followed_at_once);
	tcase_add_test(t, a_folder_that_comes_is_noticed_and_watched);
	tcase_add_test(t, a_storm_of_changes_is_not_followed_change_by_change);
	tcase_add_test(t, without_a_folder_the_timer_alone_counts);
	return suite_run("retry", t);
}
