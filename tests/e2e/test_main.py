"""The main job over TLS: who it says it is, who may come in, logs in, Discover's answer out."""
import json
import re
import signal
import socket
import ssl
import subprocess
import time

import pytest

import datasets
import harness
from wire import Wire

INFO = {
    "number": "7.17.3",
    "build_flavor": "default",
    "build_type": "docker",
    "build_hash": "5ad023604c8d7416c9eb6c0eadb62b14e766caff",
    "build_date": "2022-04-19T08:11:19.070913226Z",
    "build_snapshot": False,
    "lucene_version": "8.11.1",
    "minimum_wire_compatibility_version": "6.8.0",
    "minimum_index_compatibility_version": "6.0.0-beta1",
}


def load_logs(client):
    for method, path, body in datasets.logs():
        if method == "PUT":
            client("DELETE", path)
        answer = client(method, path, body)
        assert answer.status == 200, answer


def test_info_is_pretty_and_in_order(server, http):
    answer = http("GET", "/")
    assert answer.status == 200
    assert answer.headers["x-elastic-product"] == "Elasticsearch"
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    info = answer.json
    assert list(info) == ["name", "cluster_name", "cluster_uuid", "version", "tagline"]
    assert len(info["cluster_uuid"]) == 22
    assert list(info["version"].items()) == list(INFO.items())
    assert answer.body.startswith('{\n  "name" : "') and answer.body.endswith('"\n}\n')
    assert http("HEAD", "/").status == 200
    assert "\n" not in http("GET", "/?pretty=false").body.strip()


def test_wrong_and_missing_credentials(server):
    if server.auth is None:
        pytest.skip("a server without security")
    missing = server.client(auth=None)("GET", "/_search")
    assert missing.status == 401
    assert "Basic realm=\"security\" charset=\"UTF-8\"" in missing.headers["www-authenticate"]
    assert missing.headers["x-elastic-product"] == "Elasticsearch"
    error = missing.json["error"]
    assert error["type"] == "security_exception"
    assert error["reason"] == "missing authentication credentials for REST request [/_search]"
    assert error["root_cause"][0]["type"] == "security_exception"
    wrong = server.client(auth=("elastic", "wrong"))("POST", "/_bulk", [{"index": {}}, {}])
    assert wrong.status == 401
    reason = "unable to authenticate user [elastic] for REST request [/_bulk]"
    assert wrong.json["error"]["reason"] == reason
    nobody = server.client(auth=("nobody", "x"))("GET", "/")
    assert nobody.json["error"]["reason"] == (
        "unable to authenticate user [nobody] for REST request [/]")
    assert server.client()("GET", "/").status == 200


