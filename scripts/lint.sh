#!/usr/bin/env bash
# Formatting (as .clang-format), then the checks of .clang-tidy over every translation unit of ours.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files '*.h' '*.cc' | xargs clang-format-19 --dry-run -Werror
# clang can't read gcc's precompiled headers: a tree of its own without them.
cmake --preset lint >/dev/null
run-clang-tidy-19 -quiet -p build/lint -j "$(nproc)" \
  "$PWD/(base|storage|index|query|api|server|bench)/"
