"""As much of a Kubernetes API server as helm needs to install, upgrade and look up: it keeps objects
and gives them back. Nothing is scheduled, started or validated; patches of lists replace the list."""
import datetime
import http.server
import json
import threading
import urllib.parse

# kind: (group/version, plural)
KINDS = {
    "Secret": ("v1", "secrets"),
    "ConfigMap": ("v1", "configmaps"),
    "Service": ("v1", "services"),
    "ServiceAccount": ("v1", "serviceaccounts"),
    "Pod": ("v1", "pods"),
    "StatefulSet": ("apps/v1", "statefulsets"),
    "PodDisruptionBudget": ("policy/v1", "poddisruptionbudgets"),
}


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def merged(old, patch):
    """RFC 7386, with the directives of strategic patches left out."""
    if not isinstance(patch, dict):
        return patch
    out = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if key.startswith("$"):
            continue
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merged(out.get(key), value)
    return out


class Api:
    def __init__(self):
        self.objects = {}  # (plural, namespace, name) -> object
        self.changes = 0
        self.lock = threading.Lock()
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def handle_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                with api.lock:
                    status, answer = api.answer(self.command, self.path, body)
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def get(self, kind, name, namespace="logging"):
        return self.objects[KINDS[kind][1], namespace, name]

    def answer(self, method, path, body):
        url = urllib.parse.urlsplit(path)
        parts = [p for p in url.path.split("/") if p]
        query = urllib.parse.parse_qs(url.query)
        found = self.discovery(parts)
        if found is not None:
            return 200, found
        parts = parts[2:] if parts[0] == "api" else parts[3:]
        if len(parts) < 3 or parts[0] != "namespaces":
            return self.failure(404, "NotFound", path)
        namespace, plural, name = parts[1], parts[2], parts[3] if len(parts) > 3 else None
        if name is None:
            if method == "POST":
                return self.create(plural, namespace, body)
            return self.list(plural, namespace, query.get("labelSelector", [""])[0])
        key = (plural, namespace, name)
        if key not in self.objects:
            return self.failure(404, "NotFound", f'{plural} "{name}" not found')
        if method == "DELETE":
            return 200, self.objects.pop(key)
        if method in ("PUT", "PATCH"):
            new = body if method == "PUT" else merged(self.objects[key], body)
            for kept in ("uid", "creationTimestamp"):
                new["metadata"][kept] = self.objects[key]["metadata"][kept]
            self.store(key, new)
        return 200, self.objects[key]

    def create(self, plural, namespace, body):
        key = (plural, namespace, body["metadata"]["name"])
        if key in self.objects:
            return self.failure(409, "AlreadyExists", f"{key} already exists")
        body["metadata"].setdefault("creationTimestamp", now())
        body["metadata"].update(namespace=namespace, uid=f"uid-{len(self.objects)}")
        self.store(key, body)
        return 201, body

    def store(self, key, body):
        self.changes += 1
        body["metadata"]["resourceVersion"] = str(self.changes)
        self.objects[key] = body

    def list(self, plural, namespace, selector):
        wanted = dict(part.split("=", 1) for part in selector.split(",") if "=" in part)
        items = [o for (p, n, _), o in self.objects.items() if (p, n) == (plural, namespace)
                 and wanted.items() <= o["metadata"].get("labels", {}).items()]
        kind = next(k for k, (_, p) in KINDS.items() if p == plural)
        return 200, {"kind": f"{kind}List", "apiVersion": KINDS[kind][0], "metadata": {},
                     "items": items}

    @staticmethod
    def failure(code, reason, message):
        return code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
                      "reason": reason, "message": message}

    @staticmethod
    def discovery(parts):
        if parts == ["version"]:
            return {"major": "1", "minor": "33", "gitVersion": "v1.33.0"}
        if parts == ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"]}
        if parts == ["apis"]:
            groups = sorted({gv for gv, _ in KINDS.values() if "/" in gv})
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [
                {"name": gv.split("/")[0],
                 "versions": [{"groupVersion": gv, "version": gv.split("/")[1]}],
                 "preferredVersion": {"groupVersion": gv, "version": gv.split("/")[1]}}
                for gv in groups]}
        version = {("api", 2): "/".join(parts[1:]), ("apis", 3): "/".join(parts[1:])}.get(
            (parts[0], len(parts)) if parts else None)
        if version is None:
            return None
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version,
                "resources": [
                    {"name": plural, "singularName": "", "namespaced": True, "kind": kind,
                     "verbs": ["create", "delete", "get", "list", "patch", "update"]}
                    for kind, (gv, plural) in KINDS.items() if gv == version]}
