#!/usr/bin/env bash
# Packs each published crate and builds it from the package alone: cargo resolves what the crates need of
# each other from the packages, too. Fails if a package lacks its licenses, its README or its metadata.
set -euo pipefail
cd "$(dirname "$0")/.."

crates=$(cargo metadata --format-version 1 --no-deps | python3 -c '
import json, sys

missing = False
for package in json.load(sys.stdin)["packages"]:
    if package["publish"] == []:
        continue
    for field in ["description", "license", "readme", "keywords", "categories", "documentation", "rust_version"]:
        if not package[field]:
            print("package:", package["name"], "has no", field, file=sys.stderr)
            missing = True
    print(package["name"])
sys.exit(missing)')

# Cargo keeps the sources that it unpacked in an earlier run, and what it built from them, and builds the next crate
# against those as long as the version stays.
built=${CARGO_TARGET_DIR:-target}/debug
for crate in $crates; do
  rm -rf "${CARGO_HOME:-$HOME/.cargo}"/registry/src/-*/"$crate"-[0-9]*
  for listed in $(grep -ls "/registry/src/-[^/]*/$crate-[0-9]" "$built/deps/${crate//-/_}"-*.d); do
    hash=${listed##*-}
    rm -rf "$built/.fingerprint/$crate-${hash%.d}" "$listed"
  done
done

# Packages are made from what is committed; a change that is under way is packed as it stands.
cargo package --quiet --allow-dirty $(printf -- '-p %s ' $crates)

for crate in $crates; do
  package=$(ls -t "${CARGO_TARGET_DIR:-target}/package/$crate"-[0-9]*.crate | head -1)
  files=$(tar --list --file "$package" | sed 's|^[^/]*/||')
  for file in README.md LICENSE-MIT LICENSE-APACHE Cargo.toml; do
    if ! grep -qx "$file" <<<"$files"; then
      echo "package: $package lacks $file" >&2
      exit 1
    fi
  done
  printf 'package: %-18s %4d files %5d kB\n' "$crate" "$(wc -l <<<"$files")" $(($(stat -c %s "$package") / 1000))
done
