#!/usr/bin/env bash
# A compiler for wasm32-unknown-unknown, wasm-bindgen and a Chromium for the tests in a browser.
#
#   eval "$(ci/wasm.sh start)"   installs what is missing, and exports how to use it
#   ci/wasm.sh lint              lints all that is compiled for the browser
#   ci/wasm.sh test             runs the unit tests of one page in Chromium
#   ci/wasm.sh build PACKAGE DIR [cargo's options]
#                                builds a package for the browser, and writes its page to DIR
#
# The target is rustup's where rustup can add it. Elsewhere it is Debian's compiler, whose standard library
# is built here once. What cannot be had is named, and skipped; with CI=true that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

TARGET=wasm32-unknown-unknown
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/perennial
OUT=${CARGO_TARGET_DIR:-$PWD/target}/wasm
# The crate and the tool have to be of one version.
VERSION=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p;}' Cargo.lock)

missing() {
  echo "wasm: $1" >&2
  if [ "${CI:-}" = true ]; then exit 1; fi
  echo "export WASM_SKIPPED='$1'"
  exit 0
}

is_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

packages() {
  is_root || return 1
  echo "wasm: installing $*" >&2
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

by_rustup() {
  command -v rustup >/dev/null || return 1
  rustup target list --installed 2>/dev/null | grep -qx "$TARGET" && return
  rustup target add "$TARGET" >/dev/null 2>&1
}

# The standard library of Debian's compiler, made anew when the compiler was.
by_debian() {
  if ! [ -d /usr/lib/rustlib/src/rust/library ] || ! [ -x /usr/bin/wasm-ld ] || ! [ -x /usr/bin/cargo ]; then
    packages rustc-web cargo-web rust-web-src lld || return 1
  fi
  local libs=/usr/lib/rustlib/$TARGET/lib version
  version=$(/usr/bin/rustc -vV)
  [ "$(cat "$libs/made-with" 2>/dev/null)" = "$version" ] && return
  is_root || return 1
  echo "wasm: building the standard library" >&2
  local empty
  empty=$(mktemp -d)
  mkdir "$empty/src"
  : >"$empty/src/lib.rs"
  printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$empty/Cargo.toml"
  (cd "$empty" && env -u RUSTFLAGS CARGO_TARGET_DIR="$empty/target" RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=/usr/bin/wasm-ld \
    /usr/bin/cargo build --quiet --release -Z build-std=std,panic_abort,test --target "$TARGET" >&2)
  rm -rf "$libs"
  mkdir -p "$libs"
  cp "$empty/target/$TARGET/release/deps/"*.rlib "$empty/target/$TARGET/release/deps/"*.rmeta "$libs/"
  rm -f "$libs"/libempty*
  echo "$version" >"$libs/made-with"
  rm -rf "$empty"
}

bindgen() {
  if command -v wasm-bindgen >/dev/null && [ "$(wasm-bindgen --version)" = "wasm-bindgen $VERSION" ]; then
    dirname "$(command -v wasm-bindgen)"
    return
  fi
  local root=$CACHE/wasm-bindgen-$VERSION
  if ! [ -x "$root/bin/wasm-bindgen" ]; then
    echo "wasm: building wasm-bindgen $VERSION" >&2
    env -u RUSTC -u RUSTFLAGS -u CARGO_TARGET_DIR cargo install wasm-bindgen-cli --version "$VERSION" \
      --no-default-features --quiet --root "$root" >&2
  fi
  echo "$root/bin"
}

find_browser() {
  local found
  found=$(command -v chromium || command -v google-chrome || command -v chrome) && command -v chromedriver >/dev/null ||
    { packages chromium chromium-driver && found=$(command -v chromium); } || return 1
  echo "export CHROME='$found' CHROMEDRIVER='$(command -v chromedriver)'"
}

start() {
  local tools browser
  if by_rustup; then
    echo "export WASM_CARGO=cargo"
  elif by_debian; then
    echo "export WASM_CARGO=/usr/bin/cargo WASM_RUSTC=/usr/bin/rustc WASM_LD=/usr/bin/wasm-ld"
  else
    missing "no target $TARGET: run \`rustup target add $TARGET\`"
  fi
  tools=$(bindgen) || missing "wasm-bindgen $VERSION cannot be installed"
  echo "export WASM_BINDGEN='$tools'"
  browser=$(find_browser) || missing "no Chromium: install the packages chromium and chromium-driver"
  echo "$browser"
}

# Cargo for the browser, with what `start` has exported.
cargo_wasm() {
  local set=(CARGO_TARGET_DIR="$OUT")
  [ -z "${WASM_RUSTC:-}" ] || set+=(RUSTC="$WASM_RUSTC" CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$WASM_LD")
  local command=$1
  shift
  env "${set[@]}" "$WASM_CARGO" "$command" --target "$TARGET" "$@"
}

# Debian's compiler comes without clippy.
lint() {
  local packages=(-p perennial -p perennial-tests-browser -p perennial-example-browser -p perennial-bench-page)
  if [ -z "${WASM_RUSTC:-}" ]; then
    cargo_wasm clippy --quiet --no-deps "${packages[@]}" -- -D warnings
    cargo_wasm clippy --quiet --no-deps -p perennial-tests-browser --tests -- -D warnings
  else
    cargo_wasm check --quiet "${packages[@]}"
  fi
}

unit_tests() {
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$WASM_BINDGEN/wasm-bindgen-test-runner \
    cargo_wasm test -p perennial-tests-browser --test page --test worker
}

# The glue and the page of one package. The profile is `dev`, unless an option says otherwise.
build() {
  local package=$1 page=$2 made names=
  shift 2
  # Only a debugger reads the names of functions.
  [[ " $* " != *" --release "* ]] || names=--remove-name-section
  made=$(cargo_wasm build -p "$package" --message-format=json-render-diagnostics "$@" |
    sed -n 's/.*"filenames":\["\([^"]*\.wasm\)".*/\1/p' | tail -1)
  mkdir -p "$page"
  "$WASM_BINDGEN/wasm-bindgen" --target web --no-typescript $names --out-dir "$page" --out-name page "$made"
}

case ${1:-} in
  start) start ;;
  build) shift && build "$@" ;;
  lint) lint ;;
  test) unit_tests ;;
  *)
    sed -n '2,11p' "$0" >&2
    exit 2
    ;;
esac
