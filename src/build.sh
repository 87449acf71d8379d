#!/bin/sh
# Bundles the program into dist/. What is imported with import(...) is loaded when it is wanted, and only then. Opening a
# module costs Node more than reading it, so what somebody waits for is one file each: preflight, what speaks where an
# attach is refused, the list to pick from, the ways to a window and to a permission, dry-run. All the rest shares its parts
# as chunks.
set -eu
cd "$(dirname "$0")/.."
alone='preflight question/answer say/select root/arm-window root/give-permission commands/dry-run'
together='main gdb-attach remedy/start-again question/remember question/show say/spinner'
rm -rf dist
inside=$(mktemp -d)
trap 'rm -rf "$inside"' EXIT

# The bundle is ESM; packages written in CommonJS that it carries still call `require` for Node's own modules.
bundle() { # ENTRY... [OPTION...]
  esbuild "$@" --bundle --format=esm --platform=node --target=node20.17 --outdir=dist --entry-names='[name]' \
    --banner:js='import{createRequire}from"node:module";const require=createRequire(import.meta.url);' \
    --alias:@inquirer/editor=./src/no-editor.ts --minify-syntax --minify-whitespace --legal-comments=none --log-level=warning
}

# What a bundle leaves to others.
leave() { # NAME...
  for name; do echo "--external:*/${name##*/}.ts"; done
}

# shellcheck disable=SC2046,SC2086 # one word each
bundle $(printf 'src/%s.ts ' $together) $(leave $alone) --splitting --chunk-names='chunk-[hash]' \
  --metafile="$inside/together.json"
for entry in $alone; do
  # shellcheck disable=SC2046,SC2086
  bundle "src/$entry.ts" $(leave $alone $together | grep -v "/${entry##*/}\.ts$") --metafile="$inside/${entry##*/}.json"
done
# What a bundle leaves to another one is imported by the name of that one's file.
sed -i 's|"\.\.*/\([a-z-]*/\)*\([a-z-]*\)\.ts"|"./\2.js"|g' dist/*.js
cp src/install/attach.gdb src/install/attach.sh dist/
chmod +x dist/main.js
node packaging/licenses.mjs "$inside"/*.json >dist/LICENSES
