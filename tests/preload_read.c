/* SPDX-License-Identifier: MIT */
/*
 * For LD_PRELOAD of a daemon: when it last read something from a client (CLOCK_MONOTONIC, ns), at
 * the beginning of the file $AUD_READ_AT, for bench_daemon.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static _Atomic uint64_t *read_at;
static ssize_t (*real_recv)(int, void *, size_t, int);

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("AUD_READ_AT");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map =
		mmap(NULL, sizeof(*read_at), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	real_recv = (ssize_t(*)(int, void *, size_t, int))dlsym(RTLD_NEXT, "recv");
	if (map == MAP_FAILED || !real_recv)
		abort();
	read_at = map;
}

ssize_t recv(int fd, void *buf, size_t size, int flags)
{
	ssize_t n = real_recv(fd, buf, size, flags);
	struct timespec t;

	if (n > 0) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		atomic_store(read_at,
			     (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec);
	}
	return n;
}
