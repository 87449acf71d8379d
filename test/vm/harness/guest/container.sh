#!/bin/sh
# container.sh MARKERS COMMAND...
#
# Runs a command as dev in a user and a mount namespace of its own, with the marker files of MARKERS in a /run of its
# own, as toolbox and distrobox arrange it: the process ids, the home and the devices are the host's. Run as root, so that
# all user ids can be mapped and sudo works within. BOUNDING=-sys_ptrace takes that capability from its root, too.
set -eu
markers=$1
shift
! [ -t 0 ] || chown dev "$(tty)"

ready=$(mktemp -u)
mkfifo "$ready"
us=$$
{
  until [ "$(readlink "/proc/$us/ns/user")" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.02; done
  echo '0 0 4294967295' >"/proc/$us/uid_map"
  echo '0 0 4294967295' >"/proc/$us/gid_map"
  echo >"$ready"
} &

# shellcheck disable=SC2016 # for the shell within
exec unshare -U -m sh -c '
  read -r ready <"$1"
  rm "$1"
  mount -t tmpfs -o mode=755 tmpfs /run
  for marker in $2; do : >"/run/$marker"; done
  shift 2
  exec setpriv --reuid=dev --regid=dev --init-groups --bounding-set="${BOUNDING:-+sys_ptrace}" -- \
    env HOME=/home/dev USER=dev LOGNAME=dev "$@"
' sh "$ready" "$markers" "$@"
