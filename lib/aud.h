/* SPDX-License-Identifier: MIT */
/*
 * libaud: speak to audd, the audio daemon.
 *
 * The model. A *source* is a queue of frames in the daemon; a frame is one sample for
 * each channel. Frames are numbered from 0 by 64-bit positions. A frame stays in its
 * queue until the device has played it:
 *
 *    0 ............ played .......... fed .......... written .......... played + limit
 *        heard, gone         at the device   waiting             room
 *                      |------------ unheard: the queued duration ---|
 *
 * The limit is queue_size_ms x sample_rate / 1000 frames and bounds what is unheard, the
 * device's buffer included. See libaud(3) for the whole story with examples.
 *
 * Threads. One connection and its sources may be used from several threads at once; each
 * call takes a lock inside. Blocking calls wait without that lock. A callback runs on a
 * thread that is inside aud_dispatch, aud_wait, aud_free or a blocking call on that
 * connection, without the lock held, one callback at a time, in the order of the daemon's
 * answers and events. It should be short, and may make any call but a blocking one and
 * aud_free. Freeing an object while a call uses it is an error of the program.
 *
 * Errors. Functions return 0 or more for success and a negative errno for failure; output
 * parameters are written on success only. aud_error() has the sentence for people.
 *   -EINVAL        an argument is out of range or contradicts another
 *   -ENOENT        no such source or output; for aud_connect: no daemon's socket at that path
 *   -EACCES        the source (or the socket) belongs to somebody else
 *   -ENOBUFS       a limit of the daemon is reached, or 8 MiB wait to be sent to it
 *   -EOPNOTSUPP    this daemon or its output cannot do that
 *   -EPROTO        the other side broke the protocol, or speaks another version of it
 *   -ENOMEM        no memory, here or in the daemon
 *   -ECANCELED     the source was closed while the call waited
 *   -ECONNREFUSED  nobody listens at that path
 *   -ENOTCONN      the connection is gone; every outstanding request ends with this
 *   -ETIMEDOUT     aud_connect: the daemon did not answer in time
 *   -EMSGSIZE      more than one message can hold
 *   -ENAMETOOLONG  the path is longer than a socket's path can be
 *   -EDEADLK       a blocking call from within a callback
 */
#ifndef AUD_H
#define AUD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct aud;        /* a connection to the daemon */
struct aud_source; /* a source, one's own or another program's */

/* Interleaved samples in the machine's byte order or, _SWAPPED, in the other one. A float that is
 * no number (NaN) or infinite is silence, and counted. */
enum aud_format {
	AUD_FORMAT_S16 = 1,   /* signed 16 bits */
	AUD_FORMAT_F32 = 2,   /* 32-bit float, full scale is -1.0 .. 1.0 */
	AUD_FORMAT_S32 = 3,   /* signed 32 bits */
	AUD_FORMAT_S24 = 4,   /* signed 24 bits in the low three bytes of four */
	AUD_FORMAT_S24_3 = 5, /* signed 24 bits in three bytes */
	AUD_FORMAT_U8 = 6,    /* unsigned 8 bits, silence is 128 */
	AUD_FORMAT_ALAW = 7,  /* G.711 */
	AUD_FORMAT_MULAW = 8, /* G.711 */
	AUD_FORMAT_S16_SWAPPED = 9,
	AUD_FORMAT_F32_SWAPPED = 10,
	AUD_FORMAT_S32_SWAPPED = 11,
	AUD_FORMAT_S24_SWAPPED = 12,
	AUD_FORMAT_S24_3_SWAPPED = 13,
};

/* Why frames of a capture did not get into the queue. */
enum aud_drop_reason {
	AUD_NOT_DROPPED = 0,
	AUD_DROPPED_BY_CLEAR = 1,
	AUD_DROPPED_BY_CLOSE = 2,
	AUD_DROPPED_BY_DEADLINE = 3, /* the time given to the capture was over */
	AUD_DROPPED_FOR_ROOM = 4,    /* a try took what fitted */
};

/* How a wait for playout ended. */
enum aud_playout_reason {
	AUD_PLAYED = 1,        /* everything that was queued has been heard */
	AUD_CLEARED = 2,       /* a clear took the rest */
	AUD_SOURCE_CLOSED = 3, /* the source was closed */
	AUD_TIMED_OUT = 4,     /* the time given to the call is over */
	AUD_DEVICE_LOST = 5,   /* there was no device for longer than was asked for */
};

