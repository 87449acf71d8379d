# shellcheck shell=sh
# Puts the shims of ptrace-shim before the tools whose names they bear; see ptrace-shim(1).
case :${PATH-}: in
  :: | *:/usr/libexec/ptrace-shim/shims:*) ;;
  *) [ ! -d /usr/libexec/ptrace-shim/shims ] || PATH=/usr/libexec/ptrace-shim/shims:$PATH ;;
esac
