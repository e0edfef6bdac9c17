/* SPDX-License-Identifier: MIT */
/*
 * What is played: a file that libsndfile reads, or raw samples from standard input.
 */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(int error, const char *sentence, const char **ret_error)
{
	*ret_error = sentence;
	return -error;
}

static int fail_errno(const char **ret_error)
{
	return fail(errno, strerror(errno), ret_error);
}

static void set_shape(struct input *in, uint32_t rate, uint32_t channels,
		      enum aud_format format)
{
	in->rate = rate;
	in->channels = channels;
	in->format = format;
	in->frame_bytes = channels * aud_format_bytes(format);
}

/* Whole numbers stay what they are, to the bit; libsndfile gives up to 32 bits of them. */
static enum aud_format format_for(const SF_INFO *info)
{
	switch (info->format & SF_FORMAT_SUBMASK) {
	case SF_FORMAT_PCM_S8:
	case SF_FORMAT_PCM_U8:
	case SF_FORMAT_PCM_16:
	case SF_FORMAT_ULAW:
	case SF_FORMAT_ALAW:
	case SF_FORMAT_ALAC_16:
		return AUD_FORMAT_S16;
	case SF_FORMAT_PCM_24:
	case SF_FORMAT_PCM_32:
	case SF_FORMAT_ALAC_20:
	case SF_FORMAT_ALAC_24:
	case SF_FORMAT_ALAC_32:
		return AUD_FORMAT_S32;
	default:
		return AUD_FORMAT_F32;
	}
}

/* What a file says its channels are, as names; false: it does not, or has others. */
static bool read_layout(struct input *in)
{
	static const char *const names[SF_CHANNEL_MAP_MAX] = {
		[SF_CHANNEL_MAP_LEFT] = "FL",
		[SF_CHANNEL_MAP_RIGHT] = "FR",
		[SF_CHANNEL_MAP_CENTER] = "FC",
		[SF_CHANNEL_MAP_FRONT_LEFT] = "FL",
		[SF_CHANNEL_MAP_FRONT_RIGHT] = "FR",
		[SF_CHANNEL_MAP_FRONT_CENTER] = "FC",
		[SF_CHANNEL_MAP_REAR_CENTER] = "RC",
		[SF_CHANNEL_MAP_REAR_LEFT] = "RL",
		[SF_CHANNEL_MAP_REAR_RIGHT] = "RR",
		[SF_CHANNEL_MAP_LFE] = "LFE",
		[SF_CHANNEL_MAP_FRONT_LEFT_OF_CENTER] = "FLC",
		[SF_CHANNEL_MAP_FRONT_RIGHT_OF_CENTER] = "FRC",
		[SF_CHANNEL_MAP_SIDE_LEFT] = "SL",
		[SF_CHANNEL_MAP_SIDE_RIGHT] = "SR",
	};
	int map[32];
	size_t used = 0;

	if (in->channels > 32 || !sf_command(in->file, SFC_GET_CHANNEL_MAP_INFO, map,
					     (int)(in->channels * sizeof(map[0]))))
		return false;
	for (uint32_t i = 0; i < in->channels; i++) {
		const char *name =
			map[i] > 0 && map[i] < SF_CHANNEL_MAP_MAX ? names[map[i]] : NULL;

		if (!name || used + strlen(name) + 2 > sizeof(in->layout))
			return false;
		used += (size_t)sprintf(in->layout + used, "%s%s", i ? " " : "", name);
	}
	return true;
}

/* Files whose channels have no names have them in the order of WAV's, which is not ALSA's. */
static void set_layout(struct input *in)
{
	static const char *const usual[] = {
		[5] = "FL FR FC RL RR",
		[6] = "FL FR FC LFE RL RR",
		[7] = "FL FR FC LFE RC SL SR",
		[8] = "FL FR FC LFE RL RR SL SR",
	};
	const char *layout = in->channels < 9 ? usual[in->channels] : NULL;

	in->layout[0] = '\0';
	if (in->channels > 2 && !read_layout(in))
		snprintf(in->layout, sizeof(in->layout), "%s", layout ? layout : "");
}

