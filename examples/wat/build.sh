#!/bin/sh
# Builds policy.wasm with wat2wasm of WABT or with wasm-tools, else with the wat2wasm that npx fetches.
set -eu
cd "$(dirname "$0")"
if command -v wat2wasm >/dev/null; then
  wat2wasm policy.wat -o policy.wasm
elif command -v wasm-tools >/dev/null; then
  wasm-tools parse policy.wat | wasm-tools strip --all -o policy.wasm
else
  npx --yes --package wabt@1.0.39 wat2wasm policy.wat -o policy.wasm
fi
ls -l policy.wasm
