#!/usr/bin/env bash
# Builds all that the tests need, then runs them in one ctest run, whose summary closes the output:
# test.sh [long]. The sanitizer build's unit tests are part of that run (tests/CMakeLists.txt).
set -euo pipefail
cd "$(dirname "$0")/.."
sanitize_all=OFF
if [ "${1:-}" = long ]; then
  export STRATALOG_TEST_LONG=1
  sanitize_all=ON
fi
cmake --preset asan -DSANITIZE_ALL=$sanitize_all
scripts/build.sh asan sanitized_tests
scripts/build.sh release
exec ctest --test-dir build/release --output-on-failure --parallel "$(nproc)" --timeout 900 \
  --no-tests=error
