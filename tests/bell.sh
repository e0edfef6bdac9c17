#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Every way in which main and the player can tell each other a number, by spin: tests/bell.pml.
# A model that could not fail would say nothing, so it is shown to find the mistakes, too.
set -u
cd "$(dirname "$0")" || exit 1
model=$PWD/bell.pml
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1

# errors [-DNAME]: how many ways there are to sleep through a moment; one is enough to stop.
errors() {
	spin "$@" -a "$model" >spin.log 2>&1 &&
		cc -O2 -w -DSAFETY -o pan pan.c >cc.log 2>&1 && ./pan -m100000 >pan.log 2>&1 ||
		{ cat ./*.log; echo none; return; }
	grep -q 'max search depth too small' pan.log && echo none
	sed -n 's/.*errors: //p' pan.log
}

# expect SENTENCE COUNT [-DNAME]
expect() {
	local found
	found=$(errors "${@:3}")
	if [ "$found" = "$2" ]; then
		echo "ok - $1"
	else
		printf 'not ok - %s\n%s\n' "$1" "$found"
	fi
}

expect 'no wait is slept through and no push goes unseen, in any order of events' 0
grep -E 'states, stored|depth reached' pan.log
expect 'a store of main that does not wait for memory would be found out' 1 -DWEAK_MAIN
expect 'a store of the player that does not wait for memory would be found out' 1 -DWEAK_PLAYER
expect 'a player that does not look for pushes again would be found out' 1 -DFORGETS_PUSHES
expect 'a player that does not look who waits would be found out' 1 -DFORGETS_WAITS
