/* SPDX-License-Identifier: MIT */
/*
 * What systemd hands over may be anything. A source is kept, its memory is spoilt in one way,
 * and the next daemon has to throw it away, say so once, and go on.
 */
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "lives.h"
#include "rt/queue.h"
#include "suite.h"

enum {
	QUEUE_MS = 100,
	FRAMES = 1000,
	LINES_MAX = 10, /* of one kind, in so short a time */
};

static struct lives lives;
static struct client client;
static char name[FAKE_SYSTEMD_NAME]; /* of the source, in the store */
static uint8_t *memory;              /* as it was left */
static size_t bytes;

static struct queue_player_part *first_part(uint8_t *m)
{
	return (struct queue_player_part *)m;
}

static struct queue_writer_part *second_part(uint8_t *m)
{
	return (struct queue_writer_part *)(m + QUEUE_PAGE);
}

static struct queue_saved *saved(uint8_t *m)
{
	return &first_part(m)->saved[first_part(m)->saved_which & 1];
}

/* Leaves a copy of a source's memory, and an empty store. */
static void set_up(void)
{
	int16_t samples[FRAMES] = {0};
	uint64_t source;
	struct stat st;
	int fd;

	lives_init(&lives, "[output]\nrewind = yes\n", "rewinds yes");
	lives_begin(&lives);
	client_init(&client, lives.audd.socket);
	source = client_source(&client, 1, QUEUE_MS);
	client_await(&client, client_pause(&client, source));
	client_await(&client, client_capture(&client, source, samples, 1, FRAMES));
	client_done(&client);
	lives_kill(&lives);

	snprintf(name, sizeof(name), "source-%d", (int)source);
	fd = fake_systemd_find(&lives.systemd, name);
	ck_assert_int_eq(fstat(fd, &st), 0);
	bytes = (size_t)st.st_size;
	memory = malloc(bytes);
	ck_assert_int_eq(pread(fd, memory, bytes, 0), (ssize_t)bytes);
	fake_systemd_forget_all(&lives.systemd);
}

static void tear_down(void)
{
	free(memory);
	lives_done(&lives);
}

enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL };

static int make_file(const void *data, size_t size, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	ck_assert_int_eq(pwrite(fd, data, size, 0), (ssize_t)size);
	ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static uint32_t count_sources(void)
{
	const Aud__Reply *r = client_await(&client, client_list(&client));

	ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_LIST_AUDIO_SOURCES);
	return (uint32_t)r->list_audio_sources->n_sources;
}

/* The next life has so many sources, keeps as many, and has thrown away so much. */
static void assert_next_life(uint32_t sources, int thrown_away)
{
	lives_begin(&lives);
	client_init(&client, lives.audd.socket);

	ck_assert_uint_eq(count_sources(), sources);
	client_source(&client, 1, QUEUE_MS);
	client_done(&client);
	lives_stop(&lives);
	ck_assert_int_eq(fake_systemd_count(&lives.systemd, "source-"), (int)sources + 1);
	ck_assert_int_eq(audd_log_lines(&lives.audd, "is thrown away"),
			 thrown_away < LINES_MAX ? thrown_away : LINES_MAX);
}

START_TEST(memory_that_is_right_is_taken)
{
	fake_systemd_keep(&lives.systemd, name, make_file(memory, bytes, SEALS));

	assert_next_life(1, 0);
}
END_TEST

/* ---- memory that is wrong ----------------------------------------------------------- */

