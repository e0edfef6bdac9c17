#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The daemon on ALSA PCMs that are not in its hands: named in an asoundrc, some of
# them plugins that alsa-lib loads from a file. What was heard is compared bit for bit with
# what was pushed. Each function it_… is a test, and its name is the sentence that is printed.
#
# usage: BUILD=DIR tests/alsa.sh [TEST...]
# shellcheck disable=SC2317 # the tests are called by name
set -u
. "$(dirname "$0")/it.bash"

build=$(realpath "${BUILD:?the folder of audd and aud-ctl}")
dir=$(mktemp -d)
daemon=
unset XDG_RUNTIME_DIR
export AUD_SOCKET=$dir/s
export ALSA_CONFIG_PATH=$dir/asoundrc

# ---- tools -----------------------------------------------------------------------------

finish()
{
	stop_daemon
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# start_daemon PCM [SETTING...]: lines of [output] in audd.conf
start_daemon()
{
	local pcm=$1

	shift
	{
		echo '[output]'
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$dir/audd.conf"
	rm -f "$dir/s" "$dir/heard.raw"
	"$build/audd" --config "$dir/audd.conf" --backend alsa --device "$pcm" \
		--socket "$dir/s" 2>"$dir/audd.log" &
	daemon=$!
	soon test -S "$dir/s"
}

# It has closed its device then, and all that was heard is in the file.
stop_daemon()
{
	[ -z "$daemon" ] && return
	kill "$daemon"
	wait "$daemon"
	daemon=
}

play()
{
	"$build/aud-ctl" play --quiet --rate 48000 --channels 2 --format s16 - \
		<"$dir/pushed"
}

# output FILTER: whether this is true of the daemon's output
output()
{
	"$build/aud-ctl" status --json | holds ".outputs[0] | $1"
}

source_is()
{
	"$build/aud-ctl" status --json | holds ".sources[0] | $1"
}

logged()
{
	grep -q -- "$1" "$dir/audd.log" && return
	echo "the log has no '$1' but:"
	cat "$dir/audd.log"
	return 1
}

# ---- material --------------------------------------------------------------------------

# Half a second of frames that are all different, and none of them silent.
perl -e 'print pack("s<*", map { ($_, -1 - $_) } 1 .. 24000)' >"$dir/pushed"
frames=24000

# By ALSA's names; s16, s32 and f32 have devices with names of their own.
other_formats='S16_BE S24_LE S24_BE S24_3LE S24_3BE S32_BE FLOAT_BE'

# our_name S24_3BE: s24_3be; on a little-endian machine what is little-endian has no suffix
our_name()
{
	local name=${1/FLOAT/F32}

	name=${name,,}
	case $name in
	*_3le | *_3be) ;;
	*) name=${name/_/} ;;
	esac
	if [ "$(printf '\1\0' | od -An -td2 | tr -d ' ')" = 1 ]; then
		echo "${name%le}"
	else
		echo "${name%be}"
	fi
}

asoundrc()
{
	local fake=$build/tests/libasound_module_pcm_fake.so

	cat <<-END
		pcm_type.fake { lib "$fake" }
		pcm.nowhere { type null }
		pcm.file { type file slave.pcm nowhere file "$dir/heard.raw" format raw }
		pcm.mmap { type fake file "$dir/heard.raw" format S16_LE access mmap }
		pcm.rw { type fake file "$dir/heard.raw" format S16_LE access rw }
		pcm.gone { type fake file "$dir/heard.raw" format S16_LE rewinds no }
		pcm.wide { type fake file "$dir/heard.raw" format S32_LE access rw rewinds no }
		pcm.float { type fake file "$dir/heard.raw" format FLOAT_LE }
		$(for format in $other_formats; do
			echo "pcm.$format { type fake file \"$dir/heard.raw\" format $format }"
		done)
		pcm.plugged { type plug slave.pcm mmap }
		pcm.card {
			type fake
			file "$dir/heard.raw"
			format S16_LE
			present "$dir/present"
		}
		<$dir/more>
	END
}

