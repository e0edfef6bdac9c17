#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Real programs' sound, through aud-ctl and a daemon of its own: what is heard is what sox makes of
# the same files, each brought to the device's rate at its best quality, mixed where they began.
#
# usage: BUILD=DIR tests/sounds.sh [TEST...]
# shellcheck disable=SC2317 # the tests are called by name
set -u
. "$(dirname "$0")/it.bash"

build=$(realpath "${BUILD:?the folder of audd and aud-ctl}")
voices=/usr/share/sounds/alsa
dir=$(mktemp -d)
export AUD_SOCKET=$dir/s
daemon=
gain=0.3

trap '[ -z "$daemon" ] || kill "$daemon" 2>/dev/null; wait; rm -rf "$dir"' EXIT

# ---- tools -----------------------------------------------------------------------------

sox_()
{
	sox -V1 "$@"
}

start_daemon()
{
	printf '[output]\nformat = f32\nrate = 48000\n' >"$dir/audd.conf"
	"$build/audd" --config "$dir/audd.conf" --backend null --record "$dir/heard.wav" \
		--socket "$dir/s" 2>"$dir/audd.log" &
	daemon=$!
	soon test -S "$dir/s"
}

stop_daemon()
{
	kill "$daemon"
	wait "$daemon"
	daemon=
}

# reference FILE: as it is at the device's rate, in two channels, at the gain.
reference()
{
	local channels

	channels=$(soxi -c "$1")
	if [ "$channels" -eq 1 ]; then
		channels='remix 1 1'
	else
		channels=
	fi
	# shellcheck disable=SC2086 # words
	sox_ -v $gain "$1" -e float -b 32 "$dir/$(basename "$1").ref.wav" $channels rate -v 48000
}

# Where a source began, in device frames since some moment: it has ended when the events say so.
began()
{
	jq -r --arg name "$1" 'select(.event == "drained" and .name == $name) |
		.at_ns * 48 / 1000000 - .position * 48000 / .sample_rate' "$dir/events"
}

# level FILE: RMS of what is in it, in dB of full scale
level()
{
	sox_ "$1" -n stats 2>&1 | awk '/^RMS lev dB/ { print $4 }'
}

# difference FIRST SHIFT SECOND [SHIFT FILE...]: RMS level of what was heard, without the files,
# each begun so many frames after the first.
difference()
{
	local files=(-v -1 "$1")

	shift
	while [ $# -gt 0 ]; do
		sox_ "$2" "$dir/shifted-${#files[@]}.wav" pad "$1s"
		files+=(-v -1 "$dir/shifted-${#files[@]}.wav")
		shift 2
	done
	sox_ -m -v 1 "$dir/heard.wav" "${files[@]}" -e float -b 32 "$dir/rest.wav"
	level "$dir/rest.wav"
}

# Plays the files at once; the first one begins before the others.
play()
{
	local file players=()

	"$build/aud-ctl" --json events --all >"$dir/events" &
	follower=$!
	sleep 0.3
	for file; do
		"$build/aud-ctl" play --quiet --gain $gain "$file" &
		players+=($!)
		sleep 0.05
	done
	wait "${players[@]}"
	soon events_are_told $#
	kill "$follower"
	wait "$follower"
	true
}

events_are_told()
{
	[ "$(grep -c '"drained"' "$dir/events")" -eq "$1" ]
}

# What is left when the second and the third begin there; kept if it is the least so far.
try()
{
	local rest

	rest=$(difference "$dir/speech.wav.ref.wav" "$1" "$dir/front.wav.ref.wav" \
		"$2" "$dir/song.ogg.ref.wav")
	echo "$1 $2: $rest dB"
	if awk "BEGIN { exit !($rest < $best) }"; then
		best=$rest best_b=$1 best_c=$2
	fi
}

# ---- the test --------------------------------------------------------------------------

it_plays_speech_a_recording_and_an_ogg_file_at_once_as_sox_mixes_them()
{
	local first second third shift_b shift_c best=0 best_b best_c file step

	espeak-ng -v en -w "$dir/speech.wav" \
		'At the third stroke, it will be four minutes past eleven, precisely.'
	sox_ "$voices/Side_Left.wav" "$voices/Rear_Right.wav" -r 44100 -c 2 "$dir/song.ogg"
	cp "$voices/Front_Center.wav" "$dir/front.wav"
	start_daemon
	play "$dir/speech.wav" "$dir/front.wav" "$dir/song.ogg"
	stop_daemon
	for file in speech.wav front.wav song.ogg; do
		reference "$dir/$file"
	done
	first=$(began speech.wav) second=$(began front.wav) third=$(began song.ogg)
	shift_b=$(awk "BEGIN { printf \"%d\", $second - $first + 0.5 }")
	shift_c=$(awk "BEGIN { printf \"%d\", $third - $first + 0.5 }")

	# Events tell when to within some frames.
	try "$shift_b" "$shift_c"
	for _ in 1 2; do
		for step in -2 -1 1 2; do
			try $((best_b + step)) "$best_c"
		done
		for step in -2 -1 1 2; do
			try "$best_b" $((best_c + step))
		done
	done
	echo "heard: $(level "$dir/heard.wav") dB; what is left of it: $best dB"
	awk "BEGIN { exit !($best <= -90) }"
	awk "BEGIN { exit !($(level "$dir/heard.wav") > -40) }"
}

run_tests "$@"
