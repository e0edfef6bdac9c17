/* SPDX-License-Identifier: MIT */
/*
 * Conversions: exact where they can be, silent where a sample is no number.
 */
#include <check.h>
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aud.h"
#include "aud.pb-c.h"
#include "rt/loops.h"
#include "suite.h"

static const struct conversion *of(uint32_t format)
{
	return &loops_best()->format->of[format];
}

static size_t from_float(uint32_t format, void *dst, const float *src, size_t n)
{
	return loops_best()->format->from_float(format, dst, src, n);
}

static size_t not_finite(uint32_t format, const void *src, size_t n)
{
	return loops_best()->format->not_finite(format, src, n);
}

enum { MANY = 4096 };

/* ---- the table ------------------------------------------------------------------------ */

/* "S24_3_SWAPPED" -> "s24_3be", on a little-endian machine. */
static void local_name(char *ret, const char *wire)
{
	const char *order = FORMAT_S16 == FORMAT_LE(FORMAT_S16) ? "be" : "le";
	const char *swapped = strstr(wire, "_SWAPPED");
	size_t len = swapped ? (size_t)(swapped - wire) : strlen(wire);

	for (size_t i = 0; i < len; i++)
		ret[i] = (char)tolower(wire[i]);
	strcpy(ret + len, swapped ? order : "");
}

START_TEST(a_row_is_what_the_wire_and_the_library_call_by_its_number)
{
	const struct format *f = &formats[_i];
	enum aud_format number = (enum aud_format)(_i + 1);
	const ProtobufCEnumValue *wire = protobuf_c_enum_descriptor_get_value(
		&aud__sample_format__descriptor, (int)number);
	char name[32];

	ck_assert_ptr_nonnull(wire);
	local_name(name, wire->name);

	ck_assert_str_eq(f->name, name);
	ck_assert_str_eq(aud_format_name(number), name);
	ck_assert_uint_eq(aud_format_bytes(number), f->bytes);
	ck_assert_int_eq(aud_format_by_name(name), (int)number);
}
END_TEST

START_TEST(there_are_no_more_than_these)
{
	ck_assert_uint_eq(aud__sample_format__descriptor.n_values, NUM_FORMATS + 1);
	ck_assert_uint_eq(aud_format_bytes((enum aud_format)(NUM_FORMATS + 1)), 0);
	ck_assert_uint_eq(aud_format_bytes((enum aud_format) - 1), 0);
	ck_assert_str_eq(aud_format_name((enum aud_format)0), "unknown");
	ck_assert_int_eq(aud_format_by_name("mp3"), -EINVAL);
	ck_assert_int_eq(aud_format_by_name("u8le"), -EINVAL);
	ck_assert_int_eq(aud_format_by_name(""), -EINVAL);
	ck_assert_str_eq(aud_error(NULL), "there is no sample format ''");
}
END_TEST

/* ---- bytes that are known ------------------------------------------------------------- */

static const struct known {
	const char *name;
	uint8_t bytes[4];
	double value;
} known[] = {
	{"s16le", {0x00, 0x80}, -1.0},
	{"s16le", {0xff, 0x7f}, 1.0 - 0x1p-15},
	{"s16le", {0x01, 0x00}, 0x1p-15},
	{"s16be", {0x80, 0x00}, -1.0},
	{"s16be", {0x7f, 0xff}, 1.0 - 0x1p-15},
	{"s16be", {0x00, 0x01}, 0x1p-15},
	{"s24_3le", {0x00, 0x00, 0x80}, -1.0},
	{"s24_3le", {0xff, 0xff, 0x7f}, 1.0 - 0x1p-23},
	{"s24_3le", {0x56, 0x34, 0x12}, 0x123456 * 0x1p-23},
	{"s24_3be", {0x80, 0x00, 0x00}, -1.0},
	{"s24_3be", {0x7f, 0xff, 0xff}, 1.0 - 0x1p-23},
	{"s24_3be", {0xff, 0xff, 0xff}, -0x1p-23},
	{"s24le", {0x00, 0x00, 0x80, 0xff}, -1.0},
	{"s24le", {0x00, 0x00, 0x80, 0x00}, -1.0}, /* the fourth byte is nobody's */
	{"s24le", {0xff, 0xff, 0x7f, 0xaa}, 1.0 - 0x1p-23},
	{"s24be", {0x00, 0x80, 0x00, 0x00}, -1.0},
	{"s24be", {0x55, 0x12, 0x34, 0x56}, 0x123456 * 0x1p-23},
	{"s32le", {0x00, 0x00, 0x00, 0x80}, -1.0},
	{"s32le", {0x00, 0x01, 0x00, 0x00}, 0x1p-23},
	{"s32be", {0x80, 0x00, 0x00, 0x00}, -1.0},
	{"s32be", {0x40, 0x00, 0x00, 0x00}, 0.5},
	{"f32le", {0x00, 0x00, 0x80, 0xbf}, -1.0},
	{"f32le", {0x00, 0x00, 0xc0, 0x3f}, 1.5},
	{"f32le", {0x00, 0x00, 0xc0, 0x7f}, 0.0}, /* NaN */
	{"f32be", {0xbf, 0x80, 0x00, 0x00}, -1.0},
	{"f32be", {0x3f, 0xc0, 0x00, 0x00}, 1.5},
	{"f32be", {0xff, 0x80, 0x00, 0x00}, 0.0}, /* minus infinity */
	{"u8", {0x00}, -1.0},
	{"u8", {0x80}, 0.0},
	{"u8", {0xff}, 127.0 / 128},
	{"alaw", {0xd5}, 8 / 32768.0}, /* G.711: no step is 0 */
	{"alaw", {0x2a}, -32256 / 32768.0},
	{"mulaw", {0xff}, 0.0},
	{"mulaw", {0x7f}, 0.0},
	{"mulaw", {0x00}, -32124 / 32768.0},
};
enum { NUM_KNOWN = sizeof(known) / sizeof(known[0]) };

