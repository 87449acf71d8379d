#!/bin/sh
# Sees to it that this machine has what the tests drive: QEMU and a stock kernel for the test machine, and the real
# tools. Says nothing when nothing lacks; otherwise installs it where it may (root), or names the line to type.
#
#   requirements.sh              all of it
#   requirements.sh --machine    only what is driven in the test machine: for a userland that is built for it
#   requirements.sh --userland   all of it, and what builds such a userland
#   requirements.sh --arm64      all of it, and what builds and runs a machine of that kind
#
# The Debian names were seen to work on Debian 12, 13 and testing; the Fedora ones are untested.
set -u

PATH=$PATH:/usr/sbin:/sbin
lacking=

# Reads lines of: program Debian-package Fedora-package
need() {
  while read -r program debian fedora; do
    command -v "$program" >/dev/null 2>&1 || lacking="$lacking $debian:$fedora"
  done
}

need <<EOT
setpriv util-linux util-linux
mount mount util-linux-core
tmux tmux tmux
gdb gdb gdb
strace strace strace
eu-stack elfutils elfutils
valgrind valgrind valgrind
vgdb valgrind valgrind
gdbserver gdbserver gdb-gdbserver
lldb lldb lldb
ltrace ltrace ltrace
dlv delve delve
reptyr reptyr reptyr
scanmem scanmem scanmem
heaptrack heaptrack heaptrack
vim vim vim-enhanced
nvim neovim neovim
emacs emacs-nox emacs-nox
script bsdutils util-linux-script
pkexec pkexec polkit
pkttyagent polkitd polkit
dbus-daemon dbus-daemon dbus-daemon
sudo sudo sudo
bash bash bash
dash dash dash
zsh zsh zsh
fish fish fish
perl perl perl-base
ps procps procps-ng
setcap libcap2-bin libcap
rpm rpm rpm
dpkg dpkg dpkg
mandoc mandoc mandoc
EOT

[ "${1:-}" = --machine ] || need <<EOT
qemu-system-x86_64 qemu-system-x86 qemu-system-x86-core
modprobe kmod kmod
cpio cpio cpio
strip binutils binutils
cc gcc gcc
shellcheck shellcheck ShellCheck
git git git
rpmbuild rpm rpm-build
dpkg-deb dpkg dpkg
rpmlint rpmlint rpmlint
lintian lintian lintian
EOT

[ "${1:-}" != --userland ] || need <<EOT
mmdebstrap mmdebstrap mmdebstrap
mke2fs e2fsprogs e2fsprogs
EOT

[ "${1:-}" != --arm64 ] || need <<EOT
mmdebstrap mmdebstrap mmdebstrap
qemu-system-aarch64 qemu-system-arm qemu-system-aarch64-core
aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu gcc-aarch64-linux-gnu
arm-linux-gnueabihf-gcc gcc-arm-linux-gnueabihf gcc-arm-linux-gnu
EOT
[ "${1:-}" != --arm64 ] || [ -d /usr/aarch64-linux-gnu/include ] ||
  lacking="$lacking libc6-dev-arm64-cross:sysroot-aarch64-fc41-glibc"

[ "${1:-}" = --machine ] || [ -f /usr/include/stdlib.h ] || lacking="$lacking libc6-dev:glibc-devel"
[ "${1:-}" = --machine ] || [ "$(find /usr/lib /usr/lib64 -maxdepth 2 -name libc.a 2>/dev/null)" ] ||
  lacking="$lacking libc6-dev:glibc-static"
[ -x /usr/lib/polkit-1/polkitd ] || lacking="$lacking polkitd:polkit"
[ -f /usr/share/bash-completion/bash_completion ] || lacking="$lacking bash-completion:bash-completion"
[ -x /usr/bin/python3 ] || lacking="$lacking python3:python3"
[ -x /usr/lib/systemd/systemd ] || lacking="$lacking systemd:systemd"
[ "$(find /usr/lib /usr/lib64 -maxdepth 3 -name pam_systemd.so 2>/dev/null)" ] ||
  lacking="$lacking libpam-systemd:systemd-pam"
[ -x /usr/bin/dbus-uuidgen ] || lacking="$lacking dbus-bin:dbus-tools"

# The initrd has no libraries. A dynamic program names its loader in its first bytes.
busybox=$(command -v busybox) && ! head -c 1024 "$busybox" | grep -q ld-linux ||
  lacking="$lacking busybox-static:busybox"

# A kernel with 9p; the cloud flavour has none. Fedora keeps a copy beside the modules.
kernel=
for modules in /lib/modules/*; do
  if [ -e "$modules/kernel/fs/9p" ] && { [ -r "/boot/vmlinuz-${modules##*/}" ] || [ -r "$modules/vmlinuz" ]; }; then
    kernel=$modules
  fi
done
[ "$kernel" ] || lacking="$lacking linux-image-amd64:kernel-core:kernel-modules"

[ "$lacking" ] || exit 0

# Prints the packages' names of one distribution: `name_of debian` or `name_of fedora`.
packages() {
  for pair in $lacking; do
    case $1 in
      debian) echo "${pair%%:*}" ;;
      fedora) echo "${pair#*:}" | tr : '\n' ;;
    esac
  done | sort -u | tr '\n' ' '
}

if command -v apt-get >/dev/null; then
  names=$(packages debian)
  install="apt-get install -y --no-install-recommends $names"
elif command -v dnf >/dev/null; then
  names=$(packages fedora)
  install="dnf install -y $names"
else
  names=$(packages debian)
  install="(your package manager) $names"
fi

if [ "$(id -u)" -ne 0 ] || [ "$install" != "${install#(}" ]; then
  printf 'requirements: the tests need packages that are not installed\n  help: sudo %s\n' "$install" >&2
  exit 1
fi

printf 'requirements: installing %s\n' "$names" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
case $install in
  apt-get*) apt-get update >"$log" 2>&1 ;;
esac
# shellcheck disable=SC2086 # the words of the command line
if ! $install >"$log" 2>&1; then
  cat "$log" >&2
  printf 'requirements: could not install them\n  help: %s\n' "$install" >&2
  exit 1
fi
