/* SPDX-License-Identifier: MIT */
/*
 * libaud: statuses arrive whole, and the queued duration goes on with the clock as far as
 * it may.
 */
#include <check.h>
#include <errno.h>
#include <time.h>

#include "suite.h"
#include "talk.h"

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

/* A status with another number in every field. */
static Aud__AudioSourceStatus source_status(uint32_t n)
{
	Aud__AudioSourceStatus s = AUD__AUDIO_SOURCE_STATUS__INIT;

	s.has_source_handle = s.has_pid = s.has_uid = s.has_sample_rate = true;
	s.has_num_channels = s.has_format = s.has_queue_size_ms = true;
	s.has_queue_frames = s.has_state = s.has_paused = s.has_gain = true;
	s.has_pushed = s.has_heard = s.has_queued = s.has_in_device = true;
	s.has_dropped_cleared = s.has_dropped_closed = s.has_silence = true;
	s.has_dropped_refused = s.has_attached = s.has_linger_ms = true;
	s.has_played = s.has_sounding = s.has_at_ns = s.has_waiting_captures = true;
	s.source_handle = n;
	s.name = (char *)"speech";
	s.client = (char *)"agent";
	s.pid = n + 1;
	s.uid = n + 2;
	s.sample_rate = n + 3;
	s.num_channels = n + 4;
	s.format = AUD__SAMPLE_FORMAT__F32;
	s.queue_size_ms = n + 5;
	s.queue_frames = n + 6;
	s.state = AUD__SOURCE_STATE__ENDING;
	s.paused = true;
	s.gain = 0.5f;
	s.pushed = UINT64_MAX;
	s.heard = n + 7;
	s.queued = n + 8;
	s.in_device = n + 9;
	s.dropped_cleared = n + 10;
	s.dropped_closed = n + 11;
	s.silence = n + 12;
	s.played = n + 13;
	s.sounding = true;
	s.at_ns = n + 14;
	s.waiting_captures = n + 15;
	s.dropped_refused = n + 16;
	s.attached = n + 17;
	s.linger_ms = n + 18;
	s.has_may_control = s.may_control = true;
	s.has_not_finite = true;
	s.not_finite = n + 19;
	s.has_begins_ns = true;
	s.begins_ns = n + 20;
	s.output = (char *)"headset";
	return s;
}

static void assert_is_source_status(const struct aud_source_status *s, uint32_t n)
{
	ck_assert_uint_eq(s->handle, n);
	ck_assert_str_eq(s->name, "speech");
	ck_assert_str_eq(s->client, "agent");
	ck_assert_uint_eq(s->pid, n + 1);
	ck_assert_uint_eq(s->uid, n + 2);
	ck_assert_uint_eq(s->sample_rate, n + 3);
	ck_assert_uint_eq(s->num_channels, n + 4);
	ck_assert_int_eq(s->format, AUD_FORMAT_F32);
	ck_assert_uint_eq(s->queue_size_ms, n + 5);
	ck_assert_uint_eq(s->queue_frames, n + 6);
	ck_assert(s->ending);
	ck_assert(s->paused);
	ck_assert_float_eq(s->gain, 0.5f);
	ck_assert_uint_eq(s->pushed, UINT64_MAX);
	ck_assert_uint_eq(s->heard, n + 7);
	ck_assert_uint_eq(s->queued, n + 8);
	ck_assert_uint_eq(s->in_device, n + 9);
	ck_assert_uint_eq(s->dropped_cleared, n + 10);
	ck_assert_uint_eq(s->dropped_closed, n + 11);
	ck_assert_uint_eq(s->silence, n + 12);
	ck_assert_uint_eq(s->played, n + 13);
	ck_assert(s->sounding);
	ck_assert_uint_eq(s->at_ns, n + 14);
	ck_assert_uint_eq(s->waiting_captures, n + 15);
	ck_assert_uint_eq(s->dropped_refused, n + 16);
	ck_assert_uint_eq(s->attached, n + 17);
	ck_assert_uint_eq(s->linger_ms, n + 18);
	ck_assert(s->may_control);
	ck_assert_uint_eq(s->not_finite, n + 19);
	ck_assert_uint_eq(s->begins_ns, n + 20);
	ck_assert_str_eq(s->output, "headset");
}

/* Answers with p->user, an Aud__AudioSourceStatus. */
static void tell_source(struct peer *p)
{
	peer_expect(p, AUD__REQUEST__KIND_GET_AUDIO_SOURCE);
	ck_assert_uint_eq(p->request->get_audio_source->source_handle, 5);
	peer_answer(p, AUD__REPLY__KIND_GET_AUDIO_SOURCE, p->user);
}

