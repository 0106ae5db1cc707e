"""Makes the container images and unpacks them."""
import gzip
import hashlib
import io
import json
import os
import pathlib
import subprocess
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("STRATALOG", str(ROOT / "build" / "release" / "stratalog"))
FLAVOURS = ("tiny", "compat")


class Image:
    """An OCI layout in a tar; every blob is checked against its name when it is read."""

    def __init__(self, path):
        self.path = path
        self.archive = tarfile.open(path)
        index = json.loads(self.member("index.json"))
        assert json.loads(self.member("oci-layout")) == {"imageLayoutVersion": "1.0.0"}
        self.descriptor, = index["manifests"]
        self.manifest = json.loads(self.blob(self.descriptor))
        self.config = json.loads(self.blob(self.manifest["config"]))

    def member(self, name):
        return self.archive.extractfile(name).read()

    def blob(self, descriptor):
        algorithm, sum_ = descriptor["digest"].split(":")
        content = self.member(f"blobs/{algorithm}/{sum_}")
        assert algorithm == "sha256" and hashlib.sha256(content).hexdigest() == sum_
        assert len(content) == descriptor["size"]
        return content

    def layers(self):
        """Each as an open tar of what it has unpacked."""
        assert len(self.manifest["layers"]) == len(self.config["rootfs"]["diff_ids"])
        for entry, diff_id in zip(self.manifest["layers"], self.config["rootfs"]["diff_ids"]):
            plain = gzip.decompress(self.blob(entry))
            assert "sha256:" + hashlib.sha256(plain).hexdigest() == diff_id
            yield tarfile.open(fileobj=io.BytesIO(plain))

    def environment(self):
        return dict(entry.split("=", 1) for entry in self.config["config"]["Env"])

    def command(self):
        return [*self.config["config"]["Entrypoint"], *self.config["config"]["Cmd"]]

    def unpack(self, folder):
        folder.mkdir()
        for layer in self.layers():
            layer.extractall(folder, numeric_owner=True, filter="fully_trusted")
        return folder


def make_images():
    """By flavour. Skips the test that asks where no package can be fetched."""
    made = subprocess.run([str(ROOT / "packaging" / "image.sh"), BINARY], capture_output=True,
                          text=True)
    if made.returncode == 3:
        pytest.skip(made.stderr.strip().splitlines()[-1])
    assert made.returncode == 0, made.stdout + made.stderr
    return {flavour: Image(ROOT / "build" / f"stratalog-{flavour}.oci.tar")
            for flavour in FLAVOURS}
