#!/bin/sh
# Runs, one after the other, what spawn.sh asks for; stands for the host's side of flatpak-spawn and distrobox-host-exec.
rm -f /tmp/host-requests
mkfifo -m 666 /tmp/host-requests
echo ready
while :; do
  {
    read -r terminal
    read -r reply
    set --
    while IFS= read -r word; do set -- "$@" "$word"; done
  } </tmp/host-requests
  "$@" <>"$terminal" >&0 2>&0
  echo $? >"$reply"
done
