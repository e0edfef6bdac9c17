#!/bin/bash
# SPDX-License-Identifier: MIT
#
# aud-ctl selftest as a user runs it, on a sound card that an ALSA plugin makes, in real time.
# Each function it_… is a test, and its name is the sentence that is printed.
#
# usage: BUILD=DIR tests/selftest.sh [TEST...]
# shellcheck disable=SC2317 # the tests are called by name
set -u
. "$(dirname "$0")/it.bash"

build=$(realpath "${BUILD:?the folder of audd and aud-ctl}")
dir=$(mktemp -d)
unset XDG_RUNTIME_DIR
export AUD_SOCKET=$dir/s
export ALSA_CONFIG_PATH=$dir/asoundrc
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fake=$build/tests/libasound_module_pcm_fake.so
cat >"$dir/asoundrc" <<-END
	pcm_type.fake { lib "$fake" }
	pcm.card { type fake file "$dir/heard.raw" format S16_LE channels 2 rate 48000 }
	pcm.fast { type fake file "/dev/null" format S16_LE channels 2 ppm 10000 }
	pcm.stepping { type fake file "/dev/null" format S16_LE channels 2 granule 480 }
	pcm.nothing { type null }
	pcm.plugged { type plug slave.pcm card }
END

# tests STATUS OPTION...: the report is in $dir/out
tests()
{
	local want=$1 status=0

	shift
	"$build/aud-ctl" selftest --seconds 2 "$@" >"$dir/out" 2>"$dir/err" || status=$?
	# How late this machine wakes up is none of the card's faults.
	[ "$status" -ne 1 ] || grep -q ' ! \|"problems":\["' "$dir/out"
	[ "$status" -eq "$want" ] || { [ "$want" = any ] && [ "$status" -le 1 ]; } && return
	echo "selftest $*: exit status $status, not $want"
	cat "$dir/out" "$dir/err"
	return 1
}

says()
{
	grep -Eq -- "$1" "$dir/out" && return
	echo "the report is not '$1' but:"
	cat "$dir/out" "$dir/err"
	return 1
}

# What was played so far is silence, and there was some.
played_silence()
{
	[ -s "$dir/heard.raw" ] && ! tr -d '\0' <"$dir/heard.raw" | grep -q .
}

it_reports_on_a_card_and_plays_nothing_but_silence()
{
	tests any --device card
	says '^Device card'
	says 'rates      48000 '
	says 'formats    s16le$'
	says 'Hz: [+-][0-9.]+ ppm'
	says 'it rewinds, by up to [0-9]{3,} frames'
	says 'smallest that held'
	says 'only ears can tell'
	grep -q 'its clock' "$dir/err"
	played_silence
}

it_finds_a_clock_that_is_one_percent_fast()
{
	tests 1 --device fast
	says '! Its clock is off by \+(9[89]|10[01])[0-9]{2,3} ppm'
}

it_sees_by_which_steps_a_pointer_moves()
{
	tests any --device stepping
	says 'it moves by 480 frames \(10.00 ms\) at a time'
}

it_says_of_a_pcm_without_a_clock_what_cannot_be_known()
{
	tests any --device nothing
	says 'It has no clock'
	says 'cannot be known'
}

it_works_through_a_plug()
{
	tests any --device plugged
	says 'not a card|a plugin \(PLUG\)'
}

it_answers_in_json()
{
	tests any --device card --json --quiet
	holds '.tested and .device == "card" and .offers.rates == [48000] and
		(.clock.ppm | fabs) < 500 and .rewind.works and (.buffers.tried | length) > 0 and
		(.wakeups.late_us | add) == .wakeups.number' <"$dir/out"
	[ ! -s "$dir/err" ]
}

it_says_why_a_device_cannot_be_tested()
{
	tests 3 --device nonsense
	says 'It was not tested: open failed: No such file or directory'
}

it_takes_the_device_of_an_output_from_the_settings()
{
	local status=0

	printf '[output a]\ndevice = nothing\nrate = 44100\n[output b]\nbackend = null\n' \
		>"$dir/audd.conf"
	"$build/audd" --config "$dir/audd.conf" --selftest --output a --seconds 1 \
		>"$dir/out" 2>"$dir/err" || status=$?
	[ "$status" -le 1 ]
	says '^Device nothing'
	says '44100 Hz, 2 channels'
	status=0
	"$build/audd" --config "$dir/audd.conf" --selftest --output b \
		>"$dir/out" 2>"$dir/err" || status=$?
	[ "$status" -eq 3 ]
	grep -q "^audd: output 'b' plays to nothing" "$dir/err"
}

it_refuses_a_wrong_command_line()
{
	tests 2 --seconds 0
	tests 2 something
	"$build/audd" --seconds 5 2>"$dir/err" || [ $? -eq 2 ]
	grep -q 'go with --selftest' "$dir/err"
}

it_ends_at_once_when_it_is_interrupted()
{
	local status=0

	# A shell has its background programs ignore SIGINT.
	"$build/aud-ctl" selftest --device card --seconds 60 >"$dir/out" 2>"$dir/err" &
	soon grep -q wake-ups "$dir/err"
	kill -TERM $!
	wait $! || status=$?
	[ "$status" -eq 143 ]
	grep -q 'interrupted; the device is closed' "$dir/err"
	[ ! -s "$dir/out" ]
}

run_tests "$@"
