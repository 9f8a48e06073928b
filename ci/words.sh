#!/usr/bin/env bash
# Fails if a term is back that the vocabulary in CONTRIBUTING.md replaced.
set -euo pipefail
cd "$(dirname "$0")/.."

TERMS=(
  '(token|session) is over'
  'calls? (it|them|a token) over|called over'
  '[Ss]omebody'
  '[Ww]hoever'
  # "`x` is not a URL", and not "`x` is no URL".
  '(?<![Tt]here )\b(is|are|was|were|be) no (?!longer\b|limit\b|better\b)[a-z]'
  'touch_down|take_off'
  '\b[Tt]rouble\b'
  '\b[Ss]aboteur'
  '\b(Landed|Asking)\b'
  '\bvanished\b'
  # A definition names the thing: "The cost of a call", not "What a call costs".
  '^ *//[/!] What '
  '\bstands (for|in|at|behind|before|there|under)\b'
)
found=0
for term in "${TERMS[@]}"; do
  if grep -rnP --include='*.rs' --include='*.md' --exclude-dir={target,ui} "$term" runtime macros kit cli examples benches tests docs README.md ARCHITECTURE.md CHANGELOG.md; then
    echo "words: replaced term: $term" >&2
    found=1
  fi
done
exit $found