# wide WIDTH: 16-bit samples as those of a format: how perl packs it, or ALSA's name
wide()
{
	perl -e '
		use strict;
		local $/;
		my ($width) = @ARGV;
		my @samples = unpack("s<*", <STDIN>);
		my %scale = ("s<" => 1, "s>" => 1, "l<" => 65536, "l>" => 65536,
			"f<" => 1 / 32768, "f>" => 1 / 32768);
		my %alias = (S16_BE => "s>", S32_BE => "l>", FLOAT_BE => "f>");
		my %bytes = (
			S24_LE => sub { pack("l<", $_[0] * 256) },
			S24_BE => sub { pack("l>", $_[0] * 256) },
			S24_3LE => sub { substr(pack("l<", $_[0] * 256), 0, 3) },
			S24_3BE => sub { substr(pack("l>", $_[0] * 256), 1, 3) },
		);
		$width = $alias{$width} || $width;
		print join("", $bytes{$width} ? map { $bytes{$width}->($_) } @samples
			: pack("$width*", map { $_ * $scale{$width} } @samples));
	' "$1"
}

# heard [WIDTH]: what was heard is what was pushed, with silence before and behind it and
# nowhere else. WIDTH: see wide; else 16 bits
heard()
{
	wide "${1:-s<}" <"$dir/pushed" >"$dir/wanted"
	perl -e '
		use strict;
		local $/;
		my ($wanted, $heard) = @ARGV;
		open(my $w, "<:raw", $wanted) or die "$wanted: $!\n";
		open(my $h, "<:raw", $heard) or die "$heard: $!\n";
		my $want = <$w>;
		my $have = <$h>;
		my $at = index($have, $want);
		die "not found in ", length($have), " bytes\n" if $at < 0;
		substr($have, $at, length($want)) = "";
		die "more than silence around it\n" if $have =~ /[^\0]/;
	' "$dir/wanted" "$dir/heard.raw"
}

# The frames that sounded, one a line: the left sample is the frame's number, from 1.
numbers()
{
	perl -e '
		local $/;
		my @s = unpack("s<*", <STDIN>);
		while (my ($left, $right) = splice(@s, 0, 2)) {
			next unless $left || $right;
			die "a torn frame: $left, $right\n" unless $right == -1 - $left;
			print "$left\n";
		}
	' <"$dir/heard.raw"
}

# heard_from_to FIRST LAST: these frames sounded, each once and in order, with any silence
# between them
heard_from_to()
{
	numbers >"$dir/numbers" && seq "$1" "$2" | diff - "$dir/numbers"
}

plays_bit_for_bit() # PCM WIDTH SETTING...
{
	local pcm=$1 width=$2

	shift 2
	start_daemon "$pcm" "$@"
	play
	stop_daemon
	heard "$width"
}

# ---- bit for bit -----------------------------------------------------------------------

it_plays_into_a_file()
{
	plays_bit_for_bit file 's<' format=s16
	plays_bit_for_bit file 'l<'
	plays_bit_for_bit file 'f<' format=f32 access=rw
}

it_plays_on_a_plugin_with_mmap_access()
{
	plays_bit_for_bit mmap 's<'
	plays_bit_for_bit gone 's<' access=mmap
}

it_plays_on_a_plugin_with_read_write_access()
{
	plays_bit_for_bit rw 's<'
	plays_bit_for_bit gone 's<' access=rw
}

it_plays_in_every_format()
{
	plays_bit_for_bit wide 'l<'
	plays_bit_for_bit float 'f<'
}

it_plays_in_every_other_format_that_cards_have()
{
	local format

	for format in $other_formats; do
		rm -f "$dir/heard.raw"
		start_daemon "$format"
		play
		output ".format == \"$(our_name "$format")\""
		stop_daemon
		heard "$format"
	done
}

# Short, and one behind the other: all of them were played in order, and nothing else.
it_plays_what_clients_push_in_every_format()
{
	local format

	head -c 9600 "$dir/pushed" >"$dir/short"
	: >"$dir/wanted"
	start_daemon wide
	for format in $other_formats; do
		wide "$format" <"$dir/short" | push "$(our_name "$format")"
		wide 'l<' <"$dir/short" >>"$dir/wanted"
	done
	# Codes, and what they are in 16 bits: G.711, and bytes
	push_codes alaw '\325\125\252\052' 8 -8 32256 -32256
	push_codes mulaw '\200\000\376\176' 32124 -32124 8 -8
	push_codes u8 '\000\201\377\177' -32768 256 32512 -256
	stop_daemon
	perl -0777 -pe 's/(....)/$1 eq "\0\0\0\0" ? "" : $1/ges' \
		"$dir/heard.raw" | cmp - "$dir/wanted"
}

# push FORMAT: standard input, two channels
push()
{
	"$build/aud-ctl" play --quiet --channels 2 --format "$1" -
}

