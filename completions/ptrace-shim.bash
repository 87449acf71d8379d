#compdef ptrace-shim eu-stack vgdb @COMPLETED@
# shellcheck shell=bash
# Completion for ptrace-shim, and for the process ids of tools that have no completion of their own, with the package
# bash-completion and without it. `ptrace-shim completion` prints it with what it knows of tools and settings in place of @NAMES@.

_ptrace_shim_tools=(@TOOLS@)
# Of each tool, what has a process id behind it or a file, and whether operands are process ids.
_ptrace_shim_places=(@PLACES@)
# Of each setting but the answers, what may be set.
_ptrace_shim_settings=(@SETTINGS@)

_ptrace_shim() {
  local cur prev
  _ptrace_shim_words
  if ((COMP_CWORD == 1)); then
    _ptrace_shim_offer install uninstall doctor status why dry-run set run with allow explain config completion \
      -h --help -V --version
    return
  fi
  case ${COMP_WORDS[1]} in dry-run | run | with) _ptrace_shim_inner && return ;; esac
  case ${COMP_WORDS[1]} in
    install | uninstall)
      case $prev in
        --dir) compopt -o default ;;
        --tools) _ptrace_shim_list "${_ptrace_shim_tools[@]}" ;;
        *) _ptrace_shim_install ;;
      esac
      ;;
    doctor | status) _ptrace_shim_offer --json -h --help ;;
    why)
      case $prev:$cur in
        --tracer:* | *:[0-9]* | *:) _ptrace_shim_pids "$cur" ;;
        *) _ptrace_shim_offer --tracer -q --quiet --json -h --help ;;
      esac
      ;;
    allow)
      case $prev:$cur in
        --tracer:* | *:[0-9]* | *:) _ptrace_shim_pids "$cur" ;;
        *) _ptrace_shim_offer --tracer --revoke --json -h --help ;;
      esac
      ;;
    dry-run) _ptrace_shim_offer --json -h --help -- ;;
    set) _ptrace_shim_set ;;
    run) _ptrace_shim_offer --tree -h --help -- ;;
    with)
      case $cur in
        [0-9]*) _ptrace_shim_list_pids ;;
        '') if ((COMP_CWORD == 2)); then _ptrace_shim_list_pids; else _ptrace_shim_offer --; fi ;;
        *) _ptrace_shim_offer -h --help -- ;;
      esac
      ;;
    explain) _ptrace_shim_offer --all -h --help ;;
    config) _ptrace_shim_config ;;
    completion) _ptrace_shim_offer bash zsh fish -h --help ;;
  esac
}

_ptrace_shim_install() {
  if [[ ${COMP_WORDS[1]} == install ]]; then
    _ptrace_shim_offer --system --dir --tools --gdb -h --help
  else
    _ptrace_shim_offer --system --dir -h --help
  fi
}

_ptrace_shim_set() {
  case $cur in
    -*) _ptrace_shim_offer --permanent -y --yes -h --help ;;
    *) _ptrace_shim_offer 0 1 2 default ;;
  esac
}

_ptrace_shim_config() {
  local keys=("${_ptrace_shim_tools[@]/#/onRefusal.}" onRefusal.all "${_ptrace_shim_settings[@]%% *}") setting values
  case $COMP_CWORD:${COMP_WORDS[2]-} in
    2:*) _ptrace_shim_offer set forget --json -h --help ;;
    3:set) _ptrace_shim_offer "${keys[@]}" -h --help ;;
    3:forget) _ptrace_shim_offer "${keys[@]}" --all -h --help ;;
    4:set)
      for setting in 'onRefusal.* @ANSWERS@' "${_ptrace_shim_settings[@]}"; do
        # shellcheck disable=SC2053 # a pattern
        [[ ${COMP_WORDS[3]} == ${setting%% *} ]] || continue
        read -ra values <<<"${setting#* }"
        _ptrace_shim_offer "${values[@]}"
      done
      ;;
  esac
}

