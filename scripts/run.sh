#!/usr/bin/env bash
# Starts the server with data in ./data (or STRATALOG_DATA), prints the password of `elastic` and
# what to try next. Takes ELASTIC_PASSWORD, or keeps the one that it made in data/elastic-password,
# readable by its owner only.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${STRATALOG_DATA:-data}
port=${STRATALOG_PORT:-9200}
url=https://localhost:$port

mkdir -p "$data"
if [ -z "${ELASTIC_PASSWORD:-}" ]; then
  if [ ! -s "$data/elastic-password" ]; then
    (umask 077 && head -c 18 /dev/urandom | base64 | tr '+/' '-_' >"$data/elastic-password")
  fi
  ELASTIC_PASSWORD=$(cat "$data/elastic-password")
fi
export ELASTIC_PASSWORD

build/release/stratalog serve -E "path.data=$data" -E "http.port=$port" "$@" &
server=$!
trap 'kill -TERM $server 2>/dev/null' INT TERM

# Ready once it accepts connections.
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
  kill -0 $server 2>/dev/null || { wait $server; exit $?; }
  sleep 0.05
done
cat <<TEXT

  Stratalog listens on $url
  user elastic, password $ELASTIC_PASSWORD

  Try in a second terminal:
    curl -k $url -u elastic:$ELASTIC_PASSWORD
    make demo

  Ctrl-C stops it; the data stay in $data.

TEXT
status=0
wait $server || status=$?
# A signal ends the first wait early: wait for the clean stop.
while kill -0 $server 2>/dev/null; do
  status=0
  wait $server || status=$?
done
exit $status
