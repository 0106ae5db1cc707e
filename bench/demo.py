#!/usr/bin/env python3
"""make demo: ships three days of Kubernetes logs as Fluent Bit would, then asks as Discover does.

The server is https://127.0.0.1:9200 (or STRATALOG_URL), as `make run` starts it; the password is
ELASTIC_PASSWORD or the one in data/elastic-password.
"""
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from http_client import Client  # noqa: E402

DOCS = 60_000
DAYS = 3
BATCH = 1000
BAR = 40


def password():
    if os.environ.get("ELASTIC_PASSWORD"):
        return os.environ["ELASTIC_PASSWORD"]
    kept = ROOT / os.environ.get("STRATALOG_DATA", "data") / "elastic-password"
    if not kept.exists():
        sys.exit("No password: start the server with `make run`, or set ELASTIC_PASSWORD.")
    return kept.read_text().strip()


def ship(client, start_ms):
    """Sends the generated logs in requests of some hundred kilobytes, as a shipper does."""
    tool = ROOT / "build" / "release" / "bench" / "log_generator"
    command = [tool, "--docs", str(DOCS), "--days", str(DAYS), "--start-ms", str(start_ms),
               "--seed", str(start_ms)]
    sent = size = 0
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as logs:
        while True:
            lines = []
            for line in logs.stdout:
                lines.append(line)
                if len(lines) == 2 * BATCH:
                    break
            if not lines:
                break
            body = b"".join(lines)
            answer = client("POST", "/_bulk", body, {
                "Content-Type": "application/x-ndjson", "User-Agent": "Fluent-Bit"})
            if answer.status != 200 or answer.json["errors"]:
                sys.exit(f"the server refused a bulk: {answer}")
            sent += len(lines) // 2
            size += len(body)
            print(f"\r  {sent:,} of {DOCS:,} lines", end="", flush=True)
    seconds = time.monotonic() - began
    print(f"\r  {sent:,} lines, {size / 1e6:.0f} MB, acknowledged (and safe on disk) in "
          f"{seconds:.1f} s")


def discover(client, start_ms, end_ms):
    body = {
        "size": 8, "sort": [{"@timestamp": {"order": "desc", "unmapped_type": "boolean"}}],
        "track_total_hits": True,
        "query": {"bool": {"must": [{"query_string": {
            "query": "log:failed OR log:refused", "analyze_wildcard": True}}], "filter": [
            {"match_phrase": {"kubernetes.namespace_name": "shop"}},
            {"range": {"@timestamp": {"gte": start_ms, "lte": end_ms, "format": "epoch_millis"}}},
        ]}},
        "aggs": {"chart": {"date_histogram": {
            "field": "@timestamp", "fixed_interval": "3h", "time_zone": "UTC",
            "min_doc_count": 0, "extended_bounds": {"min": start_ms, "max": end_ms}}}},
        "highlight": {"pre_tags": ["\033[1;33m"], "post_tags": ["\033[0m"],
                      "fields": {"log": {}}, "fragment_size": 2147483647},
    }
    print("\nDiscover: namespace shop, `log:failed OR log:refused`, newest first\n")
    answer = client("POST", "/logstash-*/_search?ignore_unavailable=true", body)
    if answer.status != 200:
        sys.exit(f"the search failed: {answer}")
    found = answer.json
    bars = found["aggregations"]["chart"]["buckets"]
    most = max([bar["doc_count"] for bar in bars] + [1])
    for bar in bars:
        count = bar["doc_count"]
        print(f"  {bar['key_as_string'][:16].replace('T', ' ')} {count:6,} "
              f"{'█' * round(count * BAR / most)}")
    print(f"\n  {found['hits']['total']['value']:,} hits in {found['took']} ms; the newest:\n")
    for hit in found["hits"]["hits"]:
        source = hit["_source"]
        line = hit.get("highlight", {}).get("log", [source["log"]])[0].strip().split("\n")[0]
        print(f"  {source['@timestamp']} {source['kubernetes']['pod_name']}\n    {line[:160]}")
    return body


def main():
    url = os.environ.get("STRATALOG_URL", "https://127.0.0.1:9200")
    secret = password()
    client = Client(url, ("elastic", secret))
    try:
        client("GET", "/")
    except OSError as error:
        sys.exit(f"No server at {url} ({error}). Start it with `make run` in another terminal.")
    end_ms = int(time.time() * 1000)
    start_ms = end_ms - DAYS * 86_400_000
    print(f"Shipping {DAYS} days of Kubernetes logs to {url} as Fluent Bit does")
    ship(client, start_ms)
    client("POST", "/logstash-*/_refresh")
    body = discover(client, start_ms, end_ms)
    query = {"size": 1, "query": body["query"]["bool"]["must"][0]}
    print(f"\nThe same by hand:\n  curl -k -u elastic:{secret} '{url}/logstash-*/_search?pretty' "
          f"-H 'Content-Type: application/json' \\\n    -d '{json.dumps(query)}'")


if __name__ == "__main__":
    main()