static void another_magic(uint8_t *m)
{
	first_part(m)->magic++;
}
static void an_older_version(uint8_t *m)
{
	first_part(m)->version--;
}
static void a_newer_version(uint8_t *m)
{
	first_part(m)->version++;
}
static void another_header(uint8_t *m)
{
	first_part(m)->header_bytes *= 2;
}
static void no_rate(uint8_t *m)
{
	first_part(m)->shape.rate = 0;
}
static void no_channels(uint8_t *m)
{
	first_part(m)->shape.channels = 0;
}
static void many_channels(uint8_t *m)
{
	first_part(m)->shape.channels = 1 << 30;
}
static void no_format(uint8_t *m)
{
	first_part(m)->shape.format = 1000;
}
static void no_limit(uint8_t *m)
{
	first_part(m)->shape.limit = 0;
}
static void a_huge_limit(uint8_t *m)
{
	first_part(m)->shape.limit = UINT32_MAX;
}
static void a_longer_limit(uint8_t *m)
{
	first_part(m)->shape.limit *= 4;
}
static void a_huge_lookback(uint8_t *m)
{
	first_part(m)->shape.lookback = UINT32_MAX;
}
static void another_ring(uint8_t *m)
{
	first_part(m)->ring_bytes -= QUEUE_PAGE;
}
static void a_third_set(uint8_t *m)
{
	first_part(m)->saved_which = 2;
}
static void too_much_written(uint8_t *m)
{
	second_part(m)->written = UINT64_MAX / 2;
}
static void more_than_fits(uint8_t *m)
{
	second_part(m)->written = 48000;
}
static void played_ahead(uint8_t *m)
{
	saved(m)->saved_played = FRAMES + 1;
}
static void heard_too_much(uint8_t *m)
{
	saved(m)->saved_heard = 1;
}
static void a_floor_ahead(uint8_t *m)
{
	saved(m)->saved_floor = 1;
}
static void cut_ahead(uint8_t *m)
{
	second_part(m)->cut = FRAMES + 1;
}
static void a_loud_gain(uint8_t *m)
{
	second_part(m)->gain = 0x7f000000;
}
static void no_number_as_gain(uint8_t *m)
{
	second_part(m)->gain = 0x7fc00000;
}
static void an_unknown_channel(uint8_t *m)
{
	second_part(m)->channels.layout.at[1] = NUM_CHANNELS;
}
static void a_matrix_for_too_many(uint8_t *m)
{
	second_part(m)->channels.outputs = 33;
}
static void no_number_in_the_matrix(uint8_t *m)
{
	second_part(m)->channels.outputs = 2;
	second_part(m)->channels.matrix[1] = NAN;
}
static void no_id(uint8_t *m)
{
	second_part(m)->keep.id = 0;
}
static void another_id(uint8_t *m)
{
	second_part(m)->keep.id++;
}
static void a_name_without_end(uint8_t *m)
{
	memset(second_part(m)->keep.name, 'x', QUEUE_NAME_SIZE);
}
static void a_client_that_is_no_text(uint8_t *m)
{
	strcpy(second_part(m)->keep.client, "\033[2J");
}
static void another_length(uint8_t *m)
{
	second_part(m)->keep.queue_ms++;
}
static void a_long_linger(uint8_t *m)
{
	second_part(m)->keep.linger_ms = UINT32_MAX;
}
static void an_odd_truth(uint8_t *m)
{
	second_part(m)->keep.ending = 2;
}
static void much_lost(uint8_t *m)
{
	second_part(m)->keep.refused = UINT64_MAX;
}
static void closed_too_much(uint8_t *m)
{
	second_part(m)->keep.cut_by_close = 1;
}

static void dropped_without_a_cut(uint8_t *m)
{
	saved(m)->saved_played = 10;
}
static void a_hole_ahead_of_the_cut(uint8_t *m)
{
	second_part(m)->keep.holes =
		(struct queue_holes){.count = 1, .list[0] = {0, 10, 10}};
}
static void countless_holes(uint8_t *m)
{
	second_part(m)->keep.holes.count = UINT64_MAX;
}

static void pushed_more_than_there_is(uint8_t *m)
{
	second_part(m)->keep.pushers[2] =
		(struct queue_pusher){7, {{0, 0}, {FRAMES + 1, FRAMES}}};
}

typedef void spoil_fn(uint8_t *m);

static spoil_fn *const spoils[] = {
	another_magic,
	an_older_version,
	a_newer_version,
	another_header,
	no_rate,
	no_channels,
	many_channels,
	no_format,
	no_limit,
	a_huge_limit,
	a_longer_limit,
	a_huge_lookback,
	another_ring,
	a_third_set,
	too_much_written,
	more_than_fits,
	played_ahead,
	heard_too_much,
	a_floor_ahead,
	cut_ahead,
	a_loud_gain,
	no_number_as_gain,
	an_unknown_channel,
	a_matrix_for_too_many,
	no_number_in_the_matrix,
	no_id,
	another_id,
	a_name_without_end,
	a_client_that_is_no_text,
	another_length,
	a_long_linger,
	an_odd_truth,
	much_lost,
	closed_too_much,
	dropped_without_a_cut,
	a_hole_ahead_of_the_cut,
	countless_holes,
	pushed_more_than_there_is,
};

