#!/usr/bin/env bash
# A real keychain for the tests: GNOME's Secret Service on a bus of its own, from Debian's packages. It
# needs no desktop and no session, and leaves the user's own keychain alone.
#
#   eval "$(ci/keyring.sh start)"   installs and starts it, and exports the address of its bus and KEYRING
#   ci/keyring.sh stop              stops it
set -euo pipefail

STATE=${KEYRING_STATE:-${TMPDIR:-/tmp}/perennial-keyring-$(id -u)}

install_it() {
  command -v gnome-keyring-daemon >/dev/null && command -v dbus-daemon >/dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq gnome-keyring dbus >/dev/null
  else
    echo "a keychain is missing: install Debian's packages gnome-keyring and dbus" >&2
    exit 1
  fi
}

start() {
  install_it
  stop
  rm -rf "$STATE"
  mkdir -p "$STATE"
  chmod 700 "$STATE"
  # Everything of it is kept below here.
  export HOME=$STATE XDG_DATA_HOME=$STATE/data XDG_CONFIG_HOME=$STATE/config XDG_RUNTIME_DIR=$STATE
  DBUS_SESSION_BUS_ADDRESS=$(dbus-daemon --session --fork --print-address=1 --print-pid=3 \
    3>"$STATE/bus.pid" 2>"$STATE/bus.log")
  export DBUS_SESSION_BUS_ADDRESS
  # It unlocks with the password that it reads, and makes a keychain with it if there is none.
  printf 'tests' >"$STATE/password"
  setsid gnome-keyring-daemon --foreground --unlock --components=secrets \
    <"$STATE/password" >"$STATE/log" 2>&1 &
  echo $! >"$STATE/pid"
  for _ in $(seq 300); do
    # A request to a service that is not there yet makes the bus start one of its own, which is locked.
    if dbus-send --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
      string:org.freedesktop.secrets 2>/dev/null | grep -q true &&
      dbus-send --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
      org.freedesktop.Secret.Service.ReadAlias string:default 2>/dev/null |
      grep -q collection/login; then
      echo "export DBUS_SESSION_BUS_ADDRESS='$DBUS_SESSION_BUS_ADDRESS' KEYRING=secret-service"
      return
    fi
    sleep 0.1
  done
  echo "the keychain does not respond; see $STATE/log" >&2
  exit 1
}

stop() {
  local pid
  for pid in "$STATE/pid" "$STATE/bus.pid"; do
    if [ -s "$pid" ]; then
      kill "$(cat "$pid")" 2>/dev/null || true
      rm -f "$pid"
    fi
  done
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  *)
    sed -n '2,6p' "$0" >&2
    exit 2
    ;;
esac
