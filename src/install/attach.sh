# What attach.gdb runs before gdb's own "attach", in an sh that is gdb's child: asks, where there may be something to ask.
# gdb reads its scripts a character at a time, and so this is no part of it. On stdin comes what was typed ("show commands").
#
# $f is this file. Whatever is missing, gdb goes on as if nothing had been asked.
# shellcheck shell=sh disable=SC2154
{ read -r scope </proc/sys/kernel/yama/ptrace_scope; } 2>/dev/null
if [ "${scope:-0}" != 0 ] && [ "${PTRACE_SHIM-}" != off ] && [ -t 2 ] && command -v node >/dev/null; then
  NODE_OPTIONS='' exec node "${f%/*}/gdb-attach.js" "$PPID" 3<&0 <&2
fi