START_TEST(a_status_arrives_whole)
{
	Aud__AudioSourceStatus told = source_status(100);
	struct aud_source_status *status;
	struct talk t;

	talk_init(&t);
	t.peer.user = &told;
	peer_run(&t.peer, tell_source);

	ck_assert_int_eq(aud_source_status(t.s, &status), 0);

	assert_is_source_status(status, 100);
	aud_source_status_free(status);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

static void check_status(const struct aud_result *result, void *user)
{
	ck_assert_int_eq(result->error, 0);
	assert_is_source_status(result->status, 200);
	*(bool *)user = true;
}

START_TEST(a_status_reaches_a_callback)
{
	Aud__AudioSourceStatus told = source_status(200);
	bool checked = false;
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_source_status_async(t.s, check_status, &checked), 0);
	t.peer.user = &told;
	tell_source(&t.peer);

	ck_assert_int_eq(aud_dispatch(t.a), 1);

	ck_assert(checked);
	talk_done(&t);
}
END_TEST

/* Answers with p->user, an Aud__ListAudioSourcesReply. */
static void tell_list(struct peer *p)
{
	peer_expect(p, AUD__REQUEST__KIND_LIST_AUDIO_SOURCES);
	peer_answer(p, AUD__REPLY__KIND_LIST_AUDIO_SOURCES, p->user);
}

