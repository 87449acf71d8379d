#!/bin/sh
# Bundles the program into dist/. What is only loaded when needed becomes chunks of its own, so that preflight reads no
# prompt and no spinner unless somebody is asked. The two that have to be quick, preflight and dry-run, are one file each
# instead of thirty small ones: opening a module costs Node more than reading it.
set -eu
cd "$(dirname "$0")/.."
rm -rf dist
inside=$(mktemp)
trap 'rm -f "$inside"' EXIT

# The bundle is ESM; packages written in CommonJS that it carries still call `require` for Node's own modules.
bundle() {
  esbuild "$@" --bundle --format=esm --platform=node --target=node20.17 --outdir=dist --outbase=src \
    --banner:js='import{createRequire}from"node:module";const require=createRequire(import.meta.url);' \
    --alias:@inquirer/editor=./src/no-editor.ts --minify-syntax --legal-comments=none --log-level=warning
}

bundle src/main.ts src/remedy/ask.ts src/remedy/headline.ts src/remedy/speak.ts --external:./dry-run.ts \
  --splitting --chunk-names='chunk-[hash]' --metafile="$inside"
bundle src/preflight.ts src/commands/dry-run.ts --external:./remedy/*
# What one bundle leaves to another is imported by the name of its source.
sed -i 's|import("\./\(remedy/[a-z]*\)\.ts")|import("./\1.js")|' dist/preflight.js
sed -i 's|import("\./dry-run\.ts")|import("./commands/dry-run.js")|' dist/*.js
chmod +x dist/main.js
node packaging/licenses.mjs "$inside" >dist/LICENSES
