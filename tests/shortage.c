/* SPDX-License-Identifier: MIT */
/*
 * The wrapped functions. Those of them that the real-time room may not call are caught there too,
 * see trap.h.
 */
#include "shortage.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <systemd/sd-event.h>

#include "suite.h"
#include "trap.h"

static uint64_t first, last, counted;
static _Thread_local bool counts;
static bool everywhere;

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

int shortage_count_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

void shortage_everywhere(bool on)
{
	void *here;

#ifdef __SANITIZE_THREAD__
	on = false;
#endif
	everywhere = on;
	backtrace(&here, 1); /* which allocates, the first time */
}

/* Functions of libraries that do not survive it. In alsa-lib 1.2.8 it is this one: it has its
 * _snd_config_make look at a name that it does not give. */
static const char *const spared[] = {"snd_config_top"};

static bool is_spared(void)
{
	void *callers[12];
	int num = backtrace(callers, sizeof(callers) / sizeof(callers[0]));
	Dl_info info;

	for (int i = 0; i < num; i++)
		for (size_t k = 0; k < sizeof(spared) / sizeof(spared[0]); k++)
			if (dladdr(callers[i], &info) && info.dli_sname &&
			    strcmp(info.dli_sname, spared[k]) == 0)
				return true;
	return false;
}

static bool strikes(void)
{
	if (!counts || !first)
		return false;
	counted++;
	if (counted < first || counted > last || (everywhere && is_spared()))
		return false;
	errno = ENOMEM;
	return true;
}

/* What comes to malloc by and by is counted there or here. */
static bool strikes_here(void)
{
	return !everywhere && strikes();
}

/* A sanitizer's strdup takes memory of its own. */
static bool strikes_in_strdup(void)
{
	return (!everywhere || SANITIZED) && strikes();
}

bool shortage_strikes(void)
{
	return everywhere && strikes();
}

/* WRAP(type, name, parameters, arguments, whether there is no memory, what it does then) */
#define WRAP(type, name, params, args, struck, no_memory)                                \
	type __real_##name params;                                                       \
	type __wrap_##name params;                                                       \
	type __wrap_##name params                                                        \
	{                                                                                \
		trap_check(#name);                                                       \
		if (struck())                                                            \
			return no_memory;                                                \
		return __real_##name args;                                               \
	}

WRAP(void *, malloc, (size_t n), (n), strikes_here, NULL)
WRAP(void *, calloc, (size_t n, size_t size), (n, size), strikes_here, NULL)
WRAP(void *, realloc, (void *p, size_t n), (p, n), strikes_here, NULL)
WRAP(void *, aligned_alloc, (size_t align, size_t n), (align, n), strikes_here, NULL)
WRAP(char *, strdup, (const char *s), (s), strikes_in_strdup, NULL)
WRAP(void *, mmap, (void *p, size_t n, int prot, int flags, int fd, off_t at),
     (p, n, prot, flags, fd, at), strikes, MAP_FAILED)
WRAP(int, memfd_create, (const char *name, unsigned int flags), (name, flags), strikes,
     -1)
WRAP(int, fallocate, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n), strikes,
     -1)
WRAP(int, eventfd, (unsigned int n, int flags), (n, flags), strikes, -1)
WRAP(int, pthread_create,
     (pthread_t * t, const pthread_attr_t *attr, void *(*run)(void *), void *user),
     (t, attr, run, user), strikes, EAGAIN)
WRAP(int, sd_event_add_io,
     (sd_event * e, sd_event_source **s, int fd, uint32_t events,
      sd_event_io_handler_t fn, void *user),
     (e, s, fd, events, fn, user), strikes_here, -ENOMEM)
WRAP(int, sd_event_add_time,
     (sd_event * e, sd_event_source **s, clockid_t clock, uint64_t us, uint64_t accuracy,
      sd_event_time_handler_t fn, void *user),
     (e, s, clock, us, accuracy, fn, user), strikes_here, -ENOMEM)
WRAP(int, sd_event_add_post,
     (sd_event * e, sd_event_source **s, sd_event_handler_t fn, void *user),
     (e, s, fn, user), strikes_here, -ENOMEM)
WRAP(int, sd_event_add_defer,
     (sd_event * e, sd_event_source **s, sd_event_handler_t fn, void *user),
     (e, s, fn, user), strikes_here, -ENOMEM)

/* What these leave in *ret when they fail must not be looked at. */
#define GARBAGE ((char *)1)

int __real_vasprintf(char **ret, const char *format, va_list args);
int __wrap_vasprintf(char **ret, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
int __wrap_asprintf(char **ret, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

int __wrap_vasprintf(char **ret, const char *format, va_list args)
{
	if (!strikes_here())
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
