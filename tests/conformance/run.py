#!/usr/bin/env python3
"""make conformance: runs the published YAML REST tests against Stratalog or another server.

  run.py [--url URL [--wipe]] [--auth USER:PASSWORD] [--test TEXT] [FOLDER...]

Without a URL the release build is started on a fresh folder, over TLS. FOLDERs are those of the
published tests (bulk get index ...), all of them by default. Ends with `N passed, N failed, N
skipped` and fails when a test failed.
"""
import argparse
import collections
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import spec  # noqa: E402
from assertions import Failed  # noqa: E402
from harness import RunningServer, Server  # noqa: E402
from known import KNOWN  # noqa: E402
from runner import Skipped, Test  # noqa: E402


class Cleaner:
    """Brings a server back to what it was when the run began."""

    def __init__(self, client):
        self.client = client
        self.kept = {path: self.names(path) for path in self.TEMPLATES}

    TEMPLATES = ("/_template", "/_index_template", "/_component_template")

    def names(self, path):
        answer = self.client("GET", path)
        if answer.status != 200:
            return set()
        found = answer.json
        for key in ("index_templates", "component_templates"):
            if key in found:
                return {entry["name"] for entry in found[key]}
        return set(found)

    def clean(self):
        everything = "/*?expand_wildcards=all&ignore_unavailable=true"
        if self.client("DELETE", everything).status != 200:
            # A test that failed half-way may leave an index blocked.
            self.client("PUT", "/*/_settings?expand_wildcards=all", {
                f"index.blocks.{kind}": None
                for kind in ("read_only", "read_only_allow_delete", "metadata", "write")})
            self.client("DELETE", everything)
        for path in self.TEMPLATES:
            for name in self.names(path) - self.kept[path]:
                self.client("DELETE", f"{path}/{name}")
        answer = self.client("GET", "/_snapshot")
        if answer.status == 200:
            for name in answer.json:
                self.client("DELETE", f"/_snapshot/{name}/*")
                self.client("DELETE", f"/_snapshot/{name}")
        answer = self.client("GET", "/_cluster/settings?flat_settings=true")
        if answer.status == 200:
            kinds = {kind: {key: None for key in answer.json.get(kind, {})}
                     for kind in ("persistent", "transient")}
            if any(kinds.values()):
                self.client("PUT", "/_cluster/settings", kinds)


def run_test(client, apis, file, steps):
    """'' when it passed, else what failed; raises Skipped."""
    test = Test(client, apis)
    try:
        test.run(file.setup)
        test.run(steps)
    except Failed as failure:
        return str(failure)
    except Skipped:
        raise
    except Exception as error:  # an answer of a form that the step did not expect
        return f"{type(error).__name__}: {error}"
    finally:
        try:
            Test(client, apis).run(file.teardown)
        except (Failed, Skipped):
            pass
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--url")
    parser.add_argument("--auth")
    parser.add_argument("--wipe", action="store_true", help="delete what the server at URL has")
    parser.add_argument("--test", default="", help="only tests whose name has this text")
    options = parser.parse_args()
    unknown = set(options.folders) - set(spec.folders())
    if unknown:
        sys.exit(f"no such folder: {', '.join(sorted(unknown))}")
    if options.url:
        auth = tuple(options.auth.split(":", 1)) if options.auth else None
        server = RunningServer(options.url, auth)
    else:
        server = Server()
        server.start()
    client = server.client()
    present = client("GET", "/_cat/indices?h=index&expand_wildcards=all").body.split()
    if options.url and present and not options.wipe:
        sys.exit(f"The tests delete everything, and the server has {len(present)} indices "
                 f"({', '.join(present[:5])}). Pass --wipe if they may go.")
    cleaner = Cleaner(client)
    cleaner.clean()
    apis = spec.apis()
    counts = collections.defaultdict(collections.Counter)
    failures = []
    for file in spec.files(options.folders):
        for name, steps in file.tests:
            full = f"{file.name}/{name}"
            if options.test not in full:
                continue
            folder = file.name.split("/")[0]
            try:
                failure = run_test(client, apis, file, steps)
            except Skipped:
                counts[folder]["skipped"] += 1
                continue
            finally:
                cleaner.clean()
            if failure and full in KNOWN:
                counts[folder]["known"] += 1
                continue
            counts[folder]["failed" if failure else "passed"] += 1
            if failure:
                failures.append((full, failure))
    server.close()
    for folder, count in sorted(counts.items()):
        print(f"{folder:40} {count['passed']:4} passed {count['failed']:4} failed "
              f"{count['skipped']:4} skipped {count['known']:4} known")
    for name, failure in failures:
        print(f"\nFAILED {name}\n    {failure}")
    total = sum(counts.values(), collections.Counter())
    print(f"\n{total['known']} fail on the real 7.17.3 too (known.py)")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
