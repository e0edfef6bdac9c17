/* SPDX-License-Identifier: MIT */
/*
 * The memory of a queue.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "store.h"
#include "suite.h"

static struct store store;
static struct queue queue;

static struct queue_shape shape_of(uint32_t channels, uint32_t format, uint32_t limit)
{
	return (struct queue_shape){
		.rate = 48000, .channels = channels, .format = format, .limit = limit};
}

static void make(uint32_t channels, uint32_t format, uint32_t limit)
{
	struct queue_shape shape = shape_of(channels, format, limit);

	ck_assert_int_eq(store_init(&store, &shape, 96, &queue), 0);
}

static int count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Bytes of address space. */
static size_t address_space(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	size_t pages = 0;

	ck_assert_int_eq(fscanf(f, "%zu", &pages), 1);
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

START_TEST(a_window_across_the_end_of_the_ring_is_in_one_piece)
{
	uint32_t limit = 3000;
	uint8_t *end;

	make(3, FORMAT_F32, limit);
	end = queue.ring + queue.ring_bytes;

	end[-1] = 11;
	end[0] = 22;

	ck_assert_uint_eq(end[-1], 11);
	ck_assert_uint_eq(queue.ring[0], 22);
	end[queue.ring_bytes - 1] = 33;
	ck_assert_uint_eq(end[-1], 33);
	store_done(&store);
}
END_TEST

START_TEST(every_page_is_there_before_it_is_used)
{
	unsigned char there[64];
	size_t pages;

	make(2, FORMAT_S16, 9600);

	pages = store.bytes / QUEUE_PAGE;
	ck_assert_uint_le(pages, sizeof(there));
	ck_assert_int_eq(mincore(store.map, store.bytes, there), 0);
	for (size_t i = 0; i < pages; i++)
		ck_assert_uint_eq(there[i] & 1, 1);
	store_done(&store);
}
END_TEST

static long page_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

START_TEST(using_it_takes_no_page_fault)
{
	long before, after;

	make(2, FORMAT_S16, 96000);
	before = page_faults();

	for (size_t i = 0; i < 2 * queue.ring_bytes; i += 64)
		((volatile uint8_t *)queue.ring)[i] = 1;

	after = page_faults();
	ck_assert_int_le(after - before, 4);
	store_done(&store);
}
END_TEST

START_TEST(the_file_cannot_be_resized)
{
	make(1, FORMAT_S16, 480);

	ck_assert_int_lt(ftruncate(store.fd, 0), 0);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_int_lt(ftruncate(store.fd, 1 << 20), 0);
	ck_assert_int_eq(fcntl(store.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	store_done(&store);
}
END_TEST

START_TEST(a_queue_costs_its_ring_and_two_pages)
{
	struct queue_shape shape = shape_of(2, FORMAT_S16, 48000);

	ck_assert_uint_eq(queue_file_bytes(&shape),
			  48000 * 4 / 4096 * 4096 + 4096 + 8192);
}
END_TEST

START_TEST(nothing_is_left_when_it_is_done)
{
	int fds = count_fds();
	size_t space = address_space();

	for (int i = 0; i < 100; i++) {
		make(2, FORMAT_S16, 48000);
		store_done(&store);
	}

	ck_assert_int_eq(count_fds(), fds);
	ck_assert_uint_le(address_space(), space + (1 << 20));
}
END_TEST

START_TEST(no_memory_is_an_error_and_leaves_nothing_behind)
{
	struct queue_shape shape = shape_of(32, FORMAT_F32, 46080000);
	struct rlimit limit = {.rlim_cur = 1 << 30, .rlim_max = 1 << 30};
	int fds = count_fds();

	setrlimit(RLIMIT_FSIZE, &limit);
	signal(SIGXFSZ, SIG_IGN);

	ck_assert_int_lt(store_init(&store, &shape, 96, &queue), 0);

	ck_assert_int_eq(count_fds(), fds);
}
END_TEST

START_TEST(no_address_space_is_an_error_and_leaves_nothing_behind)
{
	struct queue_shape shape = shape_of(2, FORMAT_S16, 4800000);
	struct rlimit limit = {.rlim_cur = address_space() + (1 << 20)};
	int fds = count_fds();

	limit.rlim_max = limit.rlim_cur;
	setrlimit(RLIMIT_AS, &limit);

	ck_assert_int_eq(store_init(&store, &shape, 96, &queue), -ENOMEM);

	ck_assert_int_eq(count_fds(), fds);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("store");

	tcase_add_test(tc, a_window_across_the_end_of_the_ring_is_in_one_piece);
	tcase_add_test(tc, every_page_is_there_before_it_is_used);
	tcase_add_test(tc, the_file_cannot_be_resized);
	tcase_add_test(tc, a_queue_costs_its_ring_and_two_pages);
	tcase_add_test(tc, nothing_is_left_when_it_is_done);
	tcase_add_test(tc, no_memory_is_an_error_and_leaves_nothing_behind);
	if (!SANITIZED) { /* which take page faults, and address space, themselves */
		tcase_add_test(tc, using_it_takes_no_page_fault);
		tcase_add_test(tc,
			       no_address_space_is_an_error_and_leaves_nothing_behind);
	}

	return suite_run("store", tc);
}
