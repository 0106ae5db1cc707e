#!/usr/bin/env bash
# Configures and builds a preset: build.sh PRESET [target...]; all of it when no target is named.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
[ -e "build/$preset/build.ninja" ] || cmake --preset "$preset"
exec ninja -C "build/$preset" "$@"
