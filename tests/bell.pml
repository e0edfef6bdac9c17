/* SPDX-License-Identifier: MIT */
/*
 * The pair that needs sequential consistency (HACKING.md, "Shared numbers"), for spin to look
 * at every way in which it can go. Main stores wake_at or written, then loads played; the
 * player stores played, then loads wake_at and written. If one of them did not see the other,
 * the player would sleep with a push unseen, or main with its moment passed: both are ends that
 * are not valid here.
 *
 * Each thread's stores go through a buffer of its own that memory empties when it likes, as
 * processors do it; a seq_cst store waits until it is empty. Say -DWEAK_MAIN, -DWEAK_PLAYER for
 * stores that do not wait, or -DFORGETS_PUSHES, -DFORGETS_WAITS for a player that leaves out one
 * of its looks: spin must find the mistake.
 */
#define FRAMES 4 /* that are pushed, one by one */
#define NEAR   1 /* as queue.near */
#define NEVER  15

byte played, written, wake_at = NEVER; /* what is in memory */
bool bell_player, bell_main;

mtype = {PLAYED, WRITTEN, WAKE_AT};
chan main_stores = [2] of {mtype, byte};
chan player_stores = [2] of {mtype, byte};

inline put(variable, value)
{
	if
	:: variable == PLAYED -> played = value
	:: variable == WRITTEN -> written = value
	:: variable == WAKE_AT -> wake_at = value
	fi
}

active proctype memory()
{
	mtype variable;
	byte value;
end:
	do
	:: atomic { main_stores?variable, value -> put(variable, value) }
	:: atomic { player_stores?variable, value -> put(variable, value) }
	od
}

inline store_by_main(variable, value)
{
	main_stores!variable, value;
#ifndef WEAK_MAIN
	empty(main_stores)
#endif
}

inline store_by_player(variable, value)
{
	player_stores!variable, value;
#ifndef WEAK_PLAYER
	empty(player_stores)
#endif
}

/* queue_wake_at() and the bell, as source_serve() uses them; the player may be rung at once or
 * left to find it. */
inline wait_for(position)
{
	do
	:: store_by_main(WAKE_AT, position);
	   p = played;
	   if
	   :: p >= position -> break
	   :: else
	   fi;
	   if
	   :: bell_player = true
	   :: skip
	   fi;
	   bell_main;
	   bell_main = false
	od
}

active proctype main_thread()
{
	byte w, p, at;

	do
	:: w < FRAMES -> /* queue_write() */
		store_by_main(WRITTEN, w + 1);
		p = played;
		if
		:: w - p <= NEAR -> bell_player = true
		:: else
		fi;
		w++
	:: w > 0 ->
		select(at : 1 .. w);
		wait_for(at)
	:: w == FRAMES -> break
	od;
	wait_for(FRAMES)
}

/* Each round is player_turn() and the wait behind it. */
active proctype player()
{
	byte seen, p, fed, at, rung = NEVER;

	do
	:: if /* the device has played on; behind a timer by one frame at least */
	   :: p < fed -> select(p : p + 1 .. fed)
	   :: skip
	   fi;
	   seen = written; /* voice_look() */
	   fed = seen;
	   store_by_player(PLAYED, p); /* voice_publish() */

#ifndef FORGETS_WAITS
	   at = wake_at; /* voice_must_ring() */
	   if
	   :: at <= p && at != rung ->
		rung = at;
		bell_main = true
	   :: else
	   fi;
#endif

#ifdef FORGETS_PUSHES
	   if
#else
	   if /* missed_a_push() */
	   :: seen - p <= NEAR && written != seen -> skip
#endif
	   :: else ->
		if /* a timer, or the bell */
		:: p < fed
		:: else ->
end:			bell_player
		fi
	   fi;
	   bell_player = false
	od
}
