"""Scripts: updates, stored scripts, painless_test. The answers are those of Elasticsearch 7.10.2 but
for the null_pointer_exception's text, which is 7.17's."""


def script_error(answer):
    return answer.json["error"]["caused_by"]


def test_update_by_script(http):
    http("DELETE", "/scripted")
    http("PUT", "/scripted/_doc/1", {"n": 1, "tags": ["a"], "big": 12345678901})
    answer = http("POST", "/scripted/_update/1?_source=true", {"script": {
        "source": "ctx._source.n += params.by; ctx._source.tags.add('b'); ctx._source.f = 1.0",
        "params": {"by": 2}}})
    assert answer.status == 200
    assert answer.json["result"] == "updated" and answer.json["_version"] == 2
    assert answer.json["get"]["_source"] == {
        "n": 3, "tags": ["a", "b"], "big": 12345678901, "f": 1.0}
    for op, result, version in (("none", "noop", 2), ("foo", "noop", 2), ("delete", "deleted", 3)):
        answer = http("POST", "/scripted/_update/1", {"script": f"ctx.op = '{op}'"})
        assert (answer.json["result"], answer.json["_version"]) == (result, version)
    missing = http("POST", "/scripted/_update/1", {"script": "ctx._source.n = 1"})
    assert missing.status == 404
    assert missing.json["error"]["type"] == "document_missing_exception"


def test_scripted_upsert(http):
    http("DELETE", "/scripted")
    body = {"script": "ctx._source.a += 1", "upsert": {"a": 1}}
    assert http("POST", "/scripted/_update/1", body).json["result"] == "created"
    assert http("GET", "/scripted/_source/1").json == {"a": 1}
    body["scripted_upsert"] = True
    answer = http("POST", "/scripted/_update/2?_source=true", body)
    assert answer.json["result"] == "created" and answer.json["get"]["_source"] == {"a": 2}
    answer = http("POST", "/scripted/_update/3", {
        "script": "ctx.op = 'none'", "upsert": {"a": 1}, "scripted_upsert": True})
    assert answer.json["result"] == "noop" and answer.json["_version"] == -1
    assert http("GET", "/scripted/_doc/3").status == 404


def test_errors_of_update_scripts(http):
    http("DELETE", "/scripted")
    http("PUT", "/scripted/_doc/1", {"n": 1})
    answer = http("POST", "/scripted/_update/1", {"script": "foo"})
    assert answer.status == 400
    assert answer.json["error"]["type"] == "illegal_argument_exception"
    assert answer.json["error"]["reason"] == "failed to execute script"
    assert script_error(answer) == {
        "type": "script_exception", "reason": "compile error",
        "script_stack": ["foo", "^---- HERE"], "script": "foo", "lang": "painless",
        "position": {"offset": 0, "start": 0, "end": 3},
        "caused_by": {"type": "illegal_argument_exception",
                      "reason": "cannot resolve symbol [foo]"}}
    answer = http("POST", "/scripted/_update/1", {"script": "ctx._source.x.y = 1"})
    cause = script_error(answer)
    assert cause["reason"] == "runtime error"
    assert cause["position"] == {"offset": 13, "start": 0, "end": 19}
    assert cause["caused_by"]["type"] == "null_pointer_exception"
    answer = http("POST", "/scripted/_update/1", {"script": {"lang": "foo", "source": "x"}})
    assert script_error(answer)["reason"] == "script_lang not supported [foo]"
    answer = http("POST", "/scripted/_update/1", {"script": {"source": "x", "foo": 1}})
    assert answer.status == 400
    assert answer.json["error"]["type"] == "x_content_parse_exception"
    assert http("GET", "/scripted/_doc/1").json["_version"] == 1


