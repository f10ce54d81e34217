#!/bin/sh
# Builds policy.wasm with AssemblyScript 0.28: the asc of node_modules or on PATH, else the one that npx fetches.
set -eu
cd "$(dirname "$0")"
PATH=$PWD/node_modules/.bin:$PATH
if command -v asc >/dev/null; then asc=asc; else asc="npx --yes --package assemblyscript@0.28.20 asc"; fi
$asc assembly/index.ts --outFile policy.wasm --optimizeLevel 3 --shrinkLevel 1 --converge
ls -l policy.wasm
