/* SPDX-License-Identifier: MIT */
/*
 * Steps become requests; faults and time are world.c's.
 */
#include "session.h"

#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "caller.h"
#include "log.h"
#include "must.h"
#include "request.h"
#include "world.h"

enum {
	CALLERS = 4,
	STEPS_MAX = 256,
	BURST_MAX = 48,
};

struct spoil {
	uint32_t at, to;
};

static struct session {
	struct hall *hall;
	struct caller callers[CALLERS];
	struct spoil spoils[2];
	struct request request;
} session;

struct hall *session_hall(void)
{
	return session.hall;
}

/* ---- what is sent ------------------------------------------------------------------- */

/* Whoever writes faster than is read has to wait, and gets a little further each time. */
static void push_out(struct caller *c)
{
	while (!caller_send(c)) {
		hall_serve(session.hall);
		caller_read(c);
	}
}

static struct known choose_source(const struct step *s)
{
	const struct sources *set = &session.hall->hub.sources;
	struct known k = {.handle = s->x, .rate = 40000, .channels = 2, .limit = 1000};
	const struct source *source;

	if (set->num == 0 || s->who >> 4 == 15)
		return k;
	source = set->items[(s->who >> 4) % set->num];
	k.handle = source->id;
	k.rate = source->queue.shape.rate;
	k.channels = source->queue.shape.channels;
	k.format = source->queue.shape.format;
	k.written = source_written(source);
	memcpy(k.token, source->token, sizeof(k.token));
	return k;
}

static void spoil(uint8_t *message, size_t len)
{
	for (int i = 0; i < 2; i++) {
		if (session.spoils[i].to && len)
			message[session.spoils[i].at % len] =
				(uint8_t)session.spoils[i].to;
		session.spoils[i].to = 0;
	}
}

static void send_request(struct caller *c, uint32_t kind, const struct step *s)
{
	const struct known known = choose_source(s);
	struct wire_writer w = {0};
	size_t len;

	request_build(&session.request, kind, s, &known);
	if (!(s->flags & REQUEST_SAME_ID))
		c->last_id++;
	session.request.r.async_id = c->last_id;
	len = protobuf_c_message_get_packed_size(&session.request.r.base);
	must(wire_writer_add(&w, &session.request.r.base) == 0, "no memory");
	spoil(w.data + w.end - len, len);
	caller_add(c, w.data, w.end);
	wire_writer_done(&w);
}

static void do_request(struct caller *c, const struct step *s, uint32_t kind)
{
	uint32_t times = s->flags & REQUEST_BURST ? 1 + s->z % BURST_MAX : 1;

	while (times-- > 0)
		send_request(c, kind, s);
	push_out(c);
}

static void do_bytes(struct caller *c, const struct step *s)
{
	caller_add(c, (const uint8_t *)&s->x, 1 + s->flags % 12);
	push_out(c);
}

static void connect_again(struct caller *c)
{
	caller_hang_up(c);
	caller_begin(c, hall_join(session.hall));
}

static void end_sending(struct caller *c)
{
	if (c->fd < 0)
		return;
	shutdown(c->fd, SHUT_WR);
	c->may_end = true;
}

static void listen_or_not(struct caller *c, bool deaf)
{
	c->deaf = deaf;
	c->may_end |= deaf;
}

static void do_step(const struct step *s)
{
	struct caller *c = &session.callers[s->who % CALLERS];
	uint32_t kind = s->kind % (STEP_REQUEST + REQUEST_KINDS);

	switch (kind) {
	case STEP_TIME:
		world_pass(s->x % 8 ? s->x % 150 : s->x % 1500);
		break;
	case STEP_CONNECT:
		connect_again(c);
		break;
	case STEP_HANG_UP:
		caller_hang_up(c);
		break;
	case STEP_END:
		end_sending(c);
		break;
	case STEP_LISTEN:
		listen_or_not(c, s->x & 1);
		break;
	case STEP_BYTES:
		do_bytes(c, s);
		break;
	case STEP_TAIL:
		c->tail = s->x % 300;
		break;
	case STEP_FILE:
		c->with_file = true;
		break;
	case STEP_SPOIL:
		session.spoils[0] = (struct spoil){s->x & 0xffff, s->y};
		session.spoils[1] = (struct spoil){s->x >> 16, s->z};
		break;
	case STEP_DEVICE:
		world_hurt_device(s);
		break;
	default:
		do_request(c, s, kind - STEP_REQUEST);
	}
}

