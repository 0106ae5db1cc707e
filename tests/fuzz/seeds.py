#!/usr/bin/env python3
"""First inputs of a fuzz target, from what the tests have: seeds.py TARGET FOLDER."""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

BULK = [
    '{"index":{"_index":"logs","_id":"1"}}\n{"a":1}\n',
    '{"create":{"_index":"logs","routing":"r"}}\n{"a":"b"}\n{"delete":{"_index":"logs","_id":"2"}}\n',
    '{"update":{"_index":"logs","_id":"1","_source":["a"],"retry_on_conflict":3}}\n'
    '{"doc":{"a":2},"doc_as_upsert":true}\n',
    '{"index":{}}\r\n{"@timestamp":"2024-01-01T00:00:00Z","message":"text"}\r\n',
    '{"index":{"_type":"_doc","if_seq_no":1,"if_primary_term":1,"version":3,"version_type":"external",'
    '"pipeline":"_none","require_alias":true,"op_type":"create"}}\n{}\n',
]


SCRIPTS = [
    "int f(int a) { return a + 1 } def m = ['k': [1, 2.5, 'x']]; m.k.add(f(3)); return m",
    "for (int i = 0; i < 9; i++) { if (i % 2 == 0) continue; params.b.add(i) } return params.b",
    "def l = [3, 1, 2]; l.sort((a, b) -> b - a); return l.stream().map(x -> x * 2)"
    ".collect(Collectors.toList())",
    "try { return Integer.parseInt('x') } catch (NumberFormatException e) { return e.getMessage() }",
    "def m = /a(b)c/.matcher('xabc'); if (m.find()) { return m.group(1) } return 'ab' ==~ /a./",
    "ZonedDateTime d = ZonedDateTime.parse('2020-02-03T04:05:06Z'); return d.plusDays(1).monthValue",
    "String s = 'abc'; return s.substring(1).toUpperCase() + s.length() + params.a?.b ?: 'none'",
    "Map m = new TreeMap(); for (x in ['b', 'a']) { m.computeIfAbsent(x, k -> []).add(x) } return m",
    "int[] a = new int[] {1, 2}; a[0] <<= 3; long b = (long) a[0] >>> 1; return b instanceof Long",
    "StringBuilder b = new StringBuilder(); b.append(1).insert(0, 'x').reverse(); return b.toString()",
]
EXPRESSIONS = ["a * 2 + n > 3 ? max(a, n) : -1", "(n & 1) + (1 << 3) + ~0 || !a"]


def recorded():
    for path in sorted((ROOT / "tests/data/query").glob("*.json")):
        yield json.loads(path.read_text())


def seeds(target):
    if target == "bulk_body":
        return ["1" + text for text in BULK]
    if target == "search_body":
        return [case["body"] for record in recorded() for case in record.get("cases", [])]
    if target == "document":
        return ["1" + document["source"] for record in recorded()
                for index in record["indices"].values() for document in index["documents"]]
    if target == "script":
        return ["1" + text for text in SCRIPTS] + ["0" + text for text in EXPRESSIONS]
    return []


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    for number, text in enumerate(sorted(set(seeds(target)))):
        (folder / f"seed-{number:04d}").write_text(text)


if __name__ == "__main__":
    main()
