#!/usr/bin/env bash
# Makes build/stratalog_VERSION_ARCH.deb of the release build, with dpkg-deb alone: deb.sh [binary]
# The package starts the service when it is installed and keeps the data when it is removed.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${1:-build/release/stratalog}
version=$("$binary" version | cut -d' ' -f2 | tr -d ,)
arch=$(dpkg --print-architecture)
tree=$(mktemp -d)
chmod 755 "$tree"
trap 'rm -rf "$tree"' EXIT

# The packages of the libraries that the binary names, at this release of Debian or later.
depends() {
  local found=() name path package upstream
  while read -r name; do
    path=$(ldd "$binary" | awk -v name="$name" '$1 == name { print $3 }')
    [ -n "$path" ] || continue  # the loader, which is libc6's
    # dpkg knows a file by the path that its package has, which may be without /usr.
    package=$(dpkg -S "$path" 2>/dev/null || dpkg -S "$(readlink -f "$path")" 2>/dev/null ||
      dpkg -S "${path#/usr}")
    package=${package%%:*}
    upstream=$(dpkg-query -W -f '${Version}' "$package:$arch" | sed -E 's/^[0-9]+://; s/-[^-]*$//')
    found+=("$package (>= $(grep -oE '^[0-9]+(\.[0-9]+)?' <<<"$upstream"))")
  done < <(objdump -p "$binary" | awk '$1 == "NEEDED" { print $2 }')
  printf '%s\n' "${found[@]}" | sort -u | paste -sd, | sed 's/,/, /g'
}

install -D -m 755 "$binary" "$tree/usr/bin/stratalog"
strip --strip-unneeded "$tree/usr/bin/stratalog"
install -D -m 644 packaging/stratalog.service "$tree/lib/systemd/system/stratalog.service"
install -D -m 644 packaging/stratalog.sysusers "$tree/usr/lib/sysusers.d/stratalog.conf"
install -D -m 644 packaging/stratalog.yml "$tree/etc/stratalog/stratalog.yml"
for document in README.md CHANGELOG.md docs/install.md docs/guarantees.md docs/compatibility.md; do
  install -D -m 644 "$document" "$tree/usr/share/doc/stratalog/$(basename "$document")"
done
install -d "$tree/DEBIAN"
echo /etc/stratalog/stratalog.yml >"$tree/DEBIAN/conffiles"
cat >"$tree/DEBIAN/control" <<CONTROL
Package: stratalog
Version: $version
Architecture: $arch
Maintainer: The Stratalog developers <stratalog@localhost>
Section: database
Priority: optional
Installed-Size: $(du -sk "$tree" | cut -f1)
Depends: $(depends), init-system-helpers (>= 1.54)
Recommends: systemd
Description: log store that speaks the Elasticsearch 7.17 REST API
 Takes logs from Fluent Bit and answers Kibana, curl and the official clients
 over HTTPS: one process, tens of megabytes of memory.
CONTROL
for script in postinst prerm postrm; do
  install -m 755 "packaging/deb/$script" "$tree/DEBIAN/$script"
done
package=build/stratalog_${version}_$arch.deb
dpkg-deb --root-owner-group -Zxz --build "$tree" "$package" >&2
echo "$package"
