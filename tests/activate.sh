#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The daemon as systemd's socket starts it, by systemd-socket-activate: the first client finds a
# socket and nobody behind it, and loses nothing. This tool keeps no files for the daemon: one that
# was killed is started again by those who come back to it, and their sources are gone.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$PWD/${BUILD:-build/gcc}
dir=$(mktemp -d) || exit 1
export AUD_SOCKET=$dir/aud.sock
daemon=
others=
# shellcheck disable=SC2086 # several processes
trap 'kill $daemon $others 2>/dev/null; wait; rm -rf "$dir"' EXIT

# expect SENTENCE COMMAND...
expect() {
	if "${@:2}" >"$dir/out" 2>&1; then
		echo "ok - $1"
	else
		printf 'not ok - %s\n' "$1"
		cat "$dir/out" "$dir/log"
	fi
}

# soon COMMAND...: within 20 s.
soon() {
	for _ in $(seq 400); do
		"$@" && return 0
		sleep 0.05
	done
	return 1
}

# Half a second and ten seconds of samples, none of which is 0.
perl -e 'print pack("s<", $_ % 30000 + 1) x 2 for 0 .. 23999' >"$dir/short"
perl -e 'print pack("s<", $_ % 30000 + 1) x 2 for 0 .. 479999' >"$dir/long"

# How often the tool has said it.
has_said() {
	[ "$(grep -c "^$1" "$dir/log")" = "$2" ]
}

# The n-th daemon is started by whoever connects; what it plays goes to heard.N.
listen() {
	systemd-socket-activate --listen="$AUD_SOCKET" --fdname=audd.socket "$build/audd" \
		--config /dev/null --backend null --record "$dir/heard.$1" 2>>"$dir/log" &
	daemon=$!
	soon has_said Listening "$1"
}

# By this signal.
end() {
	kill "-$1" "$daemon"
	wait "$daemon" 2>/dev/null
}

play() {
	"$build/aud-ctl" --quiet play --rate 48000 --channels 2 - <"$dir/$1"
}

# heard N SOUND: how much of the sound stands in the recording, in one piece and from its beginning
# on; nothing but silence does besides.
heard() {
	perl -e '
		local $/;
		open(my $f, "<:raw", $ARGV[0]);
		open(my $g, "<:raw", $ARGV[1]);
		my ($sound, @frames) = (<$g>, unpack("(a4)*", substr(<$f>, 44)));
		my $heard = join("", grep { $_ ne "\0\0\0\0" } @frames);
		print index($sound, $heard) == 0 ? length($heard) / 4 : "something else", "\n"
	' "$dir/heard.$1" "$dir/$2"
}

plays() {
	[ -s "$dir/heard.$1" ] && [ "$(heard "$1" "$2")" -gt 10000 ]
}

# This call's is one of them.
has_connections() {
	"$build/aud-ctl" status 2>&1 | grep -q " $1 connections"
}

# ---- from nothing -----------------------------------------------------------------------

listen 1
expect 'there is a socket before there is a daemon' test -S "$AUD_SOCKET"
expect 'the first client starts the daemon, and plays' play short
expect 'the daemon ends when it is told to' end TERM
expect 'all of it was heard, in one piece' test "$(heard 1 short)" = 24000
expect 'the socket was not the daemon'"'"'s to remove' test -S "$AUD_SOCKET"

# ---- killed, and started again by those who come back -------------------------------------

listen 2
play long 2>"$dir/player" &
player=$!
others=$player
soon plays 2 long
"$build/aud-ctl" events >"$dir/events" 2>&1 &
watcher=$!
others="$player $watcher"
soon has_connections 3 && sleep 0.5
end KILL
listen 3
wait "$player"
status=$?
expect 'a program comes back by itself, and starts the next daemon' has_said Execing 3
expect 'it is told that its source is gone, and fails' \
	grep -q 'the source is gone: the daemon was away, and its sources with it' "$dir/player"
expect 'by its exit status, too' test $status = 1
expect 'who watches is told that the daemon went and came back' \
	soon grep -q 'daemon-back' "$dir/events"
expect 'what was heard before was right' test "$(heard 2 long)" -gt 10000
expect 'the next daemon plays what is pushed now' play short
end TERM
expect 'and nothing of what the one before it had' test "$(heard 3 short)" = 24000
