/* SPDX-License-Identifier: MIT */
/*
 * The verb play: keeps sources filled from files or standard input, with several captures
 * outstanding, and tells at the end what was heard. One loop waits for everything: the
 * daemon, the input, a signal, and the next progress line.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "outcome.h"
#include "patience.h"
#include "progress.h"
#include "stream.h"
#include "text.h"
#include "verbs.h"

enum {
	CHUNKS_PER_S = 10,
	MAX_CHUNK = 128 * 1024, /* bytes; all that are outstanding stay below 1 MiB */
	MAX_CAPTURES = 4,       /* outstanding */
	MAX_NAME = 63,          /* bytes of a source's name */
};

struct play {
	struct ctl *ctl;
	struct input *inputs;
	uint64_t *begins; /* of each input: the position of its first frame */
	size_t num_inputs;
	size_t first, reading; /* inputs: the stream's first one; the one that is read */
	struct stream stream;
	struct progress progress;
	sigset_t signals; /* that end it */
	int signal_fd;
	int signal; /* that ended it; 0: none */
	int status; /* exit status; not 0: something has gone wrong */
	bool lost;  /* the connection is */
	struct patience patience;

	unsigned drawn; /* number of the report that the progress line shows */
	struct outcome outcome;
};

/* The first failure is told and decides about the exit status. */
static void play_fail(struct play *p, int status, const struct input *in,
		      const char *sentence)
{
	if (p->status)
		return;
	p->status = status;
	progress_erase(&p->progress);
	ctl_error(p->ctl, "%s: %s", strcmp(in->path, "-") ? in->path : "standard input",
		  sentence);
}

static void play_lose(struct play *p)
{
	p->lost = true;
	play_fail(p, CTL_NO_DAEMON, &p->inputs[p->reading], aud_error(p->ctl->aud));
}

static bool play_goes_on(const struct play *p)
{
	return !p->signal && !p->status && !p->lost;
}

/* ---- one turn of the loop ---------------------------------------------------------- */