enum { NUM_SPOILS = sizeof(spoils) / sizeof(spoils[0]) };

/* All of them are kept at once, each under the name that its id asks for. */
START_TEST(a_header_that_lies_is_thrown_away)
{
	uint8_t *copy = malloc(bytes);
	char called[FAKE_SYSTEMD_NAME];

	for (int i = 0; i < NUM_SPOILS; i++) {
		memcpy(copy, memory, bytes);
		second_part(copy)->keep.id = 100 + (uint64_t)i;
		snprintf(called, sizeof(called), "source-%d", 100 + i);
		spoils[i](copy);
		fake_systemd_keep(&lives.systemd, called, make_file(copy, bytes, SEALS));
	}
	fake_systemd_keep(&lives.systemd, name, make_file(memory, bytes, SEALS));

	assert_next_life(1, NUM_SPOILS);
	free(copy);
}
END_TEST

/* ---- files that are wrong ----------------------------------------------------------- */

START_TEST(a_file_of_another_kind_is_thrown_away)
{
	char path[] = "/tmp/test-adopt.XXXXXX";
	int plain = mkstemp(path);

	ck_assert_int_eq(write(plain, memory, bytes), (ssize_t)bytes);
	unlink(path);
	fake_systemd_keep(&lives.systemd, "source-11", plain);
	fake_systemd_keep(&lives.systemd, "source-12", make_file(memory, bytes, 0));
	fake_systemd_keep(&lives.systemd, "source-13",
			  make_file(memory, bytes, SEALS | F_SEAL_WRITE));
	fake_systemd_keep(&lives.systemd, "source-14", make_file(memory, 100, SEALS));
	fake_systemd_keep(&lives.systemd, "source-15",
			  make_file(memory, bytes - QUEUE_PAGE, SEALS));
	fake_systemd_keep(&lives.systemd, "source-16", open("/dev/null", O_RDWR));
	fake_systemd_keep(&lives.systemd, "source-", make_file(memory, bytes, SEALS));
	fake_systemd_keep(&lives.systemd, "something", make_file(memory, bytes, SEALS));
	fake_systemd_keep(&lives.systemd, "ids", make_file(memory, bytes, SEALS));

	assert_next_life(0, 9);
}
END_TEST

START_TEST(what_is_kept_as_a_device_and_is_none_is_thrown_away)
{
	static const char *const called[] = {
		"device-",   "device-0", "device-12x", "device-99999999999999999999",
		"device--1",
	};
	int pipes[2];

	ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
	fake_systemd_keep(&lives.systemd, "device-1", make_file(memory, bytes, SEALS));
	fake_systemd_keep(&lives.systemd, "device-2", open("/dev/null", O_RDWR));
	fake_systemd_keep(&lives.systemd, "device-3", pipes[0]);
	for (int i = 0; i < 5; i++)
		fake_systemd_keep(&lives.systemd, called[i], make_file(memory, 1, SEALS));
	fake_systemd_keep(&lives.systemd, name, make_file(memory, bytes, SEALS));

	assert_next_life(1, 3 + 5);
	ck_assert_int_eq(fake_systemd_count(&lives.systemd, "device-"), 0);
	close(pipes[1]);
}
END_TEST

/* systemd forgets both when it is told to forget the name; the one that is taken stays. */
START_TEST(of_two_under_one_name_the_first_is_taken)
{
	fake_systemd_keep(&lives.systemd, name, make_file(memory, bytes, SEALS));
	fake_systemd_keep(&lives.systemd, name, make_file(memory, bytes, SEALS));

	assert_next_life(1, 1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("adopt");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, memory_that_is_right_is_taken);
	tcase_add_test(t, a_header_that_lies_is_thrown_away);
	tcase_add_test(t, a_file_of_another_kind_is_thrown_away);
	tcase_add_test(t, what_is_kept_as_a_device_and_is_none_is_thrown_away);
	tcase_add_test(t, of_two_under_one_name_the_first_is_taken);
	return suite_run("adopt", t);
}
