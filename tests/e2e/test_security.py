"""Users, roles, keys and tokens over TLS: who may come in, and what each may see and do."""
import base64
import json

import pytest

import harness

SECRETS = ["secret-1", ".secret-2"]
SHOPS = ["logstash-shop-1", "logstash-shop-2"]


def document(index):
    return {"message": f"in {index}", "amount": 7, "card": "4111", "region":
            "north" if index.endswith("1") else "south"}


@pytest.fixture(scope="module")
def world(server):
    """Indices that bob may read and others that he may not, and users of several kinds."""
    if server.auth is None:
        pytest.skip("a server without security")
    admin = server.client()
    for index in SHOPS + SECRETS:
        admin("DELETE", f"/{index}")
        body = document(index)
        assert admin("PUT", f"/{index}/_doc/1?refresh=true", body).status == 201
    assert admin("POST", "/_aliases", {"actions": [
        {"add": {"index": "logstash-shop-1", "alias": "shops"}},
        {"add": {"index": "secret-1", "alias": "secrets"}},
        {"add": {"index": "secret-1", "alias": "window",
                 "filter": {"term": {"amount": 8}}}}]}).status == 200
    roles = {
        "reader": {"indices": [{"names": ["logstash-shop-*"], "privileges": ["read"]}]},
        "shop_admin": {"indices": [{"names": ["logstash-shop-*"], "privileges": ["all"]}]},
        "writer": {"cluster": ["manage_own_api_key"],
                   "indices": [{"names": ["logstash-*"], "privileges": ["create_doc", "read"]}]},
        "window": {"indices": [{"names": ["window"], "privileges": ["read"]}]},
        "monitor": {"cluster": ["monitor"]},
        "rows": {"indices": [{"names": ["logstash-shop-*"], "privileges":
                              ["read", "index", "view_index_metadata"],
                              "query": {"term": {"region.keyword": "north"}}}]},
        "fields": {"indices": [{"names": ["logstash-shop-*"],
                                "privileges": ["read", "index", "view_index_metadata", "manage"],
                                "field_security": {"grant": ["message*", "amount", "card"],
                                                   "except": ["card"]}}]},
        "runner": {"run_as": ["bob"]},
    }
    for name, role in roles.items():
        assert admin("PUT", f"/_security/role/{name}", role).status == 200, name
    users = {"bob": ["reader"], "sue": ["shop_admin"], "wes": ["writer"], "win": ["window"],
             "mon": ["monitor"], "row": ["rows"], "fay": ["fields"], "run": ["runner"],
             "nil": []}
    for name, held in users.items():
        answer = admin("PUT", f"/_security/user/{name}",
                       {"password": "password of " + name, "roles": held})
        assert answer.status == 200, answer
    clients = {name: server.client(auth=(name, "password of " + name)) for name in users}
    clients["admin"] = admin
    return clients


def reason(answer):
    return answer.json["error"]["reason"]


def with_header(server, value, **more):
    client = server.client(auth=None)
    client.headers["Authorization"] = value
    client.headers.update(more)
    return client


def test_authenticate_tells_who_one_is(world):
    assert world["bob"]("GET", "/_security/_authenticate").json == {
        "username": "bob", "roles": ["reader"], "full_name": None, "email": None, "metadata": {},
        "enabled": True, "authentication_realm": {"name": "default_native", "type": "native"},
        "lookup_realm": {"name": "default_native", "type": "native"},
        "authentication_type": "realm"}
    me = world["admin"]("GET", "/_security/_authenticate").json
    assert me["username"] == "elastic" and me["roles"] == ["superuser"]
    assert me["metadata"] == {"_reserved": True}


def test_a_denial_says_what_would_grant_it(world):
    denied = world["bob"]("GET", "/secret-1/_search")
    assert denied.status == 403
    assert denied.json["error"]["type"] == "security_exception"
    assert reason(denied) == (
        "action [indices:data/read/search] is unauthorized for user [bob] with roles [reader] on "
        "indices [secret-1], this action is granted by the index privileges [read,all]")
    assert reason(world["bob"]("GET", "/_cluster/health")) == (
        "action [cluster:monitor/health] is unauthorized for user [bob] with roles [reader], this "
        "action is granted by the cluster privileges [monitor,manage,all]")


