# shellcheck shell=bash
# candidates.bash FILE LINE...: what bash offers at the end of each line, with the completions of FILE, one candidate a
# line and an empty line after each answer.
# shellcheck source=/dev/null
. "$1"
shift
compopt() { :; } # is for a real completion only

for COMP_LINE; do
  read -ra COMP_WORDS <<<"$COMP_LINE"
  [[ $COMP_LINE != *' ' ]] || COMP_WORDS+=('')
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  read -r _ _ function _ < <(complete -p "${COMP_WORDS[0]}")
  $function
  printf '%s\n' "${COMPREPLY[@]}" ''
done
