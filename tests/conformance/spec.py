"""The published REST tests: where they are, the API descriptions, the test files.

They are the artifact org.elasticsearch:rest-api-spec of Maven Central, got by Maven into its own
local repository when it is not there, and unpacked into a cache outside of the tree. Nothing of
them is part of this project.
"""
import json
import os
import pathlib
import re
import subprocess
import zipfile

import yaml

VERSION = "7.10.2"
ARTIFACT = f"org.elasticsearch:rest-api-spec:{VERSION}"
GET = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get"


def target_folder():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    return cache / "stratalog" / f"rest-api-spec-{VERSION}"


def cached():
    """The unpacked artifact if it is at hand; None otherwise."""
    found = target_folder() / "rest-api-spec"
    return found if found.exists() else None


def folder():
    """The unpacked artifact, fetched at the first use."""
    target = target_folder()
    if not (target / "rest-api-spec").exists():
        repository = pathlib.Path.home() / ".m2" / "repository"
        jar = repository / "org" / "elasticsearch" / "rest-api-spec" / VERSION
        jar /= f"rest-api-spec-{VERSION}.jar"
        if not jar.exists():
            print(f"fetching {ARTIFACT} with mvn")
            subprocess.run(["mvn", "-q", "-B", GET, f"-Dartifact={ARTIFACT}",
                            "-Dtransitive=false"], check=True)
        with zipfile.ZipFile(jar) as packed:
            packed.extractall(target)
    return target / "rest-api-spec"


class Loader(yaml.SafeLoader):
    """YAML as Jackson reads it: only true and false are booleans, dates stay strings."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("bool", r"^(?:true|false|True|False|TRUE|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$",
     "-+0123456789."),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
]:
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def apis():
    """name -> description, as the artifact's api/*.json have it."""
    found = {}
    for path in sorted((folder() / "api").glob("*.json")):
        if not path.name.startswith("_"):
            found.update(json.loads(path.read_text()))
    return found


class File:
    """One test file: steps of setup and teardown, and (name, steps) of each test."""

    def __init__(self, path):
        self.name = f"{path.parent.name}/{path.stem}"
        self.setup, self.teardown, self.tests = [], [], []
        for document in yaml.load_all(path.read_text(), Loader=Loader):
            for name, steps in (document or {}).items():
                if name == "setup":
                    self.setup = steps
                elif name == "teardown":
                    self.teardown = steps
                else:
                    self.tests.append((name, steps))


def files(folders=()):
    """The files of the named folders (of all without a name), in order."""
    root = folder() / "test"
    for path in sorted(root.glob("*/*.yml")):
        if not folders or path.parent.name in folders:
            yield File(path)


def folders():
    return sorted(p.name for p in (folder() / "test").iterdir() if p.is_dir())
