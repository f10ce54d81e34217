#!/bin/sh
# Builds policy.wasm: with the cargo on PATH if it has the wasm32 target, else with Debian's packages
# cargo, rustc, libstd-rust-dev-wasm32 and lld-14.
set -eu
cd "$(dirname "$0")"
target=wasm32-unknown-unknown

has_target() { [ -d "$("$1" --print sysroot)/lib/rustlib/$target/lib" ]; }

if command -v rustc >/dev/null && has_target rustc; then
  cargo=cargo
elif [ -x /usr/bin/rustc ] && has_target /usr/bin/rustc; then
  cargo=/usr/bin/cargo
  export RUSTC=/usr/bin/rustc
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="${WASM_LD:-wasm-ld-14}"
else
  echo "no Rust with the $target target: run 'rustup target add $target'" >&2
  exit 1
fi

# Debian's cargo 1.65 cannot read the index of today's registry: where a newer one is there, that one fetches.
if [ "$cargo" = /usr/bin/cargo ] && [ "$(command -v cargo)" != /usr/bin/cargo ]; then
  mkdir -p target
  cargo vendor --quiet --locked target/vendor >/dev/null
  set -- --offline --config 'source.crates-io.replace-with="vendored"' --config 'source.vendored.directory="target/vendor"'
fi

# The remapping keeps this machine's paths out. 32 KiB of stack instead of Rust's 1 MiB.
export RUSTFLAGS="-C link-arg=-zstack-size=32768 --remap-path-prefix=$PWD=policy \
--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
"$cargo" build --release --locked --target "$target" --target-dir target "$@"
cp "target/$target/release/policy.wasm" policy.wasm
ls -l policy.wasm
