#!/bin/sh
# Builds the RPM from this checkout, without the network: the two sources that the spec names, and the package. Wants a
# checkout that is built.
#
#   build.sh FOLDER    leaves ptrace-shim-*.noarch.rpm and the .src.rpm in FOLDER
#
# --nodeps, as the checkout's node_modules stand in for what a Fedora build has as packages.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "$1"
folder=$(cd "$1" && pwd)
version=$(node -p 'require("./package.json").version')
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT

# pack FILE PREFIX: the files named on stdin; the same ones make the same tarball.
pack() {
  tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@"${SOURCE_DATE_EPOCH:-0}" \
    --transform "s,^,$2,S" --files-from=- -czf "$top/$1"
}

git ls-files --cached --others --exclude-standard | pack "ptrace-shim-$version.tar.gz" "ptrace-shim-$version/"
# The first lines of LICENSES name what is in the bundle; a package within a package comes along with it.
sed -n '/^---/q; s,^\([^ ]*\) [0-9].*(.*)$,node_modules/\1,p' dist/LICENSES | sort -u |
  while IFS= read -r package; do
    [ ! -d "$package" ] || printf '%s\n' "$package"
  done | pack "ptrace-shim-$version-vendor.tar.gz" ''

PATH=$PWD/node_modules/.bin:$PATH rpmbuild -ba --nodeps --quiet \
  --define "_topdir $top" --define "_sourcedir $top" --define "_rpmdir $folder" --define "_srcrpmdir $folder" \
  --define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' packaging/fedora/ptrace-shim.spec
