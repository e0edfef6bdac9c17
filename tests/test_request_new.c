/* SPDX-License-Identifier: MIT */
/*
 * A new source: every field of it that can be wrong is refused with a code and a
 * sentence.
 */
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "suite.h"

#define INVALID     AUD__ERROR_CODE__INVALID_ARGUMENT
#define UNSUPPORTED AUD__ERROR_CODE__NOT_SUPPORTED
#define MISSING     INT64_C(-1)
#define NAME_64     "0123456789012345678901234567890123456789012345678901234567890123"

static struct audd audd;
static struct client client;
static uint64_t handle; /* a source of client's: 2 channels, 1000 ms */

static void set_up(void)
{
	audd_start(&audd, "[daemon]\nmax_sources = 4\nmax_sources_per_connection = 3\n"
			  "max_connections = 3\nmax_queue_bytes = 1000000\n");
	client_init(&client, audd.socket);
	handle = client_source(&client, 2, 1000);
}

static void tear_down(void)
{
	client_done(&client);
	ck_assert_int_eq(audd_stop(&audd), 0);
	audd_done(&audd);
}

struct new_row {
	int64_t rate, channels; /* or MISSING */
	uint32_t ms;
	int format;
	const char *name;
	Aud__ErrorCode code;
	const char *words;
};

static const struct new_row new_rows[] = {
	{MISSING, 2, 1000, 1, NULL, INVALID, "sample_rate is missing"},
	{999, 2, 1000, 1, NULL, INVALID, "sample_rate is 999"},
	{0, 2, 1000, 1, NULL, INVALID, "sample_rate is 0"},
	{768001, 2, 1000, 1, NULL, INVALID, "from 1000 to 768000"},
	{UINT32_MAX, 2, 1000, 1, NULL, INVALID, "from 1000 to 768000"},
	{48000, MISSING, 1000, 1, NULL, INVALID, "num_channels is missing"},
	{48000, 0, 1000, 1, NULL, INVALID, "num_channels is 0"},
	{48000, 33, 1000, 1, NULL, INVALID, "from 1 to 32"},
	{48000, 2, 0, 1, NULL, INVALID, "queue_size_ms is 0"},
	{48000, 2, 60001, 1, NULL, INVALID, "from 1 to 60000"},
	{48000, 2, 1000, 0, NULL, INVALID, "format 0"},
	{48000, 2, 1000, 14, NULL, INVALID, "format 14 is not known"},
	{48000, 2, 1000, -1, NULL, INVALID, "format -1"},
	{48000, 2, 1000, 1, NAME_64, INVALID, "longer than 63"},
	{48000, 2, 1000, 1, "bell \a", INVALID, "printable"},
	{48000, 2, 1000, 1, "\xc0\xaf", INVALID, "printable"},
	{48000, 9, 1000, 1, NULL, UNSUPPORTED, "channel 9 of the source has no name"},
	{48000, 32, 1000, 1, NULL, UNSUPPORTED, "2 channels"},
	{48000, 2, 60000, 1, NULL, AUD__ERROR_CODE__LIMIT_REACHED, "1000000"},
};

static uint64_t ask_for_source(struct client *c, const struct new_row *row)
{
	Aud__NewAudioSource body = AUD__NEW_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_sample_rate = row->rate != MISSING;
	body.sample_rate = (uint32_t)row->rate;
	body.has_num_channels = row->channels != MISSING;
	body.num_channels = (uint32_t)row->channels;
	body.has_queue_size_ms = true;
	body.queue_size_ms = row->ms;
	body.has_format = true;
	body.format = (Aud__SampleFormat)row->format;
	body.name = (char *)row->name;
	r.kind_case = AUD__REQUEST__KIND_NEW_AUDIO_SOURCE;
	r.new_audio_source = &body;
	return client_send(c, &r);
}

START_TEST(a_wrong_source_is_not_made)
{
	const struct new_row *row = &new_rows[_i];

	client_assert_refused(&client, ask_for_source(&client, row), row->code,
			      row->words);

	ck_assert_uint_eq(client_await(&client, client_list(&client))
				  ->list_audio_sources->n_sources,
			  1);
}
END_TEST

