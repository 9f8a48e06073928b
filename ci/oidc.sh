#!/usr/bin/env bash
# A real OpenID provider (oidc-provider from npm) and a browser (Debian's Chromium) for the tests.
#
#   eval "$(ci/oidc.sh start)"   installs and starts it, and exports OIDC, its issuer, and SIGN_IN, the command
#                                of a person at a browser
#   ci/oidc.sh stop              stops it
set -euo pipefail
cd "$(dirname "$0")/.."

STATE=$PWD/target/oidc

need() {
  command -v "$1" >/dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >/dev/null
  else
    echo "$1 is missing: install Debian's package $2" >&2
    exit 1
  fi
}

start() {
  need node nodejs
  need npm npm
  need chromium chromium
  stop
  mkdir -p "$STATE"
  cp ci/oidc/* "$STATE"
  (cd "$STATE" && npm install --silent --no-audit --no-fund >&2)
  rm -f "$STATE/issuer"
  mkfifo "$STATE/issuer"
  nohup node "$STATE/server.mjs" "$STATE/issuer" >"$STATE/log" 2>&1 &
  echo $! >"$STATE/pid"
  local issuer
  if ! read -r issuer <"$STATE/issuer"; then
    echo "the OpenID provider did not start; see $STATE/log" >&2
    exit 1
  fi
  echo "export OIDC=$issuer SIGN_IN='node $STATE/sign-in.mjs' CHROMIUM=$(command -v chromium)"
}

stop() {
  if [ -s "$STATE/pid" ]; then
    kill "$(cat "$STATE/pid")" 2>/dev/null || true
    rm -f "$STATE/pid"
  fi
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  *)
    sed -n '2,6p' "$0" >&2
    exit 2
    ;;
esac
