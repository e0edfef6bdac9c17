/* SPDX-License-Identifier: MIT */
/*
 * libaud: events of every kind arrive whole, and others do no harm.
 */
#include <check.h>

#include "suite.h"
#include "talk.h"

#define MESSAGE(kind)     .base = PROTOBUF_C_MESSAGE_INIT(&aud__##kind##__descriptor)
#define SET(field, value) .has_##field = true, .field = value

static Aud__MarkHeard mark_heard = {MESSAGE(mark_heard), SET(mark_id, 1),
				    SET(position, 2), SET(at_ns, 3)};
static Aud__MarkDropped mark_dropped = {MESSAGE(mark_dropped), SET(mark_id, 4),
					SET(position, 5)};
static Aud__PlaybackStarted started = {MESSAGE(playback_started), SET(position, 6),
				       SET(at_ns, 7)};
static Aud__Underrun underrun = {MESSAGE(underrun), SET(position, 8), SET(frames, 9),
				 SET(cause, AUD__UNDERRUN_CAUSE__DEVICE)};
static Aud__Drained drained = {MESSAGE(drained), SET(position, 10), SET(at_ns, 11)};
static Aud__LowWater low_water = {MESSAGE(low_water), SET(queued, 12), SET(at_ns, 13)};
static Aud__DeviceLost device_lost = {MESSAGE(device_lost), SET(position, 14)};
static Aud__DeviceBack device_back = {MESSAGE(device_back), SET(position, 15)};
static Aud__SourceClosed closed = {MESSAGE(source_closed), SET(heard, 16),
				   SET(dropped, 17)};
static Aud__EventsLost lost = {MESSAGE(events_lost), SET(count, 18)};

/* What is said of source 5, and as what it arrives. */
static const struct {
	Aud__Event__KindCase kind;
	void *message;
	const char *name;
	struct aud_event event;
} kinds[] = {
	{AUD__EVENT__KIND_MARK_HEARD,
	 &mark_heard,
	 "mark-heard",
	 {AUD_EVENT_MARK_HEARD, 5, .mark_id = 1, .position = 2, .at_ns = 3}},
	{AUD__EVENT__KIND_MARK_DROPPED,
	 &mark_dropped,
	 "mark-dropped",
	 {AUD_EVENT_MARK_DROPPED, 5, .mark_id = 4, .position = 5}},
	{AUD__EVENT__KIND_PLAYBACK_STARTED,
	 &started,
	 "playback-started",
	 {AUD_EVENT_PLAYBACK_STARTED, 5, .position = 6, .at_ns = 7}},
	{AUD__EVENT__KIND_UNDERRUN,
	 &underrun,
	 "underrun",
	 {AUD_EVENT_UNDERRUN, 5, .position = 8, .frames = 9,
	  .cause = AUD_DEVICE_STOPPED}},
	{AUD__EVENT__KIND_DRAINED,
	 &drained,
	 "drained",
	 {AUD_EVENT_DRAINED, 5, .position = 10, .at_ns = 11}},
	{AUD__EVENT__KIND_LOW_WATER,
	 &low_water,
	 "low-water",
	 {AUD_EVENT_LOW_WATER, 5, .frames = 12, .at_ns = 13}},
	{AUD__EVENT__KIND_DEVICE_LOST,
	 &device_lost,
	 "device-lost",
	 {AUD_EVENT_DEVICE_LOST, 5, .position = 14}},
	{AUD__EVENT__KIND_DEVICE_BACK,
	 &device_back,
	 "device-back",
	 {AUD_EVENT_DEVICE_BACK, 5, .position = 15}},
	{AUD__EVENT__KIND_SOURCE_CLOSED,
	 &closed,
	 "source-closed",
	 {AUD_EVENT_SOURCE_CLOSED, 5, .frames = 16, .dropped = 17}},
	{AUD__EVENT__KIND_EVENTS_LOST,
	 &lost,
	 "events-lost",
	 {AUD_EVENT_EVENTS_LOST, AUD_NO_POSITION, .frames = 18}},
};

enum { NUM_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

START_TEST(an_event_arrives_whole)
{
	const struct aud_event *wanted = &kinds[_i].event, *got;
	struct events told = {0};
	struct talk t;

	talk_init(&t);
	aud_set_event_handler(t.a, told_event, &told);

	peer_event(&t.peer, 5, kinds[_i].kind, kinds[_i].message);

	ck_assert_int_eq(aud_dispatch(t.a), 1);
	ck_assert_int_eq(told.count, 1);
	got = &told.events[0];
	ck_assert_int_eq(got->kind, wanted->kind);
	ck_assert_uint_eq(got->source, wanted->source);
	ck_assert_uint_eq(got->mark_id, wanted->mark_id);
	ck_assert_uint_eq(got->position, wanted->position);
	ck_assert_uint_eq(got->frames, wanted->frames);
	ck_assert_uint_eq(got->dropped, wanted->dropped);
	ck_assert_uint_eq(got->at_ns, wanted->at_ns);
	ck_assert_int_eq(got->cause, wanted->cause);
	ck_assert_str_eq(aud_event_name(got->kind), kinds[_i].name);
	talk_done(&t);
}
END_TEST

START_TEST(every_kind_of_the_protocol_is_known_here)
{
	const ProtobufCMessageDescriptor *event = &aud__event__descriptor;

	/* One field is the source's handle. */
	ck_assert_uint_eq(event->n_fields - 1, NUM_KINDS);

	for (int i = 0; i < NUM_KINDS; i++)
		ck_assert_ptr_nonnull(
			protobuf_c_message_descriptor_get_field(event, kinds[i].kind));
}
END_TEST

START_TEST(what_is_no_kind_has_no_name)
{
	ck_assert_str_eq(aud_event_name(AUD_EVENT_DAEMON_LOST), "daemon-lost");
	ck_assert_str_eq(aud_event_name(AUD_EVENT_DAEMON_BACK), "daemon-back");
	ck_assert_str_eq(aud_event_name(AUD_EVENT_SOURCE_LOST), "source-lost");
	ck_assert_str_eq(aud_event_name((enum aud_event_kind)0), "unknown");
	ck_assert_str_eq(aud_event_name((enum aud_event_kind)11), "unknown");
	ck_assert_str_eq(aud_event_name((enum aud_event_kind)UINT32_MAX), "unknown");
}
END_TEST

START_TEST(an_event_of_a_kind_that_is_not_known_here_is_ignored)
{
	/* event { source_handle 5, field 99 {} }; and one of no kind at all */
	static const char strange[] = "\x07\x12\x05\x08\x05\x9a\x06\x00"
				      "\x04\x12\x02\x08\x05";
	struct events told = {0};
	struct talk t;

	talk_init(&t);
	aud_set_event_handler(t.a, told_event, &told);

	peer_say(&t.peer, strange, sizeof(strange) - 1);
	peer_drained(&t.peer, 100);

	ck_assert_int_eq(aud_dispatch(t.a), 1);
	ck_assert_int_eq(told.count, 1);
	ck_assert_uint_eq(told.events[0].position, 100);
	talk_done(&t);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_event_kinds");

	tcase_add_loop_test(t, an_event_arrives_whole, 0, NUM_KINDS);
	tcase_add_test(t, every_kind_of_the_protocol_is_known_here);
	tcase_add_test(t, what_is_no_kind_has_no_name);
	tcase_add_test(t, an_event_of_a_kind_that_is_not_known_here_is_ignored);
	return suite_run("lib_event_kinds", t);
}