START_TEST(bytes_mean_what_they_do_elsewhere_on_any_machine)
{
	const struct known *k = &known[_i];
	const struct format *f = &formats[aud_format_by_name(k->name) - 1];
	const struct conversion *c = of((uint32_t)(f - formats));
	float plain = 7.0f, mix = 0.25f;

	c->to_float(&plain, k->bytes, 1);
	c->add(&mix, k->bytes, 1, 0.5f);

	ck_assert_msg((double)plain == k->value, "%s is %a", k->name, (double)plain);
	ck_assert((double)mix == (double)(float)(0.25 + 0.5 * k->value));
}
END_TEST

static const struct {
	int format, subformat;
} laws[] = {{FORMAT_ALAW, SF_FORMAT_ALAW}, {FORMAT_MULAW, SF_FORMAT_ULAW}};

/* libsndfile has its own tables. */
START_TEST(each_code_of_g711_is_what_libsndfile_makes_of_it)
{
	SF_INFO info = {.samplerate = 8000,
			.channels = 1,
			.format = SF_FORMAT_RAW | laws[_i].subformat};
	FILE *file = tmpfile();
	uint8_t codes[256];
	int16_t theirs[256];
	float ours[256];
	SNDFILE *sound;

	for (int i = 0; i < 256; i++)
		codes[i] = (uint8_t)i;
	ck_assert_uint_eq(fwrite(codes, 1, 256, file), 256);
	rewind(file);
	sound = sf_open_fd(fileno(file), SFM_READ, &info, SF_FALSE);
	ck_assert_int_eq(sf_read_short(sound, theirs, 256), 256);
	sf_close(sound);
	fclose(file);

	of(laws[_i].format)->to_float(ours, codes, 256);

	for (int i = 0; i < 256; i++)
		ck_assert_int_eq((int)(ours[i] * 32768.0f), theirs[i]);
}
END_TEST

/* ---- there and back ------------------------------------------------------------------- */

/* To a format and back, a block at a time; only to formats that devices have. */
static void assert_survives(uint32_t format, const float *in)
{
	uint8_t bytes[4 * MANY];
	float out[MANY];

	ck_assert_uint_eq(from_float(format, bytes, in, MANY), 0);
	of(format)->to_float(out, bytes, MANY);
	for (int i = 0; i < MANY; i++)
		if (out[i] != in[i])
			ck_abort_msg("%s: %a became %a", formats[format].name,
				     (double)in[i], (double)out[i]);
}

START_TEST(each_16_bit_sample_comes_out_as_it_went_in_through_every_format)
{
	float in[MANY];

	for (int x = SHRT_MIN; x <= SHRT_MAX; x += MANY) {
		for (int i = 0; i < MANY; i++)
			in[i] = (float)(x + i) / 32768.0f;
		for (uint32_t to = 0; to < NUM_FORMATS; to++)
			if (formats[to].high)
				assert_survives(to, in);
	}
}
END_TEST

