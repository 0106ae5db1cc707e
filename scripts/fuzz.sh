#!/usr/bin/env bash
# Runs each fuzz target of tests/fuzz for so many seconds: fuzz.sh [SECONDS] [target...]. What was
# found worth keeping stays in build/fuzz/corpus and is where the next run begins; an input that
# ends a target lies beside it as crash-*, timeout-* or oom-*.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true
targets=("$@")
[ $# -gt 0 ] || mapfile -t targets < <(basename -a -s _fuzz.cc tests/fuzz/*_fuzz.cc)
scripts/build.sh fuzz "${targets[@]/%/_fuzz}"
for target in "${targets[@]}"; do
  corpus=build/fuzz/corpus/$target
  if [ ! -e "$corpus" ]; then
    mkdir -p "$corpus"
    tests/fuzz/seeds.py "$target" "$corpus"
  fi
  echo "== $target"
  build/fuzz/tests/fuzz/"${target}"_fuzz -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 \
    -print_final_stats=1 -verbosity=0 -artifact_prefix="$corpus/../$target-" "$corpus"
done