# Every endpoint in a form that would show secrets, and what bob (who may read logstash-shop-*) and
# sue (who may do anything with them) get: a status, or several that are fine.
MATRIX = [
    ("GET", "/", None, 403, 403),
    ("GET", "/_search?size=100", None, 200, 200),
    ("POST", "/_search", {"query": {"match_all": {}}, "aggs": {
        "i": {"terms": {"field": "_index"}}, "m": {"terms": {"field": "message.keyword"}}}},
     200, 200),
    ("GET", "/*/_search", None, 200, 200),
    ("GET", "/_all/_search", None, 200, 200),
    ("GET", "/*,-logstash*/_search", None, 200, 200),
    ("GET", "/.*/_search", None, 200, 200),
    ("GET", "/secret-*/_search", None, 200, 200),
    ("GET", "/secret-1/_search", None, 403, 403),
    ("GET", "/secrets/_search", None, 403, 403),
    ("GET", "/logstash-shop-1,secret-1/_search", None, 403, 403),
    ("GET", "/logstash-shop-1,secret-1/_search?ignore_unavailable=true", None, 200, 200),
    ("GET", "/secret-1/_search?ignore_unavailable=true", None, 200, 200),
    ("GET", "/%3Csecret-1%3E/_search", None, 403, 403),
    ("GET", "/_count", None, 200, 200),
    ("GET", "/secret-1/_count", None, 403, 403),
    ("POST", "/_msearch", [{}, {}, {"index": "secret-1"}, {}, {"index": "*"}, {}], 200, 200),
    ("POST", "/secret-1/_msearch", [{}, {}], 200, 200),
    ("GET", "/_field_caps?fields=*", None, 200, 200),
    ("GET", "/secret-1/_field_caps?fields=*", None, 403, 403),
    ("POST", "/secret-1/_pit?keep_alive=1m", None, 403, 403),
    ("GET", "/secret-1/_doc/1", None, 403, 403),
    ("GET", "/secrets/_doc/1", None, 403, 403),
    ("GET", "/secret-1/_source/1", None, 403, 403),
    ("HEAD", "/secret-1/_doc/1", None, 403, 403),
    ("POST", "/_mget", {"docs": [{"_index": i, "_id": "1"} for i in SHOPS + SECRETS]}, 200, 200),
    ("PUT", "/secret-1/_doc/2", {"a": 1}, 403, 403),
    ("POST", "/secret-1/_doc", {"a": 1}, 403, 403),
    ("PUT", "/secret-1/_create/2", {"a": 1}, 403, 403),
    ("POST", "/secret-1/_update/1", {"doc": {"a": 1}}, 403, 403),
    ("DELETE", "/secret-1/_doc/1", None, 403, 403),
    ("POST", "/_bulk", [{"index": {"_index": "secret-1"}}, {"a": 1}], 403, 200),
    ("PUT", "/secret-3", None, 403, 403),
    ("GET", "/secret-1", None, 403, 403),
    ("HEAD", "/secret-1", None, 403, 403),
    ("GET", "/*", None, 403, 200),
    ("GET", "/_all", None, 403, 200),
    ("DELETE", "/secret-1", None, 403, 403),
    ("DELETE", "/secret-*", None, 403, 200),
    ("POST", "/secret-1/_close", None, 403, 403),
    ("POST", "/secret-1/_open", None, 403, 403),
    ("POST", "/_refresh", None, 403, 200),
    ("POST", "/secret-1/_refresh", None, 403, 403),
    ("POST", "/_flush", None, 403, 200),
    ("POST", "/secret-1/_flush", None, 403, 403),
    ("POST", "/_forcemerge", None, 403, 200),
    ("POST", "/secret-1/_forcemerge", None, 403, 403),
    ("GET", "/_mapping", None, 403, 200),
    ("GET", "/secret-1/_mapping", None, 403, 403),
    ("GET", "/_mapping/field/*", None, 403, 200),
    ("GET", "/secret-1/_mapping/field/*", None, 403, 403),
    ("PUT", "/secret-1/_mapping", {"properties": {"z": {"type": "long"}}}, 403, 403),
    ("GET", "/_settings", None, 403, 200),
    ("GET", "/secret-1/_settings", None, 403, 403),
    ("PUT", "/secret-1/_settings", {"index": {"refresh_interval": "5s"}}, 403, 403),
    ("GET", "/_alias", None, 403, 200),
    ("GET", "/_alias/secrets", None, 403, (200, 404)),
    ("GET", "/secret-1/_alias", None, 403, 403),
    ("PUT", "/secret-1/_alias/mine", None, 403, 403),
    ("PUT", "/logstash-shop-1/_alias/mine", None, 403, 403),
    ("DELETE", "/secret-1/_alias/secrets", None, 403, 403),
    ("POST", "/_aliases", {"actions": [{"add": {"index": "secret-1", "alias":
                                                "logstash-shop-x"}}]}, 403, 403),
    ("POST", "/_aliases", {"actions": [{"remove_index": {"index": "secret-1"}}]}, 403, 403),
    ("GET", "/_stats", None, 403, 200),
    ("GET", "/secret-1/_stats", None, 403, 403),
    ("GET", "/_resolve/index/*", None, 200, 200),
    ("GET", "/_resolve/index/secret-1", None, 403, 403),
    ("POST", "/secret-1/_analyze", {"text": "a"}, 403, 403),
    ("POST", "/_analyze", {"text": "a"}, 403, 403),
    ("POST", "/_analyze?index=secret-1", {"text": "a", "field": "card"}, 403, 403),
    ("GET", "/_cat", None, 200, 200),
    ("GET", "/_cat/indices", None, 403, 403),
    ("GET", "/_cat/count?format=json", None, 200, 200),
    ("GET", "/_cat/count/secret-1", None, 403, 403),
    ("GET", "/_cat/aliases", None, 403, 200),
    ("GET", "/_cat/health", None, 403, 403),
    ("GET", "/_cat/nodes", None, 403, 403),
    ("GET", "/_cat/master", None, 403, 403),
    ("GET", "/_cat/shards", None, 403, 403),
    ("GET", "/_cat/templates", None, 403, 403),
    ("GET", "/_template", None, 403, 403),
    ("PUT", "/_template/t", {"index_patterns": ["x"]}, 403, 403),
    ("GET", "/_index_template", None, 403, 403),
    ("GET", "/_component_template", None, 403, 403),
    ("POST", "/_index_template/_simulate_index/secret-1", None, 403, 403),
    ("GET", "/_cluster/health", None, 403, 403),
    ("GET", "/_cluster/state", None, 403, 403),
    ("GET", "/_cluster/settings", None, 403, 403),
    ("PUT", "/_cluster/settings", {"transient": {"search.max_buckets": 1}}, 403, 403),
    ("GET", "/_nodes", None, 403, 403),
    ("GET", "/_nodes/stats", None, 403, 403),
    ("GET", "/_license", None, 403, 403),
    ("GET", "/_xpack", None, 403, 403),
    ("GET", "/_security/user", None, 403, 403),
    ("PUT", "/_security/user/evil", {"password": "password", "roles": ["superuser"]}, 403, 403),
    ("POST", "/_security/user/elastic/_password", {"password": "password"}, 403, 403),
    ("PUT", "/_security/user/sue/_disable", None, 403, (400, 403)),
    ("DELETE", "/_security/user/sue", None, 403, 403),
    ("GET", "/_security/role", None, 403, 403),
    ("PUT", "/_security/role/reader", {"cluster": ["all"]}, 403, 403),
    ("DELETE", "/_security/role/reader", None, 403, 403),
    ("GET", "/_security/role_mapping", None, 403, 403),
    ("GET", "/_security/privilege", None, 403, 403),
    ("PUT", "/_security/privilege", {"myapp": {"p": {"actions": ["a:b"]}}}, 403, 403),
    ("DELETE", "/_security/privilege/myapp/p", None, 403, 403),
    ("GET", "/_security/privilege/_builtin", None, 403, 403),
    ("POST", "/_security/api_key", {"name": "k"}, 403, 403),
    ("GET", "/_security/api_key", None, 403, 403),
    ("GET", "/_security/api_key?owner=true", None, 403, 403),
    ("DELETE", "/_security/api_key", {"name": "k"}, 403, 403),
    ("POST", "/_security/api_key/grant", {}, 403, 403),
    ("GET", "/_security/service", None, 403, 403),
    ("POST", "/_security/service/elastic/kibana/credential/token/t", None, 403, 403),
    ("GET", "/_security/service/elastic/kibana/credential", None, 403, 403),
    ("POST", "/_security/oauth2/token", {"grant_type": "client_credentials"}, 403, 403),
    ("POST", "/_security/realm/_all/_clear_cache", None, 403, 403),
    ("DELETE", "/_search/scroll/_all", None, 403, 403),
    ("GET", "/_security/_authenticate", None, 200, 200),
    ("GET", "/_security/user/_privileges", None, 200, 200),
]


