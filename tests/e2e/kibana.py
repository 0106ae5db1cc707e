"""The logs of a recorded Kibana session and the form in which its answers are compared."""
import gzip
import json

from harness import DATA

FOLDER = DATA / "kibana_discover"
WHOLE_HITS = 10  # of the others only the id is kept


def documents():
    """(index, id, source) of every log, in the order in which they came."""
    with gzip.open(FOLDER / "documents.ndjson.gz", "rt") as lines:
        return [tuple(json.loads(line)) for line in lines]


def load(client):
    """Stores the logs under their recorded ids."""
    logs = documents()
    for index in sorted({log[0] for log in logs}):
        client("DELETE", f"/{index}")
        client("PUT", f"/{index}", {"settings": {"number_of_shards": 1, "number_of_replicas": 0}})
    for begin in range(0, len(logs), 500):
        lines = []
        for index, key, source in logs[begin:begin + 500]:
            lines += [{"create": {"_index": index, "_id": key}}, source]
        answer = client("POST", "/_bulk?refresh=true", lines)
        assert answer.status == 200 and not answer.json["errors"], answer


def compact(answer):
    """An answer without sources, which are what was sent, and without times."""
    answer = dict(answer)
    answer.pop("took", None)
    if "hits" in answer:
        hits = []
        for hit in answer["hits"]["hits"]:
            if len(hits) < WHOLE_HITS:
                hits.append({k: v for k, v in hit.items() if k not in ("_source", "_type")})
            else:
                hits.append(hit["_id"])
        answer["hits"] = {**answer["hits"], "hits": hits}
    return answer
