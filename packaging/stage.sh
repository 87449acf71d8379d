#!/bin/sh
# Lays out a system-wide installation below DESTDIR: what the RPM and the .deb both hold. Wants a checkout that is built.
#
#   stage.sh DESTDIR [ZSH-FOLDER [GDBINIT-FOLDER]]
#
# Node finds its part where Fedora keeps programs for it. All that runs as root, and the links named like the
# tools, lie in /usr/libexec; the link back to there lets the program find what it finds beside dist/ in a checkout.
set -eu
umask 022
destination=$1 zsh=${2:-/usr/share/zsh/site-functions} gdbinit=${3:-/etc/gdbinit.d}
cd "$(dirname "$0")/.."
program=/usr/lib/node_modules/ptrace-shim
libexec=/usr/libexec/ptrace-shim

# put MODE FOLDER FILE...: a pattern that matches nothing stays a name of no file, and so fails.
put() {
  mode=$1 folder=$destination$2
  shift 2
  mkdir -p "$folder"
  install -m "$mode" "$@" "$folder"
}

# link TO FROM: relative, so that it holds below DESTDIR too
link() {
  mkdir -p "$destination${2%/*}"
  ln -sr "$destination$1" "$destination$2"
}

put 644 "$program" package.json
put 644 "$program/dist" dist/*.js dist/*.mjs dist/package.json dist/attach.gdb dist/attach.sh
put 755 "$program/dist" dist/main.js
# The package needs the distribution's Node, and so runs it.
sed -i '1s|^#!/usr/bin/env |#!/usr/bin/|' "$destination$program/dist/main.js"
put 755 "$program/shims" shims/shim
put 755 "$libexec" libexec/ptrace-permit libexec/ptrace-scope-*
link "$libexec" "$program/libexec"
link "$program/dist/main.js" /usr/bin/ptrace-shim
# The tools that nearly everybody has who attaches. A link for one that is not there would make `command -v lldb` lie:
# "ptrace-shim install" makes those for what there is.
for tool in gdb strace eu-stack vgdb; do
  link "$program/shims/shim" "$libexec/shims/$tool"
done
# What a shim starts, found without following the shim's own link, which costs a fork.
link "$program/dist/preflight.js" "$libexec/shims/ptrace-shim-preflight.js"
put 644 /usr/share/polkit-1/actions libexec/io.github.ptrace-shim.policy

mkdir -p "$destination$gdbinit"
sed "s|@HOME@|$program|g" dist/attach.gdb >"$destination$gdbinit/ptrace-shim.gdb"
put 644 /etc/profile.d packaging/profile/ptrace-shim.sh
put 644 /usr/share/fish/vendor_conf.d packaging/profile/ptrace-shim.fish

put 644 "$program/completions" completions/*
# offer SHELL FOLDER [SUFFIX]: a shell that looks for a completion under a command's name finds a link of that name. The
# commands stand in the first line.
offer() {
  folder=$2 suffix=${3-}
  mkdir -p "$destination$folder"
  node dist/main.js completion "$1" >"$destination$folder/ptrace-shim$suffix"
  commands=$(sed -n '1s/^#compdef ptrace-shim //p' "$destination$folder/ptrace-shim$suffix")
  for command in $commands; do
    ln -s "ptrace-shim$suffix" "$destination$folder/$command$suffix"
  done
}
offer bash /usr/share/bash-completion/completions
offer fish /usr/share/fish/vendor_completions.d .fish
mkdir -p "$destination$zsh"
node dist/main.js completion zsh >"$destination$zsh/_ptrace-shim"

put 644 /usr/share/man/man1 man/*.1
put 644 /usr/share/man/man7 man/*.7
gzip -9n "$destination"/usr/share/man/man*/*