@pytest.mark.parametrize("method,path,body,bob,sue", MATRIX,
                         ids=[f"{m} {p} {i}" for i, (m, p, *_) in enumerate(MATRIX)])
def test_nothing_but_the_shops_is_seen(world, method, path, body, bob, sue):
    admin = world["admin"]
    before = [admin("GET", f"/{i}/_search").json["hits"]["hits"] for i in SECRETS]
    names = path + json.dumps(body)
    for name, wanted in (("bob", bob), ("sue", sue)):
        answer = world[name](method, path, body)
        allowed = wanted if isinstance(wanted, tuple) else (wanted,)
        assert answer.status in allowed, (name, answer)
        if answer.status == 200:
            text = answer.body
            for hidden in ("in secret", "in .secret"):
                assert hidden not in text, (name, answer)
            if "secret" not in names:
                assert "secret" not in text, (name, answer)
    assert before == [admin("GET", f"/{i}/_search").json["hits"]["hits"] for i in SECRETS]


def test_a_user_without_roles_may_ask_who_it_is_alone(world):
    for method, path, *_ in MATRIX:
        answer = world["nil"](method, path, [{"index": {"_index": "a"}}, {}]
                              if "bulk" in path else None)
        fine = path in ("/_cat", "/_security/_authenticate", "/_security/user/_privileges")
        assert (answer.status == 200) == fine or answer.status in (400, 403), (path, answer)


