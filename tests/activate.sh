#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The daemon as systemd's socket starts it, by systemd-socket-activate: the first client finds a
# socket and nobody behind it, and loses nothing.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$PWD/${BUILD:-build/gcc}
dir=$(mktemp -d) || exit 1
export AUD_SOCKET=$dir/aud.sock
daemon=
trap 'kill "$daemon" 2>/dev/null; wait "$daemon" 2>/dev/null; rm -rf "$dir"' EXIT

# expect SENTENCE COMMAND...
expect() {
	if "${@:2}" >"$dir/out" 2>&1; then
		echo "ok - $1"
	else
		printf 'not ok - %s\n' "$1"
		cat "$dir/out" "$dir/log"
	fi
}

# Half a second of samples, none of which is 0.
perl -e 'print pack("s<", $_ % 30000 + 1) x 2 for 0 .. 23999' >"$dir/sound"

systemd-socket-activate --listen="$AUD_SOCKET" --fdname=audd.socket \
	"$build/audd" --config /dev/null --backend null --record "$dir/heard.wav" 2>"$dir/log" &
daemon=$!
for _ in $(seq 100); do [ -S "$AUD_SOCKET" ] && break; sleep 0.05; done

expect 'there is a socket before there is a daemon' test -S "$AUD_SOCKET"
expect 'the first client starts the daemon, and plays' \
	"$build/aud-ctl" --quiet play --rate 48000 --channels 2 - <"$dir/sound"
expect 'the daemon ends when it is told to' sh -c "kill $daemon; while kill -0 $daemon; do sleep 0.01; done" 
heard() {
	# What stands in the recording, its header and silence aside, is what was played.
	perl -e '
		open(my $f, "<:raw", "$ARGV[0]/heard.wav"); local $/; my $wav = <$f>;
		open(my $g, "<:raw", "$ARGV[0]/sound"); my $sound = <$g>;
		exit(index($wav, $sound) < 0)' "$dir"
}
expect 'all of it was heard, in one piece' heard
expect 'the socket was not the daemon'"'"'s to remove' test -S "$AUD_SOCKET"
