#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The tests in the virtual machine. Frames number themselves (numbers.h) and are recorded at the
# other end of the kernel's loopback card, or by QEMU behind the card; so what was lost or
# repeated is known to the frame. Each function it_… is a test, and its name is the sentence that
# is printed; they run one after the other, in their order here.
#
# usage: guest.sh [TEST...]
# shellcheck disable=SC2317 # the tests are called by name
set -u
. ./it.bash

dir=$(mktemp -d)
export HOME=/root LC_ALL=C
rate=48000
# Frames: 20 ms, and a tick of the kernel's clock, by which the loopback card moves.
look=960
most_twice=$((look + 192))
# The block that a daemon had just written to the card when it was killed.
block=512
# That a plugin keeps on playing until the kernel has ended a process that was killed: it frees the
# process's memory before it closes its files, and this machine's one processor is slow (a queue of
# 30 s alone takes 5 ms).
until_dead=960
first=0        # number of the test's first frame
recorder=
pieces=0
exec 3>&1

# ---- tools -----------------------------------------------------------------------------

# What is worth knowing though all is well; printed with the test.
note()
{
	echo "$*" >>"$dir/notes"
}

# settings LINE...: of [output]; the daemon has ended, so that they count for the next one
settings()
{
	systemctl stop audd.service
	{
		echo '[output]'
		printf '%s\n' "$@"
	} >/etc/audd.conf
	systemctl reset-failed audd.service audd.socket 2>/dev/null || :
	systemctl start audd.socket
}

# record [PERIOD_US]: everything on the loopback card from now on; a recording may have several
# pieces.
record()
{
	modprobe snd-aloop
	soon test -e /dev/snd/by-path -o -e /dev/snd/controlC0
	pieces=$((pieces + 1))
	arecord -q -D hw:Loopback,1 -t raw -f S16_LE -r $rate -c 2 --period-time="${1:-50000}" \
		--buffer-time=500000 "$dir/heard$pieces" 2>"$dir/arecord" &
	recorder=$!
	soon grep -q RUNNING /proc/asound/Loopback/pcm1c/sub0/status
}

stop_recording()
{
	[ -n "$recorder" ] || return 0
	kill -INT "$recorder" 2>/dev/null || :
	wait "$recorder" || : # it was interrupted
	recorder=
}

# New devices stay root's alone until udev is let: so a test can be there before the daemon.
hold_udev()
{
	udevadm control --stop-exec-queue
}

let_udev()
{
	udevadm control --start-exec-queue
}

# play FRAMES [OPTION...]: new numbers
play()
{
	local frames=$1

	shift
	./numbers make $first "$frames" | aud-ctl play --quiet --rate $rate --channels 2 \
		--format s16 "$@" - 2>"$dir/client"
}

# The same in the background; then it may be waited for.
start_playing()
{
	play "$@" &
	player=$!
}

# The client has seen no error, and has said nothing.
client_is_content()
{
	local looks=0

	# Each look is computed, and so is what it costs.
	while kill -0 "$player" 2>/dev/null; do
		[ $((looks += 1)) -le 180 ] || { kill "$player"; return 1; }
		sleep 0.5
	done
	wait "$player" || { cat "$dir/client"; return 1; }
	not grep . "$dir/client"
}

# heard FRAMES [TWICE]: nothing was lost, and no more than so many are there twice in one place
heard()
{
	sleep 0.2
	stop_recording
	./numbers check $first "$1" 0 "${2:-0}" "$dir"/heard* >"$dir/account" || {
		cat "$dir/account"
		return 1
	}
	note "$(tail -n 1 "$dir/account")"
}

# on_host SENTENCE FRAMES LOST TWICE FILE...: is looked into when the guest has ended
on_host()
{
	local sentence=$1

	shift
	echo "HOST $first $* - $sentence" >&3
}