def test_scripts_in_bulk(http):
    http("DELETE", "/scripted")
    http("PUT", "/scripted/_doc/1", {"n": 1})
    answer = http("POST", "/scripted/_bulk", [
        {"update": {"_id": "1", "_source": True}}, {"script": "ctx._source.n++"},
        {"update": {"_id": "1"}}, {"script": "ctx._source.x.y = 1"},
        {"update": {"_id": "2"}}, {"script": "ctx._source.n++", "upsert": {"n": 7}}])
    items = [item["update"] for item in answer.json["items"]]
    assert [item["status"] for item in items] == [200, 400, 201]
    assert items[0]["get"]["_source"] == {"n": 2}
    assert items[1]["error"]["caused_by"]["type"] == "script_exception"
    assert http("GET", "/scripted/_source/2").json == {"n": 7}


def test_stored_scripts(http):
    body = {"script": {"lang": "painless", "source": "ctx._source.n += params.by"}}
    assert http("PUT", "/_scripts/add", body).json == {"acknowledged": True}
    assert http("GET", "/_scripts/add").json == {"_id": "add", "found": True, **body}
    http("DELETE", "/scripted")
    http("PUT", "/scripted/_doc/1", {"n": 1})
    update = {"script": {"id": "add", "params": {"by": 4}}}
    assert http("POST", "/scripted/_update/1", update).json["result"] == "updated"
    assert http("GET", "/scripted/_source/1").json == {"n": 5}
    assert http("DELETE", "/_scripts/add").json == {"acknowledged": True}
    missing = http("GET", "/_scripts/add")
    assert missing.status == 404 and missing.json == {"_id": "add", "found": False}
    gone = http("DELETE", "/_scripts/add")
    assert gone.status == 404
    assert gone.json["error"]["reason"] == (
        "stored script [add] does not exist and cannot be deleted")
    answer = http("POST", "/scripted/_update/1", update)
    assert script_error(answer)["reason"] == "unable to find script [add] in cluster state"
    for script, reason in (
            ({"lang": "java", "source": "x"}, "unable to put stored script with unsupported lang [java]"),
            ({"source": "x"}, "must specify lang for stored script")):
        answer = http("PUT", "/_scripts/bad", {"script": script})
        assert answer.status == 400 and answer.json["error"]["reason"] == reason
    answer = http("PUT", "/_scripts/bad/update", {"script": {"lang": "painless", "source": "foo"}})
    assert answer.json["error"]["reason"] == "compile error"


def test_stored_scripts_outlive_the_server(own_server):
    own_server.start()
    client = own_server.client()
    client("PUT", "/_scripts/kept", {"script": {"lang": "painless", "source": "return 1"}})
    own_server.kill()
    own_server.start()
    assert own_server.client()("GET", "/_scripts/kept").json["found"] is True


def test_painless_execute(http):
    def result(source, params=None):
        body = {"script": {"source": source, "params": params or {}}}
        return http("POST", "/_scripts/painless/_execute", body)

    assert result("params.count / params.total", {"count": 100.0, "total": 1000.0}).json == {
        "result": "0.1"}
    assert result("def m = [:]; m.b = 1; m").json == {"result": "{b=1}"}
    answer = result("return 1/0")
    assert answer.status == 400
    assert answer.json["error"]["caused_by"] == {
        "type": "arithmetic_exception", "reason": "/ by zero"}
    # However long a script would go on, an answer comes.
    answer = result("long x = 0; while (x >= 0) { x++ } return x")
    assert answer.json["error"]["caused_by"]["type"] == "painless_error"


def some_documents(http):
    http("DELETE", "/rows")
    for i in (1, 2, 3):
        http("PUT", f"/rows/_doc/{i}", {
            "n": i, "k": f"x{i}", "d": f"2020-01-0{i}", "l": [3, 1, 2], "b": True, "t": "a b"})
    http("PUT", "/rows/_doc/4?refresh=true", {"z": 1})


def hits(answer):
    assert answer.status == 200, answer
    return [(hit["_id"], hit.get("sort")) for hit in answer.json["hits"]["hits"]]


