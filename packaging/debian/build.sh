#!/bin/sh
# Builds a .deb from the tree that the RPM holds too. Wants a checkout that is built. The same commit and the same dpkg
# make the same bytes.
#
#   build.sh FOLDER    leaves ptrace-shim_*_all.deb in FOLDER
#
# On Debian zsh does not read /etc/profile.d: there the person's own .zprofile has to put the shims first.
set -eu
umask 022
cd "$(dirname "$0")/../.."
mkdir -p "$1"
version=$(node -p 'require("./package.json").version')
authors='the ptrace-shim authors <ptrace-shim@users.noreply.github.com>'
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH LC_ALL=C
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"

sh packaging/stage.sh "$tree" /usr/share/zsh/vendor-completions /etc/gdb/gdbinit.d
documents=$tree/usr/share/doc/ptrace-shim
mkdir -p "$documents" "$tree/DEBIAN"
# Debian has the text of Apache-2.0 itself. Of ours stays whose copyright it is.
awk '
  /^---/ { heading = 1; apache = 0 }
  heading && /\(Apache-2\.0\)$/ { apache = 1 }
  heading || !apache || /^ *Copyright [0-9]/ { print }
  heading && apache && /^$/ { print "See /usr/share/common-licenses/Apache-2.0." }
  /^$/ { heading = 0 }
' LICENSE dist/LICENSES >"$documents/copyright"
install -m 644 README.md CHANGELOG.md "$documents"
gzip -9n >"$documents/changelog.gz" <<EOT
ptrace-shim ($version) UNRELEASED; urgency=medium

  * See CHANGELOG.md.

 -- $authors  $(date -Rud @"$SOURCE_DATE_EPOCH")
EOT

(cd "$tree" && find usr etc -type f | sort | xargs md5sum) >"$tree/DEBIAN/md5sums"
printf '%s\n' /etc/profile.d/ptrace-shim.sh /etc/gdb/gdbinit.d/ptrace-shim.gdb >"$tree/DEBIAN/conffiles"
cat >"$tree/DEBIAN/postrm" <<'EOT'
#!/bin/sh
# What the administrator has set stays as it is.
set -e
if [ "$1" = remove ]; then
  grep -ls '^# Written by "ptrace-shim set' /etc/sysctl.d/*.conf |
    sed 's/^/ptrace-shim: "set --permanent" wrote this file, and it stays: /' || :
fi
EOT
chmod 755 "$tree/DEBIAN/postrm"
# A file counts as whole kilobytes, whatever this file system makes of it.
size=$(find "$tree" -type f ! -path '*/DEBIAN/*' -size +0 -printf '%s\n' | awk '{ sum += int(($1 + 1023) / 1024) } END { print sum }')
cat >"$tree/DEBIAN/control" <<EOT
Package: ptrace-shim
Version: $version
Architecture: all
Maintainer: $authors
Installed-Size: $size
Depends: nodejs (>= 20.17)
Recommends: pkexec, polkitd, python3
Enhances: gdb, strace, elfutils, valgrind
Section: devel
Priority: optional
Homepage: https://github.com/ptrace-shim/ptrace-shim
Description: makes gdb -p and strace -p explain a refused attach
 Where kernel.yama.ptrace_scope is 1, gdb -p, strace -p and eu-stack -p are
 refused with "Operation not permitted". ptrace-shim stands before these tools
 in PATH and hands over to them at once, except where the kernel would refuse
 the attach because of the scope. Then it says so, and offers to have the
 process let in this one tool, to lower the scope for this one attach, to
 relaunch the program under the tool, or to explain.
EOT
dpkg-deb --root-owner-group --build "$tree" "$1" >/dev/null
