#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Tests of the tests: each order of memory that HACKING.md has in its table of shared numbers is
# made weaker, one at a time, and each look for what the other may have done is left out. The test
# that is there for it has to fail. In a copy of the tree; what is not changed is taken from the
# build.
set -u
cd "$(dirname "$0")/.." || exit 1
tree=$PWD
copy=$(mktemp -d) || exit 1
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/tests" "$copy/out"
cp -r daemon proto lib "$copy"
cp -r tests/*.[ch] tests/weak "$copy/tests"
ln -s "$tree/build" "$copy/build"
limit=30 # seconds that a test may take to fail
declare -A cached=()

# recipe SAN SOURCE TARGET: leaves in $recipe how make would make TARGET because of SOURCE.
recipe() {
	local key="$*"
	[ -n "${cached[$key]:-}" ] || cached[$key]=$(make -n V=1 CC=gcc SAN="$1" -W "$2" "$3" |
		sed -e ':a' -e '/\\$/{N;s/\\\n//;ba' -e '}' | grep -- " -o $3 ")
	recipe=${cached[$key]}
}

# build SAN PROGRAM SOURCE: the program with this source as it is in the copy.
build() {
	local dir=build/${1:-gcc} object
	object=$dir/${3%.c}.o
	case $2:$3 in test_weak:daemon/*) object=$dir/weak/${3#daemon/} && object=${object%.c}.o ;; esac
	recipe "$1" "$3" "$object"
	(cd "$copy" && eval "${recipe/-o $object/-o out/changed.o}") || return
	recipe "$1" "tests/$2.c" "$dir/tests/$2"
	recipe=${recipe/-o $dir\/tests\/$2 /-o $copy\/out\/program $copy\/out\/changed.o }
	# The test's own object is there twice if it is what has changed.
	[ "$3" != "tests/$2.c" ] || recipe=${recipe/ $dir\/tests\/$2.o / }
	eval "$recipe"
}

# mutant SAN PROGRAM TEST SENTENCE FILE SED: FILE with SED applied; that TEST of PROGRAM fails.
mutant() {
	local source=$5 status
	case $5 in *.h) source=tests/$2.c ;; esac
	sed -i -E "$6" "$copy/$5"
	if cmp -s "$5" "$copy/$5"; then
		echo "not ok - $4: $5 has nothing that could be changed so"
		return
	fi
	if ! build "$1" "$2" "$source" >"$copy/log" 2>&1; then
		printf 'not ok - %s: it does not compile\n%s\n' "$4" "$(cat "$copy/log")"
	else
		LD_LIBRARY_PATH=$tree/build/${1:-gcc} timeout "$limit" "$copy/out/program" >"$copy/log" 2>&1
		status=$?
		if [ "$status" -ne 0 ] && [ "$status" -ne 124 ] && grep -q ":[FES]:.*:$3:" "$copy/log"; then
			echo "ok - $4 is found"
		else
			echo "not ok - $4 is not found by $3"
		fi
	fi
	cp "$5" "$copy/$5"
}

ready() {
	make --no-print-directory -j"$(nproc)" CC=gcc SAN="$1" "${@:2}" >"$copy/log" 2>&1 && return
	cat "$copy/log"
	echo "not ok - the programs that are to be changed can be built"
	exit 1
}

queue=daemon/rt/queue.c voice=daemon/rt/voice.c obey=daemon/rt/voice_obey.c
player=daemon/rt/player.c sink=daemon/rt/player_sink.c null=daemon/rt/sink_null.c

# ---- on two processors: what those here do -------------------------------------------------

ready '' build/gcc/tests/test_meeting build/gcc/tests/test_weak
if [ "$(nproc)" -ge 2 ]; then
	met() { mutant '' test_meeting at_one_moment_main_sees_the_player_or_the_player_sees_main "$@"; }
	met 'on two processors a push whose store does not wait' \
		$queue 's/(written, written \+ n, memory_order_)seq_cst/\1release/'
	met 'on two processors a wait whose store does not wait' \
		$queue 's/(wake_at, at, memory_order_)seq_cst/\1release/'
	met 'on two processors a player whose store does not wait' \
		$voice 's/atomic_store\(&p->played, v->played\)/atomic_store_explicit(\&p->played, v->played, memory_order_release)/'
	met 'on two processors a player that does not look for pushes again' \
		$player 's/atomic_load\(&v->queue->writer->written\) != v->seen/false/'
	met 'on two processors a player that does not look who waits' \
		$voice 's/if \(at > v->played \|\| at == v->rung_at\)/if (true)/'
else
	echo 'one processor: what two of them do at once is not tried'
fi

# ---- on a memory that is as weak as C allows -----------------------------------------------

weak() { mutant '' test_weak "$@"; }
unseen=no_push_goes_unseen slept=no_wait_is_slept_through
weak $unseen 'a push that is stored with less than seq_cst' \
	$queue 's/(written, written \+ n, memory_order_)seq_cst/\1release/'
weak $unseen 'a push after which played is loaded with less than seq_cst' \
	$queue '/^bool queue_write/,/^}/s/atomic_load\(&q->player->played\)/atomic_load_explicit(\&q->player->played, memory_order_acquire)/'
weak $slept 'a wait that is stored with less than seq_cst' \
	$queue 's/(wake_at, at, memory_order_)seq_cst/\1release/'
weak $slept 'a wait after which played is loaded with less than seq_cst' \
	$queue 's/atomic_load\(&q->player->played\) >=/atomic_load_explicit(\&q->player->played, memory_order_acquire) >=/'
for test in $unseen $slept; do
	weak $test "played that is stored with less than seq_cst ($test)" \
		$voice 's/atomic_store\(&p->played, v->played\)/atomic_store_explicit(\&p->played, v->played, memory_order_release)/'
done
weak $unseen 'a second look for pushes with less than seq_cst' \
	$player 's/atomic_load\(&v->queue->writer->written\) != v->seen/atomic_load_explicit(\&v->queue->writer->written, memory_order_acquire) != v->seen/'
weak $unseen 'a player that does not look for pushes again' \
	$player 's/atomic_load\(&v->queue->writer->written\) != v->seen/false/'
weak $slept 'a look who waits with less than seq_cst' \
	$voice '/^bool voice_must_ring/,/^}/s/atomic_load\(&v->queue->writer->wake_at\)/atomic_load_explicit(\&v->queue->writer->wake_at, memory_order_acquire)/'

look=what_main_looks_at_is_of_one_turn
weak $look 'a look that begins without acquire' \
	$player '/^uint64_t player_look/,/^}/s/acquire/relaxed/'
weak $look 'a look that ends without a fence' \
	$player '/^bool player_moved/,/^}/s/atomic_thread_fence.*;//'
weak $look 'a report that begins without a fence' \
	$player '/^static void publish/,/^}/s/atomic_thread_fence.*;//'
weak $look 'a report that ends without release' \
	$player 's/(seq \+ 2, memory_order_)release/\1relaxed/'

asked=what_the_player_says_to_have_applied_it_has_seen
weak $asked 'a change that is asked for without release' \
	$player 's/(p->asked, asked, memory_order_)release/\1relaxed/'
weak $asked 'a turn that looks without acquire what was asked for' \
	$player '/^void player_turn/,/^}/s/(p->asked, memory_order_)acquire/\1relaxed/'
told=what_main_sees_to_be_applied_it_is_told_of
weak $told 'a change that is applied without release' \
	$player 's/(p->applied, asked, memory_order_)release/\1relaxed/'
weak $told 'a look without acquire whether a change is applied' \
	daemon/rt/player.h 's/(p->applied, memory_order_)acquire/\1relaxed/'
cut=a_cut_is_seen_with_what_it_cuts_and_with_its_fade
weak $cut 'a cut that is stored without release' \
	$queue 's/(writer->cut, written, memory_order_)release/\1relaxed/'
weak $cut 'a cut that is loaded without acquire' \
	$obey 's/voice_load\(&v->queue->writer->cut\)/atomic_load_explicit(\&v->queue->writer->cut, memory_order_relaxed)/'
weak $cut 'a cut that is stored before its fade' \
	$queue '/^void queue_cut/,/^}/{s/writer->cut_fade, queue_pack_fade\(fade\)/writer->cut, written/;t;s/writer->cut, written, memory_order_release/writer->cut_fade, queue_pack_fade(fade), memory_order_relaxed/}'
kill=what_a_kill_leaves_is_of_one_turn_and_not_behind_what_was_played
weak $kill 'what is saved, switched without release' \
	$voice '/^void voice_save/,/^}/s/(saved_which, other, memory_order_)release/\1relaxed/'
weak $kill 'what is saved, behind played' \
	$voice '/^void voice_publish/,/^}/{/^\tvoice_save\(v, device\);/d;s/^\t\tatomic_store\(&p->played.*/{ & voice_save(v, device); }/}'

