#!/usr/bin/env python3
"""Writes the container images of what image.sh has fetched: image.py VERSION

Makes the layers (base.tar, stratalog.tar, tools.tar in build/image) and of them, by
packaging/Dockerfile, an image a target: build/stratalog-TARGET.oci.tar, an OCI layout that `docker
load` takes as well. The same packages and the same binary give the same bytes: names are sorted,
times are fixed, nothing depends on who builds.
"""
import datetime
import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shlex
import stat
import subprocess
import sys
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "image"
PACKAGES = WORK / "packages"
HOME = "usr/share/elasticsearch"
USER, GROUP = 1000, 0
MTIME = 315532800  # 1980; 0 is taken for a mistake by some

PROGRAMS = {
    "bash": ["bash"],
    "coreutils": """[ base64 basename cat chgrp chmod chown comm cp cut date dd df dirname du echo env
        expr false fold head id install join ln ls md5sum mkdir mktemp mv nl nproc od paste printenv
        printf pwd readlink realpath rm rmdir seq sha1sum sha256sum sleep sort split stat stty sync
        tail tee test timeout touch tr true tty uname uniq wc whoami yes""".split(),
    "curl": ["curl"],
    "findutils": ["find", "xargs"],
    "grep": ["grep", "egrep", "fgrep"],
    "gzip": ["gzip", "gunzip", "zcat"],
    "hostname": ["hostname"],
    "mawk": ["mawk"],
    "procps": ["sysctl", "ps", "pgrep", "pkill", "free", "uptime"],
    "sed": ["sed"],
    "tar": ["tar"],
    "tini": ["tini"],
}
TOOL_LINKS = {"usr/bin/sh": "bash", "usr/bin/awk": "mawk"}
TERMINALS = ["d/dumb", "l/linux", "s/screen", "v/vt100", "x/xterm", "x/xterm-256color"]
# The names of Elasticsearch's programs that the binary knows (server/program_names.h).
NAMES = """elasticsearch elasticsearch-certgen elasticsearch-certutil
    elasticsearch-create-enrollment-token elasticsearch-croneval elasticsearch-geoip
    elasticsearch-keystore elasticsearch-migrate elasticsearch-node elasticsearch-plugin
    elasticsearch-reconfigure-node elasticsearch-reset-password elasticsearch-saml-metadata
    elasticsearch-service-tokens elasticsearch-setup-passwords elasticsearch-shard
    elasticsearch-sql-cli elasticsearch-syskeygen elasticsearch-users""".split()
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n"
                  "elasticsearch:x:1000:1000::/usr/share/elasticsearch:/bin/bash\n"
                  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "etc/group": "root:x:0:elasticsearch\nelasticsearch:x:1000:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


class Layer:
    """Entries by path: (kind, mode, user, group, bytes or link target)."""

    def __init__(self, below=()):
        self.entries, self.below = {}, below

    def has(self, path):
        return path in self.entries or any(layer.has(path) for layer in self.below)

    def add(self, path, kind, mode, content=b"", user=0, group=0):
        parent = os.path.dirname(path)
        if parent and not self.has(parent):
            self.folder(parent)
        self.entries[path] = (kind, mode, user, group, content)

    def folder(self, path, mode=0o755, user=0, group=0):
        self.add(path, tarfile.DIRTYPE, mode, user=user, group=group)

    def file(self, path, content, mode=0o644, user=0, group=0):
        self.add(path, tarfile.REGTYPE, mode, content, user, group)

    def link(self, path, target):
        self.add(path, tarfile.SYMTYPE, 0o777, target)

    def tar(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for path in sorted(self.entries):
                kind, mode, user, group, content = self.entries[path]
                entry = tarfile.TarInfo(path)
                entry.type, entry.mode, entry.uid, entry.gid = kind, mode, user, group
                entry.mtime = MTIME
                if kind == tarfile.SYMTYPE:
                    entry.linkname = content
                elif kind == tarfile.REGTYPE:
                    entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content) if kind == tarfile.REGTYPE else None)
        return out.getvalue()


