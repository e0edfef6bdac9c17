#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The tests in the virtual machine. Frames number themselves (numbers.c) and are recorded at the
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
most_twice=$((960 + 192))
# That a card keeps on playing until the kernel has ended a process that was killed, which takes
# this machine with its one slow processor some ms.
until_dead=480
# What QEMU's cards take from the buffer before it is heard, and lose when they go.
most_taken=2048
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

player_has_ended()
{
	not kill -0 "$player"
}

# The client has seen no error, and has said nothing.
client_is_content()
{
	within 90 player_has_ended || { kill "$player"; return 1; }
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
	# The card goes on in a circle until the end of a period tells the kernel.
	heard $((3 * rate)) $((rate / 5))
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

it_goes_on_when_it_is_killed()
{
	local before

	before=$(systemctl show -P NRestarts audd.service)
	interrupt 10 systemctl kill -s KILL audd.service
	[ "$(systemctl show -P NRestarts audd.service)" -gt "$before" ]
	heard $((10 * rate)) $((most_twice + until_dead))
}

it_goes_on_when_it_hangs_and_the_watchdog_bites()
{
	local before

	before=$(systemctl show -P NRestarts audd.service)
	interrupt 10 systemctl kill -s STOP audd.service
	[ "$(systemctl show -P NRestarts audd.service)" -gt "$before" ]
	journalctl -q -b -o cat -u audd.service | grep 'Watchdog timeout'
	# Meanwhile the card plays what it has been given, and more: see above.
	heard $((10 * rate)) $((rate / 5))
}

it_goes_on_when_its_packages_are_upgraded()
{
	local before

	before=$(main_pid)
	interrupt 10 dpkg -i newer/*.deb
	[ "$(main_pid)" != "$before" ]
	dpkg-query -W -f '${Version}\n' audd | grep newer
	heard $((10 * rate))
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

it_does_so_on_a_card_of_the_pci_bus()
{
	local driver=/sys/bus/pci/drivers/snd_hda_intel pci

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
it had taken itself" $((6 * rate)) $most_taken $most_twice hda
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
taken itself" $((6 * rate)) $most_taken $most_twice usb1 usb2
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
