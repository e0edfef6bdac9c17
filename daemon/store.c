/* SPDX-License-Identifier: MIT */
/*
 * memfd_create, two mappings side by side, and no surprise later.
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* A file whose pages exist, so that touching them cannot fail for want of memory. */
static int make_file(off_t bytes)
{
	int fd = memfd_create("aud-queue", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r;

	if (fd < 0)
		return -errno;
	if (fallocate(fd, 0, 0, bytes) < 0 || fcntl(fd, F_ADD_SEALS, SEALS) < 0) {
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
 * nothing where mlockall(MCL_ONFAULT) is in force. What is there already stays. */
static void touch(struct store *s)
{
	volatile uint8_t *p = s->map;

	for (size_t i = 0; i < s->bytes; i += QUEUE_PAGE)
		p[i] = p[i];
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

/* The file's first page, as it was at one moment. A file that can still shrink would kill us
 * whenever its owner likes. */
static const char *read_header(int fd, struct queue_player_part *ret, uint64_t *ret_bytes)
{
	uint8_t page[QUEUE_PAGE];
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0)
		return "it is no memory file";
	if ((seals & SEALS) != SEALS)
		return "its size is not sealed";
	if (fstat(fd, &st) < 0 || st.st_size < QUEUE_RING_OFFSET ||
	    pread(fd, page, sizeof(page), 0) != sizeof(page))
		return "it is too short";
	memcpy(ret, page, sizeof(*ret));
	*ret_bytes = (uint64_t)st.st_size;
	return NULL;
}

int store_adopt(struct store *s, int fd, uint32_t near, const struct played_out *out,
		struct queue *ret, const char **ret_why)
{
	struct queue_player_part first;
	struct queue_shape shape;
	const char *why;
	uint64_t bytes;
	int r;

	why = read_header(fd, &first, &bytes);
	if (!why)
		why = queue_check_shape(&first, bytes, &shape);
	if (why) {
		*ret_why = why;
		return -EINVAL;
	}
	*s = (struct store){.fd = fd};
	r = fallocate(fd, 0, 0, (off_t)bytes) < 0 ? -errno : map_file(s, bytes);
	if (r < 0) {
		*ret_why = strerror(-r);
		return r;
	}
	touch(s);
	why = queue_adopt(ret, s->map, &shape, near, out);
	if (!why)
		return 0;
	*ret_why = why;
	munmap(s->map, s->bytes);
	return -EINVAL;
}

void store_done(struct store *s)
{
	if (!s->map)
		return;
	munmap(s->map, s->bytes);
	close(s->fd);
	*s = (struct store){.fd = -1};
}
