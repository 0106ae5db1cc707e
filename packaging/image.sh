#!/usr/bin/env bash
# Makes the container images build/stratalog-{tiny,compat}.oci.tar of the release build, without a
# container engine and without root: image.sh [binary]
# The root file system is made of Debian's packages, fetched with apt-get and kept in build/image/debs;
# packaging/image.py chooses files from them and writes the images. Exits with 3 when there is no
# mirror to fetch from.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${1:-build/release/stratalog}
work=build/image
# What the compat image has beside the server; packaging/image.py names the programs of each.
tools=(bash coreutils curl findutils grep gzip hostname mawk ncurses-base procps sed tar tini)
base=(base-files ca-certificates)

# The packages of the libraries that the binary is linked with.
libraries() {
  local path
  ldd "$binary" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }' | while read -r path; do
    # dpkg knows a file by the path that its package has, which may be without /usr.
    { dpkg -S "$path" 2>/dev/null || dpkg -S "$(readlink -f "$path")" 2>/dev/null ||
      dpkg -S "${path#/usr}"; } | head -n 1 | cut -d: -f1
  done | sort -u
}

# The libraries that packages need, directly or not. Those of tools that are not taken come along;
# only what is needed gets into the image.
closure() {
  apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances "$@" | grep -E '^(lib|zlib)[a-z0-9.+-]+$' |
    grep -vE -- '-perl$|^libperl|^libelogind' | sort -u
}

# Each package in its folder: data (as it is installed, /bin being /usr/bin) and control.
extract() {
  local deb=$1 name folder
  name=$(dpkg-deb --field "$deb" Package)
  folder=$work/packages/$name
  # Made by an earlier run, of this very file.
  if [ "$(cat "$folder/made-of" 2>/dev/null)" = "$(basename "$deb")" ]; then return; fi
  rm -rf "$folder"
  mkdir -p "$folder/data/usr"/{bin,sbin,lib,lib64}
  local top
  for top in bin sbin lib lib64; do ln -s "usr/$top" "$folder/data/$top"; done
  dpkg-deb --fsys-tarfile "$deb" |
    tar --extract --keep-directory-symlink --no-same-owner --directory "$folder/data"
  dpkg-deb --field "$deb" >"$folder/control"
  basename "$deb" >"$folder/made-of"
}

# All packages that there are to fetch, and what apt-get says of where, asked in a folder that has
# none of them: it says nothing of those that are there.
resolve() {
  mapfile -t needed < <(closure "${libs[@]}" "${tools[@]}")
  mapfile -t wanted < <(printf '%s\n' "${base[@]}" "${tools[@]}" "${libs[@]}" "${needed[@]}" | sort -u)
  uris=$(cd packaging && apt-get download --print-uris "${wanted[@]}" 2>/dev/null)
}

mapfile -t libs < <(libraries)
mkdir -p "$work/debs" "$work/packages"
if ! resolve && { [ "$(id -u)" != 0 ] || ! apt-get update -qq || ! resolve; }; then
  echo "image.sh: apt-get knows no mirror with ${wanted[*]} (apt-get update?)" >&2
  exit 3
fi
missing=()
debs=()
while read -r _ name _ sum; do
  debs+=("$work/debs/$name")
  if ! sha256sum --status --check <<<"${sum#SHA256:}  $work/debs/$name" 2>/dev/null; then
    missing+=("${name%%_*}")
  fi
done <<<"$uris"
if [ ${#missing[@]} -gt 0 ] &&
  ! (cd "$work/debs" && apt-get download -qq -o APT::Sandbox::User=root "${missing[@]}" 2>&1 | tail -n 3 >&2); then
  echo "image.sh: can't fetch ${missing[*]}" >&2
  exit 3
fi
rm -f "$work/packages/list"
for deb in "${debs[@]}"; do
  extract "$deb"
  dpkg-deb --field "$deb" Package >>"$work/packages/list"
done

cp "$binary" "$work/stratalog"
strip --strip-unneeded "$work/stratalog"
exec python3 packaging/image.py "$("$binary" version | cut -d' ' -f2 | tr -d ,)"
