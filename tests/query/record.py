#!/usr/bin/env python3
"""Records what a reference Elasticsearch answers: record.py URL plan.json > tests/data/query/NAME.json

A plan is {"indices": {name: {"settings": {}, "mappings": {}, "documents": [{"id": "1", "source": "{...}"}]}},
"cases": [{"body": "{...}", "params": {}, "index": "name"}]}; the answers are added to its cases.
"""
import json
import sys
import urllib.error
import urllib.parse
import urllib.request


def call(base, method, path, body=None):
    data = body.encode() if body is not None else None
    request = urllib.request.Request(base + path, data=data, method=method,
                                     headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        return json.loads(error.read() or b"{}")


def main():
    base, plan = sys.argv[1], json.load(open(sys.argv[2]))
    names = list(plan["indices"])
    for name, index in plan["indices"].items():
        call(base, "DELETE", "/" + name)
        made = call(base, "PUT", "/" + name, json.dumps({"mappings": index.get("mappings", {})}))
        assert made.get("acknowledged"), made
        for document in index["documents"]:
            path = "/%s/_doc/%s" % (name, urllib.parse.quote(document["id"], safe=""))
            made = call(base, "PUT", path, document["source"])
            assert "result" in made, made
        call(base, "POST", "/%s/_refresh" % name)
        if len(index["documents"]) > 1:
            call(base, "POST", "/%s/_forcemerge?max_num_segments=1" % name)
    for case in plan["cases"]:
        query = urllib.parse.urlencode(case.get("params", {}))
        target = case.get("index", ",".join(names))
        case["answer"] = call(base, "POST", "/%s/_search?%s" % (target, query), case["body"] or None)
    for name in names:
        call(base, "DELETE", "/" + name)
    json.dump(plan, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