START_TEST(a_source_is_as_it_was_asked_for)
{
	struct new_row row = {48000, 1, 333, 2, "Größe 1", 0, NULL};
	const Aud__NewAudioSourceReply *made;
	const Aud__AudioSourceStatus *status;

	made = client_await(&client, ask_for_source(&client, &row))->new_audio_source;
	ck_assert_uint_gt(made->source_handle, handle);
	ck_assert_uint_eq(made->queue_frames, 15984);
	status = client_look_at(&client, made->source_handle);

	ck_assert_str_eq(status->name, "Größe 1");
	ck_assert_str_eq(status->client, "test");
	ck_assert_uint_eq(status->pid, (uint32_t)getpid());
	ck_assert_uint_eq(status->uid, getuid());
	ck_assert_uint_eq(status->num_channels, 1);
	ck_assert_uint_eq(status->queue_size_ms, 333);
	ck_assert_int_eq(status->format, AUD__SAMPLE_FORMAT__F32);
	ck_assert_int_eq(status->state, AUD__SOURCE_STATE__LIVE);
}
END_TEST

static const struct {
	int64_t rate;
	uint32_t ms;
	uint64_t frames;
} lengths[] = {
	{22050, 1, 22}, {22050, 33, 727},   {11025, 7, 77},   {44100, 999, 44055},
	{1000, 1, 1},   {768000, 13, 9984}, {47999, 10, 479}, {8001, 60000, 480060},
};

START_TEST(a_queue_has_as_many_frames_as_its_time_takes_to_the_frame)
{
	struct new_row row = {lengths[_i].rate, 1, lengths[_i].ms, 1, NULL, 0, NULL};
	int16_t *samples = calloc(lengths[_i].frames + 1, sizeof(*samples));
	const Aud__NewAudioSourceReply *made;
	const Aud__AudioSourceStatus *status;

	made = client_await(&client, ask_for_source(&client, &row))->new_audio_source;
	ck_assert_uint_eq(made->queue_frames, lengths[_i].frames);
	client_await(&client, client_pause(&client, made->source_handle));
	client.rate = (uint32_t)lengths[_i].rate;
	client_capture(&client, made->source_handle, samples, 1,
		       (uint32_t)lengths[_i].frames + 1);
	status = client_look_at(&client, made->source_handle);

	ck_assert_uint_eq(status->queued, lengths[_i].frames);
	ck_assert_uint_eq(status->waiting_captures, 1);
	free(samples);
}
END_TEST

START_TEST(the_longest_queue_of_the_widest_source_is_counted_without_overflow)
{
	struct new_row row = {768000, 32, 60000, 2, NULL, 0, NULL};
	struct audd wide;
	struct client c;

	audd_start(&wide, "[output]\nrate = 768000\nchannels = 32\n");
	client_init(&c, wide.socket);

	client_assert_refused(&c, ask_for_source(&c, &row),
			      AUD__ERROR_CODE__LIMIT_REACHED,
			      "a queue of 5898240000 bytes");
	client_done(&c);
	ck_assert_int_eq(audd_stop(&wide), 0);
	audd_done(&wide);
}
END_TEST

START_TEST(there_are_no_more_sources_than_allowed)
{
	struct client other;
	uint64_t second = client_source(&client, 2, 100);

	client_source(&client, 2, 100);
	client_assert_refused(&client, client_new_source(&client, 2, 100),
			      AUD__ERROR_CODE__LIMIT_REACHED, "this connection has 3");
	client_init(&other, audd.socket);
	client_source(&other, 2, 100);
	client_assert_refused(&other, client_new_source(&other, 2, 100),
			      AUD__ERROR_CODE__LIMIT_REACHED, "the daemon has 4");

	client_await(&client, client_close(&client, second, true));
	while (client_await(&client, client_status(&client))->get_daemon_status->sources >
	       3)
		;
	client_source(&other, 2, 100);
	client_done(&other);
}
END_TEST

START_TEST(there_are_no_more_connections_than_allowed)
{
	struct client second, third, fourth;

	client_init(&second, audd.socket);
	client_init(&third, audd.socket);
	client_connect(&fourth, audd.socket);
	client_assert_refused(&fourth, 0, AUD__ERROR_CODE__LIMIT_REACHED, "connections");
	client_await_end(&fourth);
	client_done(&fourth);

	client_done(&third);
	while (client_await(&client, client_status(&client))
		       ->get_daemon_status->connections > 2)
		;
	client_init(&third, audd.socket);
	client_done(&third);
	client_done(&second);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("request_new");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, a_wrong_source_is_not_made, 0,
			    (int)(sizeof(new_rows) / sizeof(new_rows[0])));
	tcase_add_test(tc, a_source_is_as_it_was_asked_for);
	tcase_add_loop_test(tc, a_queue_has_as_many_frames_as_its_time_takes_to_the_frame,
			    0, sizeof(lengths) / sizeof(lengths[0]));
	tcase_add_test(
		tc, the_longest_queue_of_the_widest_source_is_counted_without_overflow);
	tcase_add_test(tc, there_are_no_more_sources_than_allowed);
	tcase_add_test(tc, there_are_no_more_connections_than_allowed);
	return suite_run("request_new", tc);
}
