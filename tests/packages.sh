#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The Debian packages: built, held against lintian, and looked into; and the units in them,
# by systemd's own tools. What they do when they are installed is tried in the virtual
# machine (tests/vm). Each function it_… is a test, and its name is the sentence that is
# printed.
#
# usage: tests/packages.sh [TEST...]
# shellcheck disable=SC2317 # the tests are called by name
set -u
. "$(dirname "$0")/it.bash"
cd "$(dirname "$0")/.." || exit 1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# Points of systemd-analyze's, times ten.
most_exposed=15

# ---- tools -----------------------------------------------------------------------------

# Every file but those that are built, and when it was changed.
tree()
{
	find . \( -path ./.git -o -path ./build \) -prune -o -type f -printf '%p %T@ %m\n' | sort
}

deb()
{
	echo build/deb/"$1"_[0-9]*.deb
}

# files PACKAGE: its files, but for the documents that each has
files()
{
	dpkg-deb -c "$(deb "$1")" | awk '$1 !~ /^d/ { print $6 }' | grep -v '/usr/share/doc/'
}

# holds PACKAGE REGEXP...: its files are these, one for each
holds()
{
	local package=$1 file

	shift
	files "$package" >"$dir/files"
	for file in "$@"; do
		grep -xE "\./$file" "$dir/files" || { echo "no $file"; return 1; }
		grep -vxE "./$file" "$dir/files" >"$dir/rest" || :
		mv "$dir/rest" "$dir/files"
	done
	not grep . "$dir/files"
}

unpack()
{
	rm -rf "$dir/root"
	dpkg-deb -x "$(deb audd)" "$dir/root"
}

script()
{
	dpkg-deb --ctrl-tarfile "$(deb audd)" | tar -xO "./$1"
}

# ---- the packages ----------------------------------------------------------------------

it_builds_the_packages_and_leaves_the_tree_as_it_was()
{
	tree >"$dir/before"
	make deb >"$dir/log" 2>&1 || { tail -n 40 "$dir/log"; return 1; }
	not grep -E 'warning: ' "$dir/log"
	tree | diff "$dir/before" -
}

it_gives_lintian_nothing_to_complain_of()
{
	lintian --allow-root --fail-on error,warning build/deb/*.changes
}

it_puts_into_each_package_what_belongs_there()
{
	holds audd etc/audd.conf usr/bin/audd lib/systemd/system/audd.{service,socket} \
		usr/lib/systemd/user/audd.{service,socket} usr/share/man/man5/audd.conf.5.gz \
		usr/share/man/man8/audd.8.gz
	holds libaud0 'usr/lib/[^/]*/libaud\.so\.0\.[0-9.]*' 'usr/lib/[^/]*/libaud\.so\.0'
	holds libaud-dev usr/include/aud.h 'usr/lib/[^/]*/libaud\.so' \
		'usr/lib/[^/]*/pkgconfig/aud.pc' usr/share/aud/aud.proto \
		usr/share/man/man3/libaud.3.gz
	holds aud-ctl usr/bin/aud-ctl usr/share/bash-completion/completions/aud-ctl \
		usr/share/man/man1/aud-ctl.1.gz
}

it_gives_packages_and_programs_the_same_version()
{
	local version

	unpack
	version=$("$dir/root/usr/bin/audd" --version)
	[ "audd $(dpkg-deb -f "$(deb audd)" Version)" = "$version" ]
}

it_lets_the_tool_depend_on_the_library_and_the_daemon_on_no_client()
{
	dpkg-deb -f "$(deb aud-ctl)" Depends | grep -E '(^|, )libaud0 \(>= '
	not grep libaud0 <(dpkg-deb -f "$(deb audd)" Depends)
}

it_enables_the_socket_and_not_the_daemon()
{
	script postinst | grep "deb-systemd-helper --quiet was-enabled 'audd.socket'"
	script postinst | grep "deb-systemd-invoke start 'audd.socket'"
	not grep "deb-systemd-invoke start .*audd.service" <(script postinst)
}

it_restarts_the_daemon_at_an_upgrade_and_leaves_the_socket_alone()
{
	script postinst | grep "deb-systemd-invoke try-restart 'audd.service' >"
	not grep -E "restart .*audd.socket|stop .*audd.service" <(script postinst; script prerm)
}

it_keeps_the_settings_as_a_conffile()
{
	script conffiles | grep -x /etc/audd.conf
}

# ---- the units -------------------------------------------------------------------------

# The unit, with the program where it is now.
unit()
{
	sed "s|^ExecStart=|&$dir/root|" "$dir/root/$1/audd.service" >"$dir/$2/audd.service"
	cp "$dir/root/$1/audd.socket" "$dir/$2/"
}

it_has_units_in_which_systemd_finds_nothing_wrong()
{
	unpack
	mkdir -p "$dir/system" "$dir/user"
	unit lib/systemd/system system
	unit usr/lib/systemd/user user
	systemd-analyze verify --man=no "$dir"/system/audd.{service,socket} >"$dir/said" 2>&1
	XDG_RUNTIME_DIR=$dir systemd-analyze verify --user --man=no \
		"$dir"/user/audd.{service,socket} >>"$dir/said" 2>&1
	not grep audd "$dir/said"
}

# What is open, one name a line.
exposed()
{
	systemd-analyze security --offline=true --no-pager "$1" |
		awk '$1 == "✗" { print $2 }' | sed 's/=$//; s|=/.*||'
}

it_closes_the_sandbox_up_to_a_point_and_a_half()
{
	unpack
	systemd-analyze security --offline=true --threshold=$most_exposed --no-pager \
		"$dir/root/lib/systemd/system/audd.service" >"$dir/said"
	tail -n 1 "$dir/said"
}

it_explains_in_the_unit_everything_that_it_leaves_open()
{
	local name unit=$dir/root/lib/systemd/system/audd.service

	unpack
	exposed "$unit" >"$dir/exposed"
	grep . "$dir/exposed"
	while read -r name; do
		grep -E "^#.*0\.[0-9] $name" "$unit" || { echo "$name: why?"; return 1; }
	done <"$dir/exposed"
}

run_tests "$@"
