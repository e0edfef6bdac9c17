# SPDX-License-Identifier: MIT
#
# Completion for bash. Verbs and options are those that aud-ctl's own help shows.
_aud_ctl()
{
	local word=$2 before=$3 verb='' verbs i

	verbs=" $(aud-ctl --help |
		sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p' | tr '\n' ' ')"
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ $verbs == *" ${COMP_WORDS[i]} "* ]] && verb=${COMP_WORDS[i]} && break
	done

	case $before,$word,$verb in
	--socket,*)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		;;
	--format,*)
		mapfile -t COMPREPLY < <(compgen -W "$(echo s16{,le,be} s24{,le,be} s24_3{,le,be} s32{,le,be} f32{,le,be} u8 alaw mulaw)" -- "$word")
		;;
	--output,*)
		mapfile -t COMPREPLY < <(compgen -W "$(aud-ctl outputs 2>/dev/null |
			sed -n 's/^output \([^ :]*\).*/\1/p')" -- "$word")
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
		mapfile -t COMPREPLY < <(compgen -W "$(aud-ctl ${verb:+"$verb"} --help |
			sed -n 's/^  \(--[a-z-]*\) .*/\1/p')" -- "$word")
		;;
	*,)
		mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$word")
		;;
	--device,* | *,selftest)
		mapfile -t COMPREPLY < <([ "$before" != --device ] ||
			compgen -W "$(aplay -L 2>/dev/null | grep -v '^ ')" -- "$word")
		;;
	*,play)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		;;
	*)
		mapfile -t COMPREPLY < <(compgen -W "$(aud-ctl list 2>/dev/null |
			sed -n 's/^\([0-9][0-9]*\) .*/\1/p')$([ "$verb" != move ] ||
			aud-ctl outputs 2>/dev/null |
			sed -n 's/^output \([^ :]*\).*/ \1/p')" -- "$word")
		;;
	esac
}
complete -F _aud_ctl aud-ctl