def test_sort_by_script(http):
    some_documents(http)

    def by(script, order="asc", **more):
        return http("POST", "/rows/_search", {"sort": {"_script": {
            "type": "number", "order": order, "script": script}}, **more})

    negative = "doc['n'].size()==0 ? 100 : -doc['n'].value"
    assert hits(by(negative, size=2)) == [("3", [-3.0]), ("2", [-2.0])]
    assert hits(by("if (doc['n'].size()!=0) { return doc['n'].value }", "desc")) == [
        ("3", [3.0]), ("2", [2.0]), ("1", [1.0]), ("4", [0.0])]
    # Kibana's task manager.
    task = """
      if (doc['z'].size()!=0) { return doc['z'].value; }
      if (doc['d'].size()!=0) { return doc['d'].value.toInstant().toEpochMilli(); }
    """
    assert hits(by({"source": task, "lang": "painless"})) == [
        ("4", [1.0]), ("1", [1577836800000.0]), ("2", [1577923200000.0]),
        ("3", [1578009600000.0])]
    assert hits(by({"lang": "expression", "source": "doc['n'].value * -1 + doc['l'].max()"})) == [
        ("3", [0.0]), ("4", [0.0]), ("2", [1.0]), ("1", [2.0])]
    answer = by("doc['n'].value")
    assert answer.status == 400
    error = answer.json["error"]
    assert error["type"] == "search_phase_execution_exception"
    assert error["root_cause"][0]["type"] == "script_exception"
    failed = error["failed_shards"][0]["reason"]
    assert failed["caused_by"]["reason"].startswith("A document doesn't have a value for a field!")
    assert failed["position"] == {"offset": 8, "start": 0, "end": 14}
    assert by("foo").json["error"]["failed_shards"][0]["reason"]["reason"] == "compile error"
    assert "No field found for [nope]" in by("doc['nope'].value").body
    assert "Text fields are not optimised" in by("doc['t'].value").body


def test_script_query(http):
    some_documents(http)

    def found(script, filtered=False):
        clause = {"script": {"script": script}}
        query = {"bool": {"filter": clause}} if filtered else clause
        return http("POST", "/rows/_search", {"query": query, "sort": "_doc"})

    several = "doc['n'].size() > 0 && doc['n'].value > 1"
    assert [one for one, _ in hits(found(several))] == ["2", "3"]
    assert [one for one, _ in hits(found({
        "source": "doc['n'].size() > 0 && doc['n'].value > params.x", "params": {"x": 2}},
        filtered=True))] == ["3"]
    assert [one for one, _ in hits(found(
        "doc.containsKey('k.keyword') && doc['k.keyword'].contains('x1') && doc['b'].value"))] == [
        "1"]
    # Only rows that the rest lets through are asked, and no deleted ones.
    answer = http("POST", "/rows/_search", {"query": {"bool": {"filter": [
        {"exists": {"field": "n"}}, {"script": {"script": "doc['n'].value > 1"}}]}}})
    assert answer.json["hits"]["total"]["value"] == 2
    http("DELETE", "/rows/_doc/4?refresh=true")
    assert hits(found("doc['n'].value > 2"))[0][0] == "3"
    compile_error = found("foo").json["error"]["failed_shards"][0]["reason"]
    assert compile_error["reason"] == "failed to create query: compile error"
    malformed = http("POST", "/rows/_search", {"query": {"script": {"foo": 1}}})
    assert malformed.json["error"]["reason"] == "[script] query does not support [foo]"


