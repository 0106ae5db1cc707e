#!/usr/bin/env bash
# Installs on Debian 12 what the named groups need:
#   setup.sh [build] [test] [lint] [bench] [conformance] [helm] [image]
# Asks for sudo only when not root, says what it does, and does nothing when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

build=(g++ cmake ninja-build ccache mold pkg-config git
  libboost1.81-dev libssl-dev librocksdb-dev libsimdjson-dev rapidjson-dev libzstd-dev liblz4-dev
  libsnappy-dev libbz2-dev zlib1g-dev libdeflate-dev libre2-dev libstemmer-dev libyaml-cpp-dev
  libjemalloc-dev libcctz-dev libxxhash-dev libcli11-dev)
# Tests are configured with every build, hence the framework is needed there as well.
build+=(catch2 python3-minimal)
test=(python3 python3-venv curl ca-certificates openssl)
lint=(clang-format-19 clang-tidy-19 clang-19 lld-19 libclang-rt-19-dev)
bench=(python3 curl ca-certificates)
conformance=(maven default-jre-headless)
image=(python3 binutils ca-certificates)

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    say "This needs root and there is no sudo. Run as root: $*"
    exit 1
  fi
}

install_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${Status}\n' "$name" 2>/dev/null | grep -q 'ok installed' ||
      missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing with apt-get: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# The Python clients that the tests speak with live in .venv, away from the system's Python.
install_python() {
  local wanted=tests/requirements.txt stamp=.venv/requirements.txt
  cmp -s "$wanted" "$stamp" && return 0
  say "installing into .venv with pip: $(grep -v '^#' "$wanted" | tr '\n' ' ')"
  [ -x .venv/bin/python ] || python3 -m venv .venv
  .venv/bin/python -m pip install --quiet --requirement "$wanted"
  cp "$wanted" "$stamp"
}

# helm, for the tests of the chart: no Debian package has it, but Debian's Go builds this version.
# Without optimisation that takes four minutes of CPU, once; Go's own cache keeps most of it. Where
# it can't be built (no module proxy), those tests are skipped and say so.
helm_version=v3.12.3

has_helm() { [ -x .tools/helm ] || command -v helm >/dev/null; }

install_helm() {
  ! has_helm || return 0
  say "building helm $helm_version into .tools with go install"
  local package=helm.sh/helm/v3 chartutil=helm.sh/helm/v3/pkg/chartutil
  GOBIN=$PWD/.tools GOFLAGS=-p=1 GOTOOLCHAIN=local GOGC=400 CGO_ENABLED=0 nice go install -trimpath \
    -gcflags='all=-N -l -dwarf=false' \
    -ldflags="-s -w -X $package/internal/version.version=$helm_version \
      -X $chartutil.k8sVersionMajor=1 -X $chartutil.k8sVersionMinor=27" \
    "$package/cmd/helm@$helm_version" || say "helm can't be built here: the chart's tests are skipped"
}

packages=() python=no helm=no
for group in "${@:-build}"; do
  case $group in
    build) packages+=("${build[@]}") ;;
    test) packages+=("${test[@]}") python=yes ;;
    lint) packages+=("${lint[@]}") ;;
    bench) packages+=("${bench[@]}") ;;
    image) packages+=("${image[@]}") ;;
    conformance) packages+=("${conformance[@]}" "${test[@]}") python=yes ;;
    helm)
      helm=yes
      has_helm || command -v go >/dev/null || packages+=(golang-go)
      ;;
    *) say "unknown group: $group"; exit 2 ;;
  esac
done
if ! command -v apt-get >/dev/null; then
  say "no apt-get here; please provide: ${packages[*]}"
else
  install_packages "${packages[@]}"
fi
[ $python = no ] || install_python
[ $helm = no ] || install_helm
