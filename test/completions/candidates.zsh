#!/usr/bin/env zsh
# candidates.zsh DIRECTORY LINE...: what zsh offers at the end of each line, with the completions of DIRECTORY, one
# candidate a line and an empty line after each answer. Completion needs the line editor, and that a terminal: zpty.
emulate -R zsh
zmodload zsh/zpty
export ANSWER=$(mktemp) DIRECTORY=$1 TERM=dumb
shift
zpty -b shell zsh -f -i
drain() { while zpty -rt shell REPLY 2>/dev/null; do :; done }
await() { # until the answer ends in this word
  local -i tries
  for ((tries = 0; tries < 3000; tries++)); do
    drain
    [[ $(tail -n 1 $ANSWER) == $1 ]] && return
    sleep 0.01
  done
  print -u 2 "candidates.zsh: no $1"
  exit 1
}

setup=$(mktemp)
cat >$setup <<'EOT'
PS1=
fpath=($DIRECTORY $fpath)
autoload -Uz compinit && compinit -D -u
unsetopt zle_bracketed_paste
compadd() {
  local -a offered
  if (( ${@[(I)-[OAD]]} == 0 )); then # not asked just to filter
    builtin compadd -O offered "$@"
    print -rl -- $offered >>$ANSWER
  fi
  builtin compadd "$@"
}
finish() { print -l '' end >>$ANSWER }
comppostfuncs=(finish)
only-complete() { BUFFER=$(<$ANSWER.line); CURSOR=$#BUFFER; : >$ANSWER; comppostfuncs=(finish); zle complete-word; BUFFER= }
zle -N only-complete
bindkey '^T' only-complete
zstyle ':completion:*' verbose no
print ready >>$ANSWER
EOT
zpty -w shell "source $setup"
await ready
for line; do
  print -rn -- $line >$ANSWER.line
  print -n >$ANSWER
  zpty -wn shell $'\C-t'
  await end
  sed '/^$/d; /^end$/d' $ANSWER
  print
done
zpty -d shell
rm -f $ANSWER $ANSWER.line $setup