# entries: what the journal has of the daemon since then, each a line of JSON
entries()
{
	journalctl -q -o json -u audd.service --after-cursor "$cursor"
}

main_pid()
{
	systemctl show -P MainPID audd.service
}

# output FILTER: of the daemon's output
output()
{
	aud-ctl status --json | jq -r ".outputs[0].$1"
}

# Whether it plays.
sounds()
{
	[ "$(output state)" = playing ]
}

is_away()
{
	[ "$(output state)" = closed ]
}

qmp()
{
	echo "$1" >&9
	read -r -t 5 _ <&9
}

after_each()
{
	[ ! -s "$dir/notes" ] || sed 's/^/#   /' "$dir/notes" >&3
	stop_recording
	rm -f "$dir/notes" "$dir"/heard*
	pieces=0
	first=$((first + 10 * 1000 * 1000))
}

explain()
{
	journalctl -q -b -o cat -u audd.service -u audd.socket -n 30
	cat "$dir/client" 2>/dev/null
	cat "$dir/arecord" 2>/dev/null
}

# ---- from its packages -----------------------------------------------------------------

it_is_installed_from_its_packages_with_its_socket_enabled()
{
	dpkg -i ./*.deb
	systemctl is-enabled audd.socket
	systemctl is-active audd.socket
	not systemctl is-active audd.service
	[ "$(stat -c '%a %U %G' /run/aud/aud.sock)" = '660 root audio' ]
}

it_is_started_by_its_first_client_and_loses_no_frame()
{
	settings 'device = hw:Loopback,0'
	record
	not systemctl is-active audd.service
	play $((3 * rate))
	systemctl is-active audd.service
	heard $((3 * rate))
}

it_says_how_it_is()
{
	record
	start_playing $((5 * rate))
	soon sounds
	sleep 1.5
	note "$(systemctl show -P StatusText audd.service)"
	[ "$(systemctl show -P StatusText audd.service)" = \
		"1 source, playing on hw:Loopback,0, 48000 Hz, realtime fifo 50, 0 xruns" ]
	client_is_content
	heard $((5 * rate))
}

# ---- realtime --------------------------------------------------------------------------

it_has_one_realtime_thread_and_that_is_the_player()
{
	local task

	record
	start_playing $((2 * rate))
	soon sounds
	for task in /proc/"$(main_pid)"/task/*; do
		echo "$(cat "$task/comm") $(chrt -p "${task##*/}" | tr '\n' ' ')"
	done >"$dir/threads"
	client_is_content
	note "$(tr '\n' ';' <"$dir/threads")"
	grep -E '^player .*SCHED_FIFO.*priority: 50' "$dir/threads"
	[ "$(grep -c SCHED_FIFO "$dir/threads")" -eq 1 ]
	[ "$(output scheduling)" = 'fifo 50' ]
}

it_plays_beside_programs_that_take_all_the_time_there_is()
{
	local before

	record
	before=$(output xruns)
	note "xruns before: $before"
	stress-ng --cpu 2 --timeout 12 >/dev/null 2>&1 &
	play $((8 * rate))
	wait $!
	note "xruns: $(output xruns)"
	[ "$(output xruns)" -eq "$before" ]
	heard $((8 * rate))
}

it_counts_the_times_when_the_device_has_run_dry_and_loses_nothing()
{
	record
	start_playing $((3 * rate))
	soon sounds
	kill -STOP "$(main_pid)"
	sleep 1
	kill -CONT "$(main_pid)"
	client_is_content
	note "xruns: $(output xruns)"
	[ "$(output xruns)" -ge 1 ]
	heard $((3 * rate))
}

# ---- restarts --------------------------------------------------------------------------

# interrupt SECONDS COMMAND...: plays for so long, all of it queued at once; when some of it is
# heard it happens.
interrupt()
{
	local seconds=$1

	shift
	record
	start_playing $((seconds * rate)) --queue $((seconds * 1000))
	soon sounds
	sleep 3
	"$@"
	client_is_content
}

