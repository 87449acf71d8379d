# Puts the shims of ptrace-shim before the tools whose names they bear; see ptrace-shim(1).
if test -d /usr/libexec/ptrace-shim/shims; and not contains /usr/libexec/ptrace-shim/shims $PATH
    set -gx PATH /usr/libexec/ptrace-shim/shims $PATH
end
