/* SPDX-License-Identifier: MIT */
/*
 * The report for programs: one line of JSON, the figures in the units that their names end in.
 */
#include <inttypes.h>
#include <stdio.h>

#include "parts.h"
#include "text.h"

/* Text that was escaped once has only backslashes and quotes left to care for. */
static void print_text(const char *key, const char *text)
{
	char safe[TEXT_ESCAPED_SIZE(SELFTEST_TEXT)];

	if (key)
		printf("\"%s\":", key);
	putchar('"');
	text_escape(safe, sizeof(safe), text);
	for (const char *c = safe; *c; c++) {
		if (*c == '"' || *c == '\\')
			putchar('\\');
		putchar(*c);
	}
	putchar('"');
}

static const char *truth(bool value)
{
	return value ? "true" : "false";
}

static void print_offer(const struct selftest_result *r)
{
	const struct offer *o = &r->offer;

	printf(",\"offers\":{");
	print_text("kind", o->kind);
	printf(",\"is_hw\":%s,\"rates\":[", truth(o->is_hw));
	for (uint32_t i = 0; i < o->num_rates; i++)
		printf("%s%" PRIu32, i ? "," : "", o->rates[i]);
	printf("],\"rate_min\":%" PRIu32 ",\"rate_max\":%" PRIu32
	       ",\"channels_min\":%" PRIu32 ",\"channels_max\":%" PRIu32 ",",
	       o->rate_min, o->rate_max, o->channels_min, o->channels_max);
	print_text("formats", o->formats);
	printf(",\"layouts\":[");
	for (uint32_t i = 0; i < o->num_maps; i++) {
		printf("%s", i ? "," : "");
		print_text(NULL, o->maps[i]);
	}
	printf("],\"buffer_min\":%" PRIu32 ",\"buffer_max\":%" PRIu32
	       ",\"period_min\":%" PRIu32 ",\"period_max\":%" PRIu32 "}",
	       o->buffer_min, o->buffer_max, o->period_min, o->period_max);
}

static void print_opened(const struct selftest_result *r)
{
	printf(",\"opened\":{\"sample_rate\":%" PRIu32 ",\"num_channels\":%" PRIu32 ",",
	       r->output->rate, r->output->channels);
	print_text("format", r->info.format);
	printf(",");
	print_text("access", r->info.access);
	printf(",\"significant_bits\":%" PRIu32 ",\"buffer_frames\":%" PRIu32
	       ",\"spare_frames\":%" PRIu32 ",\"period_frames\":%" PRIu32
	       ",\"batch\":%s,\"alsa_locks\":%s,"
	       "\"rewinds\":%s,\"guard_frames\":%" PRIu32 "}",
	       r->info.bits, r->buffer, r->spare, r->info.period, truth(r->info.batch),
	       truth(r->info.alsa_locks), truth(r->rewinds), r->guard);
}

static void print_clock(const struct clock_figures *f)
{
	printf(",\"clock\":{\"known\":%s,\"looks\":%" PRIu32
	       ",\"rate_hz\":%.3f,\"ppm\":%.2f,"
	       "\"ppm_error\":%.2f,\"jitter_us\":%.1f,\"worst_us\":%.1f",
	       truth(!f->stands_for_nothing && f->looks > 0), f->looks, f->rate, f->ppm,
	       2 * f->ppm_error, f->jitter_us, f->worst_us);
	printf(",\"step_frames\":%" PRIu32 ",\"jumps\":%" PRIu32
	       ",\"most_jump_frames\":%" PRId64 ",\"backward\":%" PRIu32
	       ",\"most_backward_frames\":%" PRId64 ",\"stood_ms\":%.2f,"
	       "\"behind_min_frames\":%" PRId64 ",\"behind_max_frames\":%" PRId64
	       ",\"xruns\":%" PRIu32 "}",
	       f->step, f->jumps, f->most_jump, f->backward, f->most_backward,
	       f->stood_ms, f->behind_min, f->behind_max, f->xruns);
}

static void print_rewind(const struct rewind_figures *f)
{
	printf(",\"rewind\":{\"works\":%s,\"boasts\":%s,\"asked_frames\":%" PRIu32
	       ",\"given_frames\":%" PRIu32 ",\"deepest_frames\":%" PRIu32
	       ",\"guard_us\":%" PRId64 ",\"guards\":[",
	       truth(f->works), truth(f->boasts), f->asked, f->given, f->deepest,
	       f->smallest < 0 ? -1 : (int64_t)f->guards[f->smallest].us);
	for (uint32_t i = 0; i < f->num_guards; i++)
		printf("%s{\"us\":%" PRIu32 ",\"tries\":%" PRIu32 ",\"failed\":%" PRIu32
		       "}",
		       i ? "," : "", f->guards[i].us, f->guards[i].tries,
		       f->guards[i].failed);
	printf("]}");
}

static void print_wake(const struct wake_figures *f)
{
	printf(",\"wakeups\":{");
	print_text("scheduling", f->got);
	printf(",");
	print_text("scheduling_asked", f->asked);
	printf(",");
	print_text("scheduling_by", f->by);
	printf(",\"number\":%" PRIu32 ",\"worst_us\":%.1f,\"late_us\":[", f->wakes,
	       (double)f->worst_ns / 1000);
	for (int i = 0; i < SELFTEST_LATE; i++)
		printf("%s%" PRIu32, i ? "," : "", f->late[i]);
	printf("]}");
}

static void print_sizes(const struct size_figures *f)
{
	printf(",\"buffers\":{\"smallest_frames\":%" PRId64 ",\"tried\":[",
	       f->smallest < 0 ? -1 : (int64_t)f->trials[f->smallest].frames);
	for (uint32_t i = 0; i < f->num; i++)
		printf("%s{\"frames\":%" PRIu32 ",\"xruns\":%" PRIu32
		       ",\"least_frames\":%" PRIu32 "}",
		       i ? "," : "", f->trials[i].frames, f->trials[i].xruns,
		       f->trials[i].least);
	printf("]}");
}

static void print_texts(const char *key, const char (*texts)[SELFTEST_TEXT], uint32_t n)
{
	printf(",\"%s\":[", key);
	for (uint32_t i = 0; i < n; i++) {
		printf("%s", i ? "," : "");
		print_text(NULL, texts[i]);
	}
	printf("]");
}

void report_print_json(const struct selftest_result *r)
{
	printf("{");
	print_text("device", r->output->device);
	printf(",");
	print_text("card", r->offer.card);
	printf(",\"tested\":%s,", truth(!r->error));
	print_text("error", r->error ? r->error : "");
	if (r->offer.kind[0])
		print_offer(r);
	if (!r->error)
		print_opened(r);
	if (r->has_clock)
		print_clock(&r->clock);
	if (r->has_rewind)
		print_rewind(&r->rewind);
	if (r->has_wake)
		print_wake(&r->wake);
	if (r->has_sizes)
		print_sizes(&r->sizes);
	print_texts("problems", r->problems, r->num_problems);
	print_texts("notes", r->notes, r->num_notes);
	printf(",\"config\":[");
	for (uint32_t i = 0; i < r->num_lines; i++) {
		printf("%s", i ? "," : "");
		print_text(NULL, r->lines[i].line);
	}
	printf("]}\n");
}