/* ---- what has to hold ---------------------------------------------------------------- */

static void check_source(const struct source *s)
{
	const struct config *c = s->config;
	uint64_t held = source_queue_bytes(&s->queue.shape);
	char buf[160];
	const char *imbalance = hall_imbalance(s, buf, sizeof(buf));

	must(!imbalance, "source %" PRIu64 ": %s", s->id, imbalance);
	held = held > WIRE_MAX_MESSAGE ? held : WIRE_MAX_MESSAGE;
	must(s->captures.bytes <= 2 * held, "captures hold %" PRIu64 " bytes",
	     s->captures.bytes);
	must(s->captures.count > 0 || s->captures.bytes == 0, "no captures hold memory");
	must(s->num_waiting <= c->max_requests_per_source, "%u wait", s->num_waiting);
	must(s->marks.clients <= c->max_marks, "%u marks", s->marks.clients);
}

static void check_conn(const struct conn *c)
{
	enum { MOST = 4 * WIRE_MAX_MESSAGE };

	must(c->in.size <= MOST && c->out.size <= MOST, "a connection holds %zu + %zu",
	     c->in.size, c->out.size);
}

static void check_user(const struct user *u, const struct config *c)
{
	must(u->sources <= c->max_sources_per_user, "%u sources", u->sources);
	must(u->marks <= c->max_marks_per_user, "%u marks", u->marks);
	must(u->queue_bytes <= c->max_queue_bytes_per_user, "%" PRIu64 " bytes of queues",
	     u->queue_bytes);
}

static void check_all(void)
{
	const struct hub *hub = &session.hall->hub;
	const struct conn *c;
	const struct user *u;

	must(hub->sources.num <= hub->config->max_sources, "too many sources");
	for (uint32_t i = 0; i < hub->sources.num; i++)
		check_source(hub->sources.items[i]);
	TAILQ_FOREACH (c, &hub->conns, link)
		check_conn(c);
	LIST_FOREACH(u, &hub->users, link)
	check_user(u, hub->config);
}

/* ---- beginning and end --------------------------------------------------------------- */

void session_open(void)
{
	static const struct step hello = {.kind = STEP_REQUEST, .flags = 1 << 2};

	must(aud__request__descriptor.n_fields == 1 + REQUEST_KINDS,
	     "a kind of request has no builder in tests/fuzz/request.c");
	log_set_level(LEVEL_ERROR);
	session.hall = world_open();
	for (int i = 0; i < CALLERS; i++)
		caller_begin(&session.callers[i], -1);
	for (int i = 0; i < 2; i++) {
		connect_again(&session.callers[i]);
		do_request(&session.callers[i], &hello, 0);
	}
}

void session_run(const uint8_t *data, size_t size)
{
	struct step s;

	world_open_devices();
	for (size_t n = 0; n < STEPS_MAX && (n + 1) * sizeof(s) <= size; n++) {
		memcpy(&s, data + n * sizeof(s), sizeof(s));
		do_step(&s);
		world_settle();
		for (int i = 0; i < CALLERS; i++)
			caller_read(&session.callers[i]);
		check_all();
	}
}

/* The last one is freed when the players have seen that it is gone. */
static void close_sources(void)
{
	struct sources *set = &session.hall->hub.sources;

	for (uint32_t i = 0; i < set->num; i++) {
		if (set->items[i]->state != SOURCE_GONE)
			sources_close(set->items[i], true);
	}
	for (uint32_t i = 0; i < session.hall->hub.outputs.num; i++)
		output_ask(session.hall->hub.outputs.items[i]);
	world_pass(1000);
	must(set->num == 0, "%u sources do not end", set->num);
}

static void end_callers(void)
{
	for (int i = 0; i < CALLERS; i++) {
		struct caller *c = &session.callers[i];

		for (c->deaf = false; c->fd >= 0 && c->num_asked && !c->may_end;) {
			uint32_t before = c->num_asked;

			caller_read(c);
			hall_serve(session.hall);
			must(c->num_asked < before || c->fd < 0,
			     "%u requests are not answered, the first of kinds %x",
			     before, c->asked[0].kinds);
		}
		caller_hang_up(c);
	}
	world_settle();
	must(session.hall->hub.num_conns == 0, "connections are left");
	must(LIST_EMPTY(&session.hall->hub.users), "users are left");
}

void session_close(void)
{
	world_plug_in();
	close_sources();
	end_callers();
	world_close();
}