_ptrace_shim_eu_stack() {
  local cur prev
  _ptrace_shim_words
  case $prev:$cur in
    -p:* | --pid:*) _ptrace_shim_pids "$cur" ;;
    *:-p[0-9]*) _ptrace_shim_pids "${cur#-p}" -p ;;
    --core:* | --debuginfo-path:* | -e:* | --executable:*) compopt -o default ;;
    *:-*)
      _ptrace_shim_offer -p --pid= --core= --debuginfo-path= -e --executable= -1 -a --activation -b --build-id \
        -d --debugname -i --inlines -l --list-modules -m --module -n -q --quiet -r --raw -s --source -v --verbose \
        --help --usage -V --version
      ;;
  esac
}

_ptrace_shim_vgdb() {
  local cur prev
  _ptrace_shim_words
  case $prev:$cur in
    --pid:*) _ptrace_shim_pids "$cur" '' --valgrind ;;
    --vgdb-prefix:*) compopt -o default ;;
    *:-*)
      _ptrace_shim_offer --pid= --vgdb-prefix= --wait= --max-invoke-ms= --port= --cmd-time-out= -l -T -D -d -c \
        -h --help
      ;;
  esac
}

# Where a process id may stand, process ids; elsewhere files.
_ptrace_shim_other_tool() {
  local cur prev tool=${COMP_WORDS[0]##*/} place
  _ptrace_shim_words
  for place in "${_ptrace_shim_places[@]}"; do [[ $place != "$tool "* ]] || break; done
  case " $place :$cur" in
    *" file:$prev "*) compopt -o default ;;
    *" pid:$prev "* | *' pid:any '*:[0-9]* | *' pid:any '*: | *' pid:digit '*:[0-9]*) _ptrace_shim_pids "$cur" ;;
    *) compopt -o default ;;
  esac
}

# The word to complete and the one before it. `--pid=42` is three words, unless COMP_WORDBREAKS lacks the `=`.
_ptrace_shim_words() {
  cur=${COMP_WORDS[COMP_CWORD]}
  prev=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
}

_ptrace_shim_offer() {
  local word
  for word; do
    [[ $word != "$cur"* ]] || COMPREPLY+=("$word")
  done
  [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
}

# The same for the last of several words with commas between them.
_ptrace_shim_list() {
  local word before=
  [[ $cur != *,* ]] || before=${cur%,*},
  for word; do
    [[ $before$word != "$cur"* ]] || COMPREPLY+=("$before$word")
  done
}

_ptrace_shim_list_pids() {
  local before=
  [[ $cur != *,* ]] || before=${cur%,*},
  _ptrace_shim_pids "${cur##*,}" "$before"
}

# _ptrace_shim_pids TYPED [BEFORE [OPTION]]: process ids, and what each process is beside them. bash would insert that
# as well, so only a list has it: not the last one left, and not what menu-complete puts on the line one by one.
_ptrace_shim_pids() {
  local pid text entry bare=()
  while IFS=$'\t' read -r pid text; do
    printf -v entry '%-7s  %s' "${2-}$pid" "$text"
    COMPREPLY+=("$entry")
    bare+=("${2-}$pid")
  done < <(COLUMNS=$COLUMNS ptrace-shim complete-pids ${3:+"$3"} "$1" 2>/dev/null)
  if ((${#bare[@]} == 1)) || [[ ${COMP_TYPE-} == 37 || ${COMP_TYPE-} == 42 ]]; then
    COMPREPLY=("${bare[@]}")
  else
    compopt -o nosort
  fi
}

# Behind `--` a command of its own begins, and is completed as such. Fails when the cursor is not there.
_ptrace_shim_inner() {
  local start=2
  until [[ ${COMP_WORDS[start]} == -- ]]; do
    ((++start < COMP_CWORD)) || return
  done
  ((++start <= COMP_CWORD)) || return
  if ((start == COMP_CWORD)) && [[ ${COMP_WORDS[1]} == dry-run ]]; then
    _ptrace_shim_offer "${_ptrace_shim_tools[@]}"
  elif declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$start"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$start"
  elif ((start == COMP_CWORD)); then
    mapfile -t COMPREPLY < <(compgen -c -- "$cur")
  else
    compopt -o default
  fi
}

complete -F _ptrace_shim ptrace-shim
complete -F _ptrace_shim_eu_stack eu-stack
complete -F _ptrace_shim_vgdb vgdb
complete -F _ptrace_shim_other_tool @COMPLETED@