START_TEST(each_24_bit_sample_comes_out_as_it_went_in_through_every_format_that_has_them)
{
	float in[MANY];

	for (int x = -(1 << 23); x < 1 << 23; x += 61 * MANY) {
		for (int i = 0; i < MANY; i++)
			in[i] = (float)(x + 61 * i < 1 << 23 ? x + 61 * i
							     : (1 << 23) - 1) *
				0x1p-23f;
		for (uint32_t to = 0; to < NUM_FORMATS; to++)
			if (formats[to].high && formats[to].bits >= 24)
				assert_survives(to, in);
	}
}
END_TEST

START_TEST(the_other_byte_order_is_the_same_bytes_the_other_way_round)
{
	uint32_t there = (uint32_t)(FORMAT_S16_SWAPPED + _i);
	uint32_t here[] = {FORMAT_S16, FORMAT_F32, FORMAT_S32, FORMAT_S24, FORMAT_S24_3};
	uint32_t bytes = formats[there].bytes;
	uint8_t a[4 * MANY], b[4 * MANY];
	float in[MANY];

	for (int i = 0; i < MANY; i++)
		in[i] = sinf((float)i);
	from_float(here[_i], a, in, MANY);
	from_float(there, b, in, MANY);

	ck_assert(formats[there].is_swapped && !formats[here[_i]].is_swapped);
	ck_assert_uint_eq(formats[here[_i]].bytes, bytes);
	for (uint32_t i = 0; i < MANY * bytes; i++)
		ck_assert_uint_eq(a[i], b[i / bytes * bytes + bytes - 1 - i % bytes]);
}
END_TEST

/* An odd number of samples at an odd place: what the vectors leave over. */
START_TEST(a_few_samples_are_converted_like_many)
{
	const struct format *f = &formats[_i];
	const struct conversion *c = of((uint32_t)_i);
	uint8_t bytes[4 * MANY];
	float all[MANY], mix[MANY] = {0}, few;

	for (uint32_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 167 >> 3);
	c->to_float(all, bytes, MANY - 3);
	c->add(mix, bytes, MANY - 3, 1.0f);

	for (uint32_t i = 0; i < MANY - 3; i++) {
		c->to_float(&few, bytes + i * f->bytes, 1);
		ck_assert(all[i] == few && mix[i] == few);
	}
}
END_TEST

START_TEST(adding_twice_is_the_exact_sum)
{
	int16_t a[4] = {1000, -1000, 32767, -32768}, b[4] = {234, -5, -32767, 32767},
		out[4];
	float mix[4] = {0};

	of(FORMAT_S16)->add(mix, a, 4, 1.0f);
	of(FORMAT_S16)->add(mix, b, 4, 1.0f);
	from_float(FORMAT_S16, out, mix, 4);

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(out[i], a[i] + b[i]);
}
END_TEST

/* ---- limits --------------------------------------------------------------------------- */

START_TEST(what_is_too_loud_is_put_at_the_limit_and_counted)
{
	const struct format *f = &formats[_i];
	const struct conversion *c = of((uint32_t)_i);
	float in[5] = {1.5f, -1.5f, 0.5f, 1e30f, -1.0f}, out[5];
	uint8_t bytes[20];

	if (!f->high)
		return;
	ck_assert_uint_eq(from_float((uint32_t)_i, bytes, in, 5), 3);

	c->to_float(out, bytes, 5);
	ck_assert(out[0] == f->high && out[3] == f->high);
	ck_assert(out[1] == -1.0f && out[2] == 0.5f && out[4] == -1.0f);
	ck_assert(f->high > 0.99996f && f->high <= 1.0f);
}
END_TEST

START_TEST(rounding_is_to_nearest)
{
	float in[6] = {0.4f, 0.6f, -0.6f, 100.49f, 32000.4f, -32000.6f}, scaled[6];
	int16_t out[6];
	int32_t wide[6];

	for (int i = 0; i < 6; i++)
		scaled[i] = in[i] / 32768;
	from_float(FORMAT_S16, out, scaled, 6);
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(out[i], (int)rintf(in[i]));

	for (int i = 0; i < 6; i++)
		scaled[i] = in[i] * 0x1p-23f;
	from_float(FORMAT_S24, wide, scaled, 6);
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(wide[i], (int)rintf(in[i]));
}
END_TEST

