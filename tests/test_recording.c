/* SPDX-License-Identifier: MIT */
/*
 * From the tape to the file.
 */
#include <signal.h>
#include <sndfile.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "recording.h"
#include "suite.h"

enum { RATE = 8000, CHANNELS = 2, FRAMES = 20000 };

static char path[] = "/tmp/recording.XXXXXX";
static struct recording *recording;
static char *error;

static void set_up(void)
{
	int fd;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void tear_down(void)
{
	unlink(path);
	free(error);
}

static void start(uint32_t format)
{
	ck_assert_int_eq(recording_new(&recording, path, RATE, CHANNELS, format, &error),
			 0);
}

/* As the player does, but for the room that there is not. */
static void put(const void *data, size_t bytes)
{
	struct tape *t = recording_tape(recording);

	ck_assert_uint_le(t->head - t->tail + bytes, t->bytes);
	for (size_t i = 0; i < bytes; i++)
		t->data[(t->head + i) % t->bytes] = ((const uint8_t *)data)[i];
	t->head += bytes;
}

/* Frames in the file, of floats or at the top of an int. */
static sf_count_t read_back(void *data, uint32_t format, int *ret_format)
{
	SF_INFO info = {0};
	SNDFILE *f = sf_open(path, SFM_READ, &info);
	sf_count_t n;

	ck_assert_msg(f != NULL, "%s", sf_strerror(NULL));
	ck_assert_int_eq(info.samplerate, RATE);
	ck_assert_int_eq(info.channels, CHANNELS);
	if (formats[format].is_float)
		n = sf_readf_float(f, data, FRAMES);
	else
		n = sf_readf_int(f, data, FRAMES);
	*ret_format = info.format & SF_FORMAT_SUBMASK;
	sf_close(f);
	return n;
}

/* A whole number's lowest bits, as the format has them. */
static void put_sample(uint32_t format, uint8_t *at, uint32_t x)
{
	const struct format *f = &formats[format];
	uint32_t order =
		FORMAT_S16 == FORMAT_LE(FORMAT_S16) ? f->is_swapped : !f->is_swapped;

	for (uint32_t i = 0; i < f->bytes; i++)
		at[order ? f->bytes - 1 - i : i] = (uint8_t)(x >> 8 * i);
}

START_TEST(samples_are_in_the_file_as_they_were_on_the_tape)
{
	static const int subformats[] = {[16] = SF_FORMAT_PCM_16,
					 [24] = SF_FORMAT_PCM_24,
					 [32] = SF_FORMAT_PCM_32};
	static int32_t in[FRAMES * CHANNELS], out[FRAMES * CHANNELS];
	static uint8_t tape[FRAMES * CHANNELS * 4];
	uint32_t format = (uint32_t)_i;
	const struct format *f = &formats[format];
	int subformat;

	if (f->high == 0)
		return;
	for (int i = 0; i < FRAMES * CHANNELS; i++) {
		float x = (float)i / (FRAMES * CHANNELS) - 0.5f;

		in[i] = (int32_t)(((uint32_t)i * 107374u ^ 0x80000000u) &
				  ~0u << (32 - f->bits));
		if (f->is_float)
			memcpy(&in[i], &x, sizeof(x));
		put_sample(format, tape + (size_t)i * f->bytes,
			   (uint32_t)(in[i] >> (32 - f->bits)));
	}
	start(format);
	put(tape, (size_t)FRAMES * CHANNELS * f->bytes);
	recording_free(recording);

	ck_assert_int_eq(read_back(out, format, &subformat), FRAMES);
	ck_assert_int_eq(subformat, f->is_float ? SF_FORMAT_FLOAT : subformats[f->bits]);
	ck_assert_int_eq(memcmp(in, out, sizeof(in)), 0);
}
END_TEST

START_TEST(the_file_is_complete_after_each_drain)
{
	static int16_t in[FRAMES * CHANNELS];
	static int32_t out[FRAMES * CHANNELS];
	int subformat;

	start(FORMAT_S16);
	put(in, 4000);
	recording_drain(recording);
	ck_assert_int_eq(read_back(out, FORMAT_S16, &subformat), 1000);
	put(in, 2000);
	recording_drain(recording);

	ck_assert_int_eq(read_back(out, FORMAT_S16, &subformat), 1500);
	recording_free(recording);
}
END_TEST

START_TEST(a_tape_may_go_round_many_times)
{
	static int16_t in[FRAMES * CHANNELS];
	SF_INFO info = {0};
	SNDFILE *f;

	start(FORMAT_S16);
	for (int i = 0; i < 30; i++) {
		put(in, sizeof(in));
		recording_drain(recording);
	}
	recording_free(recording);

	f = sf_open(path, SFM_READ, &info);
	ck_assert_int_eq(info.frames, 30 * FRAMES);
	sf_close(f);
}
END_TEST

START_TEST(a_file_that_cannot_be_made_is_an_error_with_a_sentence)
{
	ck_assert_int_lt(recording_new(&recording, "/nonexistent/x.wav", RATE, CHANNELS,
				       FORMAT_S16, &error),
			 0);

	ck_assert_str_eq(error, "recording /nonexistent/x.wav: cannot be opened: No such "
				"file or directory");
}
END_TEST

START_TEST(a_full_disk_ends_the_recording_and_nothing_else)
{
	static int16_t in[FRAMES * CHANNELS];
	struct rlimit small = {.rlim_cur = 100000, .rlim_max = 100000};

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	start(FORMAT_S16);
	for (int i = 0; i < 3; i++) {
		put(in, sizeof(in));
		recording_drain(recording);
		recording_tape(recording)->tail = recording_tape(recording)->head;
	}

	recording_free(recording);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("recording");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, samples_are_in_the_file_as_they_were_on_the_tape, 0,
			    NUM_FORMATS);
	tcase_add_test(tc, the_file_is_complete_after_each_drain);
	tcase_add_test(tc, a_tape_may_go_round_many_times);
	tcase_add_test(tc, a_file_that_cannot_be_made_is_an_error_with_a_sentence);
	tcase_add_test(tc, a_full_disk_ends_the_recording_and_nothing_else);
	return suite_run("recording", tc);
}
