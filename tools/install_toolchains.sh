#!/usr/bin/env bash
# Installs the compilers of examples/, but Go's: Debian's packages where they lack, the others into the cache, once.
# Its last line is the folder that has the latter, to be put on PATH.
set -euo pipefail
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sentinel-wasm-agent/toolchains
assemblyscript=assemblyscript-0.28.20
zig=ziglang-0.17.1

lacking=()
for package in clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32 cargo rustc libstd-rust-dev-wasm32; do
  dpkg -s "$package" >/dev/null 2>&1 || lacking+=("$package")
done
if [ "${#lacking[@]}" -gt 0 ]; then
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${lacking[@]}" >&2
fi

# Each is renamed when it is whole, so that a run that was cut off leaves nothing that looks whole.
mkdir -p "$cache/bin"
if [ ! -d "$cache/$assemblyscript" ]; then
  rm -rf "$cache/$assemblyscript.new"
  npm install --prefix "$cache/$assemblyscript.new" --no-audit --no-fund --loglevel=error "${assemblyscript/-/@}" >&2
  mv "$cache/$assemblyscript.new" "$cache/$assemblyscript"
fi
if [ ! -d "$cache/$zig" ]; then
  rm -rf "$cache/$zig.new"
  PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --target "$cache/$zig.new" "${zig/-/==}" >&2
  mv "$cache/$zig.new" "$cache/$zig"
fi
ln -sfn "../$assemblyscript/node_modules/.bin/asc" "$cache/bin/asc"
ln -sfn "../$zig/ziglang/zig" "$cache/bin/zig"
echo "$cache/bin"
