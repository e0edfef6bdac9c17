/* SPDX-License-Identifier: MIT */
/*
 * The functions of the C library stand here again, and the linker takes ours. A timer is an
 * eventfd, which is written to when its time has come.
 */
#include "clock.h"

#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

enum { TIMERS_MAX = 1024 };

#define SECOND UINT64_C(1000000000)
#define NEVER  UINT64_MAX

static uint64_t now_ns;
static uint64_t due_ns[TIMERS_MAX]; /* by descriptor; 0: it is no timer */

static uint64_t from_timespec(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * SECOND + (uint64_t)t->tv_nsec;
}

int clock_gettime(clockid_t id, struct timespec *ret)
{
	if (!now_ns || id == CLOCK_REALTIME || id == CLOCK_PROCESS_CPUTIME_ID ||
	    id == CLOCK_THREAD_CPUTIME_ID)
		return (int)syscall(SYS_clock_gettime, id, ret);
	ret->tv_sec = (time_t)(now_ns / SECOND);
	ret->tv_nsec = (long)(now_ns % SECOND);
	return 0;
}

/* Check goes by the machine's time: a test may have moved ours by hours. */
clockid_t __wrap_check_get_clockid(void);
clockid_t __wrap_check_get_clockid(void)
{
	return CLOCK_REALTIME;
}

int timerfd_create(int id, int flags)
{
	int fd;

	if (!now_ns)
		return (int)syscall(SYS_timerfd_create, id, flags);
	fd = eventfd(0, flags & TFD_NONBLOCK ? EFD_CLOEXEC | EFD_NONBLOCK : EFD_CLOEXEC);
	must(fd < TIMERS_MAX, "too many files");
	if (fd >= 0)
		due_ns[fd] = NEVER;
	return fd;
}

static void look_at(int fd)
{
	uint64_t one = 1;

	if (due_ns[fd] == 0 || due_ns[fd] > now_ns)
		return;
	due_ns[fd] = NEVER;
	must(write(fd, &one, sizeof(one)) == sizeof(one) || fd < 0, "a lost timer");
}

int timerfd_settime(int fd, int flags, const struct itimerspec *new,
		    struct itimerspec *old)
{
	uint64_t when = from_timespec(&new->it_value), rung;

	if (!now_ns)
		return (int)syscall(SYS_timerfd_settime, fd, flags, new, old);
	must(fd >= 0 && fd < TIMERS_MAX && due_ns[fd], "no timer");
	if (read(fd, &rung, sizeof(rung)) < 0)
		rung = 0;
	due_ns[fd] = when == 0 ? NEVER : when + (flags & TFD_TIMER_ABSTIME ? 0 : now_ns);
	look_at(fd);
	return 0;
}

void clock_set(uint64_t to_ns)
{
	now_ns = to_ns;
	for (int fd = 0; fd < TIMERS_MAX; fd++) {
		if (to_ns == 0)
			due_ns[fd] = 0;
		else
			look_at(fd);
	}
}

uint64_t clock_now(void)
{
	return now_ns;
}

uint64_t clock_next(void)
{
	uint64_t next = NEVER;

	for (int fd = 0; fd < TIMERS_MAX; fd++) {
		if (due_ns[fd] && due_ns[fd] < next)
			next = due_ns[fd];
	}
	return next;
}
