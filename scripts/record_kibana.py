#!/usr/bin/env python3
"""Makes tests/data/kibana_discover/ from a recording of a Kibana session.

  scripts/record_kibana.py RECORDING.jsonl.gz URL

RECORDING holds one exchange a line {phase, method, path, reqBody, status, resBody}, among them the
bulk requests that loaded the logs and everything that Kibana's Discover, Visualize and dashboards
asked of logstash-*. Every STEPth log is kept, sent to the reference server at URL, and the
questions are asked again there: what it answers is what the test expects. Hits are kept without
their source (it is the document that was sent).
"""
import gzip
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from http_client import Client  # noqa: E402
from kibana import FOLDER, compact, load  # noqa: E402

STEP = 5


def read(path):
    with gzip.open(path, "rt") as lines:
        return [e for e in map(json.loads, lines) if "method" in e]


def documents(exchanges):
    """(index, id, source) of the logs that the session loaded, thinned out."""
    named = {text for e in exchanges if "_search" in e["path"]
             for text in ids_in(e.get("reqBody"))}
    found = []
    for exchange in exchanges:
        if exchange["phase"] != "bulk" or exchange["path"] != "/_bulk":
            continue
        answer = exchange["resBody"]
        if "__truncated" in answer:
            items = [None] * (len(exchange["reqBody"]) // 2)
        else:
            items = [next(iter(item.values())) for item in answer["items"]]
        lines = exchange["reqBody"]
        for number, (action, source) in enumerate(zip(lines[::2], lines[1::2])):
            index = next(iter(action.values()))["_index"]
            key = items[number]["_id"] if items[number] else f"doc-{len(found)}"
            found.append((index, key, source))
    return [d for n, d in enumerate(found) if n % STEP == 0 or d[1] in named]


def ids_in(body):
    """The ids that a body asks for by `ids` queries."""
    if isinstance(body, dict):
        if isinstance(body.get("ids"), dict):
            yield from body["ids"].get("values", [])
        for value in body.values():
            yield from ids_in(value)
    elif isinstance(body, list):
        for value in body:
            yield from ids_in(value)


def questions(exchanges):
    """What was asked of logstash-*, each question once."""
    seen = set()
    for e in exchanges:
        asks = "/_search" in e["path"] or "/_field_caps" in e["path"] or "/_count" in e["path"]
        if not e["path"].startswith("/logstash-") or not asks or e["phase"] == "telemetry":
            continue
        key = json.dumps([e["method"], e["path"].split("&preference")[0], e["reqBody"]])
        if key not in seen:
            seen.add(key)
            yield {"phase": e["phase"], "method": e["method"], "path": e["path"],
                   "body": e["reqBody"]}


def main():
    recording, url = sys.argv[1:]
    exchanges = read(recording)
    logs = documents(exchanges)
    client = Client(url)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "documents.ndjson.gz", "wb") as raw, \
            gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as out:
        for index, key, source in logs:
            line = json.dumps([index, key, source], ensure_ascii=False, separators=(",", ":"))
            out.write(line.encode() + b"\n")
    load(client)
    kept = []
    for question in questions(exchanges):
        answer = client(question["method"], question["path"], question["body"])
        if answer.status != 200:
            print("left out:", question["phase"], answer.status, answer.body[:200])
            continue
        kept.append({**question, "answer": compact(answer.json)})
    text = ",\n".join(json.dumps(k, ensure_ascii=False, separators=(",", ":")) for k in kept)
    (FOLDER / "exchanges.json").write_text(f"[\n{text}\n]\n")
    client("DELETE", "/logstash-2026.11.*")
    print(f"{len(logs)} documents, {len(kept)} questions")


if __name__ == "__main__":
    main()
