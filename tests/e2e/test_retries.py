"""A bulk whose answer is lost is sent again, as Fluent Bit does, and stored once.

A thousand times the connection is cut after the documents were stored and before the answer was
read; then the server is killed under writers that send each body until it is answered.
"""
import base64
import json
import os
import random
import threading
import time

from harness import LONG
from wire import Wire

CUTS = 1000
ROUNDS = int(os.environ.get("STRATALOG_TEST_ROUNDS", 25 if LONG else 5))
LINES = 7


def body_of(key, day="2024.05.01", action="create", ids=False):
    lines = []
    for n in range(LINES):
        names = {"_index": f"logstash-{day}"}
        if ids:
            names["_id"] = f"{key}-{n}"
        lines.append(json.dumps({action: names}))
        lines.append(json.dumps({"@timestamp": f"2024-05-01T00:00:0{n}.000Z", "key": key, "n": n,
                                 "log": f"line {n} of {key}"}))
    return ("\n".join(lines) + "\n").encode()


def request_of(server, body):
    token = base64.b64encode(":".join(server.auth).encode()).decode()
    head = ("POST /_bulk HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Basic {token}\r\nContent-Type: application/x-ndjson\r\n"
            f"Content-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n")
    return head.encode() + body


def stored(client):
    return client("GET", "/logstash-*/_stats/indexing").json["_all"]["primaries"]["indexing"][
        "index_total"]


def lines_found(client):
    """(key, n) of every line, as often as it is there."""
    client("POST", "/_refresh")
    found = []
    answer = client("POST", "/logstash-*/_search?scroll=1m", {"size": 5000, "sort": ["_doc"]}).json
    while answer["hits"]["hits"]:
        found += [(hit["_source"]["key"], hit["_source"]["n"]) for hit in answer["hits"]["hits"]]
        answer = client("POST", "/_search/scroll", {"scroll": "1m",
                                                    "scroll_id": answer["_scroll_id"]}).json
    client("DELETE", "/_search/scroll", {"scroll_id": answer["_scroll_id"]})
    return found


def test_lost_answers_store_nothing_twice(own_server):
    own_server.start()
    client = own_server.client()
    client("POST", "/_bulk", body_of("first").decode(), {"Content-Type": "application/x-ndjson"})
    count = stored(client)
    assert count == LINES
    for cut in range(CUTS):
        body = body_of(cut, day=f"2024.05.0{1 + cut % 3}", action=("create", "index")[cut % 2],
                       ids=cut % 4 == 2)
        wire = Wire(own_server)
        wire.socket.sendall(request_of(own_server, body))
        if cut % 10 != 0:  # every tenth: the next try meets the first one on its way
            count += LINES
            while stored(client) < count:
                time.sleep(0.0005)
        wire.close()
        if cut % 100 == 99:
            client("POST", "/logstash-*/_flush")
        wire = Wire(own_server)
        status, _, answer = wire.exchange(request_of(own_server, body))
        wire.close()
        assert status == 200
        answer = json.loads(answer)
        assert not answer["errors"], answer
        for item in answer["items"]:
            result = next(iter(item.values()))
            assert (result["status"], result["result"], result["_version"]) == (201, "created", 1)
        count = stored(client)
    found = lines_found(client)
    assert len(found) == len(set(found)) == (CUTS + 1) * LINES
    own_server.stop()


class Writer(threading.Thread):
    """Sends each body until it is answered; keeps the one on its way when the server dies."""

    def __init__(self, server, name, rng, number, body):
        super().__init__()
        self.client = server.client(timeout=20)
        self.name_, self.rng = name, rng
        self.number, self.body = number, body
        self.acknowledged = []
        self.problem = None

    def run(self):
        while True:
            if self.body is None:
                self.number += 1
                self.body = body_of(f"{self.name_}/{self.number}", f"2024.05.0{self.number % 3 + 1}",
                                    ids=self.name_ == 0)
            try:
                answer = self.client("POST", "/_bulk", self.body,
                                     {"Content-Type": "application/x-ndjson"})
                if self.rng.random() < 0.02:
                    self.client("POST", "/logstash-*/_flush")
            except Exception:
                return
            if answer.status == 200 and not answer.json["errors"]:
                self.acknowledged.append(f"{self.name_}/{self.number}")
                self.body = None
            elif answer.status != 429:
                self.problem = repr(answer)
                return


def test_kill_and_send_again_stores_once(own_server):
    seed = int(os.environ.get("STRATALOG_TEST_SEED", random.randrange(1 << 30)))
    print(f"STRATALOG_TEST_SEED={seed} repeats this run")
    rng = random.Random(seed)
    states = [(0, None)] * 4
    acknowledged = set()
    for round_number in range(ROUNDS):
        own_server.start()
        writers = [Writer(own_server, name, random.Random(rng.random()), *state)
                   for name, state in enumerate(states)]
        for writer in writers:
            writer.start()
        time.sleep(0.2 + rng.random() * 0.5)
        own_server.kill()
        for writer in writers:
            writer.join()
            assert not writer.problem, writer.problem
            acknowledged.update(writer.acknowledged)
        states = [(writer.number, writer.body) for writer in writers]
    own_server.start()
    client = own_server.client()
    for name, (number, body) in enumerate(states):
        if body is None:
            continue
        answer = client("POST", "/_bulk", body, {"Content-Type": "application/x-ndjson"})
        assert not answer.json["errors"], answer
        acknowledged.add(f"{name}/{number}")
    found = lines_found(client)
    assert len(found) == len(set(found)), "a line is there twice"
    assert set(found) == {(key, n) for key in acknowledged for n in range(LINES)}
    assert len(acknowledged) > ROUNDS * 10, "the writers hardly wrote"
    own_server.stop()


def test_only_the_same_request_is_a_retry(own_server):
    own_server.start()
    client = own_server.client()
    kind = {"Content-Type": "application/x-ndjson"}
    body = body_of("x")
    first = client("POST", "/_bulk", body, kind).json
    again = client("POST", "/_bulk", body, kind, compress=True).json  # gzip is only a way to send
    assert first["items"] == again["items"]
    client("POST", "/_bulk?refresh=true", body, kind)     # other parameters
    client("POST", "/logstash-2/_bulk", body, kind)       # another target
    client("POST", "/_bulk", body + b"\n", kind)          # other bytes
    client("POST", "/_refresh")
    assert client("GET", "/logstash-*/_count").json["count"] == 4 * LINES
    elsewhere = body_of("x").replace(b"logstash-", b"other-")
    for _ in range(2):
        client("POST", "/_bulk?refresh=true", elsewhere, kind)
    assert client("GET", "/other-*/_count").json["count"] == 2 * LINES
    settings = client("GET", "/logstash-2024.05.01/_settings?flat_settings=true").json
    assert settings["logstash-2024.05.01"]["settings"]["index.bulk.deduplicate_retries"] == "true"
    own_server.stop()