/* From the second signal on, they do what they always do. */
static void take_signal(struct play *p)
{
	struct signalfd_siginfo info;

	if (read(p->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	p->signal = (int)info.ssi_signo;
	sigprocmask(SIG_UNBLOCK, &p->signals, NULL);
}

static void leave(struct play *p)
{
	p->lost = true;
	play_fail(p, CTL_NO_DAEMON, &p->inputs[p->reading],
		  "the daemon is away; if it comes back, what it has kept is played");
}

/* Looks at what has happened to the stream. Who clears it wants silence, and not what was
 * going to be queued next. */
static void look_at_stream(struct play *p)
{
	const struct input *in = &p->inputs[p->reading];
	const struct stream *s = &p->stream;

	if (s->error)
		play_fail(p, ctl_status(s->error), in, s->message);
	else if (s->was_closed)
		play_fail(p, CTL_REFUSED, in, "closed by another program");
	else if (s->was_cleared && !p->signal)
		play_fail(p, CTL_REFUSED, in, "cleared by another program");
}

/* It takes a moment until what is queued sounds. */
static const char *why_silent(const struct play *p)
{
	if (p->patience.away)
		return "the daemon is away";
	if (p->stream.report.paused)
		return "paused";
	return p->stream.report.waiting > 1 ? "waiting for a device" : "";
}

static void draw_progress(struct play *p)
{
	const struct stream_report *report = &p->stream.report;
	size_t heard = p->reading;

	while (heard > p->first && p->begins[heard] > report->position)
		heard--;
	progress_draw(&p->progress, &p->inputs[heard],
		      report->position - p->begins[heard], report->ledger.queued,
		      why_silent(p));
	p->drawn = report->number;
}

static void note_event(const struct aud_event *event, void *user)
{
	struct play *p = user;

	patience_note(&p->patience, event);
	if (p->progress.drawn) /* while it is away there are no answers to draw */
		draw_progress(p);
}

/* Waits for something to happen and sees to it. True: the input can be read. */
static bool play_turn(struct play *p, int input_fd)
{
	struct pollfd fds[] = {
		{.fd = aud_fd(p->ctl->aud), .events = aud_poll_events(p->ctl->aud)},
		{.fd = p->signal_fd, .events = POLLIN},
		{.fd = p->progress.timer_fd, .events = POLLIN},
		{.fd = input_fd, .events = POLLIN},
	};
	int patience = patience_left(&p->patience, p->signal != 0);

	if (patience == 0)
		leave(p);
	if (poll(fds, sizeof(fds) / sizeof(fds[0]), patience) < 0)
		return false; /* EINTR: stopped and continued */
	if (fds[0].revents && aud_dispatch(p->ctl->aud) < 0)
		play_lose(p);
	if (fds[1].revents)
		take_signal(p);
	if (fds[2].revents && progress_is_due(&p->progress) && !p->stream.questions &&
	    !p->lost)
		stream_ask(&p->stream);
	look_at_stream(p);
	if (p->stream.report.number != p->drawn && p->progress.timer_fd >= 0)
		draw_progress(p);
	return fds[3].revents != 0;
}

/* ---- one stream -------------------------------------------------------------------- */

static uint32_t chunk_frames(const struct input *in)
{
	uint32_t frames = in->rate / CHUNKS_PER_S, max = MAX_CHUNK / in->frame_bytes;

	return frames < max ? frames : max;
}

/* Sends all of one input. */
static void feed(struct play *p, struct input *in, void *chunk, uint32_t max)
{
	p->begins[p->reading] = p->stream.sent;
	while (play_goes_on(p)) {
		bool room = p->stream.captures < MAX_CAPTURES;
		const char *error;
		ssize_t n;

		if (!play_turn(p, room ? in->fd : -1) || !play_goes_on(p))
			continue;
		n = input_read(in, chunk, max, &error);
		if (n > 0)
			stream_capture(&p->stream, chunk, (uint32_t)n);
		else if (n < 0 && n != -EAGAIN)
			play_fail(p, CTL_REFUSED, in, error);
		else if (n == 0)
			break;
	}
}

/* Sends all that can go into one source. */
static void feed_all(struct play *p)
{
	const struct input *shape = &p->inputs[p->first];
	uint32_t max = chunk_frames(shape);
	void *chunk = malloc((size_t)max * shape->frame_bytes);

	if (!chunk)
		play_fail(p, CTL_REFUSED, shape, strerror(ENOMEM));
	while (play_goes_on(p)) {
		feed(p, &p->inputs[p->reading], chunk, max);
		if (p->reading + 1 == p->num_inputs ||
		    !input_is_alike(shape, &p->inputs[p->reading + 1]))
			break;
		p->reading++;
	}
	free(chunk);
}

/* Until all is answered, or, if that matters, until a signal comes. */
static void settle(struct play *p, bool until_signal)
{
	while (stream_is_busy(&p->stream) && !p->lost && !(until_signal && p->signal))
		play_turn(p, -1);
}

/* Waits until nothing is left to be heard. A clear ends the daemon's wait at once, although
 * a device that gives not all back has still something to play then. */
static void wait_for_playout(struct play *p, bool until_signal)
{
	do {
		p->stream.was_cleared = false;
		stream_wait_for_playout(&p->stream);
		settle(p, until_signal);
	} while (p->stream.was_cleared && !p->lost);
}

/* Waits for the end of the stream, which a signal brings about at once. */
static void play_out(struct play *p)
{
	if (!p->signal && !p->lost)
		wait_for_playout(p, true);
	if (p->signal && !p->lost) {
		stream_clear(&p->stream);
		settle(p, false);
		wait_for_playout(p, false);
	}
}

/* Asks what became of it all. False: nobody knows. */
static bool ask_at_last(struct play *p)
{
	unsigned before = p->stream.report.number;

	if (p->lost)
		return false;
	stream_ask(&p->stream);
	settle(p, false);
	return p->stream.report.number != before;
}

/* The name of a file without its folders, in buf. */
static const char *source_name(char *buf, size_t size, const struct input *in)
{
	const char *slash = strrchr(in->path, '/');

	if (!in->file)
		return "stdin";
	return text_safe(buf, size, slash ? slash + 1 : in->path);
}

/* Plays as many of the inputs as can go into one source through it. */
static void play_stream(struct play *p)
{
	const struct input *in = &p->inputs[p->reading];
	const struct options *options = &p->ctl->options;
	char name[MAX_NAME + 1];
	bool known;
	int r;

	p->first = p->reading;
	p->drawn = 0;
	r = stream_open(&p->stream, p->ctl->aud, in, options,
			options->name ? options->name
				      : source_name(name, sizeof(name), in));
	if (r < 0) {
		play_fail(p, ctl_status(r), in, aud_error(p->ctl->aud));
		return;
	}
	if (r > 0)
		ctl_error(p->ctl, "--gain: more than the daemon allows; it is as loud as "
				  "it may be");
	feed_all(p);
	play_out(p);
	known = ask_at_last(p);
	outcome_add(&p->outcome, &p->stream, in, known);
	if (!p->lost)
		stream_close(&p->stream);
	p->reading++;
}

/* ---- the verb ---------------------------------------------------------------------- */

static int check_operands(const struct ctl *ctl)
{
	static const uint32_t raw = OPTION_BIT(OPTION_RATE) |
				    OPTION_BIT(OPTION_CHANNELS) |
				    OPTION_BIT(OPTION_FORMAT);
	size_t dashes = 0;

	for (size_t i = 0; i < ctl->num_operands; i++)
		dashes += !strcmp(ctl->operands[i], "-");
	if (dashes > 1)
		return ctl_usage(ctl, "'-' is given twice");
	if (!dashes && ctl->options.given & raw)
		return ctl_usage(ctl, "--rate, --channels and --format are for '-'; "
				      "a file says these itself");
	return CTL_DONE;
}

/* All inputs are opened before the first is played, to find what is wrong with them. */
static int open_inputs(struct play *p)
{
	struct ctl *ctl = p->ctl;
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	p->inputs = calloc(ctl->num_operands, sizeof(p->inputs[0]));
	p->begins = calloc(ctl->num_operands, sizeof(p->begins[0]));
	if (!p->inputs || !p->begins) {
		ctl_error(ctl, "%s", strerror(ENOMEM));
		return CTL_REFUSED;
	}
	while (p->num_inputs < ctl->num_operands) {
		struct input *in = &p->inputs[p->num_inputs];
		const char *error;

		if (input_open(in, ctl->operands[p->num_inputs++], &ctl->options,
			       &error)) {
			ctl_error(ctl, "%s: %s", in->path, error);
			return CTL_REFUSED;
		}
	}
	return CTL_DONE;
}

static int catch_signals(struct play *p)
{
	sigemptyset(&p->signals);
	sigaddset(&p->signals, SIGINT);
	sigaddset(&p->signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &p->signals, NULL);
	p->signal_fd = signalfd(-1, &p->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (p->signal_fd >= 0)
		return CTL_DONE;
	ctl_error(p->ctl, "signalfd: %s", strerror(errno));
	return CTL_REFUSED;
}

static void play_all(struct play *p)
{
	int status;

	progress_init(&p->progress, !p->ctl->options.quiet && !p->ctl->options.json);
	while (play_goes_on(p) && p->reading < p->num_inputs)
		play_stream(p);
	progress_done(&p->progress);
	status = outcome_tell(&p->outcome, p->ctl, p->signal);
	if (!p->status)
		p->status = status;
}

/* The callbacks of what is still outstanding look at the play. */
static void play_done(struct play *p)
{
	ctl_disconnect(p->ctl);
	for (size_t i = 0; i < p->num_inputs; i++)
		input_done(&p->inputs[i]);
	free(p->inputs);
	free(p->begins);
	outcome_done(&p->outcome);
	if (p->signal_fd >= 0)
		close(p->signal_fd);
}

int verb_play(struct ctl *ctl)
{
	struct play p = {.ctl = ctl, .signal_fd = -1};

	p.status = check_operands(ctl);
	if (p.status)
		return p.status;
	outcome_init(&p.outcome);
	p.status = open_inputs(&p);
	if (!p.status)
		p.status = ctl_connect(ctl);
	if (!p.status)
		p.status = catch_signals(&p);
	if (!p.status) {
		aud_set_event_handler(ctl->aud, note_event, &p);
		play_all(&p);
	}
	play_done(&p);
	return p.signal ? 128 + p.signal : p.status;
}
