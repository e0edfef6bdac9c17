#!/bin/bash
# SPDX-License-Identifier: MIT
#
# aud-ctl as a user runs it, on a daemon of its own. Each function it_… is a test, and its
# name is the sentence that is printed; they run one after the other, in their order here.
#
# usage: BUILD=DIR tests/ctl.sh [TEST...]
# shellcheck disable=SC2317 # the tests are called by name
set -u
. "$(dirname "$0")/it.bash"

build=$(realpath "${BUILD:?the folder of audd and aud-ctl}")
tests=$(dirname "$(realpath "$0")")
voices=/usr/share/sounds/alsa
dir=$(mktemp -d)
daemon=
background=()
unset XDG_RUNTIME_DIR
export AUD_SOCKET=$dir/s
: >"$dir/audd.conf"

# ---- tools -----------------------------------------------------------------------------

# start_daemon [OPTION...]: other ones than usual. Until the socket is there.
start_daemon()
{
	[ $# -gt 0 ] || set -- --backend null --record "$dir/heard.wav"
	rm -f "$dir/s"
	"$build/audd" --config "$dir/audd.conf" --socket "$dir/s" "$@" \
		2>>"$dir/audd.log" &
	daemon=$!
	soon test -S "$dir/s"
}

stop_daemon()
{
	[ -z "$daemon" ] && return
	kill "$daemon"
	wait "$daemon"
	daemon=
}

finish()
{
	local jobs

	jobs=$(jobs -p)
	# shellcheck disable=SC2086 # one word each
	[ -z "$jobs" ] || kill $jobs 2>/dev/null
	wait
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Notes what was just started in the background.
started()
{
	background+=("$!")
}

all_end()
{
	wait "${background[@]}" || :
	background=()
}

# Its output is kept in $dir/out and $dir/err for the checks below.
ctl()
{
	"$build/aud-ctl" "$@" >"$dir/out" 2>"$dir/err"
}

# exits STATUS COMMAND...
exits()
{
	local want=$1 status=0

	shift
	"$@" || status=$?
	[ "$status" -eq "$want" ] && return
	echo "$*: exit status $status, not $want"
	cat "$dir/out" "$dir/err"
	return 1
}

says()
{
	grep -Eq -- "$1" "$dir/out" && return
	echo "standard output is not '$1' but:"
	cat "$dir/out"
	return 1
}

complains()
{
	grep -Eq -- "$1" "$dir/err" && return
	echo "standard error is not '$1' but:"
	cat "$dir/err"
	return 1
}

says_nothing()
{
	[ ! -s "$dir/out" ] && return
	echo "it says:"
	cat "$dir/out"
	return 1
}

# The output is one line of JSON, for which this is true.
json()
{
	[ "$(wc -l <"$dir/out")" -eq 1 ] && holds "$1" <"$dir/out" >/dev/null && return
	echo "JSON for which this is not true: $1"
	cat "$dir/out"
	return 1
}

# ---- material --------------------------------------------------------------------------

# As they stand in patterns.
seconds='[0-9]+\.[0-9]{3} s'
dropped="dropped $seconds \([0-9]+ frames; [0-9]+ taken back from the device\)"

balance='.pushed == .heard + .queued + ([.dropped[]] | add)'

bytes() # N VALUE: little-endian
{
	local i value=$2

	for ((i = 0; i < $1; i++, value >>= 8)); do
		# shellcheck disable=SC2059 # the format is the byte
		printf "\\x$(printf %02x $((value & 255)))"
	done
}

# silence SECONDS: raw, 48000 Hz, mono, s16
silence()
{
	head -c $(($1 * 48000 * 2)) /dev/zero
}

# wav CHANNELS BITS KIND BYTES_OF_DATA: of a file at 48000 Hz; KIND 1: integers, 3: floats
wav()
{
	local frame=$(($1 * $2 / 8))

	printf RIFF
	bytes 4 $((36 + $4))
	printf 'WAVEfmt '
	bytes 4 16
	bytes 2 "$3"
	bytes 2 "$1"
	bytes 4 48000
	bytes 4 $((48000 * frame))
	bytes 2 "$frame"
	bytes 2 "$2"
	printf data
	bytes 4 "$4"
	head -c "$4" /dev/zero
}

# Plays 60 s of silence under this name, in the background. Returns when its queue is full
# and something of it was heard.
start_playing()
{
	silence 60 | "$build/aud-ctl" play --name "$1" --queue 2000 --json - \
		>"$dir/play.$1" 2>"$dir/play.$1.err" &
	started
	soon has_full_queue "$1"
}

has_full_queue()
{
	"$build/aud-ctl" status "$1" --json |
		holds '.sources[0] | .waiting_captures > 0 and .ledger.heard > 0'
}

# has_all NAME FRAMES: that many were pushed
has_all()
{
	"$build/aud-ctl" status "$1" --json | holds ".sources[0].ledger.pushed >= $2"
}

is_left()
{
	"$build/aud-ctl" status "$1" --json | holds '.sources[0].attached == 0'
}

is_paused()
{
	"$build/aud-ctl" status "$1" --json | holds '.sources[0].paused'
}

# With that of the asking itself.
has_connections()
{
	"$build/aud-ctl" status --json | holds ".daemon.connections == $1"
}

connections()
{
	"$build/aud-ctl" status --json | jq .daemon.connections
}

# follow [ARGUMENT...]: of events, whose output is then in $dir/events. Returns when it had
# the time to subscribe; ends with unfollow.
follow()
{
	local before

	before=$(connections)
	"$build/aud-ctl" events "$@" >"$dir/events" 2>"$dir/events.err" &
	follower=$!
	soon has_connections $((before + 1))
	connections >/dev/null
}

# Its output is then that of a command.
unfollow()
{
	kill -INT "$follower"
	exits 0 wait "$follower"
	cp "$dir/events" "$dir/out"
	cp "$dir/events.err" "$dir/err"
}

# Whether this was told by an event, in JSON.
was_told()
{
	jq -se "any($1)" "$dir/events"
}

is_gone()
{
	! "$build/aud-ctl" status "$1"
}

handle_of()
{
	"$build/aud-ctl" list --json | jq -r ".[] | select(.name == \"$1\") | .source"
}

played()
{
	cp "$dir/play.$1" "$dir/out"
	cp "$dir/play.$1.err" "$dir/err"
}

verbs()
{
	"$build/aud-ctl" --help | sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

# completes WORD...: what bash proposes for the last one, with aud-ctl in PATH
completes()
{
	PATH=$build:$PATH bash -c '
		. "$0" && COMP_WORDS=(aud-ctl "$@") && COMP_CWORD=$#
		_aud_ctl aud-ctl "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}" && printf "%s\n" "${COMPREPLY[@]}"
		' "$tests/../ctl/aud-ctl.bash" "$@" >"$dir/out" 2>"$dir/err"
}

# ---- the command line ------------------------------------------------------------------

it_prints_help_for_every_verb()
{
	local verb

	exits 0 ctl --help
	says '^Usage: aud-ctl'
	[ "$(verbs | wc -l)" -ge 11 ]
	for verb in $(verbs); do
		exits 0 ctl "$verb" --help
		says "^Usage: aud-ctl $verb"
	done
}

it_has_every_verb_and_option_in_the_man_page()
{
	local verb option page=$tests/../man/aud-ctl.1

	for verb in $(verbs); do
		grep -q "^\.It Cm $verb\b" "$page" || { echo "no $verb"; return 1; }
		ctl "$verb" --help
		while read -r option; do
			grep -q "^\.It Fl -$option\b" "$page" ||
				{ echo "no --$option of $verb"; return 1; }
		done < <(sed -n 's/^  --\([a-z-]*\) .*/\1/p' "$dir/out")
	done
}

it_asks_for_help_with_h_too()
{
	exits 0 ctl -h
	says '^Usage: aud-ctl \[OPTION'
	exits 0 ctl clear -h
	says '^Usage: aud-ctl clear'
}

it_prints_help_that_fits_on_a_terminal()
{
	local verb

	for verb in '' $(verbs); do
		# shellcheck disable=SC2086 # no verb is no word
		exits 0 ctl $verb --help
		not grep -E '.{81}' "$dir/out"
	done
}

it_prints_its_version()
{
	exits 0 ctl --version
	says '^aud-ctl [0-9]+\.[0-9]+'
}

it_tells_what_is_wrong_with_a_command_line()
{
	exits 2 ctl
	complains 'a verb is missing'
	exits 2 ctl sing
	complains "unknown verb 'sing'"
	exits 2 ctl clear --loudly
	complains "unknown option '--loudly'"
	complains "Try 'aud-ctl clear --help'"
	exits 2 ctl clear --queue 100
	complains 'does not belong here'
	exits 2 ctl clear --fade
	complains 'MS is missing'
	exits 2 ctl clear --all voice
	exits 2 ctl play
	complains 'FILE is missing'
	exits 2 ctl play - -
	exits 2 ctl list voice
	exits 2 ctl gain
	exits 2 ctl close
	exits 2 ctl mark
	complains 'SOURCE is missing'
	exits 2 ctl mark one two
	exits 2 ctl events --all voice
	says_nothing
}

it_proposes_the_nearest_verb()
{
	exits 2 ctl puase
	complains "did you mean 'pause'"
}

it_proposes_the_nearest_option_of_the_verb()
{
	exits 2 ctl clear --fad 5
	complains "^aud-ctl: clear: unknown option '--fad'; did you mean '--fade'\?\$"
	exits 2 ctl play --gian=1 -
	complains "'--gian'; did you mean '--gain'\?\$"
	exits 2 ctl list --fade 5
	complains 'fade does not belong here'
	exits 2 ctl list --fad 5
	not complains 'did you mean'
}

it_reads_numbers_strictly()
{
	local number

	for number in '' x 12x 0x10 -1 +1 ' 1' 1.5 251 99999999999999999999; do
		exits 2 ctl clear --fade "$number"
		complains 'not a whole number from 0 to 250'
	done
	for number in '' x 1.2.3 -1 1e1 nan inf 16.1; do
		exits 2 ctl gain -- "$number"
		complains 'not a number from 0 to 16'
	done
	exits 0 ctl clear --fade 250
	exits 0 ctl clear --fade=0
	exits 2 ctl play --linger 0 -
	exits 2 ctl events --count 0
	exits 2 ctl events --low-water 60001
	exits 2 ctl mark --at -1 voice
}

it_takes_no_words_but_its_own()
{
	exits 2 ctl play --format s20 -
	complains "^aud-ctl: play: --format: 's20' is not s16, s24, s24_3, s32 or f32, with le or be behind it, nor u8, alaw or mulaw\$"
	exits 2 ctl clear --curve round
	complains "^aud-ctl: clear: --curve: 'round' is not linear or equal-power\$"
	exits 2 ctl play --role music -
	complains "^aud-ctl: play: --role: 'music' is not speech, the only one\$"
	exits 2 ctl play --name "$(printf %64d 0)" -
	complains '^aud-ctl: play: --name: NAME is longer than 63 bytes$'
	exits 2 ctl list --socket ''
	complains '^aud-ctl: list: --socket: PATH is empty$'
}

it_takes_global_options_before_and_after_the_verb()
{
	exits 0 ctl --json --socket "$dir/s" list
	json '. == []'
	exits 0 ctl list "--socket=$dir/s" --json
	json '. == []'
}

it_finds_no_daemon()
{
	exits 3 ctl --socket "$dir/none" list
	complains "^aud-ctl: list: $dir/none: "
	AUD_SOCKET=$dir/none exits 3 ctl status
	exits 3 ctl --socket "$dir" clear
}

it_finds_the_daemon_of_the_user()
{
	mkdir -p "$dir/run/aud"
	ln -sf "$dir/s" "$dir/run/aud/aud.sock"
	AUD_SOCKET='' XDG_RUNTIME_DIR=$dir/run exits 0 ctl list
}

it_says_when_its_words_cannot_be_written()
{
	"$build/aud-ctl" --help >/dev/full 2>"$dir/err" && return 1
	complains 'No space left'
}

it_is_quiet_when_nobody_reads_its_words()
{
	(
		trap '' PIPE
		"$build/aud-ctl" --help 2>"$dir/err"
	) | true
	[ ! -s "$dir/err" ]
}

it_is_not_confused_by_streams_that_are_closed()
{
	timeout 5 "$build/aud-ctl" play - <&- 2>"$dir/err" || [ $? -eq 1 ]
	complains "^aud-ctl: play: standard input: Bad file descriptor\$"
	not "$build/aud-ctl" list >&- 2>"$dir/err"
	complains "^aud-ctl: list: standard output: Bad file descriptor\$"
}

it_talks_to_a_daemon_whose_streams_are_closed()
{
	local fd

	"$build/audd" --config "$dir/audd.conf" --socket "$dir/closed" --backend null \
		<&- >&- 2>&- &
	soon ctl --socket "$dir/closed" list
	for fd in 0 1 2; do
		[ "$(readlink "/proc/$!/fd/$fd")" = /dev/null ]
	done
	kill $!
	wait $! || :
}

# ---- playing ---------------------------------------------------------------------------

it_plays_real_recordings()
{
	exits 0 ctl play "$voices"/Front_*.wav
	says '^played 4\.4[0-9]* s \(21[0-9]* frames\), 0 dropped$'
	[ ! -s "$dir/err" ]
}

it_plays_files_of_one_kind_through_one_source_without_a_gap()
{
	exits 0 ctl play --json "$voices"/Front_Left.wav "$voices"/Front_Right.wav
	json '(.sources | length) == 1 and .signal == null'
	json '.ledger.silence == 0'
}

it_makes_a_source_for_each_kind_of_file()
{
	wav 1 16 1 9600 >"$dir/a.wav"
	wav 2 16 1 9600 >"$dir/b.wav"
	wav 2 32 3 9600 >"$dir/c.wav"
	wav 2 24 1 9600 >"$dir/d.wav"
	exits 0 ctl play --json "$dir"/[abcd].wav
	json '[.sources[] | [.num_channels, .format]] ==
		[[1, "s16"], [2, "s16"], [2, "f32"], [2, "s32"]]'
	json '[.sources[].ledger.heard] == [4800, 2400, 1200, 1600]'
	json ".ledger | $balance"
}

it_plays_raw_samples_from_standard_input()
{
	silence 1 | exits 0 ctl play --json -
	json '.ledger.heard == 48000'
	silence 1 | exits 0 ctl play --json --channels 2 --format f32 --queue 50 -
	json '.ledger.heard == 12000 and .sources[0].format == "f32"'
	# 96000 bytes, as frames of one sample or of two
	silence 1 | exits 0 ctl play --json --format u8 --queue 50 -
	json '.ledger.heard == 96000 and .sources[0].format == "u8"'
	silence 1 | exits 0 ctl play --json --format s24_3 --channels 2 -
	json '.ledger.heard == 16000 and .sources[0].format == "s24_3"'
	exits 0 ctl play --json - </dev/null
	json '.ledger.pushed == 0'
}

it_plays_at_any_rate()
{
	local rate

	for rate in 8000 22050 24000 44100 47999 192000; do
		head -c 20000 /dev/zero | exits 0 ctl play --json --rate "$rate" -
		json '.ledger.heard == 10000 and .ledger.dropped.cleared == 0'
	done
}

it_puts_frames_together_that_a_pipe_has_broken()
{
	local i

	for i in 1 2 3 4 5; do
		bytes 3 0
		sleep 0.01
	done | exits 1 ctl play --json --channels 2 -
	complains 'standard input: ends in the middle of a frame'
	json '.ledger.heard == 3'
}

it_takes_the_file_for_the_name_unless_told_otherwise()
{
	"$build/aud-ctl" play "$voices/Noise.wav" >/dev/null &
	started
	soon "$build/aud-ctl" status Noise.wav
	"$build/aud-ctl" play --name hiss "$voices/Noise.wav" >/dev/null &
	started
	soon "$build/aud-ctl" status hiss
	exits 0 ctl clear --all
	all_end
}

it_plays_at_a_gain()
{
	silence 1 | "$build/aud-ctl" play --gain 0.25 - >/dev/null &
	started
	soon "$build/aud-ctl" status stdin
	ctl status --json
	json '.sources[0].gain == 0.25'
	exits 0 ctl clear stdin
	all_end
}

it_refuses_files_that_it_cannot_play()
{
	exits 1 ctl play "$dir/none.wav"
	complains "^aud-ctl: play: $dir/none.wav: No such file or directory$"
	: >"$dir/empty"
	exits 1 ctl play "$dir/empty"
	complains "^aud-ctl: play: $dir/empty: the file is empty\$"
	head -c 4000 /dev/urandom >"$dir/raw"
	exits 1 ctl play "$dir/raw"
	complains "^aud-ctl: play: $dir/raw: no sound file .* raw samples go to standard input"
	head -c 30 "$voices/Noise.wav" >"$dir/broken.wav"
	exits 1 ctl play "$dir/broken.wav"
	exits 1 ctl play "$dir"
	complains 'Is a directory'
	wav 33 16 1 6600 >"$dir/wide.wav"
	exits 1 ctl play "$dir/wide.wav"
	complains "^aud-ctl: play: $dir/wide.wav: "
}

it_looks_at_all_files_before_it_plays_the_first()
{
	exits 1 ctl play "$voices/Noise.wav" "$dir/none.wav"
	says_nothing
}

it_plays_a_file_without_frames()
{
	wav 1 16 1 0 >"$dir/nothing.wav"
	exits 0 ctl play "$dir/nothing.wav"
	says '^played 0\.000 s \(0 frames\), 0 dropped$'
}

it_prints_nothing_when_it_is_told_to_be_quiet()
{
	exits 0 ctl play --quiet "$voices/Noise.wav"
	says_nothing
	exits 0 ctl clear --quiet
	says_nothing
}

it_shows_its_progress_on_a_terminal_only()
{
	script -qec "$build/aud-ctl play $voices/Noise.wav" /dev/null \
		>"$dir/out" </dev/null
	says "Noise\.wav  [0-9.]+ / 1\.407 s, queued $seconds"
	says 'played 1\.407 s'
}

it_says_on_a_terminal_why_nothing_is_heard()
{
	stop_daemon
	start_daemon --device nonsense
	script -qec "$build/aud-ctl play --name mute $voices/Noise.wav" /dev/null \
		>"$dir/out" </dev/null &
	started
	soon says "Noise\.wav  0\.000 / 1\.407 s, queued $seconds, waiting for a device"
	kill -KILL "$daemon"
	wait "$daemon" || :
	soon says "queued $seconds, the daemon is away"
	start_daemon
	all_end
	says 'the source is gone: the daemon was away'
}

# ---- Ctrl-C ----------------------------------------------------------------------------

it_tells_what_was_heard_and_dropped_at_a_ctrl_c()
{
	silence 60 | "$build/aud-ctl" play - >"$dir/out" 2>"$dir/err" &
	started
	soon has_full_queue stdin
	kill -INT $!
	exits 130 wait $!
	says "^heard $seconds \([0-9]+ frames\), $dropped\$"
}

it_accounts_for_every_frame_at_a_ctrl_c()
{
	start_playing voice
	kill -INT $!
	exits 130 wait $!
	played voice
	json '.signal == "SIGINT"'
	json ".ledger | $balance and .queued == 0 and .heard > 0 and .dropped.cleared > 0"
	soon is_gone voice
}

it_ends_at_a_sigterm_as_at_a_ctrl_c()
{
	start_playing voice
	kill -TERM $!
	exits 143 wait $!
	played voice
	json '.signal == "SIGTERM"'
	json ".ledger | $balance"
}

it_drops_on_exit_if_it_was_told_to()
{
	silence 60 | "$build/aud-ctl" play --drop-on-exit --linger 100 --queue 30000 - \
		>/dev/null &
	started
	soon has_full_queue stdin
	kill -KILL $!
	exits 137 wait $!
	soon is_gone stdin
}

# ---- from a second shell ---------------------------------------------------------------

it_clears_what_another_program_plays()
{
	start_playing voice
	exits 0 ctl clear voice
	says "^source [0-9]+ \(voice\): heard until $seconds, $dropped\$"
	exits 1 wait $!
	played voice
	complains 'cleared by another program'
	json ".ledger | $balance and .dropped.cleared > 0"
}

it_is_told_of_in_the_log_where_that_is_to_say_much()
{
	local id

	stop_daemon
	printf '[daemon]\nlog_level = debug\n' >"$dir/audd.conf"
	start_daemon
	start_playing voice
	exits 0 ctl status --json voice
	id=$(jq '.sources[0].source' "$dir/out")
	exits 0 ctl clear voice
	all_end
	soon grep -E "source $id \(voice\): made by client aud-ctl \(pid .*: 48000 Hz, 1 ch" \
		"$dir/audd.log"
	soon grep -E "source $id \(voice\): gone; of [0-9]+ frames [0-9]+ were heard\$" \
		"$dir/audd.log"
	stop_daemon
	: >"$dir/audd.conf"
	start_daemon
}

it_clears_to_the_frame()
{
	local heard

	start_playing voice
	exits 0 ctl clear --json --fade 0 voice
	json 'length == 1 and (.[0] | keys) ==
		["at_ns", "dropped", "heard_until", "in_device", "source", "taken_back"]'
	heard=$(jq '.[0].heard_until' "$dir/out")
	exits 1 wait $!
	played voice
	json ".ledger.heard == $heard"
}

it_pauses_and_goes_on_at_the_same_frame()
{
	local position

	start_playing voice
	exits 0 ctl pause --json voice
	json 'length == 1 and (.[0] | keys) == ["position", "source"]'
	position=$(jq '.[0].position' "$dir/out")
	is_paused voice
	exits 0 ctl status --json voice
	json ".sources[0].ledger.heard <= $position"
	exits 0 ctl resume --json voice
	json ".[0].position == $position"
	not is_paused voice
	exits 0 ctl clear voice
	all_end
}

it_says_in_words_where_it_pauses_and_goes_on()
{
	start_playing voice
	exits 0 ctl pause voice
	says "^source [0-9]+ \(voice\): paused at $seconds \(frame [0-9]+\)\$"
	exits 0 ctl status voice
	says "^source [0-9]+ \(voice\)  paused  heard $seconds  queued $seconds  dropped 0"
	exits 0 ctl resume voice
	says "^source [0-9]+ \(voice\): goes on at $seconds \(frame [0-9]+\)\$"
	exits 0 ctl clear voice
	all_end
}

it_clears_while_paused()
{
	start_playing voice
	exits 0 ctl pause voice
	exits 0 ctl clear --json voice
	json '.[0].dropped > 0'
	exits 1 wait $!
}

it_waits_until_all_was_heard()
{
	silence 1 | "$build/aud-ctl" play --name voice - >/dev/null &
	started
	soon "$build/aud-ctl" status voice
	exits 0 ctl wait --json voice
	json '.[0].reason == "played" and .[0].played == 48000'
	all_end
}

it_waits_no_longer_than_it_is_told_to()
{
	start_playing voice
	exits 1 ctl wait --timeout 20 voice
	says 'timed out'
	exits 0 ctl clear voice
	all_end
}

it_ends_a_wait_when_the_source_is_cleared()
{
	start_playing voice
	"$build/aud-ctl" wait voice --json >"$dir/wait" &
	started
	soon has_connections 3
	exits 0 ctl clear voice
	all_end
	mv "$dir/wait" "$dir/out"
	json '.[0].reason == "cleared"'
}

it_sets_the_gain()
{
	start_playing voice
	exits 0 ctl gain 0.5 --ramp 100 --json voice
	json '.[0].gain == 0.5 and .[0].ramp_ms == 100 and (.[0].capped | not)'
	exits 0 ctl list --json
	json '.[0].gain == 0.5'
	exits 0 ctl gain -6dB voice
	says 'gain 0.501187 \(-6.0 dB\) within 20 ms$'
	exits 0 ctl gain +3dB --json voice
	json '.[0].gain > 1.41 and .[0].gain < 1.42'
	exits 0 ctl clear voice
	all_end
}

it_says_when_a_gain_is_more_than_allowed()
{
	stop_daemon
	printf '[daemon]\nmax_gain_db = 0\n' >"$dir/audd.conf"
	start_daemon
	start_playing voice
	exits 0 ctl gain 4 voice
	says 'gain 1 \(\+0.0 dB\) within 20 ms; the daemon allows no more$'
	exits 0 ctl clear voice
	silence 1 | exits 0 ctl play --gain +6dB -
	complains '--gain: more than the daemon allows'
	all_end
	stop_daemon
	: >"$dir/audd.conf"
	start_daemon
}

it_mutes_and_unmutes()
{
	start_playing voice
	exits 0 ctl gain 0.5 voice
	exits 0 ctl mute voice
	says 'gain 0.5 \(-6.0 dB\), muted within 20 ms$'
	exits 0 ctl list --json
	json '.[0].muted and .[0].gain == 0.5'
	exits 0 ctl status voice
	says 'gain 0.5 \(-6.0 dB\), muted  heard'
	exits 0 ctl unmute --json voice
	json '.[0].gain == 0.5 and (.[0].muted | not)'
	exits 0 ctl list
	says 'gain 0.5 \(-6.0 dB\)$'
	exits 0 ctl clear voice
	all_end
}

it_sets_the_gain_of_an_output()
{
	exits 0 ctl gain --output main -6dB
	says '^output main: gain 0.501187 \(-6.0 dB\) within 20 ms$'
	exits 0 ctl mute --output main --json
	json '.muted and .gain > 0.5 and .output == "main"'
	exits 0 ctl outputs
	says ', gain 0.501187 \(-6.0 dB\), muted, '
	exits 0 ctl unmute --output main
	exits 0 ctl gain --output main 1
	exits 2 ctl gain --output main 1 voice
	complains 'either --output or sources'
	exits 1 ctl mute --output attic
	complains "no output 'attic'"
}

it_takes_the_channels_of_a_file_in_the_order_of_wav_files()
{
	wav 6 16 1 960000 >"$dir/six.wav"
	"$build/aud-ctl" play "$dir/six.wav" >/dev/null &
	started
	soon "$build/aud-ctl" status six.wav
	ctl list --json
	json '.[0].layout == "FL FR FC LFE RL RR"'
	exits 0 ctl clear six.wav
	all_end
}

it_plays_speech_and_layouts()
{
	silence 60 | "$build/aud-ctl" play --name six --channels 6 --role speech \
		--layout 'FL FR FC LFE RL RR' - >/dev/null &
	started
	soon "$build/aud-ctl" status six
	ctl list --json
	json '.[0].layout == "FL FR FC LFE RL RR" and .[0].role == "speech"'
	exits 2 ctl play --role song -
	complains "'song' is not speech"
	exits 1 ctl play --channels 2 --layout 'FL XX' - </dev/null
	complains "'XX' is no channel"
	exits 0 ctl clear six
	all_end
}

it_fades_along_a_curve()
{
	start_playing voice
	exits 0 ctl pause --fade 20 --curve equal-power voice
	exits 0 ctl resume --curve linear voice
	exits 0 ctl clear --fade 250 --curve equal-power --json voice
	json '.[0].dropped > 0'
	all_end
}

it_waits_only_for_what_is_queued_now()
{
	start_playing voice
	exits 0 ctl wait --present --timeout 5000 --json voice
	json '.[0].reason == "played" and .[0].played >= 96000'
	exits 0 ctl status --json voice
	json '.sources[0].ledger.queued > 0'
	exits 0 ctl clear voice
	all_end
}

it_waits_no_longer_than_it_is_told_to_without_a_device()
{
	stop_daemon
	start_daemon --backend alsa --device hw:none
	silence 1 | "$build/aud-ctl" play --name voice - >/dev/null 2>&1 &
	started
	soon "$build/aud-ctl" status voice
	exits 1 ctl wait --device-lost 50 --timeout 5000 voice
	says ': device lost, at 0\.000 s \(frame 0\)$'
	exits 1 ctl wait --device-lost 50 --timeout 5000 --json voice
	json '.[0].reason == "device lost"'
	exits 0 ctl clear voice
	all_end
	stop_daemon
	start_daemon
}

it_closes_and_drops()
{
	start_playing voice
	exits 0 ctl close --drop --json voice
	json 'length == 1 and .[0].drop'
	exits 1 wait $!
	soon is_gone voice
}

it_closes_and_plays_out()
{
	start_playing voice
	exits 0 ctl close voice
	says 'what is queued plays out$'
	exits 0 ctl status voice
	says 'ending'
	soon is_gone voice
	all_end
}

it_means_sources_by_handle_and_by_name()
{
	local one two

	start_playing one
	start_playing two
	one=$(handle_of one)
	two=$(handle_of two)
	exits 0 ctl pause --json "$one" one
	json "[.[].source] == [$one]"
	exits 0 ctl pause --json one "$two"
	json "[.[].source] == [$one, $two]"
	exits 0 ctl clear --json
	json "[.[].source] == [$one, $two]"
	json '(map(.at_ns) | max - min) < 20000000'
	all_end
}

it_refuses_a_source_that_does_not_exist()
{
	start_playing voice
	exits 1 ctl pause voice 999999
	complains '^aud-ctl: pause: there is no source 999999$'
	exits 1 ctl pause nobody voice --json
	complains "there is no source named 'nobody'"
	says_nothing
	not is_paused voice
	exits 0 ctl clear --all
	all_end
}

it_has_nothing_to_do_without_sources()
{
	exits 0 ctl clear
	says '^nothing to clear$'
	exits 0 ctl pause --all
	says '^nothing to pause$'
	exits 0 ctl wait
	says '^nothing to wait for$'
	exits 0 ctl list
	says '^no sources$'
	exits 0 ctl clear --json --all
	json '. == []'
}

it_prints_no_control_characters()
{
	exits 1 ctl play $'\e[31m\nnone\xff.wav'
	complains '^aud-ctl: play: \\x1b\[31m\\x0anone\\xff\.wav: No such file'
	cp "$voices/Noise.wav" "$dir/"$'\e[31m.wav'
	"$build/aud-ctl" play "$dir/"$'\e[31m.wav' >/dev/null &
	started
	soon "$build/aud-ctl" status '\x1b[31m.wav'
	exits 0 ctl clear
	all_end
}

# ---- marks -----------------------------------------------------------------------------

it_waits_until_a_mark_is_heard()
{
	local at

	start_playing voice
	at=$("$build/aud-ctl" status --json voice | jq '.sources[0].position + 24000')
	exits 0 ctl mark --id 7 --at "$at" --json voice
	json "(.event == \"mark-heard\") and .id == 7 and .position == $at"
	json '.name == "voice" and .sample_rate == 48000 and .at_ns > 0'
	exits 0 ctl status --json voice
	json ".sources[0].position >= $at"
	exits 0 ctl clear voice
	all_end
}

it_sets_a_mark_at_the_end_of_what_is_queued()
{
	silence 1 | "$build/aud-ctl" play --name voice --queue 2000 - >/dev/null &
	started
	soon has_all voice 48000
	exits 0 ctl mark voice
	says "^source [0-9]+ \(voice\): mark-heard 1 at 1\.000 s \(frame 48000\), time $seconds\$"
	all_end
}

it_tells_that_a_mark_was_dropped()
{
	local marker

	start_playing voice
	"$build/aud-ctl" mark voice --json >"$dir/mark" 2>"$dir/mark.err" &
	marker=$!
	soon has_connections 3
	connections >/dev/null # and it had the time to set the mark
	exits 0 ctl clear voice
	exits 1 wait "$marker"
	all_end
	mv "$dir/mark" "$dir/out"
	mv "$dir/mark.err" "$dir/err"
	json '.event == "mark-dropped" and .id == 1'
	complains "\(voice\): mark 1 at $seconds \(frame [0-9]+\) was dropped and will not be heard"
}

it_refuses_a_mark_that_cannot_be_heard()
{
	start_playing voice
	exits 0 ctl pause voice
	exits 1 ctl mark --at 0 voice
	complains 'position is 0, not from what is played'
	exits 1 ctl mark --at 999999999 voice
	complains 'position is 999999999, not from what is played'
	exits 1 ctl mark nobody
	complains "there is no source named 'nobody'"
	says_nothing
	exits 0 ctl clear voice
	all_end
}

it_sets_a_mark_in_one_source_only()
{
	start_playing voice
	start_playing voice
	exits 1 ctl mark voice
	complains "2 sources are named 'voice'"
	exits 0 ctl clear
	all_end
}

# ---- events ----------------------------------------------------------------------------

it_follows_the_events_of_a_source()
{
	start_playing voice
	follow --json voice
	exits 0 ctl clear voice
	soon was_told '.event == "source-closed"'
	unfollow
	all_end
	jq -se 'all(.name == "voice" and .sample_rate == 48000)' "$dir/out"
	jq -se 'last | .heard > 0 and .dropped > 0' "$dir/out"
}

it_tells_events_in_words()
{
	start_playing voice
	follow
	exits 0 ctl clear voice
	soon grep -q source-closed "$dir/events"
	unfollow
	all_end
	says "^source [0-9]+ \(voice\): source-closed, heard $seconds \([0-9]+ frames\), dropped $seconds \([0-9]+ frames\)\$"
}

it_follows_sources_that_appear_later()
{
	follow --json
	silence 2 | "$build/aud-ctl" play --name late - >/dev/null &
	started
	soon was_told '.event == "source-closed" and .name == "late" and .heard == 96000'
	was_told '.event == "drained" and .position == 96000 and .at_ns > 0'
	unfollow
	all_end
}

it_follows_only_what_it_was_told_to()
{
	start_playing one
	start_playing two
	follow --json two
	exits 0 ctl clear one
	exits 0 ctl clear two
	soon was_told '.event == "source-closed"'
	unfollow
	all_end
	jq -se 'all(.name == "two")' "$dir/out"
	exits 1 ctl events nobody
	complains "there is no source named 'nobody'"
}

it_tells_when_little_is_queued()
{
	silence 2 | "$build/aud-ctl" play --name voice --queue 2000 - >/dev/null &
	started
	soon has_all voice 96000
	follow --json --low-water 500
	soon was_told '.event == "low-water" and .queued < 24000 and .queued > 0'
	unfollow
	all_end
}

it_ends_after_as_many_events_as_it_was_told_to()
{
	follow --count 2
	silence 1 | exits 0 ctl play -
	exits 0 wait "$follower"
	[ "$(wc -l <"$dir/events")" -eq 2 ]
}

it_follows_no_more_when_the_daemon_goes_away()
{
	follow
	stop_daemon
	exits 3 wait "$follower"
	grep -q '^aud-ctl: events: ' "$dir/events.err"
	start_daemon
}

it_follows_no_more_when_nobody_reads_it()
{
	timeout 5 "$build/aud-ctl" events | true
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

# ---- list and status -------------------------------------------------------------------

it_lists_sources()
{
	start_playing voice
	exits 0 ctl list
	says '^SOURCE +NAME   CLIENT   PID      RATE    CHANNELS  FORMAT  OUTPUT  STATE$'
	says '^[0-9]+ +voice  aud-ctl  [0-9]+ +48000   1         s16     main    playing$'
	exits 0 ctl list --json
	json 'length == 1 and .[0].name == "voice" and .[0].client == "aud-ctl"'
	json ".[0] | .sounding and (.ledger | $balance)"
	exits 0 ctl clear
	all_end
}

it_lists_sources_in_columns()
{
	start_playing voice
	start_playing "two words"
	exits 0 ctl list
	awk 'NR == 1 { name = index($0, "NAME"); client = index($0, "CLIENT") }
		substr($0, client, 7) == "aud-ctl" && substr($0, name - 1, 1) == " " { n++ }
		END { exit n != 2 }' "$dir/out"
	exits 0 ctl close --all --drop
	all_end
}

it_completes_verbs_options_and_what_there_is()
{
	completes cl
	[ "$(sort "$dir/out" | tr '\n' ' ')" = 'clear close ' ]
	completes wait --ti
	says '^--timeout$'
	completes gain -6dB --output m
	says '^main$'
	completes play --format mul
	says '^mulaw$'
	completes list ''
	[ ! -s "$dir/out" ] || not grep -q . "$dir/out"
}

it_completes_names_and_runs_none_of_them()
{
	start_playing voice
	# shellcheck disable=SC2016 # that it does not expand is the point
	start_playing '$(touch${IFS}ran_by_completion)'
	completes clear v
	says '^voice$'
	completes --socket "$dir/s" pause ''
	[ "$(grep -c '^[0-9]*$' "$dir/out")" -eq 2 ]
	completes --socket "$dir/none" pause ''
	not grep -q . "$dir/out"
	completes clear --fade ''
	not grep -q . "$dir/out"
	[ ! -e ran_by_completion ]
	exits 0 ctl close --all --drop
	all_end
}

it_keeps_a_ledger_for_every_source()
{
	start_playing voice
	exits 0 ctl status --json
	json '.sources[0].ledger | keys ==
		["dropped", "heard", "pushed", "queued", "silence"]'
	json '.sources[0].ledger.dropped | keys == ["cleared", "closed", "refused"]'
	json ".sources[0].ledger | $balance"
	exits 0 ctl clear
	all_end
}

it_shows_who_is_attached_and_who_was()
{
	silence 60 | "$build/aud-ctl" play --name voice --linger 60000 - >/dev/null &
	started
	soon has_full_queue voice
	exits 0 ctl status --json voice
	json '.sources[0] | .attached == 1 and .linger_ms == 60000'
	exits 0 ctl pause voice
	kill -KILL $!
	exits 137 wait $!
	soon is_left voice
	exits 0 ctl list
	says 'paused, lingers 60\.000 s$'
	exits 0 ctl close --drop voice
	soon is_gone voice
}

# As a user who has nothing: "they ARGUMENT..." in place of aud-ctl.
they()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$dir/aud-ctl" "$@" >"$dir/out" 2>"$dir/err"
}

it_shows_what_others_play_but_does_not_touch_it()
{
	start_playing voice
	cp "$build/aud-ctl" "$build/libaud.so.0" "$dir"
	chmod 755 "$dir"
	chmod 666 "$dir/s"
	exits 0 they --json list
	json 'map([.name, .may_control]) == [["voice", false]]'
	cp "$dir/out" "$dir/list"
	exits 1 they pause voice
	complains "there is no source named 'voice'"
	exits 1 they pause "$(jq '.[0].source' "$dir/list")"
	complains 'belongs to another user'
	exits 0 they close --all
	says 'nothing to close'
	exits 0 ctl --json list
	json 'map([.paused, .ending, .may_control]) == [[false, false, true]]'
	exits 0 ctl clear
	all_end
}

it_shows_the_daemon_and_its_outputs()
{
	exits 0 ctl status
	says "^audd [0-9.]+: pid $daemon, up ($seconds|[0-9]+ min [0-9]+ s), 1 connection, 0 sources, "
	says '^output [a-z]+: [a-z]+ on .*, 48000 Hz, 2 channels, s16, memory, '
	says ', buffer 200 ms, rewinds \(guard 1\.0 ms\), .* [0-9]+ xruns?'
	exits 0 ctl status --json
	json ".daemon.pid == $daemon and (.outputs | length) == 1 and .sources == []"
	json '.outputs[0] | .backend == "null" and .rewinds and (.late_us | length) == 8'
}

it_shows_how_late_the_daemon_was_woken()
{
	head -c 19200 /dev/zero | "$build/aud-ctl" play --quiet --format s16 --channels 2 -
	exits 0 ctl status
	says '^  wake-ups late by (<|>=) [0-9]+ [mu]s: [0-9]+'
}

it_notices_that_the_daemon_goes_away()
{
	start_playing voice
	stop_daemon
	all_end
	played voice
	complains '^aud-ctl: play: standard input: '
	rm -f "$dir/s"
	start_daemon
}

it_is_heard_to_the_bit()
{
	local files=("$voices"/Front_{Left,Right}.wav)

	stop_daemon
	printf '[output]\nchannels = 1\n' >"$dir/audd.conf"
	start_daemon
	exits 0 ctl play "${files[@]}"
	stop_daemon
	tail -q -c +45 "${files[@]}" >"$dir/pushed"
	tail -c +45 "$dir/heard.wav" | head -c "$(stat -c %s "$dir/pushed")" |
		cmp - "$dir/pushed"
	: >"$dir/audd.conf"
	start_daemon
}

# ---- several outputs -------------------------------------------------------------------

# Frames of a ramp that number themselves, 16 bits, of two channels.
numbers()
{
	perl -e 'print pack("s<2", $_, $_) for 1 .. 30000'
}

it_moves_a_source_to_another_output_and_loses_nothing()
{
	stop_daemon
	printf '[output]\nrate = 8000\n[output a]\nrecord = %s\n[output b]\nrecord = %s\n' \
		"$dir/a.wav" "$dir/b.wav" >"$dir/audd.conf"
	start_daemon --backend null
	exits 0 ctl outputs
	says '^output a \(default\): '
	says '^output b: '
	exits 0 ctl outputs --json
	json 'map([.name, .is_default]) == [["a", true], ["b", false]]'

	numbers | "$build/aud-ctl" play --rate 8000 --channels 2 --output b --name voice - \
		>/dev/null &
	started
	soon "$build/aud-ctl" status voice
	exits 0 ctl list --json
	json '.[0].output == "b"'
	exits 0 ctl move --fade 0 voice a
	says "^source [0-9]+ \\(voice\\): goes on at a, at $seconds \\(frame [0-9]+\\)\$"
	exits 0 ctl move --fade 0 --json --all b
	json 'length == 1 and .[0].output == "b" and .[0].position > 0'
	exits 1 ctl move voice nowhere
	complains "there is no output 'nowhere'; there are: a, b"
	exits 2 ctl move voice
	exits 0 wait $!
	all_end
	stop_daemon

	# Each frame once, on one or the other; the silence between them aside.
	tail -q -c +45 "$dir/a.wav" "$dir/b.wav" | perl -e '
		$/ = \4;
		while (<>) { @f = unpack("s<2"); $n{$f[0]}++ if $f[0] }
		exit(keys(%n) != 30000 || grep { $_ != 1 } values %n);'
	rm -f "$dir"/[ab].wav
	: >"$dir/audd.conf"
	start_daemon
}

# ---- all of them -----------------------------------------------------------------------

start_daemon || { cat "$dir/audd.log"; exit 1; }
run_tests "$@"
