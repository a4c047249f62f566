# bash completion of dmigate and dmigate-agent: what they say themselves (--help) of the command that is typed.
_dmigate() {
  local current=${COMP_WORDS[COMP_CWORD]} words=() word help
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      --) return ;;  # what follows is another program's
      -* | '' | *[!a-z-]*) break ;;
      *) words+=("$word") ;;
    esac
  done
  # The longest beginning that is a command; what follows it is a value.
  while ! help=$("$1" "${words[@]}" --help 2>/dev/null); do
    [ ${#words[@]} -gt 0 ] || return
    unset 'words[-1]'
  done
  local commands options
  commands=$(sed -n '/^Subcommands:/,$ s/^  \([a-z][a-z-]*\) .*/\1/p' <<<"$help")
  options=$(grep -oE -- '--[a-z][a-z-]*' <<<"$help" | sort -u)
  local found
  case $current in
    -*) found=$(compgen -W "$options" -- "$current") ;;
    *) found=$(compgen -W "$commands" -- "$current") ;;
  esac
  [ -z "$found" ] || mapfile -t COMPREPLY <<<"$found"
}
complete -o default -F _dmigate dmigate dmigate-agent
