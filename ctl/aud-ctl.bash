# SPDX-License-Identifier: MIT
#
# Completion for bash. Verbs and options are those that aud-ctl's own help shows. Names of sources
# are chosen by anybody, and compgen expands what it is given: only harmless ones get there.
_aud_ctl_names() # sources|outputs ARGUMENT...: of the daemon that these arguments mean
{
	local kind=$1

	shift
	if [ "$kind" = outputs ]; then
		aud-ctl outputs "$@" 2>/dev/null |
			sed -n 's/^output \([A-Za-z0-9._+-]\{1,\}\)[ :].*/\1/p'
	else
		aud-ctl list "$@" 2>/dev/null | awk '
			NR == 1 { at = index($0, "NAME"); next }
			{ print $1; name = substr($0, at) }
			match(name, /^[A-Za-z0-9._+-]+  /) { print substr(name, 1, RLENGTH - 2) }'
	fi
}

_aud_ctl()
{
	local word=$2 before=$3 verb='' verbs options socket=() i

	verbs=" $(aud-ctl --help |
		sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p' | tr '\n' ' ')"
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} != --socket ]] ||
			socket=(--socket "${COMP_WORDS[i + 1]/#\~/$HOME}")
		[[ -n $verb || $verbs != *" ${COMP_WORDS[i]} "* ]] || verb=${COMP_WORDS[i]}
	done
	options=$(aud-ctl ${verb:+"$verb"} --help)

	case $before,$word,$verb in
	--socket,*)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		;;
	--format,*)
		mapfile -t COMPREPLY < <(compgen -W "$(echo s16{,le,be} s24{,le,be} s24_3{,le,be} s32{,le,be} f32{,le,be} u8 alaw mulaw)" -- "$word")
		;;
	--output,*)
		mapfile -t COMPREPLY < <(compgen -W "$(_aud_ctl_names outputs "${socket[@]}")" -- "$word")
		;;
	--role,*)
		mapfile -t COMPREPLY < <(compgen -W 'speech' -- "$word")
		;;
	--layout,*)
		mapfile -t COMPREPLY < <(compgen -W 'mono stereo 2.1 3.0 quad 5.0 5.1 6.1 7.1' -- "$word")
		;;
	--curve,*)
		mapfile -t COMPREPLY < <(compgen -W 'linear equal-power' -- "$word")
		;;
	*,-*,*)
		mapfile -t COMPREPLY < <(compgen -W "$(sed -n 's/^  \(--[a-z-]*\) .*/\1/p' <<<"$options")" -- "$word")
		;;
	--device,*)
		mapfile -t COMPREPLY < <(compgen -W "$(aplay -L 2>/dev/null | grep -v '^ ')" -- "$word")
		;;
	--*)
		# A value that is nobody's to propose, or an operand behind an option without one.
		grep -q "^  $before [A-Z]" <<<"$options" || _aud_ctl_operands
		;;
	*)
		_aud_ctl_operands
		;;
	esac
}

# Sees what _aud_ctl has found out.
_aud_ctl_operands()
{
	case $verb in
	'')
		mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$word")
		;;
	list | outputs | selftest) ;;
	play)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		;;
	*)
		mapfile -t COMPREPLY < <(compgen -W "$(_aud_ctl_names sources "${socket[@]}")
			$([ "$verb" != move ] || _aud_ctl_names outputs "${socket[@]}")" -- "$word")
		;;
	esac
}
complete -F _aud_ctl aud-ctl
