"""Requests of all scenarios, damaged: whatever comes, the server answers and lives.

Parts of a body change places with parts of others, become values of other types, or are left out;
paths and parameters lose and gain characters. An answer is right when it is an answer: below 500,
or one of the few 5xx that Elasticsearch gives to such requests. Only in the long form, as some of
them wait, as for shards that never come. STRATALOG_TEST_SEED repeats a run.
"""
import copy
import os
import random
import time

import pytest

import scenario as scenarios
from harness import LONG, Server

TRIES = 3  # for each request of a scenario
SECONDS = 30  # for a scenario
ODD = [None, True, 0, -1, 5, 1.5, 1e300, 2**63, 2**64, "", "x", "*", "_all", "a.b", [], {}, [[]],
       [None], [{}], {"": 1}, {"a": None}, {"a": {"b": []}}, "now", "0", "\ud83d\ude00", "x" * 300]
# What Elasticsearch too answers with.
SERVER_ERRORS = {"aggregation_initialization_exception", "illegal_state_exception",
                 "mapper_exception", "settings_exception", "null_pointer_exception",
                 "class_cast_exception", "exception", "cluster_block_exception",
                 "search_phase_execution_exception", "unavailable_shards_exception"}


def places(value, path=()):
    """The path of each part of a JSON value."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from places(part, (*path, number))


def part_at(value, path):
    for step in path:
        value = value[step]
    return value


class Damage:
    def __init__(self, seed, bodies):
        self.random = random.Random(seed)
        self.bodies = bodies

    def odd(self):
        if self.random.random() < 0.5:
            return copy.deepcopy(self.random.choice(ODD))
        body = self.random.choice(self.bodies)
        return copy.deepcopy(part_at(body, self.random.choice(list(places(body)))))

    def body(self, body):
        body = copy.deepcopy(body)
        for _ in range(self.random.choice([1, 1, 1, 2, 4])):
            path = self.random.choice(list(places(body)))
            if not path:
                if isinstance(body, dict) and self.random.random() < 0.9:
                    body[self.random.choice(["x", "", "type", "properties", "a.b"])] = self.odd()
                else:
                    body = self.odd()
                continue
            around, key = part_at(body, path[:-1]), path[-1]
            deed = self.random.random()
            if deed < 0.7:
                around[key] = self.odd()
            elif deed < 0.85:
                del around[key]
            elif isinstance(around, dict):
                around[self.random.choice([key + "x", key[1:], key + ".y", "."])] = around.pop(key)
            else:
                around.insert(key, self.odd())
        return body

    def path(self, path):
        if self.random.random() < 0.8:
            return path
        at = self.random.randrange(1, len(path) + 1)
        middle = self.random.choice(["", "*", ",", "_", "%2e", "-", "?size=x", "&pretty=maybe",
                                     "/"])
        return path[:at] + middle + path[at + self.random.randrange(2):]


def bodies():
    found = []
    for name in scenarios.names():
        for step in scenarios.load(name)["steps"]:
            if isinstance(step.get("body"), (dict, list)) and step["body"]:
                found.append(step["body"])
    return found


def seed():
    return int(os.environ.get("STRATALOG_TEST_SEED", random.SystemRandom().randrange(2**32)))


@pytest.mark.skipif(not LONG, reason="long")
@pytest.mark.parametrize("name", scenarios.names())
def test_damaged_requests_are_answered(server, name):
    number = seed()
    damage = Damage(number, bodies())
    client = server.client(timeout=2)
    ask(server, client, damage, scenarios.load(name), f"STRATALOG_TEST_SEED={number}")


def ask(server, client, damage, scenario, told):
    # Between the damaged ones the true requests, so that there is something to be asked of.
    scenarios.clean(server.client(), scenario)
    end = time.monotonic() + SECONDS
    for step in scenario["steps"]:
        if time.monotonic() > end:
            break
        method, path = step["do"].split(" ", 1)
        body = step.get("body")
        for _ in range(TRIES):
            bad_path = damage.path(path)
            if body or bad_path != path:
                send(server, client, told, method, bad_path, damage.body(body) if body else None,
                     step.get("headers"))
        send(server, client, told, method, path, body, step.get("headers"))
    others = server.client()
    others("DELETE", "/*,-.*?expand_wildcards=all")
    scenarios.clean(others, scenario)


def send(server, client, told, method, path, body, headers):
    shown = f"{told}: {method} {path} {body!r:.2000}"
    try:
        answer = client(method, path, body, headers=headers)
    except (OSError, UnicodeError):  # too late, or nothing that HTTP can say
        alive = not isinstance(server, Server) or server.process.poll() is None
        assert alive, f"{shown}\nended the server:\n{server.log()}"
        client.close()
        return
    if answer.status >= 500 and method != "HEAD":
        kind = answer.json["error"]["type"]
        assert kind in SERVER_ERRORS, f"{shown}\n{answer}"