# push_codes FORMAT CODES SAMPLE...: what perl writes as CODES, 600 times, is these
push_codes()
{
	local format=$1 codes=$2

	shift 2
	perl -e "print \"$codes\" x 600" | push "$format"
	perl -e 'print pack("l<*", map { $_ * 65536 } @ARGV) x 600' -- "$@" >>"$dir/wanted"
}

it_plays_through_a_plug_that_converts()
{
	plays_bit_for_bit plugged 's<'
	plays_bit_for_bit plugged 's<' format=f32
}

it_plays_on_a_plugin_that_rewinds()
{
	plays_bit_for_bit mmap 's<' rewind=yes
	plays_bit_for_bit rw 's<' rewind=yes
}

# ---- what it knows of the device -------------------------------------------------------

it_believes_a_plugin_that_rewinds_only_if_it_is_told_to()
{
	start_daemon mmap
	output '(.rewinds | not) and .buffer_frames == 1920 and .alsa_locks'
	stop_daemon

	start_daemon mmap rewind=yes
	output '.rewinds and .buffer_frames == 9600 and .access == "mmap"'
}

it_says_what_the_device_offers_instead()
{
	start_daemon mmap format=s32
	soon logged 'device mmap: it offers S16_LE, not s32'
	output '.state == "closed" and .error == "it offers S16_LE, not s32"'
}

it_writes_no_lines_of_alsa_lib()
{
	start_daemon nonsense
	soon logged 'device nonsense: open failed: No such file or directory'
	[ "$(grep -vc '^<[0-7]>' "$dir/audd.log")" -eq 0 ]
}

# ---- pause, clear ----------------------------------------------------------------------

pauses_and_goes_on() # PCM SETTING...
{
	start_daemon "$@"
	play &
	soon source_is '.ledger.heard > 2000'
	"$build/aud-ctl" pause --fade 0 --all
	sleep 0.1
	"$build/aud-ctl" resume --fade 0 --all
	wait $!
	stop_daemon
	heard_from_to 1 "$frames"
}

it_loses_no_frame_by_a_pause_whether_the_device_rewinds_or_not()
{
	pauses_and_goes_on mmap rewind=yes
	pauses_and_goes_on rw rewind=yes
	pauses_and_goes_on gone
}

clears() # PCM SETTING...
{
	local until

	start_daemon "$@" idle_ms=20
	play &
	soon source_is '.ledger.heard > 2000'
	until=$("$build/aud-ctl" clear --fade 0 --all --json | jq '.[0].heard_until')
	wait $! || : # it is told, and says so
	soon output '.state == "ready"' # what could not be taken back is heard
	stop_daemon
	[ "$until" -gt 2000 ] && [ "$until" -lt "$frames" ]
	heard_from_to 1 "$until"
}

it_tells_to_the_frame_what_was_heard_before_a_clear()
{
	clears mmap rewind=yes
	clears gone
}

# ---- devices come and go ---------------------------------------------------------------

it_starts_without_its_device_and_plays_when_it_comes()
{
	rm -f "$dir/present"
	start_daemon card
	play &
	soon logged 'device card: open failed: No such device'
	soon source_is '.ledger.queued == 24000 and .ledger.heard == 0'
	touch "$dir/present"
	wait $!
	stop_daemon
	heard
}

it_finds_a_device_that_is_named_in_its_configuration_later()
{
	start_daemon late
	play &
	soon logged 'device late: open failed: No such file or directory'
	asoundrc | sed -n 's/^pcm.mmap/pcm.late/p' >"$dir/more"
	wait $!
	stop_daemon
	: >"$dir/more"
	heard
}

it_loses_no_frame_when_its_device_is_pulled_out()
{
	local twice

	touch "$dir/present"
	start_daemon card
	play &
	soon source_is '.ledger.heard > 2000'
	rm "$dir/present"
	soon output '.state == "closed" and .losses == 1'
	sleep 0.1
	touch "$dir/present"
	wait $!
	stop_daemon
	numbers >"$dir/numbers"
	sort -nu "$dir/numbers" | diff <(seq "$frames") -
	# Nobody can know what was heard behind the last look at the clock.
	twice=$(($(wc -l <"$dir/numbers") - frames))
	[ "$twice" -lt 960 ]
}

# ---- all of them -----------------------------------------------------------------------

after_each()
{
	stop_daemon
}

explain()
{
	sed 's/^/audd: /' "$dir/audd.log"
}

asoundrc >"$dir/asoundrc"
: >"$dir/more"
run_tests "$@"
