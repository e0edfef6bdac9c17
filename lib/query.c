/* SPDX-License-Identifier: MIT */
/*
 * Questions: what a source holds, which sources there are, how the daemon is.
 */
#include <stdlib.h>

#include "clock.h"
#include "connection.h"
#include "source.h"

static int get(struct aud_source *s, struct ending ending)
{
	Aud__GetAudioSource message = AUD__GET_AUDIO_SOURCE__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	message.has_source_handle = true;
	message.source_handle = s->handle;
	request.kind_case = AUD__REQUEST__KIND_GET_AUDIO_SOURCE;
	request.get_audio_source = &message;
	return connection_request(s->aud, &request, ending);
}

int aud_source_status(struct aud_source *s, struct aud_source_status **ret)
{
	struct outcome outcome;
	int r;

	r = get(s, ending_awaited(&outcome));
	if (r == 0)
		*ret = outcome.block;
	return r;
}

int aud_source_status_async(struct aud_source *s, aud_done_fn *done, void *user)
{
	return get(s, ending_told(done, user));
}

void aud_source_status_free(struct aud_source_status *status)
{
	free(status);
}

/* The device goes on between the daemon's looks at it, but not beyond what it was given.
 * */
static struct aud_queued extrapolate(const struct aud_source_status *status, uint64_t now)
{
	struct aud_queued queued = {
		.frames = status->queued,
		.device_frames = status->in_device,
		.at_ns = status->at_ns,
		.sample_rate = status->sample_rate,
	};
	uint64_t begins = status->at_ns + status->begins_ns, heard;

	if (queued.device_frames > queued.frames)
		queued.device_frames = queued.frames;
	if (!status->sounding || now <= begins)
		return queued;
	heard = (unsigned __int128)(now - begins) * status->sample_rate / NS_PER_S;
	if (heard > queued.device_frames)
		heard = queued.device_frames;
	queued.frames -= heard;
	queued.device_frames -= heard;
	queued.at_ns = now;
	return queued;
}

int aud_source_queued_duration(struct aud_source *s, struct aud_queued *ret)
{
	struct aud_source_status *status;
	int r;

	r = aud_source_status(s, &status);
	if (r < 0)
		return r;
	*ret = extrapolate(status, clock_ns());
	aud_source_status_free(status);
	return 0;
}

int aud_list(struct aud *a, struct aud_source_status **ret)
{
	Aud__ListAudioSources message = AUD__LIST_AUDIO_SOURCES__INIT;
	Aud__Request request = AUD__REQUEST__INIT;
	struct outcome outcome;
	int r;

	request.kind_case = AUD__REQUEST__KIND_LIST_AUDIO_SOURCES;
	request.list_audio_sources = &message;
	r = connection_request(a, &request, ending_awaited(&outcome));
	if (r < 0)
		return r;
	*ret = outcome.block;
	return outcome.count;
}

void aud_list_free(struct aud_source_status *list)
{
	free(list);
}

int aud_daemon_status(struct aud *a, struct aud_daemon_status **ret)
{
	Aud__GetDaemonStatus message = AUD__GET_DAEMON_STATUS__INIT;
	Aud__Request request = AUD__REQUEST__INIT;
	struct outcome outcome;
	int r;

	request.kind_case = AUD__REQUEST__KIND_GET_DAEMON_STATUS;
	request.get_daemon_status = &message;
	r = connection_request(a, &request, ending_awaited(&outcome));
	if (r < 0)
		return r;
	*ret = outcome.block;
	return 0;
}

void aud_daemon_status_free(struct aud_daemon_status *status)
{
	free(status);
}