# ---- what is saved, and what the device has -------------------------------------------------

ready '' build/gcc/tests/test_next_life
kept() {
	mutant '' test_next_life \
		in_each_step_of_a_turn_what_is_saved_is_what_a_kept_device_has "$@"
}
kept 'what is saved, not lowered before frames are taken back' \
	$sink '/^void player_take_back/,/^}/s/player_save\(p, 0\);//'
kept 'what is saved, not lowered before a device is stopped' \
	$sink '/^void player_stop_sink/,/^}/s/player_save\(p, 0\);//'
kept 'what is saved, not raised behind a block' \
	daemon/rt/player_fill.c 's/player_save\(p, p->sink->kept_as\);//'

# ---- plain memory, by the thread sanitizer --------------------------------------------------

[ -z "${QUICK:-}" ] || { echo 'QUICK: no thread sanitizer'; exit 0; }
ready thread build/thread/tests/test_races
race() { mutant thread test_races "$@"; }
race frames_are_there_when_the_player_sees_that_they_are_written \
	'frames that are written without release' \
	$queue 's/(written, written \+ n, memory_order_)seq_cst/\1relaxed/'
race frames_are_there_when_the_player_sees_that_they_are_written \
	'a look without acquire how far is written' \
	$obey 's/v->seen = atomic_load\((.*)\);/v->seen = atomic_load_explicit(\1, memory_order_relaxed);/'
