/* SPDX-License-Identifier: MIT */
/*
 * The wrapped functions. Those of them that the real-time room may not call are caught there too,
 * see trap.h.
 */
#include "shortage.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <systemd/sd-event.h>

#include "trap.h"

static uint64_t first, last, counted;
static _Thread_local bool counts;

void shortage_begin(uint64_t n, uint64_t more)
{
	counted = 0;
	first = n;
	last = n + more;
}

bool shortage_end(void)
{
	bool happened = first && counted >= first;

	first = 0;
	return happened;
}

void shortage_count(bool on)
{
	counts = on;
}

static bool fails(void)
{
	if (!counts || !first)
		return false;
	counted++;
	return counted >= first && counted <= last;
}

/* WRAP(type, name, parameters, arguments, what it does when there is no memory) */
#define WRAP(type, name, params, args, no_memory)                                        \
	type __real_##name params;                                                       \
	type __wrap_##name params;                                                       \
	type __wrap_##name params                                                        \
	{                                                                                \
		trap_check(#name);                                                       \
		if (fails()) {                                                           \
			errno = ENOMEM;                                                  \
			return no_memory;                                                \
		}                                                                        \
		return __real_##name args;                                               \
	}

WRAP(void *, malloc, (size_t n), (n), NULL)
WRAP(void *, calloc, (size_t n, size_t size), (n, size), NULL)
WRAP(void *, realloc, (void *p, size_t n), (p, n), NULL)
WRAP(void *, aligned_alloc, (size_t align, size_t n), (align, n), NULL)
WRAP(char *, strdup, (const char *s), (s), NULL)
WRAP(void *, mmap, (void *p, size_t n, int prot, int flags, int fd, off_t at),
     (p, n, prot, flags, fd, at), MAP_FAILED)
WRAP(int, memfd_create, (const char *name, unsigned int flags), (name, flags), -1)
WRAP(int, fallocate, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n), -1)
WRAP(int, eventfd, (unsigned int n, int flags), (n, flags), -1)
WRAP(int, pthread_create,
     (pthread_t * t, const pthread_attr_t *attr, void *(*run)(void *), void *user),
     (t, attr, run, user), EAGAIN)
WRAP(int, sd_event_add_io,
     (sd_event * e, sd_event_source **s, int fd, uint32_t events,
      sd_event_io_handler_t fn, void *user),
     (e, s, fd, events, fn, user), -ENOMEM)
WRAP(int, sd_event_add_time,
     (sd_event * e, sd_event_source **s, clockid_t clock, uint64_t us, uint64_t accuracy,
      sd_event_time_handler_t fn, void *user),
     (e, s, clock, us, accuracy, fn, user), -ENOMEM)
WRAP(int, sd_event_add_post,
     (sd_event * e, sd_event_source **s, sd_event_handler_t fn, void *user),
     (e, s, fn, user), -ENOMEM)
WRAP(int, sd_event_add_defer,
     (sd_event * e, sd_event_source **s, sd_event_handler_t fn, void *user),
     (e, s, fn, user), -ENOMEM)

/* What these leave in *ret when they fail must not be looked at. */
#define GARBAGE ((char *)1)

int __real_vasprintf(char **ret, const char *format, va_list args);
int __wrap_vasprintf(char **ret, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
int __wrap_asprintf(char **ret, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

int __wrap_vasprintf(char **ret, const char *format, va_list args)
{
	if (!fails())
		return __real_vasprintf(ret, format, args);
	*ret = GARBAGE;
	return -1;
}

int __wrap_asprintf(char **ret, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = __wrap_vasprintf(ret, format, args);
	va_end(args);
	return n;
}