def test_bulk_and_multi_get_fail_item_by_item(world):
    lines = [{"index": {"_index": "secret-1", "_id": "9"}}, {"a": 1},
             {"delete": {"_index": "logstash-shop-1", "_id": "9"}},
             {"create": {"_index": "logstash-shop-1", "_id": "10"}}, {"a": 2},
             {"index": {"_index": "logstash-shop-1", "_id": "11"}}, {"a": 2},
             {"index": {"_index": "logstash-shop-1"}}, {"a": 2},
             {"index": {"_index": "logstash-new", "_id": "10"}}, {"a": 2},
             {"update": {"_index": "logstash-shop-1", "_id": "10"}}, {"doc": {"a": 2}}]
    answer = world["wes"]("POST", "/_bulk", lines)
    assert answer.status == 200 and answer.json["errors"]
    items = [next(iter(item.values())) for item in answer.json["items"]]
    assert [item["status"] for item in items] == [403, 403, 201, 403, 201, 403, 403]
    actions = [item["error"]["reason"].split("]")[0] + "]" if "error" in item else None
               for item in items]
    assert items[0]["error"]["reason"].startswith(
        "action [indices:data/write/bulk[s]] is unauthorized for user [wes] with roles [writer] "
        "on indices [secret-1], this action is granted by the index privileges [")
    assert actions[1] == "action [indices:data/write/delete]"
    assert actions[3] == "action [indices:data/write/index:op_type/index]"
    assert actions[5] == "action [indices:admin/auto_create]"
    assert actions[6] == "action [indices:data/write/update]"
    admin = world["admin"]
    assert admin("GET", "/secret-1/_doc/9").status == 404
    assert admin("GET", "/logstash-new").status == 404
    for item in items:
        if item["status"] == 201:
            admin("DELETE", f"/logstash-shop-1/_doc/{item['_id']}?refresh=true")
    docs = world["bob"]("POST", "/_mget", {"docs": [
        {"_index": "secret-1", "_id": "1"}, {"_index": "logstash-shop-1", "_id": "1"}]}).json["docs"]
    assert docs[0]["error"]["reason"].startswith("action [indices:data/read/mget[shard]] is")
    assert docs[1]["found"]


def test_scrolls_and_points_in_time_are_their_owners(world):
    opened = world["bob"]("POST", "/logstash-shop-*/_search?scroll=1m&size=1").json
    scroll = {"scroll_id": opened["_scroll_id"]}
    assert world["sue"]("POST", "/_search/scroll", scroll).status == 404
    assert world["admin"]("POST", "/_search/scroll", scroll).status == 404
    assert world["sue"]("DELETE", "/_search/scroll", scroll).json["num_freed"] == 0
    assert world["bob"]("POST", "/_search/scroll", scroll).status == 200
    assert world["bob"]("DELETE", "/_search/scroll", scroll).json["num_freed"] == 1
    pit = world["bob"]("POST", "/logstash-shop-*/_pit?keep_alive=1m").json
    search = {"pit": {"id": pit["id"]}}
    assert world["sue"]("POST", "/_search", search).status == 404
    assert world["bob"]("POST", "/_search", search).json["hits"]["total"]["value"] == 2
    assert world["sue"]("DELETE", "/_pit", pit).status == 404
    assert world["bob"]("DELETE", "/_pit", pit).status == 200


def test_an_alias_grants_what_its_filter_lets_through(world):
    for path in ("/window/_search", "/_search", "/*/_search", "/_all/_search", "/win*/_search"):
        answer = world["win"]("GET", path)
        assert answer.status == 200 and answer.json["hits"]["total"]["value"] == 0, (path, answer)
    assert world["win"]("GET", "/secret-1/_search").status == 403
    assert world["win"]("GET", "/secret-1/_search?ignore_unavailable=true").json[
        "hits"]["total"]["value"] == 0
    assert world["win"]("GET", "/secret-*/_search").json["hits"]["total"]["value"] == 0


def test_cluster_privileges_alone_show_no_document(world):
    assert world["mon"]("GET", "/_cluster/health").status == 200
    assert world["mon"]("GET", "/").status == 200
    assert world["mon"]("GET", "/_nodes/stats").status == 200
    assert world["mon"]("GET", "/_search").status == 403
    assert world["mon"]("PUT", "/_cluster/settings", {"transient": {}}).status == 403


