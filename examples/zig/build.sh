#!/bin/sh
# Builds policy.wasm with Zig 0.17: the one on PATH, or that of Python's package ziglang.
set -eu
cd "$(dirname "$0")"
if command -v zig >/dev/null; then zig=zig; else zig="python3 -m ziglang"; fi
$zig build-exe -target wasm32-freestanding -mcpu=baseline -O ReleaseSmall -fstrip -fno-entry -rdynamic \
  --stack 65536 -femit-bin=policy.wasm src/policy.zig
ls -l policy.wasm
