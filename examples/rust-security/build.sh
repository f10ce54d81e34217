#!/bin/sh
# Builds rust_security.wasm: with the cargo on PATH if it has the wasm32 target, else with Debian's packages
# cargo, rustc, libstd-rust-dev-wasm32 and lld-14.
set -eu
cd "$(dirname "$0")"
target=wasm32-unknown-unknown

has_target() { [ -d "$("$1" --print sysroot)/lib/rustlib/$target/lib" ]; }

if has_target rustc; then
  cargo=cargo
elif [ -x /usr/bin/rustc ] && has_target /usr/bin/rustc; then
  cargo=/usr/bin/cargo
  export RUSTC=/usr/bin/rustc
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="${WASM_LD:-wasm-ld-14}"
else
  echo "no Rust with the $target target: run 'rustup target add $target'" >&2
  exit 1
fi

# Replaces the flags of .cargo/config.toml, hence the stack size again. The remapping keeps this machine's paths out.
export RUSTFLAGS="-C link-arg=-zstack-size=32768 -C target-feature=+simd128 --remap-path-prefix=$PWD=rust-security"
"$cargo" build --release --locked --target "$target" --target-dir target
cp "target/$target/release/rust_security.wasm" rust_security.wasm
ls -l rust_security.wasm