def test_rows_are_hidden_everywhere(world):
    row = world["row"]
    hits = row("GET", "/_search").json["hits"]
    assert hits["total"]["value"] == 1 and hits["hits"][0]["_source"]["region"] == "north"
    assert row("GET", "/logstash-shop-*/_count").json["count"] == 1
    assert row("GET", "/logstash-shop-2/_search?q=region:south").json["hits"]["total"]["value"] == 0
    assert row("GET", "/_cat/count?format=json").json[0]["count"] == "1"
    assert row("GET", "/logstash-shop-1/_doc/1").json["found"]
    hidden = row("GET", "/logstash-shop-2/_doc/1")
    assert hidden.status == 404 and hidden.json == {
        "_index": "logstash-shop-2", "_type": "_doc", "_id": "1", "found": False}
    assert row("GET", "/logstash-shop-2/_source/1").status == 404
    docs = row("POST", "/_mget", {"docs": [{"_index": i, "_id": "1"} for i in SHOPS]}).json["docs"]
    assert [doc["found"] for doc in docs] == [True, False]
    aggregated = row("POST", "/_search", {"size": 0, "track_total_hits": True, "aggs": {
        "r": {"terms": {"field": "region.keyword"}}, "s": {"sum": {"field": "amount"}},
        "f": {"filter": {"match_all": {}}}}}).json["aggregations"]
    assert [b["key"] for b in aggregated["r"]["buckets"]] == ["north"]
    assert aggregated["s"]["value"] == 7 and aggregated["f"]["doc_count"] == 1
    zero = row("POST", "/_search", {"aggs": {
        "r": {"terms": {"field": "region.keyword", "min_doc_count": 0}}}})
    assert zero.status == 400, zero
    marked = row("POST", "/_search", {"query": {"match": {"message": "in"}}, "highlight": {
        "require_field_match": False, "fields": {"*": {}}}}).json["hits"]["hits"][0]["highlight"]
    assert list(marked) == ["message"]
    scroll = row("POST", "/_search?scroll=1m&size=1").json
    more = row("POST", "/_search/scroll", {"scroll_id": scroll["_scroll_id"]}).json
    assert scroll["hits"]["total"]["value"] == 1 and more["hits"]["hits"] == []
    update = row("POST", "/logstash-shop-1/_update/1", {"doc": {"a": 1}})
    assert update.status == 400 and reason(update) == (
        "Can't execute an update request if field or document level security is enabled")


def test_fields_are_hidden_everywhere(world):
    fay = world["fay"]
    hits = fay("GET", "/_search").json["hits"]["hits"]
    assert {tuple(sorted(hit["_source"])) for hit in hits} == {("amount", "message")}
    assert set(fay("GET", "/logstash-shop-1/_doc/1").json["_source"]) == {"amount", "message"}
    assert set(fay("GET", "/logstash-shop-1/_source/1").json) == {"amount", "message"}
    for query in ("card:4111", "card.keyword:4111", "region:north", "4111", "north"):
        found = fay("POST", "/_search", {"query": {"query_string": {"query": query}}})
        assert found.json["hits"]["total"]["value"] == 0, query
    for query in ({"exists": {"field": "card"}}, {"prefix": {"card.keyword": "4"}},
                  {"wildcard": {"card.keyword": "4*"}}, {"terms": {"card": ["4111"]}},
                  {"multi_match": {"query": "4111", "fields": ["c*", "*"]}}):
        found = fay("POST", "/_search", {"query": query})
        assert found.json["hits"]["total"]["value"] == 0, query
    shown = fay("POST", "/_search", {
        "fields": [{"field": "*", "include_unmapped": True}], "docvalue_fields": ["card.keyword"],
        "stored_fields": ["*"], "_source": ["card", "region", "amount"],
        "aggs": {"c": {"terms": {"field": "card.keyword"}},
                 "v": {"value_count": {"field": "card.keyword"}}}})
    assert "4111" not in shown.body and "north" not in shown.body
    assert shown.json["aggregations"]["c"]["buckets"] == []
    caps = fay("GET", "/_field_caps?fields=*").json["fields"]
    assert "amount" in caps and not {"card", "card.keyword", "region"} & set(caps)
    mapping = fay("GET", "/logstash-shop-1/_mapping").json["logstash-shop-1"]["mappings"]
    assert set(mapping["properties"]) == {"amount", "message"}
    whole = fay("GET", "/logstash-shop-1").body + fay("GET", "/_mapping/field/*").body
    assert "card" not in whole and "region" not in whole
    alias = fay("PUT", "/logstash-shop-1/_alias/logstash-shop-mine")
    assert alias.status == 400 and reason(alias).startswith("Alias requests are not allowed")


