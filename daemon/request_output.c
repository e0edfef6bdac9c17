/* SPDX-License-Identifier: MIT */
/*
 * Requests that name an output: which one is meant, can it play this, go there.
 */
#include <inttypes.h>

#include "move.h"
#include "optional.h"
#include "request_parts.h"
#include "text.h"

int find_output(const struct conn *c, const char *name, struct answer *out,
		struct output **ret)
{
	const struct outputs *set = &c->hub->outputs;
	char shown[64], names[160];
	struct output *o = name ? outputs_find(set, name) : set->standard;

	if (!o)
		return refuse(out, AUD__ERROR_CODE__NOT_FOUND,
			      "there is no output '%s'; there are: %s",
			      text_escape(shown, sizeof(shown), name),
			      outputs_names(set, names, sizeof(names)));
	*ret = o;
	return 0;
}

int do_move_audio_source(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__MoveAudioSource *in = r->move_audio_source;
	struct ticket t = conn_ticket(c, r->async_id);
	struct output *o;
	struct source *s;
	int error = find_source(c, in->has_source_handle, in->source_handle, out, &s);

	if (error == 0 && !in->output)
		error = refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			       "output is missing");
	if (error == 0)
		error = find_output(c, in->output, out, &o);
	if (error == 0)
		error = check_channels(&s->queue.writer->channels,
				       s->queue.shape.channels, output_config(o), out);
	if (error == 0)
		error = check_fade(out, in->fade_ms, in->curve);
	if (error < 0)
		return error;
	return later(s, out,
		     move_source(&c->hub->sources, s, &t, o,
				 fade_of(s, in->fade_ms, in->curve)));
}
