#!/bin/sh
# Runs shellcheck on every sh file of the repository, known by its extension or by its first line.
set -eu

cd "$(dirname "$0")/.."

list=$(mktemp)
trap 'rm -f "$list"' EXIT

git ls-files --cached --others --exclude-standard | while IFS= read -r file; do
  if [ -L "$file" ] || ! [ -f "$file" ]; then continue; fi
  case $file in
    *.sh | *.bash) printf '%s\n' "$file" ;;
    *.*) ;;
    *) IFS= read -r first <"$file" || continue
      case $first in '#!'*sh) printf '%s\n' "$file" ;; esac ;;
  esac
done >"$list"

if ! [ -s "$list" ]; then
  echo 'shellcheck: found no sh files to check' >&2
  exit 1
fi
# One line, one file: no name of the repository holds a newline.
tr '\n' '\0' <"$list" | xargs -0 shellcheck
