#!/usr/bin/env bash
# Two real authorization servers and a browser for the tests: oidc-provider from npm, Django OAuth Toolkit from PyPI,
# and Debian's Chromium.
#
#   eval "$(ci/oidc.sh start)"   installs and starts them, and exports OIDC and TOOLKIT, where they listen, and
#                                SIGN_IN, the command of a person at a browser
#   ci/oidc.sh stop              stops them
set -euo pipefail
cd "$(dirname "$0")/.."

STATE=$PWD/target/oidc
# Its device sign-in does not know the responses of oauthlib 4.
TOOLKIT="django-oauth-toolkit==3.4.1 oauthlib==3.3.1"

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

install() {
  (cd "$STATE" && npm install --silent --no-audit --no-fund >&2)
  if [ "$(cat "$STATE/python/version" 2>/dev/null)" != "$TOOLKIT" ]; then
    rm -rf "$STATE/python"
    pip3 install --quiet --root-user-action ignore --target "$STATE/python" $TOOLKIT >&2
    echo "$TOOLKIT" >"$STATE/python/version"
  fi
}

# Starts a server that writes where it listens to the file that it is given.
serve() {
  local name=$1 address
  shift
  rm -f "$STATE/$name.address"
  mkfifo "$STATE/$name.address"
  nohup "$@" >"$STATE/$name.log" 2>&1 &
  echo $! >>"$STATE/pids"
  # The pipe ends as well if the server does.
  exec 9<>"$STATE/$name.address"
  while ! read -r -t 1 address <&9; do
    if ! kill -0 $! 2>/dev/null; then
      echo "$name did not start; see $STATE/$name.log" >&2
      exit 1
    fi
  done
  exec 9<&-
  echo "$address"
}

start() {
  need node nodejs
  need npm npm
  need chromium chromium
  need python3 python3
  need pip3 python3-pip
  stop
  mkdir -p "$STATE"
  cp ci/oidc/* "$STATE"
  install
  rm -f "$STATE/toolkit.db"
  local oidc toolkit
  oidc=$(serve oidc-provider node "$STATE/server.mjs" "$STATE/oidc-provider.address")
  toolkit=$(serve toolkit env PYTHONPATH="$STATE/python" python3 "$STATE/toolkit.py" "$STATE/toolkit.address" "$STATE/toolkit.db")
  echo "export OIDC=$oidc TOOLKIT=$toolkit SIGN_IN='node $STATE/sign-in.mjs' CHROMIUM=$(command -v chromium)"
}

stop() {
  if [ -s "$STATE/pids" ]; then
    xargs kill <"$STATE/pids" 2>/dev/null || true
    rm -f "$STATE/pids"
  fi
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  *)
    sed -n '2,8p' "$0" >&2
    exit 2
    ;;
esac