def test_users_come_change_and_go(server, world):
    admin = world["admin"]
    body = {"password": "first password", "roles": ["reader"], "full_name": "E", "metadata":
            {"a": 1}}
    assert admin("PUT", "/_security/user/eve", body).json == {"created": True}
    assert admin("PUT", "/_security/user/eve", {"roles": ["reader"]}).json == {"created": False}
    shown = admin("GET", "/_security/user/eve").json["eve"]
    assert shown == {"username": "eve", "roles": ["reader"], "full_name": None, "email": None,
                     "metadata": {}, "enabled": True}
    eve = server.client(auth=("eve", "first password"))
    assert eve("GET", "/_search").status == 200
    assert eve("POST", "/_security/user/_password", {"password": "second password"}).status == 200
    assert eve("GET", "/_search").status == 401
    eve = server.client(auth=("eve", "second password"))
    assert eve("GET", "/_search").status == 200
    assert admin("PUT", "/_security/user/eve/_disable").status == 200
    refused = eve("GET", "/_search")
    assert refused.status == 401 and reason(refused) == (
        "unable to authenticate user [eve] for REST request [/_search]")
    assert admin("PUT", "/_security/user/eve/_enable").status == 200
    assert admin("PUT", "/_security/role/passing", {
        "indices": [{"names": ["secret-1"], "privileges": ["read"]}]}).json == {
            "role": {"created": True}}
    admin("PUT", "/_security/user/eve", {"roles": ["passing"]})
    assert eve("GET", "/secret-1/_search").status == 200
    assert admin("DELETE", "/_security/role/passing").json == {"found": True}
    assert eve("GET", "/secret-1/_search").status == 403
    assert admin("DELETE", "/_security/user/eve").json == {"found": True}
    assert eve("GET", "/_search").status == 401
    assert admin("DELETE", "/_security/user/eve").status == 404


def test_built_in_users_have_passwords_to_be_set(server, world):
    admin = world["admin"]
    for name in ("kibana_system", "kibana", "logstash_system", "beats_system", "apm_system",
                 "remote_monitoring_user"):
        client = server.client(auth=(name, "a new password"))
        assert client("GET", "/_security/_authenticate").status == 401
        assert admin("POST", f"/_security/user/{name}/_password",
                     {"password": "a new password"}).status == 200
        assert client("GET", "/_security/_authenticate").json["username"] == name
    kibana = server.client(auth=("kibana_system", "a new password"))
    assert kibana("PUT", "/.kibana_1").status == 200
    assert kibana("GET", "/").status == 200
    assert kibana("GET", "/logstash-shop-1/_search").status == 403
    assert kibana("PUT", "/_security/privilege", {"kibana-.kibana": {
        "read": {"actions": ["login:"]}}}).json == {"kibana-.kibana": {"read": {"created": True}}}
    assert kibana("PUT", "/_security/privilege", {"other": {
        "read": {"actions": ["login:"]}}}).status == 403
    assert kibana("GET", "/_security/privilege/kibana-.kibana").status == 200
    assert admin("DELETE", "/.kibana_1").status == 200


def test_api_keys(server, world):
    admin, wes = world["admin"], world["wes"]

    def client(key):
        text = base64.b64encode(f"{key['id']}:{key['api_key']}".encode()).decode()
        return with_header(server, "ApiKey " + text)

    own = wes("POST", "/_security/api_key", {"name": "own"}).json
    assert set(own) == {"id", "name", "api_key"}
    key = client(own)
    me = key("GET", "/_security/_authenticate").json
    assert me["username"] == "wes" and me["authentication_type"] == "api_key"
    assert me["authentication_realm"] == {"name": "_es_api_key", "type": "_es_api_key"}
    assert key("GET", "/logstash-shop-1/_search").status == 200
    denied = key("GET", "/secret-1/_search")
    assert denied.status == 403 and reason(denied).startswith(
        f"action [indices:data/read/search] is unauthorized for API key id [{own['id']}] of user "
        "[wes] on indices [secret-1]")
    # What the maker may not, its keys may not, whatever they are given.
    wide = wes("POST", "/_security/api_key", {"name": "wide", "role_descriptors": {
        "superuser": {"cluster": ["all"], "metadata": {"_reserved": True},
                      "indices": [{"names": ["*"], "privileges": ["all"]}]}}}).json
    assert client(wide)("GET", "/secret-1/_search").status == 403
    assert client(wide)("GET", "/_cluster/health").status == 403
    assert client(wide)("GET", "/_search").json["hits"]["total"]["value"] == 2
    narrow = admin("POST", "/_security/api_key", {"name": "narrow", "expiration": "1d",
                   "role_descriptors": {"r": {"indices": [
                       {"names": ["logstash-shop-1"], "privileges": ["read"]}]}}}).json
    assert "expiration" in narrow
    assert client(narrow)("GET", "/_search").json["hits"]["total"]["value"] == 1
    assert client(narrow)("GET", "/_security/user").status == 403
    assert client(narrow)("POST", "/_security/api_key", {"name": "n"}).status == 403
    short = admin("POST", "/_security/api_key", {"name": "short", "expiration": "1ms"}).json
    assert client(short)("GET", "/").status == 401
    assert {k["name"] for k in wes("GET", "/_security/api_key?owner=true").json["api_keys"]} == {
        "own", "wide"}
    assert wes("GET", "/_security/api_key").status == 403
    assert wes("DELETE", "/_security/api_key", {"name": "narrow"}).status == 403
    assert wes("DELETE", "/_security/api_key", {"name": "own", "owner": True}).json == {
        "invalidated_api_keys": [own["id"]], "previously_invalidated_api_keys": [],
        "error_count": 0}
    assert key("GET", "/_search").status == 401
    for bad in ("ApiKey zz", "ApiKey " + base64.b64encode(b"a:b").decode(), "Bearer x", "ApiKey"):
        assert with_header(server, bad)("GET", "/").status == 401
    wrong = dict(wide, api_key="x" * 22)
    assert client(wrong)("GET", "/").status == 401


