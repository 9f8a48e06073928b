#!/usr/bin/env bash
# The size of the page with perennial beside the same by hand, both built for release and compressed.
# Needs what `ci/wasm.sh start` exports.
set -euo pipefail
cd "$(dirname "$0")/../.."

OUT=${CARGO_TARGET_DIR:-target}/wasm/pages/bench
export CARGO_PROFILE_RELEASE_OPT_LEVEL=z CARGO_PROFILE_RELEASE_LTO=true CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
  CARGO_PROFILE_RELEASE_PANIC=abort CARGO_PROFILE_RELEASE_STRIP=true
for page in with_perennial by_hand; do
  ci/wasm.sh build perennial-bench-page "$OUT/$page" --release --bin "$page"
  size=$(cat "$OUT/$page"/page_bg.wasm "$OUT/$page"/page.js | gzip -9 | wc -c)
  echo "$page: $size bytes in gzip"
  eval "$page=$size"
done
# Each byte that a page loads is paid by everybody who opens it.
awk -v a="$with_perennial" -v b="$by_hand" 'BEGIN { printf "ratio: %.2f\n", a / b; exit a / b > '"${LIMIT:-9}"' }'
