#!/bin/sh
# Builds policy.wasm with the WASI SDK if WASI_SDK_PATH names one, else with Debian's packages
# clang-14, lld-14, wasi-libc and libclang-rt-14-dev-wasm32.
set -eu
cd "$(dirname "$0")"
if [ -n "${WASI_SDK_PATH:-}" ]; then
  cc=$WASI_SDK_PATH/bin/clang sysroot=$WASI_SDK_PATH/share/wasi-sysroot
else
  cc=${CC:-clang-14} sysroot=/usr
fi
"$cc" --target=wasm32-wasi --sysroot="$sysroot" -mexec-model=reactor -std=gnu11 -Oz -Wall -Wextra \
  -Wl,--strip-all -Wl,-z,stack-size=32768 -o policy.wasm policy.c
ls -l policy.wasm