it_goes_on_exactly_when_it_is_restarted()
{
	settings 'device = hw:Loopback,0'
	interrupt 30 systemctl restart audd.service
	heard $((30 * rate))
}

restarts()
{
	systemctl show -P NRestarts audd.service
}

has_restarted_since()
{
	[ "$(restarts)" -gt "$1" ] && sounds
}

# kill_it SIGNAL SECONDS...: after so long, and again after so long
kill_it()
{
	local signal=$1 before

	shift
	for _ in "$@"; do
		before=$(restarts)
		systemctl kill -s "$signal" audd.service
		within 10 has_restarted_since "$before"
		sleep "$1"
		shift
	done
}

it_goes_on_when_it_is_killed()
{
	interrupt 30 kill_it KILL 4.001 3.338 4.672 3.013 1
	heard $((30 * rate)) $block
}

it_goes_on_when_it_hangs_and_the_watchdog_bites()
{
	interrupt 30 kill_it STOP 3.007 0
	journalctl -q -b -o cat -u audd.service | grep 'Watchdog timeout'
	heard $((30 * rate)) $block
}

# Systemd cannot keep it playing.
it_repeats_little_when_it_is_killed_on_a_plugin()
{
	settings 'device = plughw:Loopback,0'
	interrupt 30 kill_it KILL 4.001 3.338 0
	heard $((30 * rate)) $((most_twice + until_dead))
	settings 'device = hw:Loopback,0'
}

is_closed()
{
	grep -q closed /proc/asound/Loopback/pcm0p/sub0/status
}

# Nor does systemd keep it then.
it_leaves_the_card_to_others_when_it_is_killed_and_not_started_again()
{
	local dropin=/run/systemd/system/audd.service.d

	settings 'device = hw:Loopback,0'
	mkdir -p $dropin
	printf '[Service]\nRestart=no\n' >$dropin/once.conf
	systemctl daemon-reload
	record
	start_playing $((5 * rate)) --queue 5000
	soon sounds
	systemctl stop audd.socket
	systemctl kill -s KILL audd.service
	soon is_closed
	pkill -x aud-ctl
	wait "$player" || : # it was killed
	rm -r $dropin
	systemctl daemon-reload
	systemctl start audd.socket
}

it_goes_on_when_its_packages_are_upgraded()
{
	local before

	before=$(main_pid)
	interrupt 30 dpkg -i newer/*.deb
	[ "$(main_pid)" != "$before" ]
	dpkg-query -W -f '${Version}\n' audd | grep newer
	heard $((30 * rate))
}

# ---- sleep -----------------------------------------------------------------------------

is_realtime()
{
	chrt -p "$1" | grep -q SCHED_FIFO
}

# All of a suspend but the firmware. A thread that has lost its scheduling meanwhile gets it again
# at once, and not within a minute.
it_goes_on_when_the_machine_has_slept()
{
	local thread

	settings 'device = hw:Loopback,0'
	record
	start_playing $((8 * rate)) --queue 8000
	soon sounds
	sleep 2
	thread=$(grep -l player /proc/"$(main_pid)"/task/*/comm | cut -d/ -f5)
	is_realtime "$thread"
	chrt -o -p 0 "$thread"
	not is_realtime "$thread"
	echo core >/sys/power/pm_test
	echo mem >/sys/power/state
	soon is_realtime "$thread"
	client_is_content
	heard $((8 * rate)) $most_twice
}

# ---- settings --------------------------------------------------------------------------

it_opens_its_device_anew_at_once_when_its_settings_change()
{
	local cursor

	settings 'device = hw:Loopback,0'
	cursor=$(journalctl -q -n 1 -o json | jq -r .__CURSOR)
	record
	start_playing $((5 * rate))
	soon sounds
	sleep 1
	echo 'buffer_ms = 100' >>/etc/audd.conf
	systemctl reload audd.service
	client_is_content
	entries | jq -es 'any(.[].MESSAGE; contains("a buffer of 4800 frames"))'
	entries | jq -es 'all(.[].MESSAGE; contains("trying again") | not)'
	heard $((5 * rate))
}