START_TEST(what_is_no_number_is_silence_and_spoils_no_other_source)
{
	float bad[4] = {NAN, INFINITY, -INFINITY, 0.25f},
	      mix[4] = {0.5f, 0.5f, 0.5f, 0.5f};
	float plain[4];

	of(FORMAT_F32)->add(mix, bad, 4, 1.0f);
	of(FORMAT_F32)->to_float(plain, bad, 4);

	ck_assert(mix[0] == 0.5f && mix[1] == 0.5f && mix[2] == 0.5f && mix[3] == 0.75f);
	ck_assert(plain[0] == 0.0f && plain[1] == 0.0f && plain[2] == 0.0f &&
		  plain[3] == 0.25f);
}
END_TEST

/* So that nothing that is done with it overflows, nor takes as long as with what is nearly 0. */
START_TEST(a_number_far_from_all_sound_is_a_nearer_one)
{
	float in[8] = {FLT_MAX, -FLT_MAX, 1e20f, -1e20f, 1e-42f, -FLT_MIN, 1e-20f, 1e19f};
	float want[8] = {0x1p64f, -0x1p64f, 0x1p64f, -0x1p64f, 0, 0, 0, 1e19f};
	float out[8], mix[8] = {0};

	of(FORMAT_F32)->to_float(out, in, 8);
	of(FORMAT_F32)->add(mix, in, 8, 1.0f);

	for (int i = 0; i < 8; i++)
		ck_assert(out[i] == want[i] && mix[i] == want[i]);
}
END_TEST

START_TEST(what_is_no_number_is_counted_in_either_order_and_nothing_else_is)
{
	float in[10] = {NAN,  1e38f,   INFINITY, -INFINITY, -NAN,
			0.0f, FLT_MAX, FLT_MIN,  -1e-42f,   1.0f};
	uint32_t swapped[10];

	for (int i = 0; i < 10; i++) {
		memcpy(&swapped[i], &in[i], 4);
		swapped[i] = __builtin_bswap32(swapped[i]);
	}

	ck_assert_uint_eq(not_finite(FORMAT_F32, in, 10), 4);
	ck_assert_uint_eq(not_finite(FORMAT_F32_SWAPPED, swapped, 10), 4);
	ck_assert_uint_eq(not_finite(FORMAT_S32, in, 10), 0);
	ck_assert_uint_eq(not_finite(FORMAT_F32, in, 0), 0);
}
END_TEST

START_TEST(a_sum_that_is_no_number_becomes_a_sample_all_the_same)
{
	float in[2] = {NAN, -NAN}, out[2];
	uint8_t bytes[8];

	if (!formats[_i].high)
		return;
	ck_assert_uint_eq(from_float((uint32_t)_i, bytes, in, 2), 2);

	of(_i)->to_float(out, bytes, 2);
	ck_assert(fabsf(out[0]) <= 1.0f && fabsf(out[1]) <= 1.0f);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("format");

	tcase_add_loop_test(t, a_row_is_what_the_wire_and_the_library_call_by_its_number,
			    0, NUM_FORMATS);
	tcase_add_test(t, there_are_no_more_than_these);
	tcase_add_loop_test(t, bytes_mean_what_they_do_elsewhere_on_any_machine, 0,
			    NUM_KNOWN);
	tcase_add_loop_test(t, each_code_of_g711_is_what_libsndfile_makes_of_it, 0, 2);
	tcase_add_test(t,
		       each_16_bit_sample_comes_out_as_it_went_in_through_every_format);
	tcase_add_test(
		t,
		each_24_bit_sample_comes_out_as_it_went_in_through_every_format_that_has_them);
	tcase_add_loop_test(t, the_other_byte_order_is_the_same_bytes_the_other_way_round,
			    0, NUM_FORMATS - FORMAT_S16_SWAPPED);
	tcase_add_loop_test(t, a_few_samples_are_converted_like_many, 0, NUM_FORMATS);
	tcase_add_test(t, adding_twice_is_the_exact_sum);
	tcase_add_loop_test(t, what_is_too_loud_is_put_at_the_limit_and_counted, 0,
			    NUM_FORMATS);
	tcase_add_test(t, rounding_is_to_nearest);
	tcase_add_test(t, what_is_no_number_is_silence_and_spoils_no_other_source);
	tcase_add_test(t, a_number_far_from_all_sound_is_a_nearer_one);
	tcase_add_test(t,
		       what_is_no_number_is_counted_in_either_order_and_nothing_else_is);
	tcase_add_loop_test(t, a_sum_that_is_no_number_becomes_a_sample_all_the_same, 0,
			    NUM_FORMATS);
	return suite_run("format", t);
}
