"""Runs one test: its steps against a server, with stash, catches, warnings and skips."""
import base64
import json
import re
import urllib.parse

import yaml

import spec
from assertions import Failed, MISSING, check, is_regex, lookup, search

SERVER_VERSION = (7, 17, 3)  # what skip sections are about
FEATURES = {
    "arbitrary_key", "allowed_warnings", "allowed_warnings_regex", "catch_unauthorized", "close_to",
    "contains", "default_shards", "embedded_stash_key", "headers", "no_xpack", "node_selector",
    "regex", "stash_in_key", "stash_in_path", "stash_path_replace", "transform_and_set", "warnings",
    "warnings_regex", "yaml",
}
STATUSES = {"bad_request": [400], "unauthorized": [401], "forbidden": [403], "missing": [404],
            "request_timeout": [408], "conflict": [409], "unavailable": [503]}


class Skipped(Exception):
    """The test is not for this server."""


def version(text, fallback):
    parts = [int(p) for p in re.findall(r"\d+", text)[:3]]
    return tuple((parts + [0, 0])[:3]) if parts else fallback


def check_skip(section):
    """Raises Skipped when a skip section speaks of this server or of a feature it lacks."""
    reason = section.get("reason", "")
    features = section.get("features", [])
    if isinstance(features, str):
        features = [f.strip() for f in features.split(",")]
    lacking = [f for f in features if f not in FEATURES]
    if lacking:
        raise Skipped(f"needs {', '.join(lacking)}")
    for part in str(section.get("version", "")).split(","):
        if part.strip() == "all":
            raise Skipped(reason)
        if "-" in part:
            low, high = (p.strip() for p in part.split("-", 1))
            if version(low, (0, 0, 0)) <= SERVER_VERSION <= version(high, (99, 0, 0)):
                raise Skipped(f"{part.strip()}: {reason}")


