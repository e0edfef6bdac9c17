/* SPDX-License-Identifier: MIT */
/*
 * SIGHUP: a real daemon reads its settings again, while it plays.
 */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "optional.h"
#include "suite.h"

#define LIMIT AUD__ERROR_CODE__LIMIT_REACHED

enum { RATE = 48000 };

static struct audd audd;
static struct client client;

static void start(const char *config)
{
	audd_start(&audd, config);
	client_init(&client, audd.socket);
}

static void stop(void)
{
	client_done(&client);
	ck_assert_int_eq(audd_stop(&audd), 0);
}

static void tear_down(void)
{
	audd_done(&audd);
}

static const Aud__DaemonStatus *status(void)
{
	return client_await(&client, client_status(&client))->get_daemon_status;
}

static void write_config(const char *text)
{
	FILE *f = fopen(audd.config, "we");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

/* Until it has been told, one way or the other. */
static void reload(const char *config)
{
	int before = audd_log_lines(&audd, "settings are read") +
		     audd_log_lines(&audd, "settings stay");

	write_config(config);
	ck_assert_int_eq(kill(audd.pid, SIGHUP), 0);
	while (audd_log_lines(&audd, "settings are read") +
		       audd_log_lines(&audd, "settings stay") ==
	       before)
		audd_pause(1);
}

START_TEST(limits_hold_from_the_next_request_on)
{
	start("[daemon]\nmax_sources_per_connection = 3\n");
	client_source(&client, 2, 10);
	client_source(&client, 2, 10);

	reload("[daemon]\nmax_sources_per_connection = 1\n");

	client_assert_refused(&client, client_new_source(&client, 2, 10), LIMIT,
			      "has 1 sources, and may have no more "
			      "(daemon.max_sources_per_connection)");
	ck_assert_uint_eq(status()->sources, 2);

	reload("[daemon]\nmax_sources_per_connection = 3\n");
	client_source(&client, 2, 10);
	ck_assert_str_eq(status()->config, audd.config);
	ck_assert_ptr_null(status()->config_error);
	stop();
}
END_TEST

static float allowed_gain(uint64_t source)
{
	Aud__SetAudioSourceGain body = AUD__SET_AUDIO_SOURCE_GAIN__INIT;
	Aud__Request r = AUD__REQUEST__INIT;
	uint64_t id;

	SET(&body, source_handle, source);
	SET(&body, gain, 4.0f);
	r.kind_case = AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN;
	r.set_audio_source_gain = &body;
	id = client_send(&client, &r);
	return client_await(&client, id)->set_audio_source_gain->gain;
}

START_TEST(the_cap_of_gains_holds_from_the_next_one_on)
{
	uint64_t source;

	start("");
	source = client_source(&client, 2, 10);
	ck_assert_float_eq(allowed_gain(source), 4.0f);

	reload("[daemon]\nmax_gain_db = 6\n");

	ck_assert_float_eq_tol(allowed_gain(source), 1.9953f, 1e-4f);
	stop();
}
END_TEST

START_TEST(settings_with_a_mistake_are_refused_as_a_whole)
{
	uint64_t age;

	start("[daemon]\nmax_sources_per_connection = 2\n");
	client_source(&client, 2, 10);
	audd_pause(20);
	age = status()->config_age_ns;

	reload("[daemon]\nmax_sources_per_connection = 1\nmax_marks = many\n");

	client_source(&client, 2, 10);
	ck_assert_ptr_nonnull(strstr(status()->config_error,
				     ":3: daemon.max_marks: 'many' is not a number"));
	ck_assert_uint_ge(status()->config_age_ns, age);
	ck_assert_int_eq(audd_log_lines(&audd, "'many' is not a number from 1 to 16384; "
					       "the settings stay as they were"),
			 1);

	reload("[output a]\n[daemon]\ndefault_output = b\n");
	ck_assert_ptr_nonnull(strstr(status()->config_error, "there is no [output b]"));
	unlink(audd.config);
	kill(audd.pid, SIGHUP);
	while (!strstr(status()->config_error, "No such file"))
		;
	reload("[daemon]\nmax_sources_per_connection = 2\n");
	ck_assert_ptr_null(status()->config_error);
	client_assert_refused(&client, client_new_source(&client, 2, 10), LIMIT, "has 2");
	stop();
}
END_TEST

START_TEST(what_takes_a_restart_is_said)
{
	start("");

	reload("[output]\nrate = 44100\n");

	ck_assert_int_eq(audd_log_lines(&audd, "waits for a restart: output main.rate"),
			 1);
	ck_assert_uint_eq(status()->outputs[0]->sample_rate, 48000);
	stop();
}
END_TEST

START_TEST(the_level_of_the_log_changes_at_once)
{
	uint64_t age;

	start("");
	age = status()->config_age_ns;
	write_config("[daemon]\nlog_level = error\n");
	kill(audd.pid, SIGHUP);
	while (status()->config_age_ns >= age)
		audd_pause(1);
	reload("[daemon]\nlog_level = no such thing\n");

	ck_assert_int_eq(audd_log_lines(&audd, "settings are read"), 0);

	reload("");
	ck_assert_int_eq(audd_log_lines(&audd, "settings are read"), 1);
	stop();
}
END_TEST

/* ---- while it plays ----------------------------------------------------------------- */

/* Frames with their numbers, never 0, in both channels. */
static void push_numbers(uint64_t handle, uint32_t frames)
{
	static int16_t samples[RATE][2];

	for (uint32_t first = 0; first < frames; first += RATE / 10) {
		for (uint32_t i = 0; i < RATE / 10; i++)
			samples[i][0] = samples[i][1] = (int16_t)(first + i + 1);
		client_capture(&client, handle, samples[0], 2, RATE / 10);
	}
}

/* Fails the test unless the recording has all that push_numbers has pushed, in a row but for silence. */
static void assert_numbers(uint32_t frames)
{
	uint32_t next = 1;
	int16_t *heard;
	size_t n = audd_recording(&audd, &heard);

	for (size_t i = 0; i < n; i += 2) {
		if (heard[i])
			ck_assert_int_eq(heard[i], (int16_t)next++);
	}
	ck_assert_uint_eq(next, frames + 1);
	free(heard);
}

START_TEST(a_device_that_is_opened_anew_loses_nothing_and_plays_nothing_twice)
{
	enum { FRAMES = 24000 };
	char config[64];
	uint64_t handle;

	start("");
	handle = client_source(&client, 2, 2000);
	push_numbers(handle, FRAMES);
	for (int i = 0; i < 5; i++) {
		audd_pause(40);
		snprintf(config, sizeof(config), "[output]\nbuffer_ms = %d\n",
			 100 + 10 * i);
		reload(config);
	}
	client_play_out(&client, handle);
	ck_assert_uint_eq(status()->outputs[0]->buffer_frames, 140 * RATE / 1000);
	ck_assert_uint_eq(client_look_at(&client, handle)->heard, FRAMES);
	stop();

	assert_numbers(FRAMES);
}
END_TEST

START_TEST(a_recording_keeps_the_format_with_which_it_began)
{
	enum { FRAMES = 9600 };
	uint64_t handle;

	start("");
	handle = client_source(&client, 2, 2000);
	reload("[output]\nformat = f32\n");
	push_numbers(handle, FRAMES);
	client_play_out(&client, handle);
	stop();

	assert_numbers(FRAMES);
}
END_TEST

static uint64_t speaking_source(void)
{
	Aud__NewAudioSource body = AUD__NEW_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;
	uint64_t id;

	SET(&body, sample_rate, RATE);
	SET(&body, num_channels, 1);
	SET(&body, role, AUD__SOURCE_ROLE__SPEECH);
	r.kind_case = AUD__REQUEST__KIND_NEW_AUDIO_SOURCE;
	r.new_audio_source = &body;
	id = client_send(&client, &r);
	return client_await(&client, id)->new_audio_source->source_handle;
}

static void push_level(uint64_t handle, int16_t level)
{
	static int16_t frames[RATE / 4];

	for (size_t i = 0; i < RATE / 4; i++)
		frames[i] = level;
	client_await(&client, client_capture(&client, handle, frames, 1, RATE / 4));
}

START_TEST(ducking_changes_while_somebody_speaks)
{
	uint64_t music, speech;
	bool loud = false, ducked = false;
	int16_t *heard;
	size_t n;

	start("[output]\nduck_db = 0\ndither = no\n");
	music = client_source(&client, 1, 1000);
	speech = speaking_source();
	push_level(speech, 0);
	push_level(music, 10000);
	audd_pause(50);
	reload("[output]\nduck_db = 20\ndither = no\n");
	client_play_out(&client, music);
	client_play_out(&client, speech);
	stop();

	n = audd_recording(&audd, &heard);
	for (size_t i = 0; i < n; i += 2) {
		loud |= heard[i] == 10000;
		ducked |= heard[i] == 1000;
	}
	ck_assert(loud);
	ck_assert(ducked);
	free(heard);
}
END_TEST

START_TEST(a_device_that_is_silent_is_opened_anew_too)
{
	start("");

	reload("[output]\nidle_ms = 500\n");
	while (audd_log_lines(&audd, "rewinds") < 2)
		audd_pause(1);

	ck_assert_str_eq(status()->outputs[0]->state, "ready");
	client_play_out(&client, client_source(&client, 2, 10));
	stop();
}
END_TEST

/* ---- the service manager ------------------------------------------------------------ */

static const char *notified(int fd)
{
	static char text[1024];
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* The next message that is no sentence about how it goes. */
static const char *next_state(int fd)
{
	const char *text;

	do
		text = notified(fd);
	while (strncmp(text, "STATUS=", 7) == 0);
	return text;
}

/* Of the daemon that is started next. */
static int listen_to_it(struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct timeval patience = {.tv_sec = 5};

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(address->sun_path, sizeof(address->sun_path), "/tmp/test_reload.%d",
		 getpid());
	unlink(address->sun_path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)address, sizeof(*address)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setenv("NOTIFY_SOCKET", address->sun_path, true);
	return fd;
}

START_TEST(each_of_several_outputs_is_named_to_the_service_manager)
{
	struct sockaddr_un address;
	int fd = listen_to_it(&address);
	const char *text;

	start("[output hall]\n[output kitchen]\nrate = 44100\nrecord =\n");
	do
		text = notified(fd);
	while (*text && !strstr(text, "; kitchen: silent on null, 44100 Hz, "));

	ck_assert_int_eq(
		strncmp(text, "STATUS=0 sources; hall: silent on null, 48000 Hz, ", 50),
		0);
	stop();
	unlink(address.sun_path);
}
END_TEST

START_TEST(the_service_manager_is_told_when_it_begins_and_when_it_is_done)
{
	struct sockaddr_un address;
	int fd = listen_to_it(&address);

	start("");
	ck_assert_str_eq(next_state(fd), "READY=1");

	kill(audd.pid, SIGHUP);
	ck_assert_int_eq(strncmp(next_state(fd), "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
	ck_assert_str_eq(next_state(fd), "READY=1");

	write_config("nonsense");
	kill(audd.pid, SIGHUP);
	ck_assert_int_eq(strncmp(next_state(fd), "RELOADING=1\n", 12), 0);
	ck_assert_str_eq(next_state(fd), "READY=1");
	while (!strstr(notified(fd), "; new settings were refused: "))
		;
	stop();
	unlink(address.sun_path);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("reload");

	tcase_add_checked_fixture(tc, NULL, tear_down);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, limits_hold_from_the_next_request_on);
	tcase_add_test(tc, the_cap_of_gains_holds_from_the_next_one_on);
	tcase_add_test(tc, settings_with_a_mistake_are_refused_as_a_whole);
	tcase_add_test(tc, what_takes_a_restart_is_said);
	tcase_add_test(tc, the_level_of_the_log_changes_at_once);
	tcase_add_test(
		tc, a_device_that_is_opened_anew_loses_nothing_and_plays_nothing_twice);
	tcase_add_test(tc, a_recording_keeps_the_format_with_which_it_began);
	tcase_add_test(tc, a_device_that_is_silent_is_opened_anew_too);
	tcase_add_test(tc, ducking_changes_while_somebody_speaks);
	tcase_add_test(tc, each_of_several_outputs_is_named_to_the_service_manager);
	tcase_add_test(tc,
		       the_service_manager_is_told_when_it_begins_and_when_it_is_done);
	return suite_run("reload", tc);
}
