# Written by ptrace-shim: "attach" asks first where kernel.yama.ptrace_scope would refuse it.
if ! $_isvoid($_gdb_major)
if $_gdb_major >= 10
define hook-attach
pipe -d @@ show commands @@ f=@HOME@/dist/attach.sh; [ -e "$f" ] && . "$f"
end
end
end
