#!/bin/sh
# Bundles the program into dist/. What is imported with import(...) is loaded when it is wanted, and only then. Opening a
# module costs Node more than reading it: what somebody waits for at a prompt (preflight, what speaks where an attach is
# refused, the questions, the way to the password), and dry-run, is one file each. All the rest shares its parts as chunks.
set -eu
cd "$(dirname "$0")/.."
rm -rf dist
inside=$(mktemp)
trap 'rm -f "$inside"' EXIT

# The bundle is ESM; packages written in CommonJS that it carries still call `require` for Node's own modules.
bundle() { # ENTRY... [OPTION...]
  esbuild "$@" --bundle --format=esm --platform=node --target=node20.17 --outdir=dist --outbase=src \
    --banner:js='import{createRequire}from"node:module";const require=createRequire(import.meta.url);' \
    --alias:@inquirer/editor=./src/no-editor.ts --minify-syntax --minify-whitespace --legal-comments=none --log-level=warning
}

bundle src/main.ts src/remedy/relaunch.ts src/remedy/remember.ts src/remedy/show.ts src/remedy/spinner.ts \
  --external:./commands/dry-run.ts --external:./choose.ts --splitting --chunk-names='chunk-[hash]' --metafile="$inside"
bundle src/commands/dry-run.ts
bundle src/preflight.ts --external:./remedy/answer.ts
bundle src/remedy/answer.ts --external:./choose.ts --external:./attach.ts --external:./relaunch.ts \
  --external:./remember.ts --external:./show.ts --external:./spinner.ts
bundle src/remedy/choose.ts
bundle src/remedy/attach.ts --external:./spinner.ts
# What one bundle leaves to another is imported by the name of its source.
sed -i 's|import("\(\./[a-z/-]*\)\.ts")|import("\1.js")|g' dist/*.js dist/remedy/*.js
chmod +x dist/main.js
node packaging/licenses.mjs "$inside" >dist/LICENSES
