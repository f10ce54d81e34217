#!/bin/sh
# Builds policy.wasm with Go 1.24 or newer.
set -eu
cd "$(dirname "$0")"
GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -buildvcs=false -ldflags='-s -w' -o policy.wasm .
ls -l policy.wasm