/* What a source is for. */
enum aud_role {
	AUD_ROLE_NONE = 0,
	AUD_ROLE_SPEECH = 1, /* while it sounds, the output's other sources are softer */
};

/* How a fade goes from one level to the other. */
enum aud_curve {
	AUD_LINEAR = 0,
	AUD_EQUAL_POWER = 1, /* a quarter of a cosine */
};

/* Whose fault a gap in the sound was. */
enum aud_underrun_cause {
	AUD_CLIENT_LATE = 1,    /* the queue was empty */
	AUD_WAKEUP_LATE = 2,    /* the daemon woke too late */
	AUD_DEVICE_STOPPED = 3, /* the device stopped by itself */
};

#define AUD_NO_POSITION     UINT64_MAX
#define AUD_NO_TIMEOUT      UINT32_MAX
#define AUD_FADE_DEFAULT_MS 5u
#define AUD_TOKEN_BYTES     16

/* What became of a capture. */
struct aud_captured {
	uint64_t first;    /* position of the first accepted one; or AUD_NO_POSITION */
	uint64_t accepted; /* frames that got into the queue */
	uint64_t dropped;  /* frames that did not */
	uint64_t skipped;  /* frames that the queue had already (see `at`) */
	uint64_t free;     /* frames for which there was room afterwards */
	enum aud_drop_reason reason;
};

/* What a clear did. */
struct aud_cleared {
	uint64_t heard_until; /* position of the first frame that will not be heard */
	uint64_t dropped;     /* frames that will never be heard */
	uint64_t taken_back;  /* how many of these the device had already */
	uint64_t in_device;   /* frames below heard_until still to be heard at at_ns */
	uint64_t at_ns;       /* CLOCK_MONOTONIC */
};

/* How loud a source or an output is from now on. */
struct aud_level {
	float gain; /* factor that holds when it is not muted */
	bool muted;
	bool capped; /* more was asked for than the daemon allows a source: gain is that */
};

/* How a wait for playout ended. */
struct aud_playout {
	enum aud_playout_reason reason;
	uint64_t played; /* every frame below this position is heard or dropped */
	uint64_t at_ns;  /* when the device had played up to there, CLOCK_MONOTONIC */
};

/* A source, as the daemon sees it. pushed = heard + queued + dropped_cleared +
 * dropped_closed + dropped_refused, always. Counts are frames. Strings live as long as
 * the status. */
struct aud_source_status {
	uint64_t handle;
	const char *name, *client; /* of the source; of the program. Never NULL */
	uint32_t pid, uid;
	uint32_t sample_rate; /* Hz */
	uint32_t num_channels;
	enum aud_format format;
	uint32_t queue_size_ms;
	uint64_t queue_frames; /* queue_size_ms in frames */
	bool ending;           /* closed or left; plays out what it holds */
	bool paused;
	float gain; /* factor that holds when it is not muted */
	bool muted;
	uint64_t pushed, heard, queued, in_device;
	uint64_t dropped_cleared, dropped_closed, dropped_refused, silence;
	uint64_t played;    /* position */
	bool sounding;      /* the device was playing it at at_ns */
	uint64_t at_ns;     /* when these numbers were true, CLOCK_MONOTONIC */
	uint64_t begins_ns; /* from then until the first of in_device begins to sound */
	uint32_t waiting_captures;
	uint32_t attached;   /* connections that may push */
	uint32_t linger_ms;  /* see struct aud_source_options */
	bool may_control;    /* it is this user's, or this user may control all of them */
	uint64_t not_finite; /* samples that were NaN or infinite: they are silence */
	const char *output;  /* that it plays to, by its name */
	const char *layout;  /* its channels, by ALSA's names: "FL FR"; "?" has none */
	bool own_matrix;     /* it goes by a matrix instead */
	enum aud_role role;
};

