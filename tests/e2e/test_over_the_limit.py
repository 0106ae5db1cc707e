"""Fields for which a mapping that accepts conflicts has no room are asked as keys of a flattened
field: what that answers is right, what it does not is refused, and hits name them in _ignored."""
import pytest

INDEX = "/fx-over"
DOCUMENTS = [{"n": i, "w": f"w{i}", "f18": f"v{i}", "f19": f"v{i}{i % 2}", "o": {"deep": f"d{i}"}}
             for i in range(4)]


@pytest.fixture(scope="module", params=["live", "written"])
def ask(server, request):
    http = server.client()
    http("DELETE", INDEX)
    settings = {"index.mapping.conflicts": "accept", "index.mapping.total_fields.limit": 3}
    mapped = {"n": {"type": "long"}, "w": {"type": "keyword"}}
    made = http("PUT", INDEX, {"settings": settings, "mappings": {"properties": mapped}})
    assert made.status == 200, made
    lines = []
    for i, document in enumerate(DOCUMENTS):
        lines += [{"index": {"_id": str(i)}}, document]
    assert not http("POST", f"{INDEX}/_bulk?refresh=true", lines).json["errors"]
    if request.param == "written":
        assert http("POST", f"{INDEX}/_forcemerge?max_num_segments=1").status == 200
    yield lambda body: http("POST", f"{INDEX}/_search", {"sort": ["n"], **body})
    http("DELETE", INDEX)


def ids(answer):
    assert answer.status == 200, answer
    return [hit["_id"] for hit in answer.json["hits"]["hits"]]


@pytest.mark.parametrize("query, found", [
    ({"term": {"f19": "v11"}}, ["1"]),
    ({"terms": {"f19": ["v11", "v20"]}}, ["1", "2"]),
    ({"match": {"f19": "v31"}}, ["3"]),
    ({"prefix": {"f19": "v1"}}, ["1"]),
    ({"range": {"f19": {"gte": "v11", "lt": "v31"}}}, ["1", "2"]),
    ({"exists": {"field": "f19"}}, ["0", "1", "2", "3"]),
    ({"exists": {"field": "o"}}, ["0", "1", "2", "3"]),
    ({"query_string": {"query": "f19:v1*"}}, ["1"]),
    ({"query_string": {"query": "f19:[v11 TO v20]"}}, ["1", "2"]),
    ({"prefix": {"o.deep": "d2"}}, ["2"]),
    ({"prefix": {"f1": "v"}}, []),
])
def test_asked(ask, query, found):
    assert ids(ask({"query": query})) == found


@pytest.mark.parametrize("query", [
    {"wildcard": {"f19": "v*"}}, {"regexp": {"f19": "v.*"}}, {"fuzzy": {"f19": "v12"}},
    {"range": {"f19": {"gte": "v1"}}}, {"match_phrase_prefix": {"f19": "v"}}])
def test_refused(ask, query):
    answer = ask({"query": query})
    assert answer.status == 400 and "[flattened]" in answer.body, answer


def test_aggregations(ask):
    aggs = {"t": {"terms": {"field": "f18"}}, "c": {"cardinality": {"field": "f19"}},
            "m": {"missing": {"field": "f19"}}, "u": {"missing": {"field": "f77"}}}
    found = ask({"size": 0, "sort": [], "aggs": aggs}).json["aggregations"]
    assert [b["key"] for b in found["t"]["buckets"]] == ["v0", "v1", "v2", "v3"]
    assert (found["c"]["value"], found["m"]["doc_count"], found["u"]["doc_count"]) == (4, 0, 4)
    refused = ask({"aggs": {"x": {"max": {"field": "f19"}}}})
    assert refused.status == 400 and "Field [f19] of type [flattened]" in refused.body


def test_sorted(ask):
    answer = ask({"sort": [{"f19": "desc"}]})
    assert ids(answer) == ["3", "2", "1", "0"]
    assert answer.json["hits"]["hits"][0]["sort"] == ["v31"]


def test_named_in_ignored(ask):
    assert set(ask({"size": 1}).json["hits"]["hits"][0]["_ignored"]) >= {"f18", "f19", "o.deep"}
    assert ids(ask({"query": {"term": {"_ignored": "f19"}}})) == ["0", "1", "2", "3"]
