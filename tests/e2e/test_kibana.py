"""What Kibana 7.10's Discover, Visualize and dashboards ask, answered as Elasticsearch 7.17.3 does.

The questions are those of a recorded session (scripts/record_kibana.py).
"""
import json

import pytest

import kibana
from scenario import differences

EXCHANGES = json.loads((kibana.FOLDER / "exchanges.json").read_text())


@pytest.fixture(scope="module")
def loaded(server):
    client = server.client()
    kibana.load(client)
    yield client
    client("DELETE", "/logstash-2026.11.*")


@pytest.fixture(scope="module")
def sources():
    return {(index, key): source for index, key, source in kibana.documents()}


def ids():
    return [f"{n}-{e['phase']}-{e['path'].split('?')[0]}" for n, e in enumerate(EXCHANGES)]


@pytest.mark.parametrize("exchange", EXCHANGES, ids=ids())
def test_question(loaded, sources, exchange):
    answer = loaded(exchange["method"], exchange["path"], exchange["body"])
    assert answer.status == 200, answer
    # Which partitions a server could skip is its own affair.
    ignore = ["_shards.skipped"]
    body = exchange["body"] or {}
    if any(isinstance(s, dict) and "_doc" in s for s in body.get("sort", [])):
        ignore.append("hits.hits.*.sort.1")  # a row's number inside of the server
    found = differences(exchange["answer"], kibana.compact(answer.json), ignore)
    assert not found, "\n" + "\n".join(found[:15])
    for hit in answer.json.get("hits", {}).get("hits", []):
        if "_source" in hit:
            assert hit["_source"] == sources[hit["_index"], hit["_id"]]
