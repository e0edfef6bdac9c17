/* SPDX-License-Identifier: MIT */
/*
 * One output's player: mixes its voices into a sink. player_turn() is the whole of it; it
 * never waits. The thread (thread.h) is: wait, turn, wait, turn. Tests call the turn by hand.
 */
#ifndef RT_PLAYER_H
#define RT_PLAYER_H

#include "duck.h"
#include "sink.h"
#include "voice.h"

enum {
	PLAYER_LATE_BUCKETS = 8, /* < 50, 100, 200, 500, 1000, 2000, 5000 us, more */
};

#define PLAYER_SLEEPS UINT64_MAX

enum player_state { PLAYER_CLOSED, PLAYER_READY, PLAYER_PLAYING, PLAYER_LOST };

/* One consistent look at the device, and with it at all voices of the player. */
struct player_report {
	uint64_t dev_fed, dev_played; /* frames, over all sinks that there ever were */
	uint64_t when_ns;             /* CLOCK_MONOTONIC */
	enum player_state state; /* PLAYER_PLAYING: dev_played moves with the clock */
};

struct player_counts {
	_Atomic uint64_t turns, wakeups, xruns, losses, clipped, asked_back, given_back;
	_Atomic uint64_t late[PLAYER_LATE_BUCKETS];
};

struct player {
	/* Shared; see the table in HACKING.md. */
	_Atomic(struct voice *) *slots; /* main */
	uint32_t num_slots;
	_Atomic uint64_t asked;          /* main */
	_Atomic uint64_t applied;        /* player */
	_Atomic uint64_t level;          /* main; packed as queue.gain */
	_Atomic uint32_t margin;         /* main; frames */
	_Atomic uint64_t duck_way;       /* main; low: bits of the factor; high: attack */
	_Atomic uint64_t duck_back;      /* main; low: hold; high: release */
	_Atomic(struct sink *) offered;  /* main gives, player takes */
	_Atomic(struct sink *) returned; /* player gives, main takes */
	_Atomic uint64_t report_seq;     /* player; odd while it writes */
	_Atomic uint64_t report_dev_fed, report_dev_played, report_when_ns; /* player */
	_Atomic uint32_t report_state; /* player; enum player_state */
	struct player_counts counts;   /* player */
	int bell_player;               /* eventfd: main -> player "look again" */
	int bell_main; /* eventfd: player -> main "a number that you wait for has moved" */

	/* The player's own. */
	const struct loops *loops; /* chosen by player_init */
	struct sink *sink;
	struct voice **voices; /* those in the slots, packed; speech first */
	uint32_t num_voices, num_speech;
	struct duck duck;
	uint64_t level_bits; /* `level` as it was obeyed */
	struct track gain;   /* of all that is mixed, over device frames */
	uint64_t dev_fed, dev_played;
	uint64_t when_ns;
	uint64_t dev_taken;    /* frames that the device has taken out of its buffer */
	uint64_t moved_ns;     /* when it was last seen to take or to play something */
	uint32_t room;         /* of the sink, by the latest look */
	uint64_t sounds_until; /* device frame behind the last one of any voice */
	enum player_state state;
	bool leaves;      /* this sink: it plays out, and goes back */
	bool again;       /* something came up that wants another turn at once */
	bool ending;      /* nothing more is fed but silence */
	bool ring;        /* tell main at the end of this turn */
	uint64_t wake_ns; /* when the next turn is due, or PLAYER_SLEEPS */
	float block[MIX_FRAMES * MIX_CHANNELS];
	float frames[MIX_FRAMES * MIX_CHANNELS];
	float window[MIX_WINDOW], planes[MIX_WINDOW];
	uint8_t mixed[MIX_FRAMES];
};

/* (main) slots and voices: num_slots pointers each, zeroed, the caller's. Bells: eventfds. */
void player_init(struct player *p, _Atomic(struct voice *) *slots, struct voice **voices,
		 uint32_t num_slots, int bell_player, int bell_main);

/* (main) How others are ducked for speech; nobody is unless this is called. The caller then asks the
 * player. */
void player_set_ducking(struct player *p, const struct duck_shape *shape);

/* (main) How loud all of it is. The caller then asks the player. */
void player_set_gain(struct player *p, struct gain gain);

/* (main) By how many frames earlier than at its low water the sink is filled; so many of its spare
 * ones are used, too. Holds from the next turn on; nobody need be asked. */
void player_set_margin(struct player *p, uint32_t frames);

/* (main) A change was made: the player will obey it in its next turn. Returns the number that
 * `applied` will have reached then. Rings. */
uint64_t player_ask(struct player *p);

/* (main) Rings the player: "look again", with nothing to obey. */
void player_ring(struct player *p);

/* (main) Whether the change with this number has taken effect. */
static inline bool player_has_applied(const struct player *p, uint64_t ask)
{
	return atomic_load_explicit(&p->applied, memory_order_acquire) >= ask;
}

/* Offered in place of a sink, it has the player go without: as soon as all that was given to the
 * one that it has is heard, that one comes back. */
extern struct sink player_no_sink;

/* (main) Gives a sink. Any that was offered and not yet taken comes back. Rings. */
struct sink *player_offer(struct player *p, struct sink *s);

/* (main) The sink that came back, or NULL. Rings, as the player may wait to give another. */
struct sink *player_returned(struct player *p);

/* (main) Begin and end of a consistent look at the player's and its voices' numbers:
 *	do { seq = player_look(p); ... } while (player_moved(p, seq)); */
uint64_t player_look(const struct player *p);
bool player_moved(const struct player *p, uint64_t seq);
void player_get_report(const struct player *p, struct player_report *ret);

/* One pass of the real-time thread: learn what was heard, obey what changed, fill the sink.
 * Never waits. Sets p->wake_ns. (player) */
void player_turn(struct player *p);

/* Takes back what the device gives; from then on turns feed it nothing but silence. So when what it
 * has kept is heard, what was heard is known to the frame, however long it takes to stop. (player) */
void player_end(struct player *p);

/* How long that will be, by the device's rate; 0: it is. ns (player) */
uint64_t player_ends_in(const struct player *p);

/* Stops at once, says what was heard, gives the sink back. One that was offered and not taken
 * stays offered: main takes it by offering NULL. (player; its last act) */
void player_finish(struct player *p);

#endif
