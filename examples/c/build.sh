#!/bin/sh
# Builds policy.wasm with clang and lld, any version from 14 on: CC=clang-18 ./build.sh
set -eu
cd "$(dirname "$0")"
"${CC:-clang-14}" --target=wasm32 -std=c11 -Oz -Wall -Wextra -nostdlib -ffreestanding \
  -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=8192 -o policy.wasm policy.c
ls -l policy.wasm
