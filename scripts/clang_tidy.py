#!/usr/bin/env python3
"""clang-tidy over what changed: clang_tidy.py BUILD [FOLDER...]

Checks every translation unit of compile_commands.json in BUILD whose path, below the tree's root,
starts with one of the folders. A unit that passed is not checked again as long as nothing it was
made from differs: clang-tidy's version, its configuration, the command line, and the unit itself
with all headers of the tree that it includes. What passed is kept as empty files in BUILD/tidy.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
TOOL = "clang-tidy-19"


def units(build, folders):
    """(path below the root, command without its output and compiler cache) of each unit, once."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        name = str(path.relative_to(ROOT))
        if name.startswith(tuple(folder + "/" for folder in folders)):
            words = shlex.split(entry["command"])
            compiler = next(i for i, word in enumerate(words) if "clang++" in word)
            found[name] = words[compiler:words.index("-o")]
    return sorted(found.items())


def key_of(name, command, common):
    """Names all that decides whether the unit passes; None when its headers can't be listed."""
    listed = subprocess.run(command + ["-MM", name], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        return None
    digest = hashlib.sha256(common)
    digest.update(" ".join(command).replace(str(ROOT), "").encode())
    for path in sorted(set(listed.stdout.replace("\\\n", " ").split()[1:])):
        digest.update(hashlib.sha256((ROOT / path).read_bytes()).digest())
    return digest.hexdigest()


def check(name, command, common, build):
    """None when the unit passes, else what clang-tidy says."""
    key = key_of(name, command, common)
    passed = build / "tidy" / key if key else None
    if passed and passed.exists():
        return None
    run = subprocess.run([TOOL, "-quiet", "-p", str(build), name], cwd=ROOT, capture_output=True,
                         text=True)
    if run.returncode != 0:
        return run.stdout or run.stderr
    if passed:
        passed.touch()
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    build = args.build.resolve()
    (build / "tidy").mkdir(exist_ok=True)
    version = subprocess.run([TOOL, "--version"], check=True, capture_output=True).stdout
    common = version + (ROOT / ".clang-tidy").read_bytes()

    todo = units(build, args.folders)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        running = [pool.submit(check, name, command, common, build) for name, command in todo]
        for done in concurrent.futures.as_completed(running):
            if done.result() is not None:
                failed += 1
                print(done.result(), flush=True)
    print(f"clang-tidy: {len(todo)} units, {failed} with findings")
    return 1 if failed or not todo else 0


if __name__ == "__main__":
    sys.exit(main())