/* An output of the daemon. Strings live as long as the status. */
struct aud_output_status {
	const char *name, *backend, *device, *state, *error;
	const char *format, *access;
	const char *scheduling;       /* "fifo 50", "rr 20", "nice -11", "other" */
	const char *scheduling_asked; /* likewise */
	const char *scheduling_by;    /* "limits", "rtkit", or "" */
	uint32_t sample_rate, num_channels, buffer_frames, period_frames, guard_frames;
	uint32_t significant_bits; /* of a sample, that the device uses */
	bool rewinds, realtime, memory_locked, alsa_locks, dithers;
	bool is_default; /* sources that name no output play to this one */
	uint64_t dev_fed, dev_played, at_ns;
	uint64_t turns, wakeups, xruns, losses, clipped, asked_back, given_back;
	/* How many timed wake-ups were late by less than 50, 100, 200, 500, 1000, 2000, 5000
	 * microseconds, and by more. */
	const uint64_t *late_us;
	size_t num_late_us;
	float gain; /* of all that it plays; factor that holds when it is not muted */
	bool muted;
	const char *layout; /* the device's channels; "" while there is none */
	/* By how many frames earlier than usual it is filled, after repeated xruns; where it
	 * does not rewind, buffer_frames is longer by that. */
	uint32_t margin_frames;
};

struct aud_daemon_status {
	const char *version;
	uint32_t pid;
	uint64_t uptime_ns;
	uint32_t connections, sources;
	uint64_t refused, broken;
	const char *config;       /* the file with its settings, or "" */
	uint64_t config_age_ns;   /* since they were taken over */
	const char *config_error; /* why newer ones were refused since then, or "" */
	const struct aud_output_status *outputs;
	size_t num_outputs;
};

/* How long what is queued will take, measured, extrapolated while the device plays. */
struct aud_queued {
	uint64_t frames;        /* not yet heard, the device's included */
	uint64_t device_frames; /* of these, at the device */
	uint64_t at_ns;         /* when that was true, CLOCK_MONOTONIC */
	uint32_t sample_rate;   /* Hz, to make seconds of it */
};

/* ---- connection ---------------------------------------------------------------- */

/*
 * Connects and says hello. socket_path NULL: $AUD_SOCKET, else
 * $XDG_RUNTIME_DIR/aud/aud.sock if that exists, else /run/aud/aud.sock. name (may be
 * NULL) is the program's name, for lists and logs, at most 63 bytes. Blocks for at most
 * 5 s. Errors: -EINVAL, -ENOENT, -EACCES, -ECONNREFUSED, -ENAMETOOLONG, -ENOBUFS (too
 * many connections), -EPROTO, -ENOMEM, -ETIMEDOUT, -ENOTCONN (the daemon hung up). The
 * sentence is then in aud_error(NULL).
 */
int aud_connect(struct aud **ret, const char *socket_path, const char *name);

/* NULL in its place means AUD_CONNECT_OPTIONS_INIT, as aud_connect has it. */
struct aud_connect_options {
	/* When the daemon goes away, by a restart or a crash, the connection tries for so
	 * long to come back; 0: it does not. Calls that wait go on to wait; what was not
	 * answered is asked again, and nothing is queued twice; sources, marks and
	 * subscriptions are taken up again. If the daemon does not come back the connection
	 * is gone (-ENOTCONN); if a source does not, calls to it end with -ENOENT. Events
	 * tell of all this. Time limits run on meanwhile, but end calls only when the daemon
	 * is back. */
	uint32_t reconnect_ms;
};

#define AUD_CONNECT_OPTIONS_INIT                                                         \
	{                                                                                \
		10000                                                                    \
	}

int aud_connect_with(struct aud **ret, const char *socket_path, const char *name,
		     const struct aud_connect_options *options);

/* Closes the connection and frees it with all its sources' handles; NULL is allowed.
 * Every outstanding request's callback is called with -ENOTCONN. Sources made on it play
 * out or drop their queue, as they were told. */
void aud_free(struct aud *a);

/* The sentence for the latest failure of a call on this thread, "" if there was none. It
 * stays until the thread's next call of this library. a is not looked at. */
const char *aud_error(const struct aud *a);

/* The socket path that a connection with this argument would use, in buf
 * (NUL-terminated). Returns its length, or -ENAMETOOLONG. */
int aud_socket_path(const char *socket_path, char *buf, size_t size);