class Debian:
    """Files of the packages, by the path that they are installed at, and who needs which."""

    def __init__(self):
        self.names = (PACKAGES / "list").read_text().split()
        self.libraries = {}
        for name in self.names:
            for path in sorted((PACKAGES / name / "data/usr/lib").glob("*-linux-gnu*/*.so*")):
                self.libraries.setdefault(path.name, name)
            for path in sorted((PACKAGES / name / "data/usr/lib64").glob("ld-*.so*")):
                self.libraries.setdefault(path.name, name)
        self.documented = set()

    def place(self, package, path):
        return PACKAGES / package / "data" / path

    def document(self, layer, package):
        """Its licence, and its name and version where scanners look for them."""
        if package in self.documented:
            return
        self.documented.add(package)
        copyright_file = f"usr/share/doc/{package}/copyright"
        place = self.place(package, copyright_file)
        if place.exists():
            layer.file(copyright_file, place.read_bytes())
        control = (PACKAGES / package / "control").read_bytes()
        layer.file(f"var/lib/dpkg/status.d/{package}", control)

    def take(self, layer, package, path):
        """A file, with what it links to and the libraries that it needs."""
        if layer.has(path):
            return
        place = self.place(package, path)
        status = place.lstat()
        self.document(layer, package)
        if stat.S_ISLNK(status.st_mode):
            target = os.readlink(place)
            layer.link(path, target)
            full = os.path.normpath(os.path.join("/", os.path.dirname(path), target))[1:]
            self.take(layer, package, re.sub(r"^(bin|sbin|lib|lib64)/", r"usr/\1/", full))
            return
        content = place.read_bytes()
        layer.file(path, content, 0o755 if status.st_mode & 0o100 else 0o644)
        if content[:4] == b"\x7fELF":
            self.take_needed(layer, place)

    def take_needed(self, layer, program):
        said = subprocess.run(["objdump", "-p", str(program)], check=True, capture_output=True,
                              text=True).stdout
        for library in re.findall(r"^\s+NEEDED\s+(\S+)", said, re.MULTILINE):
            self.take_library(layer, library, program)

    def take_library(self, layer, library, wanted_by="it"):
        package = self.libraries.get(library)
        if package is None:
            sys.exit(f"image.py: no package has {library}, which {wanted_by} needs")
        data = PACKAGES / package / "data"
        for place in sorted(data.glob(f"usr/lib*/**/{library}")):
            path = place.relative_to(data)
            if len(path.parts) <= 4:  # not the variants for newer processors
                self.take(layer, package, str(path))


def base_layer(debian):
    layer = Layer()
    for path in ("etc", "proc", "sys", "dev", "run", "usr", "var", "var/lib", "opt", "mnt"):
        layer.folder(path)
    layer.folder("root", 0o700)
    for path in ("tmp", "var/tmp"):
        layer.folder(path, 0o1777)
    for name in ("bin", "sbin", "lib", "lib64"):
        layer.folder(f"usr/{name}")
        layer.link(name, f"usr/{name}")
    for path, text in FILES.items():
        layer.file(path, text.encode())
    debian.take(layer, "base-files", "usr/lib/os-release")
    layer.link("etc/os-release", "../usr/lib/os-release")
    # What update-ca-certificates makes.
    certificates = debian.place("ca-certificates", "usr/share/ca-certificates/mozilla")
    debian.document(layer, "ca-certificates")
    layer.file("etc/ssl/certs/ca-certificates.crt",
               b"".join(path.read_bytes() for path in sorted(certificates.glob("*.crt"))))
    debian.take_needed(layer, WORK / "stratalog")
    loaders = [name for name in debian.libraries if re.fullmatch(r"ld-linux.*\.so\.\d", name)]
    for loader in loaders:
        debian.take_library(layer, loader)
    return layer


def stratalog_layer(base):
    layer = Layer([base])
    layer.file("usr/bin/stratalog", (WORK / "stratalog").read_bytes(), 0o755)
    # Whatever the user is given as: the group is root's, as in Elasticsearch's image.
    for path in ("", "/config", "/data", "/logs"):
        layer.folder(HOME + path, 0o775, USER, GROUP)
    layer.file(f"{HOME}/config/elasticsearch.yml",
               (ROOT / "packaging" / "elasticsearch.yml").read_bytes(), 0o664, USER, GROUP)
    for name in NAMES:
        layer.link(f"{HOME}/bin/{name}", "/usr/bin/stratalog")
    layer.link("usr/local/bin/docker-entrypoint.sh", "/usr/bin/stratalog")
    return layer


def tools_layer(debian, below):
    layer = Layer(below)
    for package, programs in PROGRAMS.items():
        for program in programs:
            found = [path for path in (f"usr/bin/{program}", f"usr/sbin/{program}")
                     if os.path.lexists(debian.place(package, path))]
            if not found:
                sys.exit(f"image.py: {package} has no {program}")
            debian.take(layer, package, found[0])
    for path, target in TOOL_LINKS.items():
        layer.link(path, target)
    for terminal in TERMINALS:
        debian.take(layer, "ncurses-base", f"usr/lib/terminfo/{terminal}")
    return layer


