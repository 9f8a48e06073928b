#!/usr/bin/env bash
# The size of the page with perennial beside the same by hand, both built for release and compressed. Fails if the
# first is more than LIMIT times as large. Needs the environment that `ci/wasm.sh start` exports.
set -euo pipefail
cd "$(dirname "$0")/../.."

OUT=${CARGO_TARGET_DIR:-target}/wasm/pages/bench
# Each byte is paid by everybody who opens a page. It was 1.60 when docs/performance.md was written; the rest is
# for another version of the compiler.
LIMIT=${LIMIT:-1.61}
export CARGO_PROFILE_RELEASE_OPT_LEVEL=z CARGO_PROFILE_RELEASE_LTO=true CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
  CARGO_PROFILE_RELEASE_PANIC=abort CARGO_PROFILE_RELEASE_STRIP=debuginfo
for page in with_perennial by_hand; do
  ci/wasm.sh build perennial-bench-page "$OUT/$page" --release --bin "$page"
  size=$(cat "$OUT/$page"/page_bg.wasm "$OUT/$page"/page.js | gzip -9 | wc -c)
  echo "$page: $size bytes in gzip"
  eval "$page=$size"
done
awk -v a="$with_perennial" -v b="$by_hand" -v limit="$LIMIT" 'BEGIN {
  printf "ratio: %.3f, at most %.2f\n", a / b, limit
  exit a / b > limit
}'
