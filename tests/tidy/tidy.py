#!/usr/bin/env python3
"""Tidiness as a test: tidy.py [--headers [--compiler g++]]

Without arguments the rules that only read files: include arrows, doors to third-party libraries,
lengths, leftover markers, std::endl, naked new, machine paths. With --headers each header is
compiled alone. Prints one line a finding, `file:line: what`, and fails when there is one.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

# folder -> folders that it may include, itself and base/ aside (docs/architecture.md).
ARROWS = {
    "base": set(),
    "storage": set(),
    "index": {"storage"},
    "query": {"index"},
    "api": {"query", "index"},
    "server": {"api", "query", "index", "storage"},
}
# Third-party headers -> the only folders that may see them.
DOORS = {
    "rocksdb/": ["storage/"],
    "boost/": ["server/"],
    "openssl/": ["server/"],
    "rapidjson/": ["base/"],
    "simdjson": ["base/", "index/document/"],
}
# Benchmarks are clients of the server and tests may look anywhere.
DOORS_OPEN_TO = ("bench/", "tests/")
LINES_MAX = 800
COLUMNS_MAX = 100
# Written in two parts so that this file does not find itself.
MARKERS = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(home|root|work|Users)/\w")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
NAKED_NEW = re.compile(r"(?<![\w_])new\s+[A-Za-z_(:]")
ALLOW = re.compile(r"tidy: allow ([a-z ,]+)")  # "// tidy: allow new", with the reason beside it
GENERATED = ("_data.cc", "_tables.cc")  # long tables that a script of scripts/ wrote
SOURCES = {".h", ".cc"}
WRAPPED = {".h", ".cc"}
TEXTS = {".h", ".cc", ".py", ".sh", ".md", ".cmake", ".txt", ".yml", ".yaml", ".json"}


def tracked_files():
    """What git tracks and new files that it would; all files when there is no git."""
    command = ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"]
    try:
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        names = run.stdout.split("\n")
    except (OSError, subprocess.CalledProcessError):
        skip = {"build", "data", ".venv", ".tools", ".git"}
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*")
                 if p.is_file() and p.relative_to(ROOT).parts[0] not in skip]
    return sorted(n for n in set(names) if n and (ROOT / n).is_file())


def strip_comments_and_strings(line):
    line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
    line = re.sub(r"'(\\.|[^'\\])'", "' '", line)
    return re.sub(r"//.*$", "", line)


def check_include(name, include, folder):
    quoted, path = include
    if quoted == '"' and folder in ARROWS:
        target = path.split("/")[0]
        if target in ARROWS and target not in ARROWS[folder] | {folder, "base"}:
            return f"{folder}/ must not include {target}/: {path}"
        if target not in ARROWS and (ROOT / path).exists():
            return f"{folder}/ must not include {path}"
    if quoted == "<":
        for door, allowed in DOORS.items():
            inside = name.startswith(tuple(allowed) + DOORS_OPEN_TO)
            if path.startswith(door) and not inside:
                return f"<{path}> belongs behind {' or '.join(allowed)}"
    return None


def check_source(name, lines):
    folder = name.split("/")[0]
    if len(lines) > LINES_MAX and not name.endswith(GENERATED):
        yield 1, f"{len(lines)} lines; at most {LINES_MAX}: does it hold one idea?"
    if name.endswith(".h") and not any("#pragma once" in line for line in lines):
        yield 1, "a header without #pragma once"
    for number, line in enumerate(lines, 1):
        include = INCLUDE.match(line)
        if include:
            finding = check_include(name, include.groups(), folder)
            if finding:
                yield number, finding
            continue
        allowed = ALLOW.search(line)
        code = strip_comments_and_strings(line)
        if "std::endl" in code:
            yield number, "std::endl flushes; write '\\n'"
        if NAKED_NEW.search(code) and not (allowed and "new" in allowed.group(1)):
            if "unique_ptr" not in code and "shared_ptr" not in code:
                yield number, "naked new; use std::make_unique or an arena"


def check_text(name, lines):
    wrapped = pathlib.PurePath(name).suffix in WRAPPED and not name.endswith(GENERATED)
    for number, line in enumerate(lines, 1):
        # Strings can't be wrapped without hurting them.
        unbreakable = "://" in line or '"' in line
        if wrapped and len(line) > COLUMNS_MAX and not unbreakable:
            yield number, f"{len(line)} columns; at most {COLUMNS_MAX}"
        if MARKERS.search(line):
            yield number, f"a leftover marker: {line.strip()[:60]}"
        if MACHINE_PATHS.search(line) and not name.startswith("tests/data/"):
            yield number, f"a path of some machine: {line.strip()[:60]}"
        if line != line.rstrip() and not name.startswith("tests/data/"):
            yield number, "blanks at the end of the line"


def check_tree():
    findings = []
    for name in tracked_files():
        suffix = pathlib.PurePath(name).suffix
        if suffix not in TEXTS:
            continue
        lines = (ROOT / name).read_text(encoding="utf-8").split("\n")
        if lines and lines[-1]:
            findings.append(f"{name}:{len(lines)}: no newline at the end")
        lines = lines[:-1] if lines and not lines[-1] else lines
        checks = [check_text(name, lines)]
        if suffix in SOURCES:
            checks.append(check_source(name, lines))
        for check in checks:
            findings.extend(f"{name}:{number}: {what}" for number, what in check)
    return findings


def compile_alone(header, compiler, folder):
    """Compiles a translation unit with nothing in it but the header."""
    unit = pathlib.Path(folder) / (header.replace("/", "__") + ".cc")
    unit.write_text(f'#include "{header}"\n')
    command = [*compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", f"-I{ROOT}", str(unit)]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode == 0:
        return None
    first = next((l for l in run.stderr.split("\n") if "error" in l), run.stderr.strip())
    return f"{header}:1: does not compile alone: {first.replace(str(ROOT) + '/', '')}"


def check_headers(compiler):
    folders = (*ARROWS, "bench", "tests")
    headers = [n for n in tracked_files() if n.endswith(".h") and n.split("/")[0] in folders]
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = pool.map(lambda h: compile_alone(h, compiler, folder), headers)
        return [r for r in results if r]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--headers", action="store_true", help="compile each header alone instead")
    parser.add_argument("--compiler", default=os.environ.get("CXX", shutil.which("g++") or "c++"))
    options = parser.parse_args()
    findings = check_headers([options.compiler]) if options.headers else check_tree()
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