race frames_are_used_no_more_when_main_sees_that_they_are_played \
	'frames that are played without release' \
	$voice 's/atomic_store\(&p->played, v->played\)/atomic_store_explicit(\&p->played, v->played, memory_order_relaxed)/'
race frames_are_used_no_more_when_main_sees_that_they_are_played \
	'a look without acquire what room there is' \
	$queue '/^uint32_t queue_room/,/^}/s/acquire/relaxed/'
race a_voice_is_used_no_more_when_main_sees_that_its_leaving_is_applied \
	'a voice that leaves without release' \
	$player 's/(p->applied, asked, memory_order_)release/\1relaxed/'
race a_voice_is_used_no_more_when_main_sees_that_its_leaving_is_applied \
	'a look without acquire whether a voice has left' \
	daemon/rt/player.h 's/(p->applied, memory_order_)acquire/\1relaxed/'
race a_voice_is_there_when_the_player_finds_it_in_its_slot \
	'a voice that is put into its slot without release' \
	daemon/output.c 's/(slots\[i\], v, memory_order_)release/\1relaxed/'
race a_voice_is_there_when_the_player_finds_it_in_its_slot \
	'a look without acquire who is in the slots' \
	$player '/^static void add_voices/,/^}/s/acquire/relaxed/'
sinks=a_sink_is_there_when_the_player_takes_it_and_used_no_more_when_main_does
race $sinks 'a sink that is offered without release' \
	$player 's/(p->offered, s, memory_order_)acq_rel/\1acquire/'
race $sinks 'a sink that is taken without acquire' \
	$sink 's/(p->offered, NULL, memory_order_)acq_rel/\1release/'
race $sinks 'a sink that is given back without release' \
	$sink 's/(p->returned, s, memory_order_)release/\1relaxed/'
race $sinks 'a sink that main takes back without acquire' \
	$player 's/(p->returned, NULL, memory_order_)acq_rel/\1release/'
tape=a_tape_is_read_only_where_it_is_written_and_written_only_where_it_was_read
race $tape 'a tape that is written without release' \
	$null 's/(t->head, head \+ fits, memory_order_)release/\1relaxed/'
race $tape 'a tape that is read without acquire' \
	$null 's/(t->head, memory_order_)acquire/\1relaxed/'
race $tape 'a tape that was read without release' \
	$null 's/(t->tail, tail \+ n, memory_order_)release/\1relaxed/'
race $tape 'a tape that is written over without acquire' \
	$null 's/(t->tail, memory_order_)acquire/\1relaxed/'