# ---- the journal -----------------------------------------------------------------------

# has_entry MESSAGE_ID [FILTER]
has_entry()
{
	entries | jq -es "any(.[]; .MESSAGE_ID == \"$1\" and (${2:-true}))"
}

it_tells_the_journal_what_happens_in_fields()
{
	local cursor

	settings 'device = hw:Loopback,0'
	cursor=$(journalctl -q -n 1 -o json | jq -r .__CURSOR)
	aud-ctl status >/dev/null
	soon has_entry 48fd7c1ae97c43e3a5da38b0c62c9282 '.AUD_OUTPUT == "main"'
	printf 'no\033[31mthing = 1\n' >>/etc/audd.conf
	systemctl reload audd.service
	soon has_entry a0a533d894a84e08925d163e0cc7b689 '.PRIORITY == "3"'
	sed -i '$d' /etc/audd.conf
	systemctl reload audd.service
	soon has_entry ef260f2f03a742268f30677da6ec04e6
	# Hello, of a name that would be a field of its own; then what is no message.
	printf '%b' '\x1b\x08\x01\x12\x17\x08\x01\x12\x13x\nMESSAGE_ID=y\x1b[31m' \
		'\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff' |
		nc -NU /run/aud/aud.sock >/dev/null
	soon has_entry b0723e7a74694339ba252b7483634bff
	start_playing $((3 * rate))
	soon sounds
	systemctl kill -s KILL audd.service
	soon has_entry 656fab50df4a4261ab9dcb3bab15cc25 '(.AUD_SOURCE | tonumber) > 0 and .AUD_OUTPUT == "main"'
	client_is_content
	settings 'device = hw:Nothing'
	aud-ctl status >/dev/null
	soon has_entry 93cb767bafb84b2e849a86d3225a637d '.AUD_OUTPUT == "main"'
	# What is no text the journal would give as a row of numbers.
	entries | jq -es 'all(.[].MESSAGE; type == "string" and (test("[[:cntrl:]]") | not))'
	entries | jq -es 'any(.[].MESSAGE; contains("x1b[31mthing"))'
	not has_entry y
}

# ---- a user's own ----------------------------------------------------------------------

as_user()
{
	runuser -u someone -- env XDG_RUNTIME_DIR=/run/user/1000 "$@"
}

user_pid()
{
	as_user systemctl --user show -P MainPID audd.service
}

it_is_started_by_a_user_for_himself_and_his_queue_outlives_it_too()
{
	local before

	settings 'device = hw:Loopback,0'
	systemctl stop audd.socket audd.service
	useradd -m -u 1000 -G audio someone
	systemctl start user@1000.service
	as_user systemctl --user enable --now audd.socket
	not as_user systemctl --user is-active audd.service
	record
	./numbers make $first $((10 * rate)) | as_user aud-ctl play --quiet --rate $rate \
		--channels 2 --format s16 --queue 10000 - 2>"$dir/client" &
	player=$!
	sleep 3
	as_user systemctl --user is-active audd.service
	before=$(user_pid)
	[ "$(stat -c %U "/proc/$before")" = someone ]
	as_user systemctl --user restart audd.service
	[ "$(user_pid)" != "$before" ]
	sleep 2
	as_user systemctl --user kill -s KILL audd.service
	client_is_content
	heard $((10 * rate)) $block
	systemctl stop user@1000.service
	not pgrep -x audd
}

# ---- cards that come and go ------------------------------------------------------------

