/* SPDX-License-Identifier: MIT */
/*
 * What a new source says of its channels, and whether an output can play them.
 */
#include <inttypes.h>
#include <string.h>

#include "layout.h"
#include "request_parts.h"

static int read_layout(const Aud__NewAudioSource *in, struct answer *out,
		       struct layout *ret)
{
	char error[160];

	*ret = layout_default(in->num_channels);
	if (in->layout &&
	    layout_read(in->layout, in->num_channels, ret, error, sizeof(error)) < 0)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT, "layout: %s",
			      error);
	return 0;
}

static int read_matrix(const Aud__NewAudioSource *in, struct answer *out,
		       struct channels *ret)
{
	if (in->n_matrix % in->num_channels != 0 || in->n_matrix > CHANNELS_MATRIX_MAX)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "matrix: it has %zu factors, not %" PRIu32
			      " for each of the output's channels, at most %d in all",
			      in->n_matrix, in->num_channels, CHANNELS_MATRIX_MAX);
	ret->outputs = (uint32_t)in->n_matrix / in->num_channels;
	if (in->n_matrix > 0)
		memcpy(ret->matrix, in->matrix, in->n_matrix * sizeof(*in->matrix));
	if (!channels_are_sane(ret, in->num_channels))
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "matrix: not all of its factors are numbers from -%d to %d",
			      CHANNELS_LEVEL_MAX, CHANNELS_LEVEL_MAX);
	return 0;
}

int read_channels(const Aud__NewAudioSource *in, struct answer *out, struct channels *ret)
{
	struct channels c = {0};
	int r = read_layout(in, out, &c.layout);

	if (r == 0)
		r = read_matrix(in, out, &c);
	if (r == 0)
		*ret = c;
	return r;
}

int check_channels(const struct channels *c, uint32_t n, const struct config_output *o,
		   struct answer *out)
{
	uint32_t lost;

	if (c->outputs > 0 && c->outputs != o->channels)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "matrix: it is for %" PRIu32 " channels, and the output "
			      "'%s' has %" PRIu32,
			      c->outputs, o->name, o->channels);
	if (c->outputs == 0 && !layout_is_playable(&c->layout, n, o->channels, &lost))
		return refuse(out, AUD__ERROR_CODE__NOT_SUPPORTED,
			      "the output '%s' has %" PRIu32 " channels: channel %" PRIu32
			      " of the source has no name, so it cannot be played there",
			      o->name, o->channels, lost + 1);
	return 0;
}
