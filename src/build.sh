#!/bin/sh
# Bundles the program into dist/. Opening a module costs Node more than reading it, and a module in ESM more than one in
# CommonJS. So what somebody waits for is one file of CommonJS each: preflight, what speaks where an attach is refused, the
# list to pick from, the ways on, the command line, dry-run. All the other commands are ESM and share their parts as chunks.
# What is imported with import(...) is loaded when it is wanted, and only then.
set -eu
cd "$(dirname "$0")/.."
alone='main commander preflight gdb-attach question/answer say/select say/spinner
  root/arm-window root/give-permission remedy/start-again commands/dry-run'
together="question/remember question/show $(printf 'commands/%s ' install uninstall doctor status why set run with allow \
  explain config completion complete-pids)"
rm -rf dist
inside=$(mktemp -d)
trap 'rm -rf "$inside"' EXIT

bundle() { # ENTRY... [OPTION...]
  esbuild "$@" --bundle --platform=node --target=node20.17 --outdir=dist --entry-names='[name]' \
    --alias:@inquirer/prompts=./src/one-prompt.ts --minify --legal-comments=none --log-level=warning
}

# What a bundle leaves to others.
leave() { # NAME...
  for name; do echo "--external:*/${name##*/}.ts"; done
}

for entry in $alone; do
  without=
  if [ "$entry" = commander ]; then without=--alias:node:child_process=./src/no-child-process.ts; fi
  # shellcheck disable=SC2046,SC2086 # one word each
  bundle "src/$entry.ts" $(leave $alone $together | grep -v "/${entry##*/}\.ts$") --format=cjs \
    $without --define:import.meta.url=importMetaUrl \
    --banner:js='"use strict";const importMetaUrl=require("node:url").pathToFileURL(__filename).href;' \
    --metafile="$inside/${entry##*/}.json"
done
# Packages written in CommonJS that an ESM bundle carries still call `require` for Node's own modules.
# shellcheck disable=SC2046,SC2086
bundle $(printf 'src/%s.ts ' $together) $(leave $alone) --format=esm --out-extension:.js=.mjs \
  --splitting --chunk-names='chunk-[hash]' \
  --banner:js='import{createRequire}from"node:module";const require=createRequire(import.meta.url);' \
  --metafile="$inside/together.json"
# What a bundle leaves to another one is imported by the name of that one's file.
for entry in $alone; do
  name=${entry##*/}
  sed -i "s|import(\"[./a-z-]*/$name\.ts\")|Promise.resolve().then(()=>require(\"./$name.js\"))|g" dist/*.js
  sed -i "s|\"[./a-z-]*/$name\.ts\"|\"./$name.js\"|g" dist/*.js dist/*.mjs
done
for entry in $together; do
  name=${entry##*/}
  sed -i "s|\"[./a-z-]*/$name\.ts\"|\"./$name.mjs\"|g" dist/*.js dist/*.mjs
done
echo '{"type":"commonjs"}' >dist/package.json
cp src/install/attach.gdb src/install/attach.sh dist/
chmod +x dist/main.js
node packaging/licenses.mjs "$inside"/*.json >dist/LICENSES