/* For the caller's own event loop: poll fd for events (POLLIN, and POLLOUT while there is
 * something to send), then call aud_dispatch. It stays the same while the daemon comes and
 * goes; it is not a socket. */
int aud_fd(const struct aud *a);
short aud_poll_events(struct aud *a);

/* Sends and receives what is possible without waiting; runs callbacks. Returns the number
 * of callbacks run, or a negative errno when the connection is gone (-ENOTCONN, -EPROTO,
 * -ENOMEM); then every outstanding request has ended. 0 also while another thread does
 * it. */
int aud_dispatch(struct aud *a);

/* Waits up to timeout_ms (-1: for ever) for one message or more, then as aud_dispatch.
 * Returns 0 when time is over, a signal came, or another thread took the messages. */
int aud_wait(struct aud *a, int timeout_ms);

/* ---- results of non-blocking calls --------------------------------------------- */

/* Exactly one of these reaches the callback of every *_async call that returned 0. It and
 * all it points to live until the callback returns. A callback may be NULL: nobody is
 * told. */
struct aud_result {
	int error;           /* 0, or a negative errno */
	const char *message; /* the sentence for it, "" if error is 0 */
	union {
		const struct aud_captured *captured;
		const struct aud_cleared *cleared;
		const struct aud_playout *playout;
		const struct aud_source_status *status;
		const struct aud_level *level; /* gain and mute */
		uint64_t position;             /* pause, resume, move, set_mark */
	};
};

typedef void aud_done_fn(const struct aud_result *result, void *user);

/* ---- sample formats ------------------------------------------------------------ */

/* The name of a format: "s16", "s24_3"; in the other byte order "s16be", "s24_3be" (on a
 * big-endian machine "s16le" …). "unknown" if there is none. */
const char *aud_format_name(enum aud_format format);

/* The format of that name; a name may also say the machine's own order ("s16le"). -EINVAL if there
 * is none. */
int aud_format_by_name(const char *name);

/* The bytes of one sample; 0: there is no such format. */
uint32_t aud_format_bytes(enum aud_format format);

/* ---- sources ------------------------------------------------------------------- */

struct aud_source_options {
	uint32_t queue_size_ms;  /* 1 .. 60000; 0 means the default, 1000 */
	enum aud_format format;  /* 0 means the default, AUD_FORMAT_S16 */
	const char *name;        /* for people; NULL means none; at most 63 bytes */
	bool drop_on_disconnect; /* the last connection ends: drop, rather than play out */
	/* How long the source can be attached to after that, 1 .. 3600000 ms; when that is
	 * over and it has played out, it is gone. 0: what the daemon is set to. */
	uint32_t linger_ms;
	const char
		*output; /* by name, see aud_daemon_status; NULL: the daemon's default */
	/* What its channels are, by ALSA's names in order, as in "FL FR FC LFE RL RR"; or a
	 * usual layout in ALSA's order: "mono", "stereo", "2.1", "3.0", "quad", "5.0", "5.1",
	 * "6.1", "7.1". NULL: the usual one for so many. */
	const char *layout;
	/* How loud each channel is in each of the output's, instead: num_channels factors, -16
	 * to 16, for the output's first channel, then for its second, and so on; so many in
	 * all, at most 512. NULL: by the names. */
	const float *matrix;
	size_t matrix_length;
	enum aud_role role;
};

/* A fade; NULL in its place means { AUD_FADE_DEFAULT_MS, AUD_LINEAR }. */
struct aud_fade {
	uint32_t ms; /* 0 .. 250 */
	enum aud_curve curve;
};

/* NULL in its place means AUD_CAPTURE_OPTIONS_INIT: wherever the queue ends, all of it,
 * however long that takes. Begin with that: zeros mean position 0, and no time. */
struct aud_capture_options {
	/* The position at which data begins, or AUD_NO_POSITION. Frames below the queue's end
	 * are skipped, a gap is refused. */
	uint64_t at;
	uint32_t timeout_ms; /* then end with what was accepted; or AUD_NO_TIMEOUT */
	bool only_what_fits; /* do not wait at all */
};

#define AUD_CAPTURE_OPTIONS_INIT                                                         \
	{                                                                                \
		AUD_NO_POSITION, AUD_NO_TIMEOUT, false                                   \
	}