def test_kibana_claims_tasks(http):
    http("DELETE", "/claims")
    http("PUT", "/claims", {"mappings": {"properties": {"task": {"properties": {
        "retryAt": {"type": "date"}, "runAt": {"type": "date"},
        "taskType": {"type": "keyword"}, "status": {"type": "keyword"}}}}}})
    for i in range(4):
        http("PUT", f"/claims/_doc/task:{i}?refresh=true", {"task": {
            "taskType": "a" if i < 3 else "b", "status": "idle", "attempts": 0,
            "runAt": f"2020-01-0{4 - i}T00:00:00Z"}})
    answer = http("POST", "/claims/_update_by_query?ignore_unavailable=true&refresh=true&max_docs=2"
                  "&conflicts=proceed", {
        "query": {"bool": {"must": [{"term": {"task.status": "idle"}}]}},
        "sort": {"_script": {"type": "number", "order": "asc", "script": {
            "lang": "painless", "source": """
if (doc['task.retryAt'].size()!=0) {
  return doc['task.retryAt'].value.toInstant().toEpochMilli();
}
if (doc['task.runAt'].size()!=0) {
  return doc['task.runAt'].value.toInstant().toEpochMilli();
}
    """}}},
        "script": {"lang": "painless", "source": """
    if (params.claimable.contains(ctx._source.task.taskType)) {
      if (ctx._source.task.schedule != null || ctx._source.task.attempts < params.max[ctx._source.task.taskType] || params.byId.contains(ctx._id)) {
        ctx._source.task.status = "claiming"; ctx._source.task.ownerId=params.fields.ownerId;
      } else {
        ctx._source.task.status = "failed";
      }
    } else if (!params.claimable.contains(ctx._source.task.taskType)) {
      ctx._source.task.status = "unrecognized";
    } else {
      ctx.op = "noop";
    }""", "params": {"claimable": ["a"], "max": {"a": 3}, "byId": [],
                     "fields": {"ownerId": "kibana:1"}}}})
    assert (answer.json["updated"], answer.json["total"]) == (2, 2)
    state = {i: http("GET", f"/claims/_source/task:{i}").json["task"] for i in range(4)}
    assert [state[i]["status"] for i in range(4)] == ["idle", "idle", "claiming", "unrecognized"]
    assert state[2]["ownerId"] == "kibana:1"


def some_days(http):
    """Squares, one a day, a day without any between the fourth and the fifth."""
    http("DELETE", "/days")
    for i in range(1, 7):
        http("PUT", f"/days/_doc/{i}?refresh=true", {
            "n": i * i, "k": f"k{i % 2}", "d": f"2020-01-0{i + 1 if i > 4 else i}"})


def aggregations(http, aggs, status=200):
    answer = http("POST", "/days/_search?size=0", {"aggs": aggs})
    assert answer.status == status, answer
    return answer.json["aggregations"] if status == 200 else answer.json["error"]


def test_pipelines(http):
    some_days(http)
    found = aggregations(http, {
        "h": {"date_histogram": {"field": "d", "fixed_interval": "1d"}, "aggs": {
            "s": {"sum": {"field": "n"}},
            "d": {"derivative": {"buckets_path": "s"}},
            "c": {"cumulative_sum": {"buckets_path": "s"}},
            "m": {"moving_fn": {"buckets_path": "s", "window": 2,
                                "script": "MovingFunctions.sum(values)"}},
            "twice": {"bucket_script": {"buckets_path": {"b": "b"}, "script": "params.b * 2"}},
            "b": {"bucket_script": {"buckets_path": {"a": "s", "c": "_count"},
                                    "script": "params.a * 2 + params.c"}},
            "e": {"bucket_script": {"buckets_path": {"count": "_count"}, "gap_policy": "skip",
                                    "script": {"source": "count * 1", "lang": "expression"}}}}},
        "av": {"avg_bucket": {"buckets_path": "h>s"}},
        "mx": {"max_bucket": {"buckets_path": "h>s"}},
        "mn": {"min_bucket": {"buckets_path": "h>_count"}},
        "st": {"stats_bucket": {"buckets_path": "h>s"}},
        "pc": {"percentiles_bucket": {"buckets_path": "h>s", "percents": [25, 50]}},
        "su": {"sum_bucket": {"buckets_path": "h>s"}}})
    buckets = found.pop("h")["buckets"]
    gone = object()

    def column(name):
        return [bucket.get(name, {"value": gone})["value"] for bucket in buckets]

    assert column("s") == [1, 4, 9, 16, 0, 25, 36]
    assert column("d") == [gone, 3, 5, 7, None, None, 11]
    assert column("c") == [1, 5, 14, 30, 30, 55, 91]
    assert column("m") == [0, 1, 5, 13, gone, 25, 41]
    assert column("b") == [3, 9, 19, 33, gone, 51, 73]
    assert column("twice") == [6, 18, 38, 66, gone, 102, 146]
    assert column("e") == [1, 1, 1, 1, 0, 1, 1]
    assert found == {
        "av": {"value": 15.166666666666666},
        "mx": {"value": 36.0, "keys": ["2020-01-07T00:00:00.000Z"]},
        "mn": {"value": 0.0, "keys": ["2020-01-05T00:00:00.000Z"]},
        "st": {"count": 6, "min": 1.0, "max": 36.0, "avg": 15.166666666666666, "sum": 91.0},
        "pc": {"values": {"25.0": 4.0, "50.0": 16.0}}, "su": {"value": 91.0}}


