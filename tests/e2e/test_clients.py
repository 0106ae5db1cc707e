"""The clients that people have: elasticsearch-py 7.17 with its helpers, and curl."""
import json
import subprocess

import pytest
from elasticsearch import Elasticsearch, NotFoundError, helpers
from elasticsearch.exceptions import AuthenticationException, ConflictError

import datasets


@pytest.fixture
def es(server):
    client = Elasticsearch([server.url], http_auth=server.auth, verify_certs=False,
                           ssl_show_warn=False, timeout=60)
    yield client
    client.close()


def test_product_check_and_info(es):
    assert es.ping()
    assert es.info()["version"]["number"] == "7.17.3"


def test_wrong_password_raises(server):
    if server.auth is None:
        pytest.skip("a server without security")
    client = Elasticsearch([server.url], http_auth=("elastic", "no"), verify_certs=False,
                           ssl_show_warn=False)
    with pytest.raises(AuthenticationException):
        client.search(index="x")


def test_bulk_and_scan(es):
    es.indices.delete(index="py-logs", ignore=[404])
    logs = [datasets.container_log(n, 1 + n % 3, 2000) for n in range(2500)]
    actions = ({"_index": "py-logs", "_id": n, "_source": log} for n, log in enumerate(logs))
    stored, errors = helpers.bulk(es, actions, chunk_size=400, refresh="wait_for")
    assert (stored, errors) == (2500, [])
    found = {int(hit["_id"]): hit["_source"]
             for hit in helpers.scan(es, index="py-logs", size=300, scroll="1m")}
    assert found == dict(enumerate(logs))
    some = list(helpers.scan(es, index="py-logs", query={"query": {"term": {"status": 500}}}))
    assert len(some) == sum(1 for log in logs if log["status"] == 500)


def test_streaming_and_parallel_bulk(es):
    es.indices.delete(index="py-par", ignore=[404])
    actions = [{"_index": "py-par", "n": n} for n in range(1000)]
    assert all(ok for ok, _ in helpers.streaming_bulk(es, actions[:500], chunk_size=100))
    assert all(ok for ok, _ in helpers.parallel_bulk(es, actions[500:], thread_count=3,
                                                     chunk_size=100))
    es.indices.refresh(index="py-par")
    assert es.count(index="py-par")["count"] == 1000


def test_documents(es):
    es.indices.delete(index="py-docs", ignore=[404])
    assert es.index(index="py-docs", id="1", body={"a": 1})["result"] == "created"
    assert es.update(index="py-docs", id="1", body={"doc": {"b": 2}})["result"] == "updated"
    assert es.get(index="py-docs", id="1")["_source"] == {"a": 1, "b": 2}
    assert es.exists(index="py-docs", id="1") and not es.exists(index="py-docs", id="2")
    assert es.get_source(index="py-docs", id="1") == {"a": 1, "b": 2}
    with pytest.raises(ConflictError):
        es.create(index="py-docs", id="1", body={})
    docs = es.mget(index="py-docs", body={"ids": ["1", "2"]})["docs"]
    assert [doc["found"] for doc in docs] == [True, False]
    assert es.delete(index="py-docs", id="1")["result"] == "deleted"
    with pytest.raises(NotFoundError):
        es.get(index="py-docs", id="1")


def test_administration(es):
    es.indices.delete(index="py-admin", ignore=[404])
    es.indices.create(index="py-admin", body={"mappings": {"properties": {"k": {
        "type": "keyword"}}}})
    assert es.indices.exists(index="py-admin")
    assert es.indices.get_mapping(index="py-admin")["py-admin"]["mappings"] == {
        "properties": {"k": {"type": "keyword"}}}
    es.indices.put_alias(index="py-admin", name="py-alias")
    assert es.indices.exists_alias(name="py-alias")
    assert es.cat.indices(index="py-admin", format="json")[0]["index"] == "py-admin"
    assert es.cluster.health(wait_for_status="yellow")["timed_out"] is False
    assert "py-admin" in es.indices.stats(index="py-admin")["indices"]
    assert es.indices.analyze(body={"analyzer": "standard", "text": "A b"})["tokens"][1] == {
        "token": "b", "start_offset": 2, "end_offset": 3, "type": "<ALPHANUM>", "position": 1}
    assert "k" in es.field_caps(index="py-admin", fields="*")["fields"]
    es.indices.delete(index="py-admin")
    assert not es.indices.exists(index="py-admin")


def curl(server, *arguments, check=True):
    command = ["curl", "-sS", "-k", "--max-time", "30"]
    if server.auth:
        command += ["-u", ":".join(server.auth)]
    run = subprocess.run([*command, *arguments], capture_output=True, text=True)
    if check:
        assert run.returncode == 0, run.stderr
    return run.stdout


def test_curl(server, tmp_path):
    assert '"number" : "7.17.3"' in curl(server, server.url)
    lines = tmp_path / "bulk.ndjson"
    lines.write_text("".join(
        json.dumps({"index": {"_index": "curl", "_id": str(n)}}) + "\n"
        + json.dumps({"n": n, "text": "words " * 100}) + "\n" for n in range(3000)))
    answer = json.loads(curl(server, "-H", "Content-Type: application/x-ndjson", "--data-binary",
                             f"@{lines}", f"{server.url}/_bulk?refresh=true"))
    assert not answer["errors"]
    assert curl(server, f"{server.url}/_cat/count/curl?h=count").strip() == "3000"
    found = curl(server, "--compressed", "--http1.1", f"{server.url}/curl/_search?q=n:7&pretty")
    assert '"_id" : "7"' in found
    head = curl(server, "-I", f"{server.url}/curl")
    assert head.startswith("HTTP/1.1 200 OK") and "content-length:" in head.lower()
    missing = curl(server, "-I", f"{server.url}/nothing-here")
    assert missing.startswith("HTTP/1.1 404 Not Found")