START_TEST(a_list_has_all_sources_in_order)
{
	Aud__ListAudioSourcesReply list = AUD__LIST_AUDIO_SOURCES_REPLY__INIT;
	Aud__AudioSourceStatus told[] = {source_status(10), source_status(20),
					 source_status(30)};
	Aud__AudioSourceStatus *pointers[] = {&told[0], &told[1], &told[2]};
	struct aud_source_status *sources;
	struct talk t;

	talk_init(&t);
	list.n_sources = 3;
	list.sources = pointers;
	told[1].name = NULL;
	t.peer.user = &list;
	peer_run(&t.peer, tell_list);

	ck_assert_int_eq(aud_list(t.a, &sources), 3);

	assert_is_source_status(&sources[0], 10);
	ck_assert_str_eq(sources[1].name, "");
	assert_is_source_status(&sources[2], 30);
	aud_list_free(sources);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

START_TEST(a_list_may_be_empty)
{
	Aud__ListAudioSourcesReply list = AUD__LIST_AUDIO_SOURCES_REPLY__INIT;
	struct aud_source_status *sources = NULL;
	struct talk t;

	talk_init(&t);
	t.peer.user = &list;
	peer_run(&t.peer, tell_list);

	ck_assert_int_eq(aud_list(t.a, &sources), 0);

	ck_assert_ptr_nonnull(sources);
	aud_list_free(sources);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

static Aud__OutputStatus output_status(uint64_t *late, size_t num_late)
{
	Aud__OutputStatus o = AUD__OUTPUT_STATUS__INIT;

	o.name = (char *)"default";
	o.backend = (char *)"alsa";
	o.device = (char *)"hw:1,0";
	o.state = (char *)"lost";
	o.error = (char *)"No such device";
	o.format = (char *)"s32";
	o.access = (char *)"mmap";
	o.scheduling = (char *)"rr 20";
	o.scheduling_asked = (char *)"fifo 50";
	o.scheduling_by = (char *)"rtkit";
	o.has_sample_rate = o.has_rewinds = o.has_dev_played = o.has_given_back = true;
	o.sample_rate = 48000;
	o.rewinds = true;
	o.dev_played = 99;
	o.given_back = 98;
	o.late_us = late;
	o.n_late_us = num_late;
	return o;
}

/* Answers with p->user, an Aud__DaemonStatus. */
static void tell_daemon(struct peer *p)
{
	peer_expect(p, AUD__REQUEST__KIND_GET_DAEMON_STATUS);
	peer_answer(p, AUD__REPLY__KIND_GET_DAEMON_STATUS, p->user);
}

START_TEST(the_daemons_status_has_all_outputs)
{
	Aud__DaemonStatus told = AUD__DAEMON_STATUS__INIT;
	uint64_t late[] = {8, 7, 6, 5, 4, 3, 2, 1};
	Aud__OutputStatus first = output_status(late, 8), second = output_status(NULL, 0);
	Aud__OutputStatus *outputs[] = {&first, &second};
	struct aud_daemon_status *status;
	struct talk t;

	talk_init(&t);
	told.version = (char *)"0.1.0";
	told.has_refused = true;
	told.refused = 12;
	told.config = (char *)"/etc/audd.conf";
	told.has_config_age_ns = true;
	told.config_age_ns = 14;
	told.config_error = (char *)"line 3";
	told.n_outputs = 2;
	told.outputs = outputs;
	t.peer.user = &told;
	peer_run(&t.peer, tell_daemon);

	ck_assert_int_eq(aud_daemon_status(t.a, &status), 0);

	ck_assert_str_eq(status->version, "0.1.0");
	ck_assert_uint_eq(status->refused, 12);
	ck_assert_str_eq(status->config, "/etc/audd.conf");
	ck_assert_uint_eq(status->config_age_ns, 14);
	ck_assert_str_eq(status->config_error, "line 3");
	ck_assert_uint_eq(status->num_outputs, 2);
	ck_assert_str_eq(status->outputs[0].device, "hw:1,0");
	ck_assert_str_eq(status->outputs[0].error, "No such device");
	ck_assert_uint_eq(status->outputs[0].num_late_us, 8);
	ck_assert_mem_eq(status->outputs[0].late_us, late, sizeof(late));
	ck_assert_str_eq(status->outputs[1].scheduling, "rr 20");
	ck_assert_str_eq(status->outputs[1].scheduling_asked, "fifo 50");
	ck_assert_str_eq(status->outputs[1].scheduling_by, "rtkit");
	ck_assert_uint_eq(status->outputs[1].num_late_us, 0);
	ck_assert_uint_eq(status->outputs[1].given_back, 98);
	ck_assert(status->outputs[1].rewinds);
	aud_daemon_status_free(status);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

/* Ages are relative to now: 0 is far in the future. */
static const struct {
	bool sounding;
	uint64_t age_ms, queued, in_device;
	uint64_t frames, device_frames;
	uint64_t begins_ms;
} durations[] = {
	{false, 10000, 1000, 300, 1000, 300, 0}, /* it stands still */
	{true, 10000, 1000, 300, 700, 0, 0},     /* not more than the device has */
	{true, 10000, 300, 300, 0, 0, 9000},
	{true, 10000, 300, 500, 0, 0, 0},          /* and never less than nothing */
	{true, 0, 1000, 300, 1000, 300, 0},        /* the look was later than now */
	{true, 1000, 1000, 300, 1000, 300, 60000}, /* it has not begun */
};

START_TEST(the_queued_duration_goes_on_only_with_what_the_device_has)
{
	Aud__AudioSourceStatus told = AUD__AUDIO_SOURCE_STATUS__INIT;
	uint64_t age = durations[_i].age_ms, before = now_ns();
	struct aud_queued queued;
	struct talk t;

	talk_init(&t);
	told.has_sounding = told.has_queued = told.has_in_device = true;
	told.has_at_ns = told.has_sample_rate = true;
	told.sounding = durations[_i].sounding;
	told.queued = durations[_i].queued;
	told.in_device = durations[_i].in_device;
	told.sample_rate = 48000;
	told.has_begins_ns = true;
	told.begins_ns = durations[_i].begins_ms * 1000000;
	told.at_ns = age ? before - age * 1000000 : before + 3600000000000;
	t.peer.user = &told;
	peer_run(&t.peer, tell_source);

	ck_assert_int_eq(aud_source_queued_duration(t.s, &queued), 0);

	ck_assert_uint_eq(queued.frames, durations[_i].frames);
	ck_assert_uint_eq(queued.device_frames, durations[_i].device_frames);
	ck_assert_uint_eq(queued.sample_rate, 48000);
	if (told.sounding && age > durations[_i].begins_ms)
		ck_assert(queued.at_ns >= before && queued.at_ns <= now_ns());
	else
		ck_assert_uint_eq(queued.at_ns, told.at_ns);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

START_TEST(the_queued_duration_shrinks_at_the_sources_rate)
{
	Aud__AudioSourceStatus told = AUD__AUDIO_SOURCE_STATUS__INIT;
	uint64_t before = now_ns(), least, most;
	struct aud_queued queued;
	struct talk t;

	talk_init(&t);
	told.has_sounding = told.has_queued = told.has_in_device = true;
	told.has_at_ns = told.has_sample_rate = true;
	told.sounding = true;
	told.queued = told.in_device = 1000000;
	told.sample_rate = 8000;
	told.at_ns = before - 2500000000;
	told.has_begins_ns = true;
	told.begins_ns = 500000000;
	t.peer.user = &told;
	peer_run(&t.peer, tell_source);

	ck_assert_int_eq(aud_source_queued_duration(t.s, &queued), 0);

	most = 1000000 - 16000;
	least = most - (now_ns() - before) * 8000 / 1000000000 - 1;
	ck_assert_uint_le(queued.frames, most);
	ck_assert_uint_ge(queued.frames, least);
	ck_assert_uint_eq(queued.device_frames, queued.frames);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_query");

	tcase_add_test(t, a_status_arrives_whole);
	tcase_add_test(t, a_status_reaches_a_callback);
	tcase_add_test(t, a_list_has_all_sources_in_order);
	tcase_add_test(t, a_list_may_be_empty);
	tcase_add_test(t, the_daemons_status_has_all_outputs);
	tcase_add_loop_test(t, the_queued_duration_goes_on_only_with_what_the_device_has,
			    0, sizeof(durations) / sizeof(durations[0]));
	tcase_add_test(t, the_queued_duration_shrinks_at_the_sources_rate);
	return suite_run("lib_query", t);
}