def test_pipelines_choose_buckets(http):
    some_days(http)
    terms = {"terms": {"field": "k.keyword"}}
    total = {"s": {"sum": {"field": "n"}}}
    found = aggregations(http, {
        "t": {**terms, "aggs": {**total, "x": {
            "bucket_sort": {"sort": [{"s": {"order": "desc"}}], "size": 1}}}},
        "u": {**terms, "aggs": {**total, "x": {"bucket_selector": {
            "buckets_path": {"v": "s"}, "script": "params.v < 40"}}}}})
    assert [(one["key"], one["s"]) for one in found["t"]["buckets"]] == [("k0", {"value": 56.0})]
    assert [(one["key"], one["s"]) for one in found["u"]["buckets"]] == [("k1", {"value": 35.0})]
    for aggs, reason in (
            ({"av": {"avg_bucket": {"buckets_path": "zz>s"}}},
             "Validation Failed: 1: No aggregation found for path [zz>s];"),
            ({"t": {**terms, "aggs": {"b": {"bucket_script": {
                "buckets_path": "zz", "script": "1"}}}}},
             "Validation Failed: 1: No aggregation found for path [zz];")):
        assert aggregations(http, aggs, 400)["reason"] == reason
    failed = aggregations(http, {"t": {**terms, "aggs": {"b": {"bucket_script": {
        "buckets_path": {"a": "_count"}, "script": "foo"}}}}}, 400)
    assert failed["caused_by"]["reason"] == "compile error"


def test_scripted_metric(http):
    some_days(http)
    counted = {
        "init_script": "state.types = [:]",
        "map_script": """
      String alertType = doc['k.keyword'].value;
      state.types.put(alertType, state.types.containsKey(alertType) ? state.types.get(alertType) + 1 : 1);
    """,
        "combine_script": "return state",
        "reduce_script": """
      Map result = [:];
      for (Map m : states.toArray()) {
        if (m !== null) {
          for (String k : m.keySet()) {
            result.put(k, result.containsKey(k) ? result.get(k) + m.get(k) : m.get(k));
          }
        }
      }
      return result;
    """}
    found = aggregations(http, {"m": {"scripted_metric": counted}})
    assert found == {"m": {"value": {"types": {"k0": 3, "k1": 3}}}}
    found = aggregations(http, {"t": {"terms": {"field": "k.keyword"}, "aggs": {"m": {
        "scripted_metric": {
            "params": {"by": 10}, "init_script": "state.sum = 0",
            "map_script": "state.sum += doc['n'].value * params.by",
            "combine_script": "state.sum",
            "reduce_script": "long s = 0; for (x in states) { s += x } return s"}}}}})
    assert {one["key"]: one["m"]["value"] for one in found["t"]["buckets"]} == {
        "k0": 560, "k1": 350}
    missing = aggregations(http, {"m": {"scripted_metric": {"map_script": "state.x = 1"}}}, 400)
    assert missing["reason"] == "[combineScript] must not be null: [m]"
    failed = aggregations(http, {"m": {"scripted_metric": {
        **counted, "map_script": "doc['nope'].value.foo()"}}}, 400)
    assert failed["failed_shards"][0]["reason"]["reason"] == "runtime error"
