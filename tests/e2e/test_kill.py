"""kill -9 at any moment loses no acknowledged change and shows no half of one.

Writers send bulks, overwrite and delete documents; flushes and merges run beside them; the server
is killed in the middle. After each start every acknowledged change must be there and every bulk
whole or absent. 10 rounds, 50 with STRATALOG_TEST_LONG; STRATALOG_TEST_SEED repeats a run.
"""
import os
import random
import threading
import time

import pytest

from harness import LONG

ROUNDS = int(os.environ.get("STRATALOG_TEST_ROUNDS", 50 if LONG else 10))
BULK = 40
COUNTERS = 20


def source(writer, bulk, n):
    return {"@timestamp": f"2024-05-0{1 + n % 3}T00:00:{n % 60:02d}.{bulk % 1000:03d}Z",
            "writer": writer, "bulk": bulk, "n": n,
            "log": f"line {n} of bulk {bulk} " * (n % 7 + 1)}


class Bulks(threading.Thread):
    """Sends bulks of new documents for as long as the server answers."""

    def __init__(self, server, writer, first):
        super().__init__()
        self.client = server.client(timeout=20)
        self.writer, self.bulk = writer, first
        self.acknowledged = []
        self.problem = None

    def run(self):
        while True:
            lines = []
            for n in range(BULK):
                lines += [{"create": {"_id": f"{self.writer}-{self.bulk}-{n}"}},
                          source(self.writer, self.bulk, n)]
            try:
                answer = self.client("POST", "/kill-bulks/_bulk", lines)
            except Exception:
                return  # killed: this bulk may be there or not
            if answer.status == 429:
                time.sleep(0.01)
                continue
            if answer.status != 200 or answer.json["errors"]:
                self.problem = repr(answer)
                return
            self.acknowledged.append(self.bulk)
            self.bulk += 1


class Counters(threading.Thread):
    """Overwrites and deletes a few documents over and over; remembers what was acknowledged."""

    def __init__(self, server, rng, known):
        super().__init__()
        self.client = server.client(timeout=20)
        self.rng = rng
        self.known = known  # key -> last acknowledged value, None = deleted
        self.pending = {}   # key -> the value that was on its way
        self.problem = None

    def run(self):
        while True:
            key = f"c{self.rng.randrange(COUNTERS)}"
            value = None if self.rng.random() < 0.2 else (self.last(key) + 1)
            self.pending = {key: value}
            try:
                if value is None:
                    answer = self.client("DELETE", f"/kill-counters/_doc/{key}")
                else:
                    answer = self.client("PUT", f"/kill-counters/_doc/{key}", {
                        "value": value, "copy": f"v{value}" * 50})
            except Exception:
                return
            if answer.status not in (200, 201, 404):
                self.problem = repr(answer)
                return
            self.known[key] = (value, self.last(key) if value is None else value)
            self.pending = {}

    def last(self, key):
        return self.known.get(key, (None, 0))[1]


class Upkeep(threading.Thread):
    """Makes seals and merges happen, so that the kill hits those as well."""

    def __init__(self, server, rng):
        super().__init__()
        self.client = server.client(timeout=20)
        self.rng = rng

    def run(self):
        try:
            while True:
                time.sleep(self.rng.random() * 0.2)
                self.client("POST", "/kill-*/_flush?force=true&wait_if_ongoing=true")
                if self.rng.random() < 0.3:
                    self.client("POST", "/kill-*/_forcemerge?max_num_segments=1")
        except Exception:
            return


def bulks_found(client):
    """(writer, bulk) -> number of its documents, by search; every document is checked."""
    found = {}
    answer = client("POST", "/kill-bulks/_search?scroll=1m", {"size": 5000, "sort": ["_doc"]}).json
    while answer["hits"]["hits"]:
        for hit in answer["hits"]["hits"]:
            writer, bulk, n = map(int, hit["_id"].split("-"))
            assert hit["_source"] == source(writer, bulk, n)
            found.setdefault((writer, bulk), set()).add(n)
        answer = client("POST", "/_search/scroll", {"scroll": "1m",
                                                    "scroll_id": answer["_scroll_id"]}).json
    client("DELETE", "/_search/scroll", {"scroll_id": answer["_scroll_id"]})
    return found


def check_counters(client, known, pending):
    keys = [f"c{n}" for n in range(COUNTERS)]
    docs = client("POST", "/kill-counters/_mget", {"ids": keys}).json["docs"]
    for key, doc in zip(keys, docs):
        value = doc["_source"]["value"] if doc["found"] else None
        allowed = [known.get(key, (None, 0))[0]]
        if key in pending:
            allowed.append(pending[key])
        assert value in allowed, f"{key} is {value}, expected one of {allowed}"
        if doc["found"]:
            assert doc["_source"]["copy"] == f"v{value}" * 50
        known[key] = (value, max(known.get(key, (None, 0))[1], value or 0))
    shown = client("POST", "/kill-counters/_search", {"size": 1000}).json["hits"]["hits"]
    assert {hit["_id"]: hit["_source"]["value"] for hit in shown} == {
        key: known[key][0] for key in keys if known[key][0] is not None}


@pytest.mark.parametrize("writers", [4])
def test_kill_loses_nothing(own_server, writers):
    seed = int(os.environ.get("STRATALOG_TEST_SEED", random.randrange(1 << 30)))
    print(f"STRATALOG_TEST_SEED={seed} repeats this run")
    rng = random.Random(seed)
    acknowledged, known = set(), {}
    next_bulk = [0] * writers
    own_server.start()
    client = own_server.client()
    client("PUT", "/kill-bulks", {"settings": {"number_of_shards": 1}})
    client("PUT", "/kill-counters", {"settings": {"number_of_shards": 1}})
    for round_number in range(ROUNDS):
        bulks = [Bulks(own_server, w, next_bulk[w]) for w in range(writers)]
        counters = Counters(own_server, random.Random(rng.random()), known)
        threads = [*bulks, counters, Upkeep(own_server, random.Random(rng.random()))]
        for thread in threads:
            thread.start()
        time.sleep(0.2 + rng.random() * 0.8)
        own_server.kill()
        for thread in threads:
            thread.join()
        problems = [t.problem for t in (*bulks, counters) if t.problem]
        assert not problems, problems
        for writer, thread in enumerate(bulks):
            acknowledged.update((writer, bulk) for bulk in thread.acknowledged)
            next_bulk[writer] = thread.bulk + 1
        own_server.start()
        client = own_server.client()
        client("POST", "/_refresh")
        found = bulks_found(client)
        lost = acknowledged - found.keys()
        assert not lost, f"round {round_number}: {len(lost)} acknowledged bulks lost: {lost}"
        halves = {key: len(ns) for key, ns in found.items() if len(ns) != BULK}
        assert not halves, f"round {round_number}: not whole: {halves}"
        assert client("GET", "/kill-bulks/_count").json["count"] == len(found) * BULK
        check_counters(client, known, counters.pending)
    assert len(acknowledged) > ROUNDS, "the writers hardly wrote"
    own_server.stop()
