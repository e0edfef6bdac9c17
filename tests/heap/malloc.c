/* SPDX-License-Identifier: MIT */
/*
 * The C library lets a program have a malloc of its own, and whoever allocates comes here then:
 * libraries too, where the linker's --wrap does not reach. For programs that are linked with this
 * (see HEAP in the Makefile) shortage_everywhere() makes a shortage of it.
 */
#include <errno.h>
#include <stdlib.h>

#include "shortage.h"

/* The thread sanitizer allocates before a function of ours may run. */
#ifndef __SANITIZE_THREAD__

/* What the address sanitizer or the C library calls its own. */
#ifdef __SANITIZE_ADDRESS__
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif

void *REAL(malloc)(size_t n);
void *REAL(calloc)(size_t n, size_t size);
void *REAL(realloc)(void *p, size_t n);
void *REAL(memalign)(size_t align, size_t n);
void *memalign(size_t align, size_t n);

void *malloc(size_t n)
{
	return shortage_strikes() ? NULL : REAL(malloc)(n);
}

void *calloc(size_t n, size_t size)
{
	return shortage_strikes() ? NULL : REAL(calloc)(n, size);
}

void *realloc(void *p, size_t n)
{
	return shortage_strikes() ? NULL : REAL(realloc)(p, n);
}

void *memalign(size_t align, size_t n)
{
	return shortage_strikes() ? NULL : REAL(memalign)(align, n);
}

void *aligned_alloc(size_t align, size_t n)
{
	return memalign(align, n);
}

int posix_memalign(void **ret, size_t align, size_t n)
{
	void *p = memalign(align, n);

	if (!p)
		return ENOMEM;
	*ret = p;
	return 0;
}

#endif