def test_service_account_tokens_as_the_charts_hook_makes_them(server, world):
    admin = world["admin"]
    path = "/_security/service/elastic/kibana/credential/token/release-kibana"
    assert admin("DELETE", path).status == 404
    made = admin("POST", path)
    assert made.status == 200 and made.json["created"]
    value = made.json["token"]["value"]
    assert value.startswith("AAEAAWVsYXN0aWMva2liYW5h") and made.json["token"]["name"] == (
        "release-kibana")
    assert admin("POST", path).status == 409
    kibana = with_header(server, "Bearer " + value)
    me = kibana("GET", "/_security/_authenticate").json
    assert me["username"] == "elastic/kibana" and me["roles"] == []
    assert me["token"] == {"name": "release-kibana", "type": "_service_account_index"}
    assert me["authentication_type"] == "token"
    assert kibana("PUT", "/.kibana_7").status == 200
    assert kibana("DELETE", "/.kibana_7").status == 200
    assert kibana("GET", "/secret-1/_search").status == 403
    assert with_header(server, "Bearer " + value[:-2] + "AA")("GET", "/").status == 401
    shown = admin("GET", "/_security/service/elastic/kibana/credential").json
    assert shown["count"] == 1 and shown["tokens"] == {"release-kibana": {}}
    accounts = admin("GET", "/_security/service").json
    assert set(accounts) == {"elastic/fleet-server", "elastic/kibana"}
    assert admin("POST", "/_security/service/elastic/nobody/credential/token/t").status == 400
    assert admin("DELETE", path).json == {"found": True}
    assert kibana("GET", "/").status == 401


def test_tokens_of_users(server, world):
    admin = world["admin"]
    given = admin("POST", "/_security/oauth2/token", {
        "grant_type": "password", "username": "bob", "password": "password of bob"}).json
    assert given["type"] == "Bearer" and given["expires_in"] == 1200
    bob = with_header(server, "Bearer " + given["access_token"])
    assert bob("GET", "/_security/_authenticate").json["username"] == "bob"
    assert bob("GET", "/secret-1/_search").status == 403
    again = admin("POST", "/_security/oauth2/token", {
        "grant_type": "refresh_token", "refresh_token": given["refresh_token"]}).json
    assert bob("GET", "/_search").status == 401
    assert admin("POST", "/_security/oauth2/token", {
        "grant_type": "refresh_token", "refresh_token": given["refresh_token"]}).status == 400
    bob = with_header(server, "Bearer " + again["access_token"])
    assert bob("GET", "/_search").status == 200
    assert admin("DELETE", "/_security/oauth2/token", {"token": again["access_token"]}).json[
        "invalidated_tokens"] == 1
    assert bob("GET", "/_search").status == 401
    assert admin("POST", "/_security/oauth2/token", {
        "grant_type": "password", "username": "bob", "password": "wrong one"}).status == 401


def test_run_as(server, world):
    def as_bob(user, **more):
        client = server.client(auth=(user, harness.PASSWORD if user == "elastic" else
                                     "password of " + user))
        client.headers["es-security-runas-user"] = more.get("name", "bob")
        return client
    me = as_bob("run")("GET", "/_security/_authenticate").json
    assert me["username"] == "bob" and me["roles"] == ["reader"]
    assert as_bob("run")("GET", "/logstash-shop-1/_search").status == 200
    denied = as_bob("run")("GET", "/secret-1/_search")
    assert denied.status == 403 and reason(denied).startswith(
        "action [indices:data/read/search] is unauthorized for user [run] run as [bob] with roles "
        "[reader] on indices [secret-1]")
    assert as_bob("run", name="sue")("GET", "/logstash-shop-1/_search").status == 403
    assert as_bob("wes")("GET", "/logstash-shop-1/_search").status == 403
    assert as_bob("run", name="elastic")("GET", "/secret-1/_search").status == 403
    assert as_bob("run", name="nobody")("GET", "/_security/_authenticate").status == 403