/* NULL in its place means AUD_WAIT_OPTIONS_INIT: until the queue is empty, however long
 * that takes. Begin with that: zeros mean no time. */
struct aud_wait_options {
	uint32_t timeout_ms;     /* or AUD_NO_TIMEOUT */
	uint32_t device_lost_ms; /* at most so long without a device; or AUD_NO_TIMEOUT */
	bool only_present;       /* do not wait for what is queued after the call */
};

#define AUD_WAIT_OPTIONS_INIT                                                            \
	{                                                                                \
		AUD_NO_TIMEOUT, AUD_NO_TIMEOUT, false                                    \
	}

/* Makes a source: sample_rate in Hz (1000 .. 768000), num_channels 1 .. 32; options may
 * be NULL. Blocks for the daemon's answer. The source is freed by aud_source_free or with
 * its connection. Errors: -EINVAL, -ENOENT (no such output), -ENOBUFS, -EOPNOTSUPP (the
 * output cannot play that rate or these channels), -ENOMEM, -ENOTCONN. */
int aud_source_new(struct aud *a, struct aud_source **ret, uint32_t sample_rate,
		   uint32_t num_channels, const struct aud_source_options *options);

/* A handle on a source that exists already (see aud_list), to control it: clear, pause,
 * resume, wait, gain, status, marks, events. Nothing is asked of the daemon here. */
int aud_source_by_handle(struct aud *a, struct aud_source **ret, uint64_t handle);

/* Frees the handle. A source that was made by aud_source_new, and was not closed, is
 * closed, playing out; one that was attached to stays held by the connection until that
 * ends. NULL is allowed. Does not block. */
void aud_source_free(struct aud_source *s);

uint64_t aud_source_handle(const struct aud_source *s);

/* The limit, in frames; 0 for a handle of aud_source_by_handle. */
uint64_t aud_source_queue_frames(const struct aud_source *s);

/* Takes up a source again that a connection of the same user made, or a second hold on
 * it: to push on where it ends (see aud_source_written), to control it, to watch it. The
 * token is aud_source_token's. Blocks for the daemon's answer. Errors: -ENOENT (no such
 * source, any more), -EACCES (not this user's, or not its token), -ENOMEM, -ENOTCONN. */
int aud_source_attach(struct aud *a, struct aud_source **ret, uint64_t handle,
		      const uint8_t token[AUD_TOKEN_BYTES]);

/* Copies the token of a source that was made here or attached to. -EINVAL: a handle of
 * aud_source_by_handle has none. */
int aud_source_token(const struct aud_source *s, uint8_t token[AUD_TOKEN_BYTES]);

/* The position at which the next frame was due when the source was attached to; 0 for a
 * new one. It stands still: what a capture took is in struct aud_captured. */
uint64_t aud_source_written(const struct aud_source *s);

/*
 * Captures a frame and queues it for playback: data holds samples_per_channel frames,
 * interleaved. Waits until there is enough space; returns only when all of the data has
 * been pushed, or a clear or close has dropped the rest: ret (may be NULL) says which. No
 * frames: returns at once. Any length is allowed; captures from several threads are taken
 * in order. Errors: -EINVAL, -ENOENT, -EACCES, -ENOBUFS (too many bytes outstanding),
 * -ENOTCONN. An error says nothing about the next capture.
 */
int aud_source_capture_frame(struct aud_source *s, const void *data,
			     uint32_t samples_per_channel, struct aud_captured *ret);

/* The same with a deadline, at a position, or only as far as there is room. The deadline
 * is one for the whole call; what is accepted is always the beginning of the data. */
int aud_source_capture_frame_with(struct aud_source *s, const void *data,
				  uint32_t samples_per_channel,
				  const struct aud_capture_options *options,
				  struct aud_captured *ret);

/* Takes what there is room for now: ret->accepted frames, and ret->free would still fit.
 * None, while a capture of another thread waits for room. */
int aud_source_try_capture_frame(struct aud_source *s, const void *data,
				 uint32_t samples_per_channel, struct aud_captured *ret);

/* The same without waiting for the answer: data is copied before it returns;
 * done(result.captured) follows. One call may be at most 65,536 frames and 960 KiB;
 * -EMSGSIZE otherwise. */