it_waits_for_a_card_that_comes_later()
{
	settings 'device = hw:Intel'
	start_playing $((4 * rate))
	sleep 20
	systemctl show -P StatusText audd.service | grep 'waiting for hw:Intel'
	modprobe snd-hda-intel
	client_is_content
	on_host "a card that comes 20 seconds later plays every frame" $((4 * rate)) 0 0 hda
}

it_goes_on_where_it_stopped_when_a_card_is_unbound_and_bound_again()
{
	local driver=/sys/bus/platform/drivers/snd_aloop

	settings 'device = hw:Loopback,0'
	record 4000 # what it has not read by then is not in the recording
	start_playing $((6 * rate))
	soon sounds
	sleep 2
	echo snd_aloop.0 >$driver/unbind
	within 5 not kill -0 "$recorder" # its card is gone
	soon is_away
	sleep 2
	hold_udev
	echo snd_aloop.0 >$driver/bind
	record 4000
	let_udev
	client_is_content
	[ "$(output losses)" -eq 1 ]
	heard $((6 * rate)) $most_twice
}

# see_what_a_card_takes PCM FILE: what it says that it has played need not be heard yet; QEMU's lose
# that when they are stopped
see_what_a_card_takes()
{
	local number=$((first + 5000000)) frames

	for frames in 9600 10000 10333 12345 14400; do
		echo "CARD $number $(./card "$1" $number $frames) $2" >&3
		number=$((number + 100000))
	done
}

it_does_so_on_a_card_of_the_pci_bus()
{
	local driver=/sys/bus/pci/drivers/snd_hda_intel pci

	systemctl stop audd.socket audd.service
	see_what_a_card_takes hw:Intel hda
	settings 'device = hw:Intel'
	pci=$(basename "$driver"/0000:*)
	start_playing $((6 * rate))
	soon sounds
	sleep 2
	echo "$pci" >"$driver/unbind"
	soon is_away
	sleep 2
	echo "$pci" >"$driver/bind"
	client_is_content
	[ "$(output losses)" -eq 1 ]
	on_host "a card on the PCI bus that was unbound goes on where it stopped, but for what \
it had taken itself" $((6 * rate)) taken1 $look hda
}

it_goes_on_there_when_it_is_killed_and_when_it_hangs()
{
	settings 'device = hw:Intel'
	start_playing $((20 * rate)) --queue 20000
	soon sounds
	sleep 1
	kill_it KILL 1.234 1.017
	kill_it STOP 0
	client_is_content
	on_host "a card on the PCI bus goes on when the daemon is killed and when it hangs, but for \
what it had taken itself each time" $((20 * rate)) taken3 $block hda
}

plug_in()
{
	hold_udev
	qmp "{\"execute\":\"device_add\",\"arguments\":{\"driver\":\"usb-audio\",\"id\":\"usb\",\
\"bus\":\"xhci.0\",\"audiodev\":\"$1\"}}"
	soon grep -q USB-Audio /proc/asound/cards
	card=$(awk -F'[][ ]+' '/USB-Audio/ { print $3; exit }' /proc/asound/cards)
	# By itself it is not at its loudest, and its numbers would not be ours.
	amixer -c "$card" scontrols | sed "s/.*'\(.*\)'.*/\1/" | while read -r name; do
		amixer -q -c "$card" sset "$name" 100%
	done
	let_udev
	udevadm settle
}

it_goes_on_when_a_usb_card_is_pulled_out_and_put_in_again()
{
	modprobe snd-usb-audio
	exec 9<>/dev/virtio-ports/ctl
	read -r -t 5 _ <&9
	qmp '{"execute":"qmp_capabilities"}'
	plug_in usb1
	see_what_a_card_takes "hw:$card" usb1
	settings "device = hw:$card"
	start_playing $((6 * rate))
	soon sounds
	sleep 2
	qmp '{"execute":"device_del","arguments":{"id":"usb"}}'
	soon is_away
	sleep 2
	plug_in usb2
	client_is_content
	[ "$(output losses)" -eq 1 ]
	on_host "a USB card that was pulled out goes on where it stopped, but for what it had \
taken itself" $((6 * rate)) taken1 $look usb1 usb2
}

