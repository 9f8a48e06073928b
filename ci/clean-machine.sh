#!/usr/bin/env bash
# Follows the README on a machine that has nothing but a Rust toolchain: a fresh clone of what is committed, an empty home,
# an empty package cache, and no variables from here. Fails where a step is missing.
#
#   ci/clean-machine.sh           the quick start, and each command under "See it work" that needs no service
#   ci/clean-machine.sh PART ...  only these parts: quickstart article test
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  echo "clean machine: $1" >&2
  exit 1
}

# Rustup finds the toolchain by its own folder, which stays.
tools=$(dirname "$(command -v cargo)")
rustup=${RUSTUP_HOME:-$HOME/.rustup}
clean=$(mktemp -d)
trap 'rm -rf "$clean"' EXIT
mkdir "$clean/home"
git clone --quiet --no-hardlinks . "$clean/perennial"

# Runs a command in the clone as somebody who has just installed Rust.
afresh() {
  (cd "$clean/perennial" &&
    env -i HOME="$clean/home" PATH="$tools:/usr/local/bin:/usr/bin:/bin" RUSTUP_HOME="$rustup" "$@")
}

# The commands of the README that need no service: those of its section "See it work" before the services.
commands=$(sed -n '/^## See it work/,/need services/s/^\$ //p' README.md)
[ "$(wc -l <<<"$commands")" -eq 2 ] || fail "expected two commands under \"See it work\", found: $commands"

for part in ${*:-quickstart article test}; do
  case $part in
    quickstart) afresh ci/quickstart.sh ;;
    article) command=$(grep 'bin article' <<<"$commands") || fail "the README does not run the article" ;;&
    test) command=$(grep 'cargo test' <<<"$commands") || fail "the README does not run the tests" ;;&
    article | test) afresh bash -c "$command" ;;
    *) fail "there is no part \"$part\"" ;;
  esac
  echo "clean machine: $part worked"
done
