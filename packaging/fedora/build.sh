#!/bin/sh
# Builds the RPM without the network: the two sources that the spec names, and the packages. Wants a checkout that is built.
# The same commit and the same rpm make the same bytes.
#
#   build.sh FOLDER    leaves the sources, ptrace-shim-*.noarch.rpm and the .src.rpm in FOLDER
#
# --nodeps and the macros of nodejs-packaging, as the checkout's node_modules stand in for what a Fedora build has as packages.
set -eu
umask 022
cd "$(dirname "$0")/../.."
mkdir -p "$1"
folder=$(cd "$1" && pwd)
version=$(node -p 'require("./package.json").version')
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT

# The commit, or what a stash of this moment would hold: then the build is for whoever is at work here. To look for changes
# before that keeps git from taking a file of another date for one.
git update-index -q --refresh || :
commit=$(GIT_AUTHOR_DATE=@$SOURCE_DATE_EPOCH GIT_COMMITTER_DATE=@$SOURCE_DATE_EPOCH git stash create)
git -c tar.umask=0022 archive --prefix="ptrace-shim-$version/" "${commit:-HEAD}" |
  gzip -9n >"$folder/ptrace-shim-$version.tar.gz"

# The first lines of LICENSES name what is in the bundle; a package within a package comes along with it.
sed -n '/^---/q; s,^\([^ ]*\) [0-9].*(.*)$,node_modules/\1,p' dist/LICENSES | sort -u |
  while IFS= read -r package; do
    [ ! -d "$package" ] || printf '%s\n' "$package"
  done |
  tar --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime=@"$SOURCE_DATE_EPOCH" --files-from=- -c |
  gzip -9n >"$folder/ptrace-shim-$version-vendor.tar.gz"

# build -bs|-bb [OPTION...]
build() {
  rpmbuild "$@" --nodeps --quiet --define "_rpmdir $folder" --define "_srcrpmdir $folder" \
    --define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
    --define 'nodejs_sitelib %{_prefix}/lib/node_modules' --define 'nodejs_arches %{_build_arch}' \
    --define '__brp_compress %{nil}' --define '_buildhost localhost' \
    --define 'use_source_date_epoch_as_buildtime 1' --define 'clamp_mtime_to_source_date_epoch 1' ptrace-shim.spec
}

cp packaging/fedora/ptrace-shim.spec "$folder"/ptrace-shim-"$version"*.tar.gz "$top"
PATH=$PWD/node_modules/.bin:$PATH
cd "$top"
touch -d @"$SOURCE_DATE_EPOCH" ./*
# A source package tells of the folders that it was made in: these have the same names everywhere.
build -bs --define '_topdir .' --define '_sourcedir .'
build -bb --define "_topdir $top" --define "_sourcedir $top"