# ---- the sandbox -----------------------------------------------------------------------

it_leaves_at_most_a_point_and_a_half_open()
{
	note "$(systemd-analyze security --no-pager audd.service | tail -n 1 | tr -dc ' -~')"
	systemd-analyze security --no-pager --threshold=15 audd.service
}

# Its own sentences are tests of their own.
it_lets_nobody_out_of_its_sandbox()
{
	local unit=/run/systemd/system/sandbox.service

	modprobe snd-aloop
	touch /tmp/of-the-machine
	install -m 755 sandbox /usr/local/bin/
	sed -e '/^Requires=\|^WatchdogSec=\|^Restart/d' -e 's/^Type=.*/Type=oneshot/' \
		-e "s|^ExecStart=.*|ExecStart=/usr/local/bin/sandbox $(readlink /proc/1/ns/net) \
$(readlink /proc/1/ns/mnt)\nStandardOutput=file:/run/sandbox.said|" \
		/lib/systemd/system/audd.service >$unit
	systemctl daemon-reload
	systemctl start sandbox.service || :
	cat /run/sandbox.said >&3
	grep -c '^ok - ' /run/sandbox.said
	not grep '^not ok - ' /run/sandbox.said
	[ "$(systemctl show -P ExecMainStatus sandbox.service)" -eq 0 ]
}

it_plays_on_the_default_device_too()
{
	settings 'device = plug:"dmix:Loopback"'
	play $((2 * rate))
	not grep . "$dir/client"
}

# ---- the selftest ----------------------------------------------------------------------

# finds_out PCM: the report is in $dir/report. This machine is too slow to be without problems.
finds_out()
{
	systemctl stop audd.socket audd.service
	aud-ctl selftest --quiet --seconds 10 --device "$1" >"$dir/report" || [ $? -eq 1 ]
	note "$(grep -E 'rate  |steps|holds down|smallest' "$dir/report")"
}

says()
{
	grep -E -e "$1" "$dir/report" || {
		cat "$dir/report"
		return 1
	}
}

it_finds_out_what_an_intel_card_is_good_for()
{
	modprobe snd-hda-intel
	finds_out hw:Intel
	says 'mmap, .* rewinding$'
	says 'it holds down to [0-9]+ us before the speaker'
	says 'smallest that held'
	not grep 'whole periods' "$dir/report"
}

it_finds_that_a_usb_card_moves_its_data_by_periods()
{
	finds_out "hw:$(awk -F'[][ ]+' '/USB-Audio/ { print $3; exit }' /proc/asound/cards)"
	says 'period 5.0 ms, rewinding$'
	says 'of what the buffer holds 6.0 ms are never taken back'
	says 'It moves its data by whole periods'
}

it_finds_that_a_dmix_is_not_to_be_believed()
{
	modprobe snd-aloop
	finds_out 'plug:"dmix:Loopback"'
	says 'but a plugin \(PLUG\)'
	says ' not rewinding$'
}

# ---- and gone --------------------------------------------------------------------------

it_goes_when_its_package_is_removed_and_keeps_the_settings()
{
	dpkg -r audd
	not systemctl is-active audd.socket
	not test -e /run/aud
	not pgrep -x audd
	test -e /etc/audd.conf
}

it_leaves_nothing_when_it_is_purged()
{
	dpkg -P audd aud-ctl libaud0
	not test -e /etc/audd.conf
	not grep . <(find /etc /lib/systemd /usr/lib/systemd /var/lib/systemd -name '*audd*')
}

it_can_be_installed_again()
{
	dpkg -i ./*.deb
	systemctl is-active audd.socket
	settings 'device = hw:Loopback,0'
	record
	play $rate
	heard $rate
}

run_tests "$@"
