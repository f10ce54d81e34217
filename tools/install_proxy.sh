#!/usr/bin/env bash
# Puts a release of the real proxy into the cache, once: about ten minutes on two cores.
# tools/install_proxy.sh [zentinel-0.6.45 | zentinel-0.6.54 | sentinel-0.4.14]: the first is what the tests run behind.
set -euo pipefail
release=${1:-zentinel-0.6.45}
program=${release%-*}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sentinel-wasm-agent
proxy=$cache/$release
case $release in
  zentinel-0.6.45 | sentinel-0.4.14) how=--locked ;;
  # It asks for a newer Rust than it needs, and builds without its lock file.
  zentinel-0.6.54) how=--ignore-rust-version ;;
  *)
    printf 'Cannot install proxy as its release must be one that is measured or tested with: received "%s"\n' "$release" >&2
    exit 2
    ;;
esac

if [ ! -x "$proxy/bin/$program" ]; then
  if ! command -v protoc >/dev/null || ! command -v cmake >/dev/null; then
    apt-get update && apt-get install -y protobuf-compiler cmake
  fi
  CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_TARGET_DIR=$cache/target-zentinel \
    cargo install "$how" "$program-proxy" --version "${release##*-}" --root "$proxy"
fi
"$proxy/bin/$program" --version