int aud_source_capture_frame_async(struct aud_source *s, const void *data,
				   uint32_t samples_per_channel,
				   const struct aud_capture_options *options,
				   aud_done_fn *done, void *user);

/* Drops what is queued, takes back what the device holds, cancels waiting captures,
 * releases whoever waits for its playout. The frames due next are faded out. ret may be
 * NULL. Blocks until the player has done it: about a millisecond. */
int aud_source_clear_queue(struct aud_source *s, const struct aud_fade *fade,
			   struct aud_cleared *ret);
int aud_source_clear_queue_async(struct aud_source *s, const struct aud_fade *fade,
				 aud_done_fn *done, void *user);

/* Waits until the queue is empty and all of it was heard. Ends with 0 and a reason in ret
 * (may be NULL). */
int aud_source_wait_for_playout(struct aud_source *s,
				const struct aud_wait_options *options,
				struct aud_playout *ret);
int aud_source_wait_for_playout_async(struct aud_source *s,
				      const struct aud_wait_options *options,
				      aud_done_fn *done, void *user);

/* Holds the position; the queue goes on taking captures. ret_position (may be NULL) is
 * the frame with which a resume goes on. */
int aud_source_pause(struct aud_source *s, const struct aud_fade *fade,
		     uint64_t *ret_position);
int aud_source_pause_async(struct aud_source *s, const struct aud_fade *fade,
			   aud_done_fn *done, void *user);
int aud_source_resume(struct aud_source *s, const struct aud_fade *fade,
		      uint64_t *ret_position);
int aud_source_resume_async(struct aud_source *s, const struct aud_fade *fade,
			    aud_done_fn *done, void *user);

/* Moves the source to another output, which aud_daemon_status lists: it fades out, and when what
 * is before that was heard it fades in there. Its queue and its position go with it, to the
 * frame; ret_position (may be NULL) is the one with which it goes on. A source that is paused
 * stays so. Returns when it is there. Errors: -ENOENT (no such source or output), -EACCES,
 * -EINVAL, -EOPNOTSUPP (the output cannot play it), -ECANCELED (it ended before). */
int aud_source_move(struct aud_source *s, const char *output, const struct aud_fade *fade,
		    uint64_t *ret_position);
int aud_source_move_async(struct aud_source *s, const char *output,
			  const struct aud_fade *fade, aud_done_fn *done, void *user);

/* gain: factor, from 0 on, reached within ramp_ms (0 .. 10000) from now. Returns 1 if the
 * daemon allows a source less than that: it then has what is allowed. */
int aud_source_set_gain(struct aud_source *s, float gain, uint32_t ramp_ms);
int aud_source_set_gain_async(struct aud_source *s, float gain, uint32_t ramp_ms,
			      aud_done_fn *done, void *user);

/* Mutes a source, or not; its gain stays what it is, and holds again afterwards. */
int aud_source_set_mute(struct aud_source *s, bool muted, uint32_t ramp_ms);
int aud_source_set_mute_async(struct aud_source *s, bool muted, uint32_t ramp_ms,
			      aud_done_fn *done, void *user);

/* The same for all that an output plays; NULL: the default one. gain is 0 to 16. Errors:
 * -EACCES (only administrators may), -ENOENT (no such output), and as above. */
int aud_output_set_gain(struct aud *a, const char *output, float gain, uint32_t ramp_ms);
int aud_output_set_gain_async(struct aud *a, const char *output, float gain,
			      uint32_t ramp_ms, aud_done_fn *done, void *user);
int aud_output_set_mute(struct aud *a, const char *output, bool muted, uint32_t ramp_ms);
int aud_output_set_mute_async(struct aud *a, const char *output, bool muted,
			      uint32_t ramp_ms, aud_done_fn *done, void *user);

/* A gain as a factor of what it is in dB, and back; a factor of 0 is -INFINITY dB. */
float aud_gain_from_db(float db);
float aud_gain_to_db(float gain);

/* Frames not yet heard, the device's included. */
int aud_source_queued_duration(struct aud_source *s, struct aud_queued *ret);

/* All the numbers. Free with aud_source_status_free. */
int aud_source_status(struct aud_source *s, struct aud_source_status **ret);
int aud_source_status_async(struct aud_source *s, aud_done_fn *done, void *user);
void aud_source_status_free(struct aud_source_status *status);

