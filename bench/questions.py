"""The questions that are measured: what Kibana's Discover and a person at a shell ask of logs.

They are asked of one day's index of the generated corpus; the range is the last quarter of the day.
"""
RANGE = {"range": {"@timestamp": {
    "gte": "2024-05-01T18:00:00.000Z", "lte": "2024-05-01T23:59:59.999Z",
    "format": "strict_date_optional_time"}}}
SHOP = {"match_phrase": {"kubernetes.namespace_name": "shop"}}
NEWEST = [{"@timestamp": {"order": "desc", "unmapped_type": "boolean"}}]
HIGHLIGHT = {"pre_tags": ["@kibana-highlighted-field@"],
             "post_tags": ["@/kibana-highlighted-field@"],
             "fields": {"*": {}}, "fragment_size": 2147483647}


def discover(filters, must=()):
    """Discover's table: the newest 500 with all fields."""
    return {
        "size": 500, "sort": NEWEST, "version": True, "track_total_hits": False,
        "fields": [{"field": "*", "include_unmapped": "true"},
                   {"field": "@timestamp", "format": "strict_date_optional_time"}],
        "stored_fields": ["*"], "script_fields": {}, "_source": False,
        "query": {"bool": {"must": list(must), "filter": filters, "should": [], "must_not": []}},
        "highlight": HIGHLIGHT,
    }


def questions(index, trace):
    """name -> (label, floor in CPU ms, path, body); `trace` is an id that stands in a line."""
    search = f"/{index}/_search"
    apps = {"terms": {"field": "kubernetes.labels.app.keyword", "size": 10}}
    chart = {"date_histogram": {"field": "@timestamp", "fixed_interval": "30m",
                                "time_zone": "UTC", "min_doc_count": 1}}
    return {
        "chart": ("Discover's chart", 3, search, {
            "size": 0, "track_total_hits": True, "aggs": {"0": chart},
            "query": {"bool": {"filter": [SHOP, RANGE]}}}),
        "table": ("Discover's table, newest 500", 15, search, discover([SHOP, RANGE])),
        "table_word": ("the same with a word in `log`", 20, search, discover(
            [SHOP, RANGE, {"match": {"log": "refused"}}])),
        "best": ("two words, 10 best by score", 5, search, {
            "size": 10, "query": {"match": {"log": {"query": "connection timeout"}}}}),
        "phrase": ("phrase", 5, search, {
            "size": 10, "query": {"match_phrase": {"log": "connection refused"}}}),
        "wildcard": ("wildcard on words", 10, search, {
            "size": 10, "query": {"wildcard": {"log": {"value": "*imeout*"}}}}),
        "id": ("one id among all lines", 1.5, search, {
            "size": 10, "query": {"match": {"log": trace}}}),
        "terms": ("terms aggregation on app in a range", 4, search, {
            "size": 0, "aggs": {"a": apps}, "query": {"bool": {"filter": [RANGE]}}}),
        "histogram_terms": ("date_histogram with terms under it, a word", 5, search, {
            "size": 0, "query": {"match": {"log": "failed"}},
            "aggs": {"t": {**chart, "aggs": {"a": apps}}}}),
        "newest": ("newest 50 of everything", 5, search, {"size": 50, "sort": NEWEST}),
    }
