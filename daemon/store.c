/* SPDX-License-Identifier: MIT */
/*
 * memfd_create, two mappings side by side, and no surprise later.
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* A file whose pages exist, so that touching them cannot fail for want of memory. */
static int make_file(off_t bytes)
{
	int fd = memfd_create("aud-queue", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r;

	if (fd < 0)
		return -errno;
	if (fallocate(fd, 0, 0, bytes) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		r = errno == ENOSPC ? -ENOMEM : -errno;
		close(fd);
		return r;
	}
	return fd;
}

static int map_at(uint8_t *address, size_t bytes, int fd, off_t offset)
{
	void *p = mmap(address, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		       offset);

	return p == MAP_FAILED ? -errno : 0;
}

/* The whole file, and behind it the ring once more. */
static int map_file(struct store *s, size_t file_bytes)
{
	size_t ring_bytes = file_bytes - QUEUE_RING_OFFSET;
	size_t bytes = file_bytes + ring_bytes;
	uint8_t *map = mmap(NULL, bytes, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int r;

	if (map == MAP_FAILED)
		return -errno;
	r = map_at(map, file_bytes, s->fd, 0);
	if (r == 0)
		r = map_at(map + file_bytes, ring_bytes, s->fd, QUEUE_RING_OFFSET);
	if (r < 0) {
		munmap(map, bytes);
		return r;
	}
	s->map = map;
	s->bytes = bytes;
	return 0;
}

/* Page faults are taken here and not by the player. MAP_POPULATE would not do: it does
 * nothing where mlockall(MCL_ONFAULT) is in force. */
static void touch(struct store *s)
{
	volatile uint8_t *p = s->map;

	for (size_t i = 0; i < s->bytes; i += QUEUE_PAGE)
		p[i] = 0;
}

int store_init(struct store *s, const struct queue_shape *shape, uint32_t near,
	       struct queue *ret)
{
	size_t bytes = queue_file_bytes(shape);
	int fd = make_file((off_t)bytes);
	int r;

	if (fd < 0)
		return fd;
	*s = (struct store){.fd = fd};
	r = map_file(s, bytes);
	if (r < 0) {
		close(fd);
		return r;
	}
	touch(s);
	queue_init(ret, s->map, shape, near);
	return 0;
}

void store_done(struct store *s)
{
	if (!s->map)
		return;
	munmap(s->map, s->bytes);
	close(s->fd);
	*s = (struct store){.fd = -1};
}
