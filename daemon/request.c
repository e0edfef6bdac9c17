/* SPDX-License-Identifier: MIT */
/*
 * The table of requests.
 */
#include "request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "optional.h"
#include "request_parts.h"
#include "text.h"

static handler_fn *const handlers[] = {
	[AUD__REQUEST__KIND_HELLO] = do_hello,
	[AUD__REQUEST__KIND_NEW_AUDIO_SOURCE] = do_new_audio_source,
	[AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME] = do_capture_audio_frame,
	[AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER] = do_clear_audio_buffer,
	[AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT] = do_wait_for_playout,
	[AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE] = do_pause_audio_source,
	[AUD__REQUEST__KIND_RESUME_AUDIO_SOURCE] = do_resume_audio_source,
	[AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN] = do_set_audio_source_gain,
	[AUD__REQUEST__KIND_GET_AUDIO_SOURCE] = do_get_audio_source,
	[AUD__REQUEST__KIND_LIST_AUDIO_SOURCES] = do_list_audio_sources,
	[AUD__REQUEST__KIND_CLOSE_AUDIO_SOURCE] = do_close_audio_source,
	[AUD__REQUEST__KIND_GET_DAEMON_STATUS] = do_get_daemon_status,
	[AUD__REQUEST__KIND_ATTACH_AUDIO_SOURCE] = do_attach_audio_source,
	[AUD__REQUEST__KIND_SET_MARK] = do_set_mark,
	[AUD__REQUEST__KIND_SUBSCRIBE] = do_subscribe,
	[AUD__REQUEST__KIND_MOVE_AUDIO_SOURCE] = do_move_audio_source,
	[AUD__REQUEST__KIND_SET_OUTPUT_GAIN] = do_set_output_gain,
};

bool request_is_known(unsigned int kind)
{
	return kind < sizeof(handlers) / sizeof(handlers[0]) && handlers[kind];
}

int refuse(struct answer *out, Aud__ErrorCode code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(out->sentence, sizeof(out->sentence), format, args);
	va_end(args);

	out->body.error = (Aud__Error)AUD__ERROR__INIT;
	SET(&out->body.error, code, code);
	out->body.error.message = out->sentence;
	out->reply.kind_case = AUD__REPLY__KIND_ERROR;
	out->reply.error = &out->body.error;
	return -EBADR;
}

int refuse_limit(struct answer *out, const char *who, uint64_t number, const char *what,
		 const char *key)
{
	return refuse(out, AUD__ERROR_CODE__LIMIT_REACHED,
		      "%s has %" PRIu64 " %s, and may have no more (daemon.%s): "
		      "the request is refused",
		      who, number, what, key);
}

int refuse_bad_name(struct answer *out, const char *field, const char *name)
{
	if (name && strlen(name) > SOURCE_NAME_MAX)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "%s is longer than %d bytes", field, SOURCE_NAME_MAX);
	if (name && !text_is_printable(name))
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "%s is not printable UTF-8", field);
	return 0;
}

/* What can lie unanswered for as long as the client likes. What ends that, a clear or a close,
 * is none of it: a client that has too many of these must be able to get rid of them. */
static bool may_lie(unsigned int kind)
{
	return kind == AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME ||
	       kind == AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT ||
	       kind == AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE ||
	       kind == AUD__REQUEST__KIND_RESUME_AUDIO_SOURCE ||
	       kind == AUD__REQUEST__KIND_MOVE_AUDIO_SOURCE;
}

/* The request itself is counted already. */
static int check_requests(const struct conn *c, struct answer *out)
{
	const struct config *config = c->hub->config;

	if (c->requests > config->max_requests_per_connection)
		return refuse_limit(out, "this connection", c->requests - 1,
				    "requests without an answer",
				    "max_requests_per_connection");
	if (c->user->requests > config->max_requests_per_user)
		return refuse_limit(out, "this user", c->user->requests - 1,
				    "requests without an answer",
				    "max_requests_per_user");
	return 0;
}

static int run(struct conn *c, const Aud__Request *r, struct answer *out)
{
	if (!request_is_known(r->kind_case))
		return refuse(out, AUD__ERROR_CODE__WRONG_PROTOCOL,
			      "a request of a kind that is not known here");
	if (c->state == CONN_NEW && r->kind_case != AUD__REQUEST__KIND_HELLO)
		return refuse(out, AUD__ERROR_CODE__WRONG_PROTOCOL,
			      "the first request must be hello");
	if (may_lie(r->kind_case) && check_requests(c, out) < 0)
		return -EBADR;
	return handlers[r->kind_case](c, r, out);
}

static void handle(struct conn *c, const Aud__Request *r)
{
	struct answer out;
	int done;

	out.reply = (Aud__Reply)AUD__REPLY__INIT;
	conn_asks(c);
	done = run(c, r, &out);
	if (done == LATER)
		return;
	if (done < 0)
		c->hub->refused++;
	SET(&out.reply, async_id, r->async_id);
	conn_answer(c, &out.reply);
}

void request_handle(struct conn *c, const uint8_t *message, size_t len)
{
	struct arena *arena = &c->hub->arena;
	Aud__Request *r = aud__request__unpack(&arena->allocator, len, message);

	if (r)
		handle(c, r);
	else if (arena->failed)
		conn_break(c, AUD__ERROR_CODE__NO_MEMORY, "no memory for a message");
	else
		conn_break(c, AUD__ERROR_CODE__WRONG_PROTOCOL, "a message is no request");
	arena_reset(arena);
}