def test_bulk_answer_is_compact_and_in_order(http):
    http("DELETE", "/e2e-bulk")
    answer = http("POST", "/_bulk", [{"index": {"_index": "e2e-bulk"}}, {"a": 1}])
    assert re.match(r'\{"took":\d+,"errors":false,"items":\[\{"index":\{"_index":"e2e-bulk",',
                    answer.body)
    item = answer.json["items"][0]["index"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{20}", item["_id"])
    assert item["status"] == 201 and item["result"] == "created"


BULK = '{{"{op}":{{"_index":"e2e-forms",{more}"_id":"{id}"}}}}{eol}{{"a":"{id}"}}{eol}'


@pytest.mark.parametrize("method, path, text, headers", [
    ("POST", "/_bulk", BULK.format(op="index", more="", id="plain", eol="\n"), {}),
    ("PUT", "/_bulk", BULK.format(op="create", more="", id="put", eol="\n"), {}),
    ("POST", "/_bulk/", BULK.format(op="index", more="", id="slash", eol="\n"), {}),
    ("POST", "/_bulk", BULK.format(op="index", more="", id="crlf", eol="\r\n"), {}),
    ("POST", "/_bulk", BULK.format(op="index", more='"_type":"_doc",', id="typed", eol="\n"), {}),
    ("POST", "/e2e-forms/_bulk", BULK.format(op="index", more="", id="in-path", eol="\n"), {}),
    ("POST", "/e2e-forms/_doc/_bulk", BULK.format(op="index", more="", id="t-path", eol="\n"), {}),
    ("POST", "/_bulk", BULK.format(op="index", more="", id="json", eol="\n"),
     {"Content-Type": "application/json"}),
    ("POST", "/_bulk", BULK.format(op="index", more="", id="vendor", eol="\n"),
     {"Content-Type": "application/vnd.elasticsearch+x-ndjson; compatible-with=7"}),
    ("POST", "/_bulk", BULK.format(op="index", more="", id="blank", eol="\n") + "\n", {}),
])
def test_bulk_in_each_form(http, method, path, text, headers):
    http("DELETE", "/e2e-forms")
    headers = {"Content-Type": "application/x-ndjson", **headers}
    answer = http(method, path, text.encode(), headers)
    assert answer.status == 200 and not answer.json["errors"], answer
    key = next(iter(answer.json["items"][0].values()))["_id"]
    assert http("GET", f"/e2e-forms/_doc/{key}").json["_source"] == {"a": key}


def test_bulk_compressed_both_ways(server, http):
    lines = []
    for n in range(500):
        lines += [{"index": {"_index": "e2e-gzip", "_id": str(n)}}, {"n": n, "text": "x" * 200}]
    answer = http("POST", "/_bulk?refresh=true", lines, compress=True,
                  headers={"Accept-Encoding": "gzip"})
    assert answer.headers.get("content-encoding") == "gzip"
    assert len(answer.json["items"]) == 500
    assert http("GET", "/e2e-gzip/_count").json["count"] == 500


def test_unicode_comes_back_byte_for_byte(http):
    source = '{"log":"\\u041f\\u0440\\u0438\\u0432 \\ud83d\\ude00",  "n":1.50,"e":[ ]}'
    text = '{"index":{"_index":"e2e-bytes","_id":"1"}}\n' + source + "\n"
    http("POST", "/_bulk?refresh=true", text.encode(), {"Content-Type": "application/x-ndjson"})
    answer = http("GET", "/e2e-bytes/_doc/1")
    assert f'"_source":{source}' in answer.body
    assert f'"_source":{source}' in http("GET", "/e2e-bytes/_search").body
    assert http("GET", "/e2e-bytes/_source/1").body == source


def test_discover(http):
    """The chart and the table of Discover: newest first, one namespace, a word, 30-minute bars."""
    load_logs(http)
    answer = http("POST", "/fx-logs-*/_search?ignore_unavailable=true&track_total_hits=true", {
        "version": True, "size": 500,
        "sort": [{"@timestamp": {"order": "desc", "unmapped_type": "boolean"}}],
        "aggs": {"2": {"date_histogram": {
            "field": "@timestamp", "fixed_interval": "30m", "time_zone": "UTC",
            "min_doc_count": 1}}},
        "stored_fields": ["*"], "script_fields": {},
        "docvalue_fields": [{"field": "@timestamp", "format": "date_time"}],
        "_source": {"excludes": []},
        "query": {"bool": {"must": [], "filter": [
            {"match_phrase": {"kubernetes.namespace_name": "shop"}},
            {"match": {"log": "error"}},
            {"range": {"@timestamp": {
                "gte": "2024-03-01T00:00:00.000Z", "lte": "2024-03-03T12:00:00.000Z",
                "format": "strict_date_optional_time"}}}], "should": [], "must_not": []}},
        "highlight": {"pre_tags": ["<"], "post_tags": [">"], "fields": {"*": {}},
                      "fragment_size": 2147483647},
    }).json
    expected = []
    for day in (1, 2, 3):
        for i in range(50):
            doc = datasets.container_log(i + day, day, 50)
            shop = doc["kubernetes"]["namespace_name"] == "shop"
            early = doc["@timestamp"] <= "2024-03-03T12:00:00.000Z"
            if shop and early and "ERROR" in doc["log"]:
                expected.append(doc)
    expected.sort(key=lambda doc: doc["@timestamp"], reverse=True)
    assert expected, "the data set lost its errors"
    assert answer["hits"]["total"] == {"value": len(expected), "relation": "eq"}
    assert [hit["_source"] for hit in answer["hits"]["hits"]] == expected
    assert all("<ERROR>" in hit["highlight"]["log"][0] for hit in answer["hits"]["hits"])
    bars = answer["aggregations"]["2"]["buckets"]
    assert sum(bar["doc_count"] for bar in bars) == len(expected)
    assert all(bar["key"] % 1800000 == 0 for bar in bars)


def test_refresh_wait_for_shows_the_document(http):
    http("DELETE", "/e2e-refresh")
    for n in range(5):
        http("POST", "/e2e-refresh/_doc?refresh=wait_for", {"n": n})
        assert http("GET", "/e2e-refresh/_count").json["count"] == n + 1


def test_a_bad_item_spoils_no_neighbour(http):
    http("DELETE", "/e2e-neighbours")
    http("PUT", "/e2e-neighbours", {"mappings": {"properties": {"n": {"type": "integer"}}}})
    lines = []
    for n in range(20):
        lines += [{"index": {"_id": str(n)}}, {"n": "bad" if n % 3 == 0 else n}]
    answer = http("POST", "/e2e-neighbours/_bulk?refresh=true", lines).json
    statuses = [item["index"]["status"] for item in answer["items"]]
    assert statuses == [400 if n % 3 == 0 else 201 for n in range(20)]
    assert http("GET", "/e2e-neighbours/_count").json["count"] == statuses.count(201)


def test_conflicting_lines_are_kept_where_the_index_says_so(server, http):
    if not hasattr(server, "process"):
        pytest.skip("index.mapping.conflicts is a setting of ours")
    http("DELETE", "/logstash-e2e")
    answer = http("POST", "/logstash-e2e/_bulk?refresh=true", [
        {"create": {"_id": "1"}}, {"kubernetes": {"labels": {"app": "shop"}}, "code": 7},
        {"create": {"_id": "2"}},
        {"kubernetes": {"labels": {"app": {"kubernetes": {"io": "x"}}}}, "code": "seven"},
    ]).json
    assert [item["create"]["status"] for item in answer["items"]] == [201, 201]

    def ids(query):
        found = http("POST", "/logstash-e2e/_search", {"query": query}).json
        return sorted(hit["_id"] for hit in found["hits"]["hits"])
    assert ids({"term": {"code": 7}}) == ["1"]
    assert ids({"match": {"code": "seven"}}) == ["2"]
    assert ids({"match": {"kubernetes.labels.app": "shop"}}) == ["1"]
    assert ids({"match": {"kubernetes.labels.app.kubernetes.io": "x"}}) == ["2"]
    assert http("GET", "/logstash-e2e/_doc/2").json["_source"]["code"] == "seven"


def test_restart_keeps_everything(own_server):
    own_server.start()
    client = own_server.client()
    uuid = client("GET", "/").json["cluster_uuid"]
    load_logs(client)
    client("PUT", "/_template/e2e", {"index_patterns": ["e2e-t-*"], "settings": {
        "number_of_shards": 1}, "mappings": {"properties": {"k": {"type": "keyword"}}}})
    client("POST", "/_aliases", {"actions": [{"add": {"index": "fx-logs-*", "alias": "all"}}]})
    client("DELETE", "/fx-logs-2024.03.01/_doc/1-3")
    client("POST", "/fx-logs-2024.03.02/_update/2-4", {"doc": {"changed": True}})
    body = {"size": 1000, "sort": ["@timestamp"], "version": True, "seq_no_primary_term": True,
            "aggs": {"apps": {"terms": {"field": "kubernetes.labels.app.keyword"}}}}
    client("POST", "/_refresh")
    paths = ["/fx-logs-*/_mapping", "/_template/e2e", "/_alias/all", "/fx-logs-*/_settings"]

    def state():
        found = client("POST", "/all/_search", body).json
        found.pop("took")
        return [found, *(client("GET", path).json for path in paths)]
    before = state()
    assert before[0]["hits"]["total"]["value"] == 149
    for way in ("stop", "kill"):
        getattr(own_server, way)()
        client.close()
        own_server.start()
        client = own_server.client()
        assert client("GET", "/").json["cluster_uuid"] == uuid
        assert state() == before
    late = {"@timestamp": "2024-03-01", "log": "x"}
    client("POST", "/fx-logs-2024.03.01/_doc?refresh=true", late)
    assert client("GET", "/all/_count").json["count"] == 150


def test_bodies_take_a_sixth_of_the_memory_at_most(own_server):
    own_server.settings["memory.limit"] = "72mb"
    own_server.start()
    client = own_server.client()
    node, = client("GET", "/_nodes/http").json["nodes"].values()
    longest = node["http"]["max_content_length_in_bytes"]
    assert longest == 12 << 20
    line = b'{"index":{}}\n{"log":"' + b"x" * 977 + b'"}\n'
    fits = line * (longest // len(line))
    ndjson = {"Content-Type": "application/x-ndjson"}
    taken = client("POST", "/b/_bulk", fits, ndjson)
    assert (taken.status, taken.json.get("errors")) == (200, False), taken.json
    assert client("POST", "/b/_bulk", fits + line, ndjson).status == 413
    count = client("POST", "/b/_refresh") and client("GET", "/b/_count").json["count"]
    assert count == longest // len(line)


# The chart sets memory.limit to 60% of its container, which is killed above this.
CONTAINER = (128 << 20) / 0.6


def memory_peak(server):
    for line in open(f"/proc/{server.process.pid}/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) << 10


def test_wide_questions_stay_within_the_memory(own_server):
    own_server.settings["memory.limit"] = "128mb"
    own_server.start()
    client = own_server.client()
    # A bucket for each of many keys, and in each a count of what is different in every document.
    for batch in range(12):
        lines = [item for i in range(batch * 5000, batch * 5000 + 5000)
                 for item in ({"index": {}}, {"key": i % 20000, "trace": f"{i * 7919:016x}"})]
        answer = client("POST", "/wide/_bulk", lines).json
        assert not answer["errors"]
    client("POST", "/wide/_refresh")
    asked = {"size": 0, "aggs": {"keys": {
        "terms": {"field": "key", "size": 50, "order": {"_key": "desc"}},
        "aggs": {"traces": {"cardinality": {"field": "trace.keyword"}}}}}}
    answer = client("POST", "/wide/_search", asked)
    assert answer.status == 200, answer.json
    buckets = answer.json["aggregations"]["keys"]["buckets"]
    assert [bucket["key"] for bucket in buckets] == list(range(19999, 19949, -1))
    assert {bucket["traces"]["value"] for bucket in buckets} == {3}

    text = "x" * 1_000_000
    for i in range(60):
        assert client("PUT", f"/big/_doc/{i}", {"log": text}).status == 201
    client("POST", "/big/_refresh")
    for _ in range(5):  # what one search held is there for the next
        refused = client("POST", "/big/_search", {"size": 60})
        assert refused.status == 429 and refused.headers["retry-after"], refused.json
        cause, = refused.json["error"]["root_cause"]
        assert cause["type"] == "circuit_breaking_exception"
        assert cause["bytes_limit"] == (128 << 20) // 4 < cause["bytes_wanted"]
        assert refused.json["error"]["failed_shards"][0]["reason"] == cause
        taken = client("POST", "/big/_search", {"size": 5}).json["hits"]["hits"]
        assert len(taken) == 5 and all(hit["_source"]["log"] == text for hit in taken)
    both = client("POST", "/big/_msearch", [{}, {"size": 60}, {}, {"size": 1}]).json["responses"]
    assert [part["status"] for part in both] == [429, 200]
    many = client("POST", "/big/_msearch", [{}, {"size": 10}] * 20).json["responses"]
    assert many[0]["status"] == 200 and many[-1]["status"] == 429
    refused = client("POST", "/big/_mget", {"ids": ["1"] * 1000})
    assert (refused.status, refused.json["error"]["type"]) == (429, "circuit_breaking_exception")
    assert client("POST", "/big/_mget", {"ids": ["1"] * 10}).status == 200
    assert memory_peak(own_server) < CONTAINER  # several times that without the bound


def test_a_scroll_does_not_pass_over_a_refused_page(own_server):
    own_server.settings["memory.limit"] = "128mb"
    own_server.start()
    client = own_server.client()
    text = "x" * 1_000_000
    for i in range(60):
        document = {"n": i, "log": text if i >= 30 else ""}
        assert client("PUT", f"/pages/_doc/{i}", document).status == 201
    client("POST", "/pages/_refresh")
    page = client("POST", "/pages/_search?scroll=1m", {"size": 30, "sort": ["n"]})
    assert [hit["_source"]["n"] for hit in page.json["hits"]["hits"]] == list(range(30))
    asked = {"scroll_id": page.json["_scroll_id"], "scroll": "1m"}
    assert [client("POST", "/_search/scroll", asked).status for _ in range(3)] == [429] * 3
    assert memory_peak(own_server) < CONTAINER


def test_a_filter_asked_again_gives_what_it_gave(own_server):
    """The rows of frequent terms are kept once a second request asks for them."""
    own_server.start()
    client = own_server.client()
    documents = 20_000  # in one segment: smaller ones keep nothing
    for batch in range(0, documents, 5000):
        lines = [item for i in range(batch, batch + 5000) for item in (
            {"index": {"_id": str(i)}}, {"n": i, "app": f"app-{i % 3}", "log": "even" if i % 2 == 0 else "odd"})]
        assert not client("POST", "/kept/_bulk", lines).json["errors"]
    assert client("POST", "/kept/_forcemerge?max_num_segments=1").status == 200

    def count(query):
        body = {"size": 0, "track_total_hits": True, "query": query}
        return client("POST", "/kept/_search", body).json["hits"]["total"]["value"]

    app = {"match_phrase": {"app": "app-1"}}  # two words: a phrase is no term
    even, first = {"term": {"log": "even"}}, {"term": {"app.keyword": "app-1"}}
    late = {"range": {"n": {"gte": 15_001}}}
    rows = range(documents)
    expected = [
        (even, sum(1 for i in rows if i % 2 == 0)),
        (first, sum(1 for i in rows if i % 3 == 1)),
        (app, sum(1 for i in rows if i % 3 == 1)),
        ({"bool": {"filter": [even, first, late]}},
         sum(1 for i in rows if i % 6 == 4 and i > 15_000)),
        ({"bool": {"must_not": [even], "filter": [first]}}, sum(1 for i in rows if i % 6 == 1)),
    ]
    best = {"size": 3, "query": {"bool": {"must": [even], "filter": [first]}}}
    before = client("POST", "/kept/_search", best).json["hits"]["hits"]
    assert [hit["_id"] for hit in before] == ["4", "10", "16"]
    for _ in range(4):
        for query, wanted in expected:
            assert count(query) == wanted, query
    # Scores are as before; deleted rows are not of what is kept.
    assert client("POST", "/kept/_search", best).json["hits"]["hits"] == before
    assert client("DELETE", "/kept/_doc/4?refresh=true").status == 200
    assert client("PUT", "/kept/_doc/10?refresh=true",
                  {"n": 10, "app": "app-9", "log": "odd"}).status == 200
    for _ in range(3):
        assert count(even) == documents // 2 - 2
        assert count(first) == expected[1][1] - 2


def test_a_password_is_made_and_said_once(own_server, tmp_path):
    port = harness.free_port()
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    command = [harness.binary(), "serve", "-E", f"path.data={own_server.folder}/data",
               "-E", f"http.port={port}", "-E", "network.host=127.0.0.1"]
    process = subprocess.Popen(command, env=environment, text=True, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        password = None
        for line in process.stdout:
            match = re.search(r"[Pp]assword[^:]*: *\"?([A-Za-z0-9_+*=-]{15,})", line)
            if match:
                password = match.group(1)
                break
        assert password, "no password was printed"
        client = harness.RunningServer(f"https://127.0.0.1:{port}", ("elastic", password)).client()
        for _ in range(100):
            try:
                assert client("GET", "/").status == 200
                break
            except OSError:
                time.sleep(0.05)
        else:
            raise AssertionError("never answered")
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_tls_versions_and_certificate(server):
    if not server.url.startswith("https"):
        pytest.skip("a server without TLS")
    host, port = server.url.split("//")[1].split(":")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl._create_unverified_context()
        context.minimum_version = context.maximum_version = version
        with socket.create_connection((host, int(port)), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as wrapped:
                certificate = wrapped.getpeercert(binary_form=True)
                assert wrapped.version() == version.name.replace("TLSv1_", "TLSv1.")
    text = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-text"],
                          input=certificate, capture_output=True, check=True).stdout.decode()
    for name in ("DNS:localhost", "IP Address:127.0.0.1", "DNS:elasticsearch-master"):
        assert name in text


def test_pipelined_requests_are_answered_in_order(server, http):
    wire = Wire(server)
    head = "".join(f"{k}: {v}\r\n" for k, v in http.headers.items())
    request = "GET /?filter_path=tagline&n={n} HTTP/1.1\r\nHost: x\r\n{head}\r\n"
    good = "GET /_cat/count/none*?h=count HTTP/1.1\r\nHost: x\r\n" + head + "\r\n"
    wire.socket.sendall((request.format(n=1, head=head) + good).encode())
    first = wire.exchange(b"")
    second = wire.exchange(b"")
    assert first[0] == 400 and "unrecognized parameter: [n]" in first[2]
    assert second[0] == 200 and second[2].strip() == "0"
    wire.close()


def test_expect_continue(server, http):
    wire = Wire(server)
    head = "".join(f"{k}: {v}\r\n" for k, v in http.headers.items())
    body = b'{"a":1}'
    wire.socket.sendall(("PUT /e2e-expect/_doc/1 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                         f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                         f"{head}\r\n").encode())
    while b"\r\n\r\n" not in wire.buffer:
        wire.receive()
    assert wire.buffer.startswith(b"HTTP/1.1 100")
    wire.buffer = wire.buffer.split(b"\r\n\r\n", 1)[1]
    status, _, answer = wire.exchange(body)
    assert status in (200, 201), answer
    wire.close()


def test_chunked_request(server, http):
    wire = Wire(server)
    head = "".join(f"{k}: {v}\r\n" for k, v in http.headers.items())
    status, _, answer = wire.exchange((
        "POST /e2e-chunked/_doc/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        f"Content-Type: application/json\r\n{head}\r\n"
        "4\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\n\r\n").encode())
    assert status in (200, 201), answer
    assert http("GET", "/e2e-chunked/_source/1").json == {"a": 1}
    wire.close()


@pytest.mark.parametrize("method, path, body, headers, status, part", [
    ("GET", "/_search?bogus=1", None, {}, 400, "unrecognized parameter: [bogus]"),
    ("POST", "/_search", b"<xml/>", {"Content-Type": "text/xml"}, 406,
     "Content-Type header [text/xml] is not supported"),
    ("POST", "/_search", b"{}", {"Content-Type": "application/yaml"}, 400, ""),
    ("PATCH", "/_search", None, {}, 405, ""),
    ("GET", "/" + "x" * 5000, None, {}, 400, "too_long_frame_exception"),
    ("GET", "/", None, {"X-Long": "x" * 9000}, 400, "too_long_frame_exception"),
])
def test_bad_requests(http, method, path, body, headers, status, part):
    answer = http(method, path, body, headers)
    if answer.status != status and headers.get("Content-Type") == "application/yaml":
        pytest.skip("YAML bodies are accepted")
    assert answer.status == status, answer
    assert part in answer.body


@pytest.mark.parametrize("method, path, body, warned", [
    ("PUT", "/e2e-typed/lines/1", {"a": 1}, "document index requests"),
    ("PUT", "/e2e-typed/_doc/1", {"a": 1}, None),
    ("GET", "/e2e-typed/lines/1", None, "document get requests"),
    ("GET", "/e2e-typed/other/1", None, "document get requests"),
    ("POST", "/e2e-typed/lines/1/_update", {"doc": {}}, "document update requests"),
    ("POST", "/_bulk", [{"index": {"_index": "e2e-typed", "_type": "lines"}}, {}], "bulk requests"),
    ("POST", "/_bulk", [{"index": {"_index": "e2e-typed"}}, {}], None),
    ("GET", "/e2e-typed/lines/_search", None, "search requests"),
    ("GET", "/e2e-typed/_search", None, None),
])
def test_types_are_warned_of(http, method, path, body, warned):
    warning = http(method, path, body).headers.get("warning")
    if warned is None:
        assert warning is None
    else:
        assert re.fullmatch(r'299 Elasticsearch-7\.17\.3-[0-9a-f]{40} "\[types removal\] '
                            rf'Specifying types in {warned} (is|are) deprecated.*"', warning)


def test_an_index_whose_hits_can_not_be_fetched_takes_no_part(http):
    for name, kind in (("e2e-part-a", "keyword"), ("e2e-part-b", "text")):
        http("DELETE", f"/{name}")
        http("PUT", f"/{name}", {"mappings": {"properties": {"t": {"type": kind}}}})
        http("PUT", f"/{name}/_doc/1?refresh=true", {"t": "x"})
    answer = http("POST", "/e2e-part-*/_search", {"docvalue_fields": ["t"]}).json
    assert [hit["_index"] for hit in answer["hits"]["hits"]] == ["e2e-part-a"]
    assert [f["index"] for f in answer["_shards"]["failures"]] == ["e2e-part-b"]


def test_yaml_answers(http):
    answer = http("GET", "/?format=yaml")
    assert answer.body.startswith("---\nname: ")
    assert answer.headers["content-type"] == "application/yaml"
    assert json.loads(http("GET", "/?filter_path=version.number").body) == {
        "version": {"number": "7.17.3"}}


def test_sort_by_address_puts_missing_rows_where_asked(http):
    """Elasticsearch 7.17 takes such a `missing` for text and fails to print it."""
    http("PUT", "/fx-addresses", {"mappings": {"properties": {"a": {"type": "ip"}}}})
    for name, body in [("1", {"a": "10.0.0.1"}), ("2", {}), ("3", {"a": "10.0.1.7"})]:
        assert http("PUT", f"/fx-addresses/_doc/{name}?refresh=true", body).status == 201
    def search(missing):
        return http("POST", "/fx-addresses/_search", {"sort": [{"a": {"missing": missing}}]})
    hits = search("10.0.0.9").json["hits"]["hits"]
    assert [(h["_id"], h["sort"][0]) for h in hits] == [
        ("1", "10.0.0.1"), ("2", "10.0.0.9"), ("3", "10.0.1.7")]
    assert search("nonsense").status == 400
    http("DELETE", "/fx-addresses")


@pytest.mark.parametrize("path", ["//_search", "//e2e-slash/_search", "//_cat/indices/e2e-slash",
                                  "//_cluster/health", "//e2e-slash/_doc/1"])
def test_base_url_may_end_with_a_slash(http, path):
    http("PUT", "/e2e-slash/_doc/1?refresh=true", {"a": 1})
    assert http("GET", path).status == 200


def test_figures_in_words(http):
    http("DELETE", "/e2e-human")
    http("PUT", "/e2e-human/_doc/1?refresh=true", {"a": "x" * 2000})
    for path in ("/e2e-human/_stats", "/_nodes/stats", "/_nodes/stats/indices,jvm", "/_nodes"):
        plain, human = http("GET", path).json, http("GET", f"{path}?human").json
        figures = list(figures_of(plain))
        assert figures
        assert not [f for f in figures if f in list(readable_of(plain))]
        assert set(figures) <= set(readable_of(human)), path
    stats = http("GET", "/e2e-human/_stats/store,get?human").json["_all"]["total"]
    assert re.fullmatch(r"[\d.]+kb", stats["store"]["size"]) and "getTime" in stats["get"]
    assert "heap_used" in str(http("GET", "/_nodes/stats/jvm?human").json)
    assert "store" not in str(http("GET", "/_nodes/stats/jvm?human").json)
    health = http("GET", "/_cluster/health?human").json
    assert health["active_shards_percent"] == "100.0%"
    assert health["task_max_waiting_in_queue"] == "0s"


def figures_of(value, path=()):
    """Paths of figures in bytes or milliseconds, without their units."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        cut = re.sub("_in_(bytes|millis)$", "", key)
        if cut != key and path[-1:] + (key,) != ("get", "time_in_millis"):
            yield path + (cut,)
        yield from figures_of(inner, path + (key,))


def readable_of(value, path=()):
    for key, inner in value.items() if isinstance(value, dict) else ():
        if isinstance(inner, str):
            yield path + (key,)
        yield from readable_of(inner, path + (key,))


def test_rows_that_are_not_written_yet_take_room(http):
    http("DELETE", "/e2e-room")
    http("PUT", "/e2e-room/_doc/1?refresh=true", {"a": "x" * 5000})
    row = http("GET", "/_cat/indices/e2e-room?format=json&bytes=b").json[0]
    assert int(row["store.size"]) > 1000


def test_a_stopping_server_answers_what_has_begun(own_server):
    """Within the grace after SIGTERM, the rest of a body may still come."""
    own_server.start()
    body = b'{"index":{"_index":"e2e-stop","_id":"1"}}\n{"a":1}\n'
    authorization = own_server.client().headers["Authorization"]
    idle, busy = Wire(own_server), Wire(own_server)
    status, _, _ = idle.exchange(f"GET / HTTP/1.1\r\nAuthorization: {authorization}\r\n\r\n".encode())
    assert status == 200
    busy.socket.sendall((
        f"POST /_bulk HTTP/1.1\r\nAuthorization: {authorization}\r\n"
        f"Content-Type: application/x-ndjson\r\nContent-Length: {len(body)}\r\n"
        "Expect: 100-continue\r\n\r\n").encode())
    busy.receive()
    assert busy.buffer.startswith(b"HTTP/1.1 100 "), busy.buffer
    busy.buffer = b""
    own_server.process.send_signal(signal.SIGTERM)
    assert idle.socket.recv(1) == b""  # so it is stopping
    time.sleep(0.5)  # long enough for a server that waits for nobody to be gone
    status, head, answer = busy.exchange(body)
    assert status == 200 and not json.loads(answer)["errors"]
    assert "connection: close" in head.lower()
    busy.close()
    assert own_server.process.wait(60) == 0
