# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What scripts of tests share; they source it. Each function it_… of such a script is a test,
# and its name is the sentence that is printed; they run one after the other, in their order
# there. A test fails when any of its commands does whose failure is not asked for.
#
# The script sets $dir, a folder for its files, and may define
#	after_each	called when a test has ended
#	explain		prints what else there is to know about a test that has failed

# Whether a command succeeds within 5 seconds.
soon()
{
	within 5 "$@"
}

# within SECONDS COMMAND...: whether it succeeds by then
within()
{
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000)) seconds=$1

	shift
	while [ "${EPOCHREALTIME/[.,]/}" -lt "$end" ]; do
		"$@" >/dev/null 2>&1 && return
		sleep 0.02
	done
	echo "not even after $seconds s: $*"
	return 1
}

# Whether that holds for the one JSON text that is read. Of none at all jq says that it does.
holds()
{
	jq -es "length == 1 and (.[0] | $1)"
}

not()
{
	if "$@"; then
		return 1
	fi
}

# run_tests [TEST...]: these, or all; exits. Nothing may ask whether it succeeds.
run_tests()
{
	local name sentence failed=0

	[ $# -gt 0 ] || mapfile -t all < <(sed -n 's/^\(it_[a-z_]*\)()$/\1/p' "$0")
	[ $# -eq 0 ] || all=("$@")
	set -E
	for name in "${all[@]}"; do
		sentence=${name#it_}
		sentence=${sentence//_/ }
		wrong=0
		trap 'wrong=1' ERR
		"$name" >"$dir/why" 2>&1
		trap - ERR
		[ -z "$(declare -F after_each)" ] || after_each
		if [ "$wrong" -eq 0 ]; then
			echo "ok - $sentence"
			continue
		fi
		echo "not ok - $sentence"
		sed 's/^/#   /' "$dir/why"
		[ -z "$(declare -F explain)" ] || explain | sed 's/^/#   /'
		failed=1
	done
	exit $failed
}
