#!/usr/bin/env bash
# A real Redis for the tests, from Debian's packages, on a free port of the loopback.
#
#   eval "$(ci/redis.sh start)"   installs and starts it, and exports REDIS, its URL
#   ci/redis.sh stop              stops it
set -euo pipefail

STATE=${REDIS_STATE:-${TMPDIR:-/tmp}/perennial-redis-$(id -u)}

install_it() {
  command -v redis-server >/dev/null && command -v redis-sentinel >/dev/null &&
    command -v redis-cli >/dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq redis-server redis-sentinel >/dev/null
  else
    echo "Redis is missing: install Debian's packages redis-server and redis-sentinel" >&2
    exit 1
  fi
}

start() {
  install_it
  stop
  mkdir -p "$STATE"
  local port
  for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 20000))
    # Nothing of it is kept: what the tests store there is of no use afterwards.
    redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --daemonize yes \
      --dir "$STATE" --pidfile "$STATE/pid" --logfile "$STATE/log" >/dev/null
    for _ in $(seq 50); do
      if [ "$(redis-cli -h 127.0.0.1 -p "$port" ping 2>/dev/null)" = PONG ] && [ -s "$STATE/pid" ]; then
        echo "export REDIS=redis://127.0.0.1:$port/"
        return
      fi
      sleep 0.1
    done
  done
  echo "redis-server does not respond; see $STATE/log" >&2
  exit 1
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
    sed -n '2,5p' "$0" >&2
    exit 2
    ;;
esac
