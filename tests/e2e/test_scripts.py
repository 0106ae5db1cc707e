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
