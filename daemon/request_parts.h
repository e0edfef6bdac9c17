/* SPDX-License-Identifier: MIT */
/*
 * What the handlers of requests share; for the files request*.c alone.
 */
#ifndef DAEMON_REQUEST_PARTS_H
#define DAEMON_REQUEST_PARTS_H

#include "conn.h"
#include "stats.h"

/* What a handler fills in when it answers at once. */
struct answer {
	Aud__Reply reply;
	union {
		Aud__Error error;
		Aud__HelloReply hello;
		Aud__NewAudioSourceReply new_audio_source;
		Aud__AttachAudioSourceReply attach;
		Aud__SetAudioSourceGainReply gain;
		Aud__SetOutputGainReply output_gain;
		Aud__AudioSourceStatus source;
		Aud__ListAudioSourcesReply list;
		Aud__CloseAudioSourceReply close;
		Aud__DaemonStatus daemon;
	} body;
	char sentence[256];
};

/* A handler returns 0: the answer is filled in; LATER: it comes, or came, by a ticket;
 * or what refuse() has returned. It finds its part of the request where the kind says. */
enum { LATER = 1 };

typedef int handler_fn(struct conn *c, const Aud__Request *r, struct answer *out);

/* Makes the answer an error, with a sentence for people. Always negative. */
int refuse(struct answer *out, Aud__ErrorCode code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same where a limit is reached: "this connection has 32 sources, and may have no more
 * (daemon.max_sources_per_connection): the request is refused". */
int refuse_limit(struct answer *out, const char *who, uint64_t number, const char *what,
		 const char *key);

/* The same for a text that a client has sent: a name that is longer than
 * SOURCE_NAME_MAX, or no printable UTF-8. 0 if it is fit to be shown; NULL is. */
int refuse_bad_name(struct answer *out, const char *field, const char *name);

handler_fn do_hello, do_new_audio_source, do_capture_audio_frame, do_clear_audio_buffer;
handler_fn do_wait_for_playout, do_pause_audio_source, do_resume_audio_source;
handler_fn do_set_audio_source_gain, do_get_audio_source, do_list_audio_sources;
handler_fn do_close_audio_source, do_get_daemon_status, do_attach_audio_source;
handler_fn do_set_mark, do_subscribe, do_move_audio_source, do_set_output_gain;

/* Whether this client may look at and control a source. */
bool may_control(const struct conn *c, const struct source *s);

/* The source that a request is about, which this client may control. */
int find_source(struct conn *c, bool there, uint64_t handle, struct answer *out,
		struct source **ret);

/* A source of which there is none. */
int refuse_unknown(struct answer *out, uint64_t handle);

/* The output of that name; NULL: the one for sources that name none. */
int find_output(const struct conn *c, const char *name, struct answer *out,
		struct output **ret);

/* What a new source says of its channels. */
int read_channels(const Aud__NewAudioSource *in, struct answer *out,
		  struct channels *ret);

/* Whether an output can play a source of n such channels. */
int check_channels(const struct channels *c, uint32_t n, const struct config_output *o,
		   struct answer *out);

/* Refuses a fade that is none. */
int check_fade(struct answer *out, uint32_t ms, Aud__FadeCurve curve);

/* One that was not refused, for a source. */
struct fade fade_of(const struct source *s, uint32_t ms, Aud__FadeCurve curve);

/* LATER if it has worked, else -ENOBUFS or -ENOMEM in words. */
int later(const struct source *s, struct answer *out, int error);

/* Refuses what is more than `most`. */
int check_ms(struct answer *out, const char *field, uint32_t ms, uint32_t most);

/* Refuses one more source for this connection. */
int check_sources_of(const struct conn *c, struct answer *out);

#endif