def dockerfile_targets(text, version):
    """What of a Dockerfile we use, by target: the layers and the image's configuration."""
    targets, arguments = {}, {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        word, rest = line.split(maxsplit=1)
        rest = re.sub(r"\$\{(\w+)\}", lambda match: arguments[match[1]], rest)
        if word == "FROM":
            parent, _, name = rest.split()
            made = targets.get(parent, {"layers": [], "config": {"Env": [], "Labels": {}}})
            target = targets[name] = json.loads(json.dumps(made))
            config = target["config"]
        elif word == "ARG":
            arguments[rest.split("=")[0]] = {"VERSION": version}[rest.split("=")[0]]
        elif word == "ADD" and rest.endswith(".tar /"):
            target["layers"].append(rest.split()[0])
        elif word == "ENV":
            config["Env"].append(rest)
        elif word == "LABEL":
            key, value = shlex.split(rest)[0].split("=", 1)
            config["Labels"][key] = value
        elif word == "WORKDIR":
            config["WorkingDir"] = rest
        elif word == "USER":
            config["User"] = rest
        elif word == "EXPOSE":
            config["ExposedPorts"] = {f"{port}/tcp": {} for port in rest.split()}
        elif word in ("ENTRYPOINT", "CMD"):
            config[word.capitalize()] = json.loads(rest)
        else:
            sys.exit(f"image.py: not understood in the Dockerfile: {line}")
    return targets


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def as_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def write_image(path, target, layers, name, created, architecture):
    """The OCI layout as a tar, with the manifest.json that older Dockers read."""
    blobs, descriptors, diff_ids, history = {}, [], [], []

    def blob(content, media_type):
        blobs[digest(content)] = content
        return {"mediaType": media_type, "digest": digest(content), "size": len(content)}

    for layer in target["layers"]:
        plain, packed = layers[layer]
        descriptors.append(blob(packed, "application/vnd.oci.image.layer.v1.tar+gzip"))
        diff_ids.append(digest(plain))
        history.append({"created": created, "created_by": f"ADD {layer} /"})
    config = blob(as_json({
        "created": created, "architecture": architecture, "os": "linux",
        "config": target["config"], "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": history}), "application/vnd.oci.image.config.v1+json")
    manifest = blob(as_json({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": config, "layers": descriptors}), "application/vnd.oci.image.manifest.v1+json")
    manifest["annotations"] = {"org.opencontainers.image.ref.name": name.split(":")[1],
                               "io.containerd.image.name": f"docker.io/library/{name}"}
    manifest["platform"] = {"architecture": architecture, "os": "linux"}

    def place(entry):
        return "blobs/sha256/" + entry["digest"].split(":")[1]

    out = Layer()
    out.file("oci-layout", as_json({"imageLayoutVersion": "1.0.0"}))
    out.file("index.json", as_json({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [manifest]}))
    out.file("manifest.json", as_json([{"Config": place(config), "RepoTags": [name],
                                        "Layers": [place(entry) for entry in descriptors]}]))
    for sum_, content in blobs.items():
        out.file("blobs/sha256/" + sum_.split(":")[1], content)
    path.write_bytes(out.tar())


def last_change():
    """When the sources last changed, by git; SOURCE_DATE_EPOCH says otherwise."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        run = subprocess.run(["git", "-C", str(ROOT), "log", "-1", "--format=%ct"],
                             capture_output=True, text=True)
        given = run.stdout.strip() or MTIME
    return datetime.datetime.fromtimestamp(int(given), datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


def main():
    version = sys.argv[1]
    debian = Debian()
    base = base_layer(debian)
    own = stratalog_layer(base)
    made = {"base.tar": base, "stratalog.tar": own, "tools.tar": tools_layer(debian, [base, own])}
    layers = {}
    for name, layer in made.items():
        plain = layer.tar()
        (WORK / name).write_bytes(plain)
        layers[name] = plain, gzip.compress(plain, 6, mtime=0)
    architecture = subprocess.run(["dpkg", "--print-architecture"], check=True,
                                  capture_output=True, text=True).stdout.strip()
    targets = dockerfile_targets((ROOT / "packaging" / "Dockerfile").read_text(), version)
    for name, target in targets.items():
        path = ROOT / "build" / f"stratalog-{name}.oci.tar"
        tag = version if name == "compat" else f"{version}-{name}"
        write_image(path, target, layers, f"stratalog:{tag}", last_change(), architecture)
        plain = sum(len(layers[layer][0]) for layer in target["layers"])
        print(f"{path.relative_to(ROOT)}: stratalog:{tag}, {path.stat().st_size / 1e6:.1f} MB, "
              f"unpacked {plain / 1e6:.1f} MB")


main()
