/* SPDX-License-Identifier: MIT */
/*
 * A daemon with several outputs: each source plays to the one that it names.
 */
#include <string.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "suite.h"

static struct audd audd;
static struct client client;
static char config[512], left[64], right[64]; /* recordings */

static void set_up(void)
{
	snprintf(left, sizeof(left), "/tmp/audd-left.%d.wav", getpid());
	snprintf(right, sizeof(right), "/tmp/audd-right.%d.wav", getpid());
	snprintf(config, sizeof(config),
		 "[daemon]\ndefault_output = right\n"
		 "[output left]\nrecord = %s\n[output right]\nrecord = %s\n",
		 left, right);
	audd_start(&audd, config);
	client_init(&client, audd.socket);
}

static void tear_down(void)
{
	client_done(&client);
	audd_done(&audd);
	unlink(left);
	unlink(right);
}

static uint64_t ask_for_source(const char *output)
{
	Aud__NewAudioSource in = AUD__NEW_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	in.has_sample_rate = in.has_num_channels = true;
	in.sample_rate = 48000;
	in.num_channels = 2;
	in.output = (char *)output;
	r.kind_case = AUD__REQUEST__KIND_NEW_AUDIO_SOURCE;
	r.new_audio_source = &in;
	return client_send(&client, &r);
}

static uint64_t make_source(const char *output)
{
	const Aud__Reply *r = client_await(&client, ask_for_source(output));

	ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_NEW_AUDIO_SOURCE);
	return r->new_audio_source->source_handle;
}

/* A tenth of a second that is this sample throughout. */
static void push(uint64_t source, int16_t sample)
{
	int16_t samples[2 * 4800];

	for (int i = 0; i < 2 * 4800; i++)
		samples[i] = sample;
	client_capture(&client, source, samples, 2, 4800);
}

/* Waits until it was heard. */
static void play(uint64_t source, int16_t sample)
{
	push(source, sample);
	client_play_out(&client, source);
}

/* How often a recording has this sample, header aside. */
static int count(const char *path, int16_t sample)
{
	FILE *f = fopen(path, "re");
	int16_t read;
	int n = 0;

	ck_assert_ptr_nonnull(f);
	fseek(f, 44, SEEK_SET);
	while (fread(&read, sizeof(read), 1, f) == 1)
		n += read == sample;
	fclose(f);
	return n;
}

START_TEST(each_source_plays_to_the_output_that_it_names)
{
	uint64_t one = make_source("left"), other = make_source(NULL);

	play(one, 1111);
	play(other, 2222);
	ck_assert_str_eq(client_look_at(&client, one)->output, "left");
	ck_assert_str_eq(client_look_at(&client, other)->output, "right");
	ck_assert_int_eq(audd_stop(&audd), 0);

	ck_assert_int_eq(count(left, 1111), 2 * 4800);
	ck_assert_int_eq(count(left, 2222), 0);
	ck_assert_int_eq(count(right, 1111), 0);
	ck_assert_int_eq(count(right, 2222), 2 * 4800);
}
END_TEST

START_TEST(an_output_that_does_not_exist_is_refused_with_those_that_do)
{
	client_assert_refused(&client, ask_for_source("up\x1b"),
			      AUD__ERROR_CODE__NOT_FOUND,
			      "there is no output 'up\\x1b'; there are: left, right");
	client_assert_refused(&client, ask_for_source(""), AUD__ERROR_CODE__NOT_FOUND,
			      "there is no output ''");
}
END_TEST

static uint64_t ask_to_move(uint64_t source, const char *output, uint32_t fade_ms)
{
	Aud__MoveAudioSource in = AUD__MOVE_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	in.has_source_handle = in.has_fade_ms = true;
	in.source_handle = source;
	in.output = (char *)output;
	in.fade_ms = fade_ms;
	r.kind_case = AUD__REQUEST__KIND_MOVE_AUDIO_SOURCE;
	r.move_audio_source = &in;
	return client_send(&client, &r);
}

static uint64_t move_to(uint64_t source, const char *output)
{
	const Aud__Reply *r = client_await(&client, ask_to_move(source, output, 0));

	ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_MOVE_AUDIO_SOURCE);
	return r->move_audio_source->position;
}

/* One that brings a matrix for two channels, and has 9 channels without all their names. */
static uint64_t make_with_matrix(void)
{
	static float matrix[2 * 9] = {1};
	Aud__NewAudioSource in = AUD__NEW_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;
	const Aud__Reply *made;

	in.has_sample_rate = in.has_num_channels = true;
	in.sample_rate = 48000;
	in.num_channels = 9;
	in.matrix = matrix;
	in.n_matrix = 2 * 9;
	r.kind_case = AUD__REQUEST__KIND_NEW_AUDIO_SOURCE;
	r.new_audio_source = &in;
	made = client_await(&client, client_send(&client, &r));
	ck_assert_int_eq(made->kind_case, AUD__REPLY__KIND_NEW_AUDIO_SOURCE);
	return made->new_audio_source->source_handle;
}

