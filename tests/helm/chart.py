"""Runs helm on the chart and finds what it rendered."""
import base64
import functools
import os
import pathlib
import shutil
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "helm"
KUBERNETES = "1.33"
HOME = "/usr/share/elasticsearch"


@functools.cache
def helm_program():
    for program in (os.environ.get("HELM"), ROOT / ".tools" / "helm", shutil.which("helm")):
        if program and os.access(program, os.X_OK):
            return str(program)
    return None


def helm(*arguments):
    """The finished process. Skips the test that asks when there is no helm."""
    if not helm_program():
        pytest.skip("no helm: `make helm` builds it, or HELM names it")
    return subprocess.run([helm_program(), *map(str, arguments)], capture_output=True, text=True,
                          timeout=120)


def values_file(folder, values):
    path = pathlib.Path(folder) / "values.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def template(folder, values, *arguments):
    return helm("template", "elastic", CHART, "--namespace", "logging", "--kube-version",
                KUBERNETES, "--values", values_file(folder, values), *arguments)


class Objects(list):
    """What a chart rendered to."""

    def one(self, kind, name):
        found = [o for o in self if o["kind"] == kind and o["metadata"]["name"] == name]
        assert len(found) == 1, f"{len(found)} of {kind} {name}: {self.names()}"
        return found[0]

    def names(self):
        return sorted(f"{o['kind']}/{o['metadata']['name']}" for o in self)

    def secret(self, name):
        data = self.one("Secret", name)["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def pod(self):
        return self.one("StatefulSet", "elasticsearch-master")["spec"]["template"]

    def container(self):
        return self.pod()["spec"]["containers"][0]

    def environment(self):
        """Of the server; secrets and fields stay as references."""
        return {e["name"]: e.get("value", e.get("valueFrom")) for e in self.container()["env"]}


def render(folder, values=None):
    run = template(folder, values or {})
    assert run.returncode == 0, run.stderr
    return Objects(o for o in yaml.safe_load_all(run.stdout) if o)


def refused(folder, values):
    """What helm says about values that it must refuse."""
    run = template(folder, values)
    assert run.returncode != 0, f"taken: {values}"
    return run.stderr


def openssl(*arguments):
    run = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr + run.stdout
    return run.stdout
