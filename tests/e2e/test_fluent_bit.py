"""Fluent Bit's requests, byte for byte as 3.2.10 and 1.9.10 sent them, cut to four documents.

tests/data/fluent_bit.jsonl holds one exchange a line: name, target, headers in their order (empty
Host, Content-Length and Authorization are filled in here), the body's lines, and what Elasticsearch
7.17.3 answered: status, errors, and of each item the parts that Fluent Bit looks at.
"""
import base64
import gzip
import json
import socket

import pytest

from harness import DATA
from wire import Wire

EXCHANGES = [json.loads(line) for line in (DATA / "fluent_bit.jsonl").read_text().splitlines()]

# Under index.mapping.conflicts: accept, which the built-in template sets for logstash-*, a line is
# stored that the real server refuses. That is the point of the setting.
ACCEPTED_HERE = {"labels app and app.kubernetes.io/name together"}


def request_bytes(exchange, server):
    """The request exactly as Fluent Bit writes it."""
    body = "".join(line + "\n" for line in exchange["lines"]).encode()
    names = {name for name, _ in exchange["headers"]}
    if "Content-Encoding" in names:
        body = gzip.compress(body)
    password = server.auth[1] if server.auth else ""
    tokens = {"right": password, "wrong": "nope"}
    lines = [f"POST {exchange['target']} HTTP/1.1"]
    refused = exchange["status"] == 401
    for name, value in exchange["headers"]:
        if name == "Host":
            value = server.url.split("//")[1]
        elif name == "Content-Length":
            value = str(len(body))
        elif name == "Authorization":
            token = base64.b64encode(f"elastic:{tokens[value]}".encode()).decode()
            value = f"Basic {token}"
        lines.append(f"{name}: {value}")
    if "Authorization" not in names and not refused:
        token = base64.b64encode(f"elastic:{password}".encode()).decode()
        lines.append(f"Authorization: Basic {token}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@pytest.fixture(params=EXCHANGES, ids=lambda e: e["name"])
def exchange(request):
    return request.param


@pytest.fixture
def wire(server):
    made = Wire(server)
    yield made
    made.close()


def test_answer_is_what_fluent_bit_was_told(server, http, wire, exchange):
    if exchange["status"] == 401 and server.auth is None:
        pytest.skip("a server without security")
    for line in exchange["lines"][::2]:
        index = list(json.loads(line).values())[0]["_index"]
        http("DELETE", f"/{index.lower()}")
    status, head, body = wire.exchange(request_bytes(exchange, server))
    assert status == exchange["status"], body
    if status != 200:
        assert json.loads(body)["error"]["type"] == exchange["error"]
        assert "www-authenticate: basic" in head.lower()
        return
    answer = json.loads(body)
    if exchange["name"] in ACCEPTED_HERE and not answer["errors"]:
        assert body.startswith('{"took":') and '"errors":false,"items":[' in body
        assert [i["create"]["status"] for i in answer["items"]] == [201] * len(answer["items"])
        return
    assert answer["errors"] == exchange["errors"], body
    # Fluent Bit searches its (perhaps cut) buffer for exactly these bytes.
    assert ('"errors":false,"items":[' in body) == (not exchange["errors"])
    assert len(answer["items"]) == len(exchange["items"])
    for got, expected in zip(answer["items"], exchange["items"]):
        (got_op, got), (op, expected) = *got.items(), *expected.items()
        error = expected.pop("error", None)
        assert got_op == op
        assert {key: got.get(key) for key in expected} == expected
        if error:
            assert {key: got["error"].get(key) for key in error} == error


def test_nothing_is_lost_on_one_connection(server, http, wire):
    """All good exchanges one after another over one connection; every document can be read back."""
    http("DELETE", "/logstash-2026.11.22")
    stored = 0
    for exchange in EXCHANGES:
        headers = {name for name, _ in exchange["headers"]}
        ours = all('"logstash-2026.11.22"' in line for line in exchange["lines"][::2])
        if exchange["name"] in ACCEPTED_HERE or not ours or exchange.get("errors"):
            continue
        if exchange["status"] != 200 or "Connection" not in headers:
            continue
        status, _, body = wire.exchange(request_bytes(exchange, server))
        assert status == 200 and not json.loads(body)["errors"], body
        stored += len(exchange["lines"]) // 2
    http("POST", "/logstash-2026.11.22/_refresh")
    assert http("GET", "/logstash-2026.11.22/_count").json["count"] == stored
    answer = http("POST", "/logstash-*/_search", {
        "size": 100, "query": {"match": {"log": "connection refused"}}, "_source": ["log"]}).json
    logs = [hit["_source"]["log"] for hit in answer["hits"]["hits"]]
    assert logs and all("refused" in log for log in logs)


def test_tls_to_a_plain_port_is_answered(own_server):
    own_server.settings["xpack.security.http.ssl.enabled"] = "false"
    own_server.tls = False
    own_server.start()
    with socket.create_connection(("127.0.0.1", own_server.port), timeout=10) as plain:
        # The first bytes of a ClientHello.
        plain.sendall(bytes.fromhex("16030100050100000103030a0d0a"))
        plain.shutdown(socket.SHUT_WR)
        answer = plain.recv(4096)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400"), answer
    assert own_server.client()("GET", "/").status == 200
