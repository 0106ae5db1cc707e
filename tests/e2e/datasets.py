"""Small data sets that scenarios load: deterministic, so that recorded answers stay true."""
import datetime

NAMESPACES = ["shop", "payments", "monitoring"]
APPS = ["order", "delivery", "cart", "billing", "prometheus"]
HOSTS = ["node-1", "node-2", "node-3", "node-4"]
LOGS = [
    '10.1.{b}.{a} - - "GET /api/v1/orders/{n} HTTP/1.1" 200 {n}',
    "ERROR failed to connect to db-{a}: connection refused",
    'level=info msg="request completed" dur={a}ms path=/api/v1/items/{n}',
    "2024-03-01 12:00:{a:02d},{b:03d} WARN  [main] o.e.Shop - Retry {a} of 5 after timeout",
    "I0301 12:00:{a:02d}.000000       1 controller.go:{n}] Starting worker id={n:x}",
    '{{"msg":"payment accepted","amount":{a}.5,"trace":"{n:08x}"}}',
    "Заказ {n} принят, доставка завтра",
    "注文 {n} を受け付けました",
    "java.lang.IllegalStateException: order {n} not found\n\tat shop.Order.find(Order.java:{a})",
    "The quick brown fox jumps over the lazy dog {a} times",
]


def _timestamp(day, second, millis):
    at = datetime.datetime(2024, 3, day, tzinfo=datetime.timezone.utc)
    at += datetime.timedelta(seconds=second, milliseconds=millis)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{millis:03d}Z"


def container_log(i, day, per_day):
    """The i-th line of a day, as Fluent Bit would send it, with a few typed fields more."""
    a, b, n = i * 7 % 60, i * 13 % 256, i * 7919 % 100003
    app = APPS[(i * 3 + i // 10) % 5]
    namespace = NAMESPACES[APPS.index(app) % 3]
    doc = {
        "@timestamp": _timestamp(day, i * (86400 // per_day) + a, i * 37 % 1000),
        "log": LOGS[i % 10].format(a=a, b=b, n=n) + "\n",
        "stream": "stderr" if i % 10 in (1, 8) else "stdout",
        "status": [200, 200, 201, 404, 500][i % 5],
        "duration": round(0.5 + i * 1.25 % 97, 2),
        "bytes": i * 104729 % 1000003,
        "ok": i % 5 < 3,
        "kubernetes": {
            "pod_name": f"{app}-7d4b9c6f5d-{i % 3}",
            "namespace_name": namespace,
            "container_name": app,
            "host": HOSTS[i % 4],
            "labels": {"app": app, "tier": "front" if i % 2 else "back"},
        },
    }
    if i % 4 == 0:
        doc["tags"] = ["blue", "green"] if i % 8 == 0 else "red"
    if i % 6 == 0:
        doc["user"] = {"id": 1000 + i % 7, "name": ["Ann", "Bob", "Zoë"][i % 3]}
    return doc


def logs():
    """Three days of container logs in daily indices of one shard, mapped dynamically."""
    per_day = 50
    for day in (1, 2, 3):
        index = f"fx-logs-2024.03.{day:02d}"
        yield "PUT", f"/{index}", {"settings": {"number_of_shards": 1, "number_of_replicas": 0}}
        lines = []
        for i in range(per_day):
            lines.append({"create": {"_index": index, "_id": f"{day}-{i}"}})
            lines.append(container_log(i + day, day, per_day))
        yield "POST", "/_bulk?refresh=true", lines


PEOPLE = [
    ("1", {"name": "Ann Lee", "city": "Berlin", "age": 31, "height": 1.68, "born": "1993-02-11",
           "active": True, "likes": ["tea", "chess"], "ip": "10.0.0.1",
           "bio": "Ann likes quick brown foxes and slow tea"}),
    ("2", {"name": "Bob Stone", "city": "Paris", "age": 25, "height": 1.83, "born": "1999-07-30",
           "active": False, "likes": ["coffee"], "ip": "10.0.0.2",
           "bio": "Bob is a quick runner; the fox is slower than Bob"}),
    ("3", {"name": "Cid Ng", "city": "Berlin", "age": 47, "height": 1.75, "born": "1977-01-01",
           "active": True, "likes": [], "ip": "192.168.1.7",
           "bio": "Chess, chess and more chess. A brown, quick mind"}),
    ("4", {"name": "Dora Alm", "city": "Oslo", "age": 39, "height": 1.71, "born": "1985-12-24",
           "active": None, "likes": ["tea", "coffee", "ski"], "ip": "2001:db8::1",
           "bio": "In Oslo one skis, slowly, with brown bears; fox tracks in the snow"}),
    ("5", {"name": "Eve Ångström", "city": "Stockholm", "age": 52, "height": 1.64,
           "active": True, "ip": "10.0.1.255", "bio": "fox"}),
    ("6", {"name": "Fay Oak", "city": "berlin", "born": "2001-05-05T10:30:00Z", "active": False,
           "likes": "tea", "bio": ""}),
]


def people():
    """A few documents under an explicit mapping with the common field types."""
    yield "PUT", "/fx-people", {
        "settings": {"number_of_shards": 1, "number_of_replicas": 0},
        "mappings": {"properties": {
            "name": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
            "city": {"type": "keyword"},
            "age": {"type": "integer"},
            "height": {"type": "float"},
            "born": {"type": "date"},
            "active": {"type": "boolean"},
            "likes": {"type": "keyword"},
            "ip": {"type": "ip"},
            "bio": {"type": "text"},
        }},
    }
    lines = []
    for key, doc in PEOPLE:
        lines += [{"index": {"_index": "fx-people", "_id": key}}, doc]
    yield "POST", "/_bulk?refresh=true", lines


BY_NAME = {"logs": logs, "people": people}