def test_has_privileges(world):
    answer = world["bob"]("POST", "/_security/user/_has_privileges", {
        "cluster": ["monitor", "manage", "cluster:monitor/main"],
        "index": [{"names": ["logstash-shop-1", "logstash-shop-*", "logstash-*", "secret*"],
                   "privileges": ["read", "write", "indices:data/read/search"]}],
        "application": [{"application": "kibana-.kibana", "privileges": ["all", "x:y"],
                         "resources": ["*", "space:a"]}]}).json
    yes = {"read": True, "indices:data/read/search": True, "write": False}
    no = {"read": False, "indices:data/read/search": False, "write": False}
    assert answer == {
        "username": "bob", "has_all_requested": False,
        "cluster": {"cluster:monitor/main": False, "monitor": False, "manage": False},
        "index": {"logstash-*": no, "logstash-shop-*": yes, "logstash-shop-1": yes, "secret*": no},
        "application": {"kibana-.kibana": {"*": {"all": False, "x:y": False},
                                           "space:a": {"all": False, "x:y": False}}}}
    everything = world["admin"]("POST", "/_security/user/_has_privileges", {
        "cluster": ["all", "manage_security"], "index": [
            {"names": ["*"], "privileges": ["all", "manage"]}], "application": [
                {"application": "kibana-.kibana", "privileges": ["all", "login:"],
                 "resources": ["*"]}]}).json
    assert everything["has_all_requested"] is True


def test_all_of_it_is_there_after_a_kill(own_server):
    own_server.start()
    admin = own_server.client()
    admin("PUT", "/_security/role/r", {"indices": [{"names": ["a*"], "privileges": ["all"]}]})
    admin("PUT", "/_security/user/u", {"password": "password", "roles": ["r"]})
    admin("POST", "/_security/user/kibana_system/_password", {"password": "password"})
    admin("PUT", "/_security/privilege", {"myapp": {"p": {"actions": ["a:b"]}}})
    key = admin("POST", "/_security/api_key", {"name": "k"}).json
    token = admin("POST", "/_security/service/elastic/kibana/credential/token/t").json["token"]
    own_server.kill()
    own_server.start()
    assert own_server.client(auth=("u", "password"))("PUT", "/a1").status == 200
    assert own_server.client(auth=("u", "password"))("PUT", "/b1").status == 403
    assert own_server.client(auth=("kibana_system", "password"))("GET", "/").status == 200
    text = base64.b64encode(f"{key['id']}:{key['api_key']}".encode()).decode()
    assert with_header(own_server, "ApiKey " + text)("GET", "/").status == 200
    assert with_header(own_server, "Bearer " + token["value"])("GET", "/").status == 200
    admin = own_server.client()
    assert admin("GET", "/_security/privilege/myapp/p").status == 200
    files = b"".join(path.read_bytes() for path in own_server.folder.rglob("*") if path.is_file())
    for secret in (key["api_key"], token["value"], '"password":"password"'):
        assert secret.encode() not in files


def test_without_security_everyone_may_and_there_is_no_security_api(own_server):
    own_server.settings["xpack.security.enabled"] = "false"
    own_server.tls, own_server.auth = False, None
    own_server.start()
    client = own_server.client()
    assert client("PUT", "/a/_doc/1", {"a": 1}).status == 201
    assert client("GET", "/_search").status == 200
    answer = client("GET", "/_security/_authenticate")
    assert answer.status in (400, 405), answer
    assert client("GET", "/_xpack").json["features"]["security"]["enabled"] is False


def test_the_audit_log_tells_who_tried_what(own_server):
    own_server.settings["xpack.security.audit.enabled"] = "true"
    own_server.start()
    admin = own_server.client()
    admin("PUT", "/_security/role/r", {"indices": [{"names": ["a*"], "privileges": ["all"]}]})
    admin("PUT", "/_security/user/u", {"password": "password", "roles": ["r"]})
    user = own_server.client(auth=("u", "password"))
    user("PUT", "/a1")
    user("GET", "/b1/_search?q=x")
    own_server.client(auth=("u", "wrong one"))("GET", "/a1")
    own_server.client(auth=None)("GET", "/a1")
    log = own_server.folder / "data" / "logs" / "elasticsearch_audit.json"
    events = [json.loads(line) for line in log.read_text().splitlines()]
    of_user = [e for e in events if e.get("user.name") == "u"]
    assert [e["event.action"] for e in of_user] == ["access_granted", "access_denied",
                                                    "authentication_failed"]
    assert of_user[0]["action"] == "indices:admin/create"
    assert of_user[1]["indices"] == ["b1"] and of_user[1]["url.query"] == "q=x"
    assert of_user[1]["user.roles"] == ["r"] and of_user[1]["origin.address"].startswith("127.")
    assert events[-1]["event.action"] == "anonymous_access_denied"
    assert "password" not in json.dumps([e for e in events if e["event.action"] != ""]).replace(
        "_password", "")


def test_a_disabled_built_in_user_stays_out(own_server):
    own_server.start()
    admin = own_server.client()
    admin("PUT", "/_security/user/boss", {"password": "password", "roles": ["superuser"]})
    boss = own_server.client(auth=("boss", "password"))
    assert admin("PUT", "/_security/user/elastic/_disable").status == 400
    assert boss("PUT", "/_security/user/elastic/_disable").status == 200
    assert admin("GET", "/").status == 401
    assert boss("GET", "/_security/user/elastic").json["elastic"]["enabled"] is False
    assert boss("PUT", "/_security/user/elastic/_enable").status == 200
    assert admin("GET", "/").status == 200
