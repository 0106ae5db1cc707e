"""Scenarios: requests in a YAML file whose answers the reference server gave once.

A scenario file is

  data: [logs]                  # data sets of datasets.py to load first
  indices: [fx-mine]            # what it makes besides, removed before and after
  templates: [fx-t]             # the same for /_template, index_templates, component_templates
  steps:
  - do: POST /fx-logs-*/_search
    body: {query: {match_all: {}}}      # a mapping: JSON; a list: NDJSON; a string: as it is
    ignore: [hits.hits.*._version]      # paths that are not compared; * stands for one step
    unordered: [hits.hits]              # lists whose order is open
    compare: status                     # only the status (and error types)
    record: no                          # run, don't compare

Answers are kept in tests/data/fixtures/<name>.json, one entry a step.
"""
import json
import math
import pathlib
import re

import yaml

import datasets

HERE = pathlib.Path(__file__).resolve().parent
SCENARIOS = HERE / "scenarios"
FIXTURES = HERE.parent / "data" / "fixtures"

# Never compared: times, random identities.
VOLATILE = {"took", "took_millis", "_scroll_id", "pit_id", "cluster_uuid", "index_uuid", "uuid",
            "creation_date"}
VOLATILE_PATHS = ["settings.index.version.created", "*.settings.index.version.created",
                  "*.settings.index.creation_date", "*.settings.index.uuid",
                  "**.failed_shards.*.node",
                  # The tier is the default distribution's, which the recorded one was not.
                  "**.settings.index.routing",
                  "**.settings.index.routing.allocation.include._tier_preference"]
# Identities inside of texts: "index [name/uuid] already exists".
UUID_IN_TEXT = re.compile(r"/[A-Za-z0-9_-]{22}\]")


def load(name):
    return yaml.safe_load((SCENARIOS / f"{name}.yml").read_text())


def names():
    return sorted(p.stem for p in SCENARIOS.glob("*.yml"))


def indices_of(scenario):
    found = list(scenario.get("indices", []))
    if "logs" in scenario.get("data", []):
        found.append("fx-logs-*")
    if "people" in scenario.get("data", []):
        found.append("fx-people")
    return found


def clean(client, scenario):
    for index in indices_of(scenario):
        client("DELETE", f"/{index}?ignore_unavailable=true&expand_wildcards=all")
    for kind in ("templates", "index_templates", "component_templates"):
        path = {"templates": "_template", "index_templates": "_index_template",
                "component_templates": "_component_template"}[kind]
        for name in scenario.get(kind, []):
            client("DELETE", f"/{path}/{name}")


def run(client, scenario):
    """Yields (step, status, body) for each step; body is JSON or, where it is none, the text."""
    clean(client, scenario)
    for data in scenario.get("data", []):
        for method, path, body in datasets.BY_NAME[data]():
            answer = client(method, path, body)
            assert answer.status == 200, answer
            assert not answer.json.get("errors"), answer
    saved = {}
    for step in scenario["steps"]:
        method, path = step["do"].split(" ", 1)
        body = substitute(step.get("body"), saved)
        answer = client(method, substitute(path, saved), body, headers=step.get("headers"))
        try:
            value = answer.json
        except ValueError:
            value = answer.body
        for variable, where in step.get("save", {}).items():
            saved[variable] = at(value, where)
        yield step, answer.status, value
    clean(client, scenario)


def substitute(value, saved):
    if isinstance(value, str):
        for name, found in saved.items():
            value = value.replace(f"${{{name}}}", str(found))
        return value
    if isinstance(value, dict):
        return {k: substitute(v, saved) for k, v in value.items()}
    if isinstance(value, list):
        return [substitute(v, saved) for v in value]
    return value


def at(value, path):
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def _pattern(path):
    parts = [r"[^.]+" if p == "*" else r".*" if p == "**" else re.escape(p)
             for p in path.split(".")]
    return re.compile(r"\.".join(parts) + "$")


def differences(expected, actual, ignore=(), unordered=()):
    """Lines that say where the two JSON values differ, best first; empty when they agree."""
    ignored = [_pattern(p) for p in [*ignore, *VOLATILE_PATHS]]
    loose = [_pattern(p) for p in unordered]
    found = []

    def walk(path, left, right):
        if any(p.match(path) for p in ignored):
            return
        if isinstance(left, dict) and isinstance(right, dict):
            for key in left.keys() | right.keys():
                below = f"{path}.{key}" if path else key
                volatile = key in VOLATILE and not path.endswith(("_source", "fields"))
                if volatile or any(p.match(below) for p in ignored):
                    continue
                if key not in right:
                    found.append(f"{below}: missing, expected {shorten(left[key])}")
                elif key not in left:
                    found.append(f"{below}: unexpected {shorten(right[key])}")
                else:
                    walk(below, left[key], right[key])
        elif isinstance(left, list) and isinstance(right, list):
            if any(p.match(path) for p in loose):
                left = sorted(left, key=lambda v: json.dumps(v, sort_keys=True))
                right = sorted(right, key=lambda v: json.dumps(v, sort_keys=True))
            if len(left) != len(right):
                found.append(f"{path}: {len(right)} entries, expected {len(left)}: "
                             f"{shorten(right)} instead of {shorten(left)}")
                return
            for i, (a, b) in enumerate(zip(left, right)):
                walk(f"{path}.{i}" if path else str(i), a, b)
        elif not same(left, right):
            found.append(f"{path}: {shorten(right)}, expected {shorten(left)}")

    walk("", expected, actual)
    return sorted(found)


def same(left, right):
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        if isinstance(left, int) != isinstance(right, int):
            return False  # 1 is not 1.0 for a client with types
        return left == right or math.isclose(left, right, rel_tol=2e-6, abs_tol=1e-12)
    if isinstance(left, str) and isinstance(right, str):
        return UUID_IN_TEXT.sub("/]", left) == UUID_IN_TEXT.sub("/]", right)
    return left == right


def shorten(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else text[:300] + "..."


def error_types(body):
    """The `type` of a top-level error, else None: what `compare: status` still looks at."""
    error = body.get("error") if isinstance(body, dict) else None
    return error.get("type") if isinstance(error, dict) else None


def compare(step, recorded, status, body):
    """Differences between a recorded entry and an answer, as lines."""
    found = []
    if status != recorded["status"]:
        found.append(f"status {status}, expected {recorded['status']}: {shorten(body)}")
        if status >= 400 or recorded["status"] >= 400:
            return found
    if step.get("compare") == "status":
        if error_types(body) != error_types(recorded["body"]):
            found.append(f"error type {error_types(body)}, expected "
                         f"{error_types(recorded['body'])}: {shorten(body)}")
        return found
    return found + differences(recorded["body"], body, step.get("ignore", ()),
                               step.get("unordered", ()))
