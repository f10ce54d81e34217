#!/usr/bin/env bash
# Builds an OpenTelemetry collector, which tests/e2e/tracing_test.ts exports to where it finds one: some minutes, and 55 MB.
set -euo pipefail
source=$(cd "$(dirname "$0")" && pwd)/otelcol
folder=${XDG_CACHE_HOME:-$HOME/.cache}/sentinel-wasm-agent/otelcol
# Modules of one release of the collector have one of two versions.
stable=v1.71.0
unstable=v0.165.0

[ ! -x "$folder/otelcol" ] || exit 0
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cp "$source/main.go" "$temporary"
cd "$temporary"
collector=go.opentelemetry.io/collector
go mod init otelcol
go get "$collector/otelcol@$unstable" "$collector/service@$unstable" \
  "$collector/receiver/otlpreceiver@$unstable" "$collector/exporter/otlphttpexporter@$unstable" \
  "$collector/component@$stable" "$collector/confmap@$stable" "$collector/receiver@$stable" "$collector/exporter@$stable" \
  "$collector/confmap/provider/fileprovider@$stable"
go mod tidy
go build -p 1 -o otelcol .
mkdir -p "$folder"
mv otelcol "$folder/otelcol.new"
mv "$folder/otelcol.new" "$folder/otelcol"
