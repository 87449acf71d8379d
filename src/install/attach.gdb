# Written by ptrace-shim: asks before gdb's own "attach" where kernel.yama.ptrace_scope would refuse it. gdb -nx leaves it out.
#
# gdb runs this before the command, and tells it nothing but what was typed last ("show commands"). Whatever is missing here,
# gdb goes on as if nothing had been asked.
if ! $_isvoid($_gdb_major)
  if $_gdb_major >= 10
    define hook-attach
      pipe -d @@ show commands @@ { read -r scope </proc/sys/kernel/yama/ptrace_scope; } 2>/dev/null; [ "${scope:-0}" != 0 ] && [ "$PTRACE_SHIM" != off ] && [ -t 2 ] && [ -e @HOME@/dist/gdb-attach.js ] && command -v node >/dev/null && NODE_OPTIONS= exec node @HOME@/dist/gdb-attach.js $PPID 3<&0 <&2
    end
  end
end