/* Why libsndfile did not open the file. */
static const char *explain(const struct stat *st)
{
	if (S_ISREG(st->st_mode) && st->st_size == 0)
		return "the file is empty";
	if (sf_error(NULL) == SF_ERR_UNRECOGNISED_FORMAT)
		return "no sound file that libsndfile can read; raw samples go to "
		       "standard "
		       "input, by '-'";
	return sf_strerror(NULL);
}

static int open_file(struct input *in, const char **ret_error)
{
	SF_INFO info = {0};
	struct stat st;

	in->fd = open(in->path, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0 || fstat(in->fd, &st))
		return fail_errno(ret_error);
	if (S_ISDIR(st.st_mode))
		return fail(EISDIR, strerror(EISDIR), ret_error);
	in->file = sf_open_fd(in->fd, SFM_READ, &info, SF_FALSE);
	if (!in->file)
		return fail(EINVAL, explain(&st), ret_error);
	set_shape(in, (uint32_t)info.samplerate, (uint32_t)info.channels,
		  format_for(&info));
	set_layout(in);
	/* Else the header says only what its writer hoped for. */
	if (info.seekable && info.frames < SF_COUNT_MAX)
		in->frames = (uint64_t)info.frames;
	return 0;
}

int input_open(struct input *in, const char *path, const struct options *raw,
	       const char **ret_error)
{
	*in = (struct input){.path = path, .fd = -1};
	if (strcmp(path, "-"))
		return open_file(in, ret_error);
	in->fd = STDIN_FILENO;
	set_shape(in, (uint32_t)raw->rate, (uint32_t)raw->channels, raw->format);
	return 0;
}

void input_done(struct input *in)
{
	if (in->file)
		sf_close(in->file);
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	in->file = NULL;
	in->fd = -1;
}

bool input_is_alike(const struct input *a, const struct input *b)
{
	return a->rate == b->rate && a->channels == b->channels &&
	       a->format == b->format && !strcmp(a->layout, b->layout);
}

static sf_count_t read_samples(struct input *in, void *buf, uint32_t max)
{
	switch (in->format) {
	case AUD_FORMAT_S16:
		return sf_readf_short(in->file, buf, max);
	case AUD_FORMAT_S32:
		return sf_readf_int(in->file, buf, max);
	default:
		return sf_readf_float(in->file, buf, max);
	}
}

/* An error is told once only, perhaps together with some frames. */
static ssize_t read_file(struct input *in, void *buf, uint32_t max,
			 const char **ret_error)
{
	sf_count_t n = 0;

	if (!in->error) {
		n = read_samples(in, buf, max);
		if (sf_error(in->file))
			in->error = sf_strerror(in->file);
	}
	if (n == 0 && in->error)
		return fail(EIO, in->error, ret_error);
	return n;
}

/* A pipe breaks its bytes where it likes, not between frames. */
static ssize_t read_raw(struct input *in, uint8_t *buf, uint32_t max,
			const char **ret_error)
{
	size_t have = in->rest_bytes, whole;
	ssize_t n;

	n = read(in->fd, buf + have, max * (size_t)in->frame_bytes - have);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return -EAGAIN;
	if (n < 0)
		return fail_errno(ret_error);
	if (n == 0 && have)
		return fail(EBADMSG, "ends in the middle of a frame", ret_error);
	if (n == 0)
		return 0;
	memcpy(buf, in->rest, have);
	have += (size_t)n;
	whole = have / in->frame_bytes;
	in->rest_bytes = have - whole * in->frame_bytes;
	memcpy(in->rest, buf + whole * in->frame_bytes, in->rest_bytes);
	return whole ? (ssize_t)whole : -EAGAIN;
}

ssize_t input_read(struct input *in, void *buf, uint32_t max, const char **ret_error)
{
	return in->file ? read_file(in, buf, max, ret_error)
			: read_raw(in, buf, max, ret_error);
}
