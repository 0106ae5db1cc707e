"""_update_by_query, _delete_by_query, _reindex and _tasks. The answers are those of Elasticsearch
7.10.2, with `cancelled` of 7.17 in tasks."""
import threading
import time

import pytest

COUNTERS = {"batches": 1, "version_conflicts": 0, "noops": 0, "retries": {"bulk": 0, "search": 0},
            "throttled_millis": 0, "requests_per_second": -1.0, "throttled_until_millis": 0,
            "failures": [], "timed_out": False, "deleted": 0}
NOPE = "xxxxxxxxxxxxxxxxxxxxxx"


def fill(http, name, count):
    http("DELETE", f"/{name}")
    lines = []
    for i in range(1, count + 1):
        lines += [{"index": {"_id": str(i)}}, {"n": i, "k": "x", "raw": 1.10}]
    assert http("POST", f"/{name}/_bulk?refresh=true", lines).status == 200


def counts(answer):
    out = dict(answer.json)
    assert out.pop("took") >= 0
    return out


def numbers(http, name):
    http("POST", f"/{name}/_refresh")
    found = http("GET", f"/{name}/_search?size=1000&sort=n")
    return [hit["_source"]["n"] for hit in found.json["hits"]["hits"]]


def test_update_by_query(http):
    fill(http, "by", 5)
    answer = http("POST", "/by/_update_by_query?refresh=true", {
        "script": {"source": "ctx._source.n += params.by", "params": {"by": 10}},
        "query": {"range": {"n": {"gte": 3}}}})
    assert counts(answer) == {**COUNTERS, "total": 3, "updated": 3}
    assert numbers(http, "by") == [1, 2, 13, 14, 15]
    assert http("GET", "/by/_doc/3").json["_version"] == 2
    answer = http("POST", "/by/_update_by_query?refresh=true&max_docs=2&scroll_size=1", {
        "script": {"source": "ctx.op = ctx._source.n > 10 ? 'delete' : 'noop'"}})
    assert counts(answer) == {**COUNTERS, "total": 2, "updated": 0, "noops": 2, "batches": 2}
    answer = http("POST", "/by/_update_by_query?refresh=true", {
        "script": {"source": "if (ctx._source.n > 10) ctx.op = 'delete'"}})
    assert counts(answer) == {**COUNTERS, "total": 5, "updated": 2, "deleted": 3}
    assert numbers(http, "by") == [1, 2]
    # Without a script the source stays what it was, byte for byte.
    assert http("POST", "/by/_update_by_query?refresh=true").json["updated"] == 2
    http("PUT", "/by/_doc/1?refresh=true", '{"n": 1,  "raw": 1.10}')
    assert http("POST", "/by/_update_by_query").json["updated"] == 2
    answer = http("GET", "/by/_doc/1")
    assert '{"n": 1,  "raw": 1.10}' in answer.body and answer.json["_version"] == 5


def test_errors_of_update_by_query(http):
    fill(http, "by", 2)

    def error(body, params=""):
        answer = http("POST", f"/by/_update_by_query{params}", body)
        assert answer.status == 400
        return answer.json["error"]["type"], answer.json["error"]["reason"]

    assert error({"script": "ctx.op = 'foo'"}) == (
        "illegal_argument_exception",
        "Operation type [foo] not allowed, only [noop, index, delete] are allowed")
    assert error({"script": "ctx._id = 'foo'"}) == (
        "illegal_argument_exception", "Modifying [_id] not allowed")
    assert error({"script": "foo"}) == ("script_exception", "compile error")
    assert error({"script": "ctx._source.a.b = 1"}) == ("script_exception", "runtime error")
    assert error({"foo": 1}) == ("parsing_exception", "Unknown key for a VALUE_NUMBER in [foo].")
    assert error(None, "?conflicts=foo") == (
        "illegal_argument_exception",
        'conflicts may only be "proceed" or "abort" but was [foo]')
    assert error(None, "?max_docs=1&slices=2") == (
        "illegal_argument_exception", "[max_docs] should be >= [slices]")
    assert error({"aggs": {"a": {"max": {"field": "n"}}}})[0] == "illegal_argument_exception"
    assert numbers(http, "by") == [1, 2]