class Test:
    def __init__(self, client, apis):
        self.client = client
        self.apis = apis
        self.stash = {}
        self.answer = None

    def run(self, steps):
        for step in steps or []:
            for kind, body in step.items():
                if kind == "do":
                    self.do(dict(body))
                elif kind == "skip":
                    check_skip(body)
                elif kind == "set":
                    for path, name in body.items():
                        value = lookup(self.answer, path, self.stash)
                        if value is MISSING:
                            raise Failed(f"set {path}: missing")
                        self.stash[name] = value
                elif kind == "transform_and_set":
                    for name, call in body.items():
                        self.stash[name] = self.transform(call)
                elif kind in ("is_true", "is_false"):
                    path = str(self.replace(body))
                    check(kind, path, None, lookup(self.answer, path, self.stash))
                else:
                    for path, expected in body.items():
                        path = str(path)
                        check(kind, path, self.replace(expected),
                              lookup(self.answer, path, self.stash))

    def transform(self, call):
        """#base64EncodeCredentials(a,b): the two values of the answer as user:password."""
        name, arguments = re.fullmatch(r"#(\w+)\((.*)\)", call).groups()
        if name != "base64EncodeCredentials":
            raise Failed(f"unknown transformation {name}")
        values = [str(lookup(self.answer, a.strip(), self.stash)) for a in arguments.split(",")]
        return base64.b64encode(":".join(values).encode()).decode()

    def replace(self, value):
        """$name and ${name} become what is stashed under it."""
        if isinstance(value, dict):
            return {self.replace(k): self.replace(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.replace(v) for v in value]
        if not isinstance(value, str):
            return value
        if value.startswith("$") and value.strip("${}") in self.stash and "}." not in value:
            return self.stash[value.strip("${}")]
        if value == "$body":
            return self.answer
        if value.startswith("$body."):
            return lookup(self.answer, value[6:], self.stash)
        return re.sub(r"\$\{([^}]+)\}",
                      lambda m: str(self.stash.get(m.group(1), m.group(0))), value)

    def do(self, body):
        catch = body.pop("catch", None)
        headers = {k: str(self.replace(v)) for k, v in (body.pop("headers", None) or {}).items()}
        warnings = body.pop("warnings", None)
        for ignored in ("node_selector", "allowed_warnings", "allowed_warnings_regex",
                        "warnings_regex"):
            body.pop(ignored, None)
        (name, arguments), = body.items()
        try:
            method, path, sent = self.request(name, self.replace(dict(arguments or {})))
        except KeyError as error:
            if catch == "param":
                return
            raise Failed(f"{name}: {error}")
        ignore = arguments.get("ignore", []) if arguments else []
        ignore = [ignore] if not isinstance(ignore, list) else ignore
        if isinstance(sent, list) and "Content-Type" not in headers:
            headers["Content-Type"] = "application/x-ndjson"
        answer = self.client(method, path, sent, headers)
        self.answer = self.parse(method, answer)
        call = f"{method} {path} -> {answer.status} {answer.body[:400]}"
        if catch:
            self.check_catch(catch, answer, call)
        elif answer.status >= 400 and answer.status not in map(int, ignore):
            if not (method == "HEAD" and answer.status == 404):
                raise Failed(call)
        if warnings:
            given = answer.headers.get("warning", "")
            for text in warnings:
                if text.replace('"', '\\"') not in given and text not in given:
                    raise Failed(f"{call}\n    the warning is missing: {text}")

    def request(self, name, arguments):
        """Method, path with query string, and body; KeyError when no path takes the arguments."""
        arguments.pop("ignore", None)
        body = arguments.pop("body", None)
        described = self.apis[name]
        best = None
        for path in described["url"]["paths"]:
            parts = re.findall(r"\{(\w+)\}", path["path"])
            # An empty part would be another path, which the client can't ask for.
            if all(arguments.get(p) not in (None, "") for p in parts):
                if best is None or len(parts) > len(best[1]):
                    best = path, parts
        if best is None:
            raise KeyError("a part of the path is missing")
        path, parts = best
        methods = path["methods"]
        method = methods[0]
        if body is not None and method == "GET" and "POST" in methods:
            method = "POST"
        target = path["path"]
        for part in parts:
            target = target.replace(f"{{{part}}}", urllib.parse.quote(
                self.text(arguments.pop(part)), safe=",*"))
        for part in re.findall(r"\{(\w+)\}", " ".join(
                p["path"] for p in described["url"]["paths"])):
            arguments.pop(part, None) if arguments.get(part, 0) in (None, "") else None
        if arguments:
            target += "?" + urllib.parse.urlencode(
                {k: self.text(v) for k, v in arguments.items()}, safe=",*")
        return method, target, self.encode(described, body)

    @staticmethod
    def text(value):
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, list):
            return ",".join(Test.text(v) for v in value)
        return "" if value is None else str(value)

    @staticmethod
    def encode(described, body):
        if body is None:
            return None
        if described.get("body", {}).get("serialize") == "bulk":
            if isinstance(body, str):
                return [line for line in body.split("\n") if line]
            return [line.strip() if isinstance(line, str) else line for line in body]
        if isinstance(body, str):
            # YAML's own notation of a JSON text is allowed: it is sent as it would be parsed.
            try:
                return json.dumps(yaml.load(body, Loader=spec.Loader))
            except yaml.YAMLError:
                return body
        return json.dumps(body)

    @staticmethod
    def parse(method, answer):
        if method == "HEAD":
            return answer.status == 200
        kind = answer.headers.get("content-type", "")
        if "json" in kind:
            return answer.json if answer.body else ""
        if "yaml" in kind:
            return yaml.load(answer.body, Loader=spec.Loader)
        return answer.body

    def check_catch(self, catch, answer, call):
        if catch in STATUSES:
            if answer.status not in STATUSES[catch]:
                raise Failed(f"catch {catch}: {call}")
        elif catch in ("request", "param"):
            if answer.status < 400:
                raise Failed(f"catch {catch}: {call}")
        elif is_regex(catch):
            if answer.status < 400 or search(catch, answer.body) is None:
                raise Failed(f"catch {catch}: {call}")
        else:
            raise Failed(f"unknown catch {catch}")