START_TEST(a_matrix_goes_only_where_it_fits)
{
	uint64_t source;

	tear_down();
	audd_start(&audd, "[output left]\n[output right]\nchannels = 3\nrecord =\n"
			  "[output other]\nrecord =\n");
	client_init(&client, audd.socket);
	source = make_with_matrix();

	client_assert_refused(&client, ask_to_move(source, "right", 0),
			      AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "it is for 2 channels, and the output 'right' has 3");
	ck_assert_str_eq(client_look_at(&client, source)->output, "left");
	move_to(source, "other");
}
END_TEST

enum { NUMBERS = 30000, MOVES = 8 };

/* How often each number is on a recording, but 0. */
static void add_up(const char *path, int *counts)
{
	FILE *f = fopen(path, "re");
	int16_t frame[2];

	ck_assert_ptr_nonnull(f);
	fseek(f, 44, SEEK_SET);
	while (fread(frame, sizeof(frame), 1, f) == 1) {
		ck_assert_int_eq(frame[0], frame[1]);
		ck_assert_int_ge(frame[0], 0);
		counts[frame[0]]++;
	}
	fclose(f);
}

START_TEST(a_source_that_is_moved_again_and_again_is_heard_once)
{
	static int16_t samples[2 * NUMBERS];
	static int lefts[32768], rights[32768];
	uint64_t source = make_source("left"), ends[MOVES + 1] = {0};

	for (int i = 0; i < 2 * NUMBERS; i++)
		samples[i] = (int16_t)(i / 2 + 1);
	client_capture(&client, source, samples, 2, NUMBERS);
	for (int i = 0; i < MOVES; i++) {
		audd_pause(20);
		ends[i] = move_to(source, i % 2 ? "left" : "right");
	}
	ends[MOVES] = NUMBERS;
	client_play_out(&client, source);
	ck_assert_uint_eq(client_look_at(&client, source)->heard, NUMBERS);
	ck_assert_uint_eq(client_look_at(&client, source)->silence, 0);
	ck_assert_int_eq(audd_stop(&audd), 0);

	add_up(left, lefts);
	add_up(right, rights);
	for (int i = 0, n = 0; i <= MOVES; i++) {
		for (; n < (int)ends[i]; n++) {
			ck_assert_int_eq(lefts[n + 1], i % 2 == 0);
			ck_assert_int_eq(rights[n + 1], i % 2 != 0);
		}
	}
}
END_TEST

START_TEST(a_move_to_nowhere_or_that_cannot_be_is_refused)
{
	uint64_t source = make_source("left");

	client_assert_refused(&client, ask_to_move(source, NULL, 0),
			      AUD__ERROR_CODE__INVALID_ARGUMENT, "output is missing");
	client_assert_refused(&client, ask_to_move(source, "up", 0),
			      AUD__ERROR_CODE__NOT_FOUND,
			      "there is no output 'up'; there are: left, right");
	client_assert_refused(&client, ask_to_move(source, "right", 251),
			      AUD__ERROR_CODE__INVALID_ARGUMENT, "fade_ms is 251");
	client_assert_refused(&client, ask_to_move(source + 1, "right", 0),
			      AUD__ERROR_CODE__NOT_FOUND, "there is no source");
}
END_TEST

START_TEST(what_is_too_loud_is_counted_at_its_output_and_nowhere_else)
{
	uint64_t one = make_source("left"), other = make_source("left");
	const Aud__DaemonStatus *status;

	client_await(&client, client_pause(&client, one));
	client_await(&client, client_pause(&client, other));
	push(one, 20000);
	push(other, 20000);
	client_resume(&client, one);
	client_resume(&client, other);
	client_play_out(&client, one);
	client_play_out(&client, other);
	play(make_source("right"), INT16_MAX);

	status = client_await(&client, client_status(&client))->get_daemon_status;
	ck_assert_uint_ge(status->outputs[0]->clipped, 4800);
	ck_assert_uint_eq(status->outputs[1]->clipped, 0);
	ck_assert_int_eq(audd_stop(&audd), 0);
	ck_assert_int_ge(count(left, INT16_MAX), 4800);
}
END_TEST

START_TEST(the_status_lists_all_of_them)
{
	const Aud__Reply *r = client_await(&client, client_status(&client));
	const Aud__DaemonStatus *status = r->get_daemon_status;

	ck_assert_uint_eq(status->n_outputs, 2);
	ck_assert_str_eq(status->outputs[0]->name, "left");
	ck_assert(!status->outputs[0]->is_default);
	ck_assert_str_eq(status->outputs[1]->name, "right");
	ck_assert(status->outputs[1]->is_default);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("outputs");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, each_source_plays_to_the_output_that_it_names);
	tcase_add_test(tc, an_output_that_does_not_exist_is_refused_with_those_that_do);
	tcase_add_test(tc, a_matrix_goes_only_where_it_fits);
	tcase_add_test(tc, a_source_that_is_moved_again_and_again_is_heard_once);
	tcase_add_test(tc, a_move_to_nowhere_or_that_cannot_be_is_refused);
	tcase_add_test(tc, what_is_too_loud_is_counted_at_its_output_and_nowhere_else);
	tcase_add_test(tc, the_status_lists_all_of_them);
	return suite_run("outputs", tc);
}