def test_conflicts_are_counted(http):
    fill(http, "by", 3)
    http("PUT", "/by/_doc/2", {"n": 20})  # newer than what the last refresh shows
    answer = http("POST", "/by/_update_by_query", {"script": "ctx._source.n++"})
    assert answer.status == 409
    body = answer.json
    assert (body["updated"], body["version_conflicts"], len(body["failures"])) == (2, 1, 1)
    failure = body["failures"][0]
    assert (failure["index"], failure["id"], failure["status"]) == ("by", "2", 409)
    assert failure["cause"]["type"] == "version_conflict_engine_exception"
    assert numbers(http, "by") == [2, 4, 20]
    http("PUT", "/by/_doc/2", {"n": 21})
    answer = http("POST", "/by/_update_by_query?conflicts=proceed", {"script": "ctx._source.n++"})
    assert counts(answer) == {**COUNTERS, "total": 3, "updated": 2, "version_conflicts": 1}
    assert numbers(http, "by") == [3, 5, 21]


def test_delete_by_query(http):
    fill(http, "by", 10)
    missing = http("POST", "/by/_delete_by_query", {})
    assert missing.status == 400
    assert missing.json["error"]["reason"] == "Validation Failed: 1: query is missing;"
    answer = http("POST", "/by/_delete_by_query?refresh&scroll_size=3", {
        "query": {"range": {"n": {"lte": 7}}}})
    expected = {**COUNTERS, "total": 7, "deleted": 7, "batches": 3}
    assert counts(answer) == expected
    assert numbers(http, "by") == [8, 9, 10]
    answer = http("POST", "/by/_delete_by_query?q=n:9&slices=auto", None)
    assert answer.json["deleted"] == 1


def test_reindex(http):
    fill(http, "by", 5)
    http("DELETE", "/copy")
    body = {"source": {"index": "by"}, "dest": {"index": "copy"}}
    answer = http("POST", "/_reindex?refresh=true", body)
    assert counts(answer) == {**COUNTERS, "total": 5, "updated": 0, "created": 5}
    assert numbers(http, "copy") == [1, 2, 3, 4, 5]
    body["dest"]["op_type"] = "create"
    answer = http("POST", "/_reindex", body)
    assert answer.status == 409
    assert len(answer.json["failures"]) == 5 and answer.json["version_conflicts"] == 5
    body["conflicts"] = "proceed"
    answer = http("POST", "/_reindex", body)
    assert counts(answer) == {**COUNTERS, "total": 5, "updated": 0, "created": 0,
                              "version_conflicts": 5}
    answer = http("POST", "/_reindex?refresh", {
        "source": {"index": "by", "query": {"term": {"n": 4}}, "_source": ["n"]},
        "dest": {"index": "copy"},
        "script": {"source": "ctx._id = 'z' + ctx._id; ctx._source.n = 99"}})
    assert answer.json["created"] == 1
    assert http("GET", "/copy/_source/z4").json == {"n": 99}
    answer = http("POST", "/_reindex", {"max_docs": 1, "source": {"index": "by"},
                                        "dest": {"index": "copy", "version_type": "external"}})
    assert answer.json["version_conflicts"] == 1


def test_errors_of_reindex(http):
    fill(http, "by", 1)

    def reason(body):
        answer = http("POST", "/_reindex", body)
        assert answer.status in (400, 404)
        return answer.json["error"]["reason"]

    assert reason({"source": {"index": "by"}, "dest": {"index": "by"}}) == (
        "Validation Failed: 1: reindex cannot write into an index its reading from [by];")
    assert reason({"source": {"index": "by"}}) == (
        "Validation Failed: 1: index must be specified;")
    assert reason({"source": {"index": "nope"}, "dest": {"index": "c"}}) == "no such index [nope]"
    assert reason({"source": {"remote": {"host": "http://x:9200"}, "index": "by"},
                   "dest": {"index": "c"}}) == "[x:9200] not whitelisted in reindex.remote.whitelist"


def wait(http, task):
    answer = http("GET", f"/_tasks/{task}?wait_for_completion=true&timeout=20s")
    assert answer.status == 200 and answer.json["completed"] is True
    return answer.json


def test_tasks(http):
    fill(http, "by", 4)
    started = http("POST", "/by/_update_by_query?wait_for_completion=false", {
        "script": "ctx._source.n += 1"})
    task = started.json["task"]
    done = wait(http, task)
    assert done["response"]["updated"] == 4
    assert done["task"]["action"] == "indices:data/write/update/byquery"
    assert done["task"]["status"]["updated"] == 4 and done["task"]["cancellable"] is True
    assert f'{done["task"]["node"]}:{done["task"]["id"]}' == task
    failed = http("POST", "/by/_update_by_query?wait_for_completion=false", {
        "script": "ctx._source.a.b = 1"}).json["task"]
    assert wait(http, failed)["error"]["type"] == "script_exception"
    node = task.split(":")[0]
    missing = http("GET", f"/_tasks/{node}:1")
    assert missing.status == 404
    assert missing.json["error"]["reason"] == (
        f"task [{node}:1] isn't running and hasn't stored its results")
    other = http("GET", f"/_tasks/{NOPE}:1")
    assert other.status == 404 and "isn't part of the cluster" in other.json["error"]["reason"]
    assert http("GET", "/_tasks/nope").json["error"]["reason"] == "malformed task id nope"


