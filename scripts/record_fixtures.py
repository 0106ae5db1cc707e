#!/usr/bin/env python3
"""Records what a reference server answers to the scenarios of tests/e2e/scenarios.

  scripts/record_fixtures.py URL [scenario...]      URL such as http://127.0.0.1:19200

Run it with .venv/bin/python. Answers go to tests/data/fixtures/<scenario>.json, one step a line.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "e2e"))
import scenario as scenarios  # noqa: E402
from http_client import Client  # noqa: E402


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    client = Client(sys.argv[1])
    for name in sys.argv[2:] or scenarios.names():
        entries = []
        for step, status, body in scenarios.run(client, scenarios.load(name)):
            entry = {"do": step["do"], "status": status, "body": body}
            entries.append(entry if step.get("record", True) else {"do": step["do"]})
        text = ",\n".join(json.dumps(e, ensure_ascii=False, separators=(",", ":"))
                          for e in entries)
        scenarios.FIXTURES.mkdir(parents=True, exist_ok=True)
        (scenarios.FIXTURES / f"{name}.json").write_text(f"[\n{text}\n]\n")
        failed = sum(1 for e in entries if e.get("status", 0) >= 400)
        print(f"{name}: {len(entries)} steps, {failed} of them errors")


if __name__ == "__main__":
    main()
