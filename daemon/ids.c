/* SPDX-License-Identifier: MIT */
/*
 * One page: what it is, and a number that grows.
 */
#include "ids.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fd_store.h"

enum { PAGE = 4096, STEPS_PER_S = 10000 };

/* What stands where in it. */
enum { WORD_MAGIC, WORD_LAST };

#define IDS_MAGIC UINT64_C(0x3173646964756101) /* version 1 */
#define SEALS     (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* Clients may keep an id in 63 bits. */
#define ID_MAX (UINT64_C(1) << 62)

void ids_init(struct ids *ids)
{
	*ids = (struct ids){.fd = -1};
}

void ids_done(struct ids *ids)
{
	if (ids->page) {
		munmap(ids->page, PAGE);
		close(ids->fd);
	}
	ids_init(ids);
}

static uint64_t *map(int fd)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return page == MAP_FAILED ? NULL : page;
}

int ids_adopt(struct ids *ids, int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	uint64_t *page;

	if (ids->page || seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &st) < 0 ||
	    st.st_size != PAGE)
		return -EINVAL;
	page = map(fd);
	if (!page)
		return -EINVAL;
	if (page[WORD_MAGIC] != IDS_MAGIC || page[WORD_LAST] > ID_MAX) {
		munmap(page, PAGE);
		return -EINVAL;
	}
	ids->fd = fd;
	ids->page = page;
	ids_pass(ids, page[WORD_LAST]);
	return 0;
}

/* Without it ids go on above those of the sources that are kept, which is nearly as good. */
static void write_down_from_now_on(struct ids *ids)
{
	int fd = memfd_create("aud-ids", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return;
	if (fallocate(fd, 0, 0, PAGE) == 0 && fcntl(fd, F_ADD_SEALS, SEALS) == 0)
		ids->page = map(fd);
	if (!ids->page) {
		close(fd);
		return;
	}
	ids->page[WORD_MAGIC] = IDS_MAGIC;
	ids->fd = fd;
	fd_store_keep(IDS_STORED, fd);
}

/* A source takes longer to make than such a step, so no daemon has got above where the clock is. */
void ids_begin(struct ids *ids)
{
	struct timespec now;

	if (ids->page)
		return;
	clock_gettime(CLOCK_BOOTTIME, &now);
	ids_pass(ids, (uint64_t)now.tv_sec * STEPS_PER_S +
			      (uint64_t)now.tv_nsec / (1000000000 / STEPS_PER_S));
}

void ids_pass(struct ids *ids, uint64_t id)
{
	if (ids->last < id)
		ids->last = id;
	if (ids->page)
		ids->page[WORD_LAST] = ids->last;
}

uint64_t ids_next(struct ids *ids)
{
	if (!ids->page && fd_store_is_there())
		write_down_from_now_on(ids);
	ids_pass(ids, ids->last + 1);
	return ids->last;
}