def test_throttled_tasks_are_listed_rethrottled_and_cancelled(http):
    fill(http, "by", 40)
    slow = "/by/_update_by_query?wait_for_completion=false&scroll_size=5&requests_per_second=0.1"
    task = http("POST", slow, {"script": "ctx._source.n += 1000"}).json["task"]
    node = task.split(":")[0]
    listed = http("GET", "/_tasks?actions=*byquery&detailed").json
    mine = listed["nodes"][node]["tasks"][task]
    assert mine["description"].startswith("update-by-query [by] updated with Script{type=inline")
    assert http("GET", "/_tasks?actions=*reindex").json == {"nodes": {}}
    flat = http("GET", "/_tasks?actions=*byquery&group_by=none").json["tasks"]
    assert [f'{one["node"]}:{one["id"]}' for one in flat] == [task] and "status" not in flat[0]
    assert list(http("GET", "/_tasks?group_by=parents&actions=*byquery").json["tasks"]) == [task]
    late = http("GET", f"/_tasks/{task}?wait_for_completion=true&timeout=1ms")
    assert late.status == 500 and late.json["error"]["type"] == "timeout_exception"
    faster = http("POST", f"/_update_by_query/{task}/_rethrottle?requests_per_second=0.2").json
    status = faster["nodes"][node]["tasks"][task]
    assert status["action"] == "indices:data/write/update/byquery"
    cancelled = http("POST", f"/_tasks/{task}/_cancel").json
    assert list(cancelled["nodes"][node]["tasks"]) == [task]
    done = wait(http, task)
    assert done["response"]["canceled"] == "by user request"
    assert done["response"]["updated"] <= 10 and done["response"]["total"] == 40
    again = http("POST", f"/_tasks/{task}/_cancel").json
    assert again["node_failures"][0]["caused_by"]["reason"] == f"task [{task}] is not found"
    # Unthrottled it goes on at once.
    task = http("POST", slow, {"script": "ctx._source.n += 1", "max_docs": 40}).json["task"]
    http("POST", f"/_update_by_query/{task}/_rethrottle?requests_per_second=-1")
    assert wait(http, task)["response"]["batches"] >= 1


def test_a_long_script_is_cancelled(http):
    fill(http, "by", 1)
    # Each run takes all steps that a script may; many documents make it long.
    lines = []
    for i in range(500):
        lines += [{"index": {}}, {"n": i}]
    http("POST", "/by/_bulk?refresh=true", lines)
    script = "long x = 0; for (int i = 0; i < 900000; i++) { x += i } ctx._source.n = x"
    task = http("POST", "/by/_update_by_query?wait_for_completion=false",
                {"script": script}).json["task"]
    http("POST", f"/_tasks/{task}/_cancel")
    done = wait(http, task)
    assert done["response"]["canceled"] == "by user request"
    assert done["response"]["updated"] < 501


def test_a_stop_cancels_and_results_outlive_it(own_server):
    own_server.start()
    client = own_server.client()
    fill(client, "by", 20)
    fill(client, "other", 20)
    kept = client("POST", "/by/_update_by_query?wait_for_completion=false&refresh=true",
                  {"script": "ctx._source.n++"}).json["task"]
    assert client("GET", f"/_tasks/{kept}?wait_for_completion=true").json["completed"]
    slow = client("POST", "/by/_update_by_query?wait_for_completion=false&scroll_size=1"
                  "&requests_per_second=0.01", {"script": "ctx._source.n++"}).json["task"]
    waiting = []
    other = own_server.client()
    thread = threading.Thread(target=lambda: waiting.append(
        other("POST", "/other/_delete_by_query?scroll_size=1&requests_per_second=0.01",
              {"query": {"match_all": {}}})))
    thread.start()
    while not any("delete" in task["action"] for task in
                  client("GET", "/_tasks?group_by=none").json["tasks"]):
        time.sleep(0.01)
    own_server.stop()
    thread.join()
    assert waiting[0].status == 200 and waiting[0].json["canceled"] == "the node is stopping"
    own_server.start()
    client = own_server.client()
    assert client("GET", f"/_tasks/{kept}").json["response"]["updated"] == 20
    assert client("GET", f"/_tasks/{slow}").json["response"]["canceled"] == "the node is stopping"