/* Marks a position with an id of one's own: an AUD_EVENT_MARK_HEARD comes when the device
 * has played every frame below it, so when this frame begins to sound, or an
 * AUD_EVENT_MARK_DROPPED when a clear takes it. position: from what is played to what is
 * captured; or AUD_NO_POSITION, the end of what is captured so far. *ret_position (may be
 * NULL) is where it is. The event can come before the call returns. Errors: -EINVAL (it
 * has been played, or lies behind the end), -ENOBUFS. */
int aud_source_set_mark(struct aud_source *s, uint64_t mark_id, uint64_t position,
			uint64_t *ret_position);
int aud_source_set_mark_async(struct aud_source *s, uint64_t mark_id, uint64_t position,
			      aud_done_fn *done, void *user); /* result.position */

/* From now on events of this source come to the connection's handler; again: changes what
 * was asked for. low_water_ms (0: not) asks for AUD_EVENT_LOW_WATER when less than so
 * much is queued. Marks need no subscription. */
int aud_source_subscribe(struct aud_source *s, uint32_t low_water_ms);
int aud_source_unsubscribe(struct aud_source *s);

/* Ends the source: drop says whether what is queued is dropped or played out. Does not
 * wait for the playout. The handle stays valid until it is freed. */
int aud_source_close(struct aud_source *s, bool drop);

/* ---- events -------------------------------------------------------------------- */

/* Behind each kind: what of struct aud_event it sets beside the source; the rest is 0. */
enum aud_event_kind {
	AUD_EVENT_MARK_HEARD = 1,   /* mark_id, position, at_ns */
	AUD_EVENT_MARK_DROPPED = 2, /* mark_id, position */

	/* The first frame of a segment: what is pushed after 250 ms of silence begins one. */
	AUD_EVENT_PLAYBACK_STARTED = 3, /* position, at_ns */

	AUD_EVENT_UNDERRUN = 4,      /* position (behind the gap), frames, cause */
	AUD_EVENT_DRAINED = 5,       /* position, at_ns: all that was queued is heard */
	AUD_EVENT_LOW_WATER = 6,     /* frames (still queued), at_ns */
	AUD_EVENT_DEVICE_LOST = 7,   /* position: it will go on there */
	AUD_EVENT_DEVICE_BACK = 8,   /* position */
	AUD_EVENT_SOURCE_CLOSED = 9, /* frames (heard), dropped, in all */
	AUD_EVENT_EVENTS_LOST = 10,  /* frames: how many events were lost */

	/* The library's own. */
	AUD_EVENT_DAEMON_LOST = 64, /* and is waited for; source is AUD_NO_POSITION */
	AUD_EVENT_DAEMON_BACK = 65, /* likewise: all goes on */
	AUD_EVENT_SOURCE_LOST = 66, /* the daemon is back without this source */
};

struct aud_event {
	enum aud_event_kind kind;
	uint64_t source; /* its handle; AUD_NO_POSITION in those that are of none */
	uint64_t mark_id, position, frames, dropped;
	uint64_t at_ns; /* CLOCK_MONOTONIC */
	enum aud_underrun_cause cause;
};

typedef void aud_event_fn(const struct aud_event *event, void *user);

/* Who is told of events on this connection; NULL: nobody. Called like the callbacks of
 * requests, and counted with them. The event lives until the handler returns. Without a
 * handler events are read and forgotten. May be changed from within the handler; if
 * another thread changes it, the old one may be running still. */
void aud_set_event_handler(struct aud *a, aud_event_fn *handler, void *user);

/* The kind in words: "mark-heard", "underrun" and so on; "unknown" for any other. */
const char *aud_event_name(enum aud_event_kind kind);

/* ---- the daemon ---------------------------------------------------------------- */

/* All sources, whosever they are, oldest first. Free with aud_list_free. Returns how many. */
int aud_list(struct aud *a, struct aud_source_status **ret);
void aud_list_free(struct aud_source_status *list);

int aud_daemon_status(struct aud *a, struct aud_daemon_status **ret);
void aud_daemon_status_free(struct aud_daemon_status *status);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
