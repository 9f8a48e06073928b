#!/usr/bin/env bash
# Builds the page, and serves it with the article's server behind it.
#
#   examples/browser/serve.sh [ADDRESS]   127.0.0.1:8080 by default
set -euo pipefail
cd "$(dirname "$0")/../.."

ready=$(ci/wasm.sh start)
eval "$ready"
[ -z "${WASM_SKIPPED:-}" ] || exit 1
PAGE=${CARGO_TARGET_DIR:-target}/wasm/pages/example
ci/wasm.sh build perennial-example-browser "$PAGE" --release
cp examples/browser/index.html "$PAGE/"
exec cargo run --quiet -p perennial-examples --bin page -- "$PAGE" "${1:-127.0.0.1:8080}"
