#!/usr/bin/env bash
# Installs what looks at the admin endpoint in tests, on Debian: a Chromium, unless there is a browser, and Prometheus' promtool.
# Its last line is the folder that has the latter, to be put on PATH.
set -euo pipefail
folder=${XDG_CACHE_HOME:-$HOME/.cache}/sentinel-wasm-agent/promtool

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >&2
fi

# Not installed: the package would start a server.
if [ ! -x "$folder/promtool" ]; then
  temporary=$(mktemp -d)
  trap 'rm -rf "$temporary"' EXIT
  cd "$temporary"
  apt-get download -qq prometheus >&2 || { "${as_root[@]}" apt-get update -qq >&2 && apt-get download -qq prometheus >&2; }
  dpkg-deb -x prometheus_*.deb unpacked
  mkdir -p "$folder"
  mv unpacked/usr/bin/promtool "$folder/promtool.new"
  mv "$folder/promtool.new" "$folder/promtool"
fi
echo "$folder"
