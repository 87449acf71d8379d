#!/bin/sh
# Bundles the two entries into dist/. What they share, and what they load only when needed, becomes chunks of its own, so
# that preflight reads no prompt and no spinner unless somebody is asked.
set -eu
cd "$(dirname "$0")/.."
rm -rf dist
inside=$(mktemp)
trap 'rm -f "$inside"' EXIT
# The bundle is ESM; packages written in CommonJS that it carries still call `require` for Node's own modules.
esbuild src/main.ts src/preflight.ts --bundle --splitting --format=esm --platform=node --target=node20.17 \
  --banner:js='import{createRequire}from"node:module";const require=createRequire(import.meta.url);' \
  --alias:@inquirer/editor=./src/no-editor.ts --metafile="$inside" \
  --outdir=dist --chunk-names='chunk-[hash]' --minify-syntax --legal-comments=none --log-level=warning
chmod +x dist/main.js
node packaging/licenses.mjs "$inside" >dist/LICENSES
