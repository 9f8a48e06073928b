#!/usr/bin/env bash
# Prepares a release, and publishes it where its owner says so.
#
#   ci/release.sh             a dry run: checks the tree, the version and the changelog, and builds the packages
#   ci/release.sh --publish   the same, and then publishes all crates in their order, and tags the commit
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  echo "release: $1" >&2
  exit 1
}

version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)

[ -z "$(git status --porcelain)" ] || fail "the working tree has changes; commit them first"
git rev-parse --quiet --verify "v$version" >/dev/null && fail "v$version is tagged already; raise the version in Cargo.toml"
grep -q "^## $version - 20" CHANGELOG.md ||
  fail "CHANGELOG.md has no section \"$version - DATE\"; give the entries under \"Unreleased\" that heading"
# Crates that are locked together must say so with the same version.
grep -nE '^perennial(-[a-z]+)? = .*version = "' Cargo.toml */Cargo.toml | grep -v "\"=\?$version\"" &&
  fail "a crate of the workspace is required in another version than $version"

ci/package.sh
# There is something to compare with from the second version on.
if [ -n "$(git tag --list 'v*')" ]; then
  cargo semver-checks --version >/dev/null 2>&1 || fail "install cargo-semver-checks: cargo install --locked cargo-semver-checks"
  cargo semver-checks --package perennial --package perennial-test
fi

crates=$(cargo metadata --format-version 1 --no-deps |
  python3 -c 'import json, sys; print(*["--package " + it["name"] for it in json.load(sys.stdin)["packages"] if it["publish"] != []])')
if [ "${1:-}" != --publish ]; then
  echo "release: $version is ready; publish it with: ci/release.sh --publish"
  exit
fi
# Cargo publishes them in the order in which they need each other.
cargo publish $crates
git tag --annotate "v$version" --message "$version"
echo "release: published $version; push the tag with: git push origin v$version"
