"""A small HTTP client over one kept connection: no retries, no redirects, no hidden headers."""
import base64
import gzip
import http.client
import json
import ssl
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # names in lower case
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:2000]!r}>"


def encode(body):
    """bytes as they are; str in UTF-8; a list as NDJSON; anything else as one JSON value."""
    if body is None or isinstance(body, bytes):
        return body, None
    if isinstance(body, str):
        return body.encode(), "application/json"
    if isinstance(body, list):
        lines = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False,
                                                               separators=(",", ":"))
                 for line in body)
        return "".join(line + "\n" for line in lines).encode(), "application/x-ndjson"
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode(), "application/json"


class Client:
    """Speaks to `url`; `auth` is (user, password). Reconnects when the connection was closed."""

    def __init__(self, url, auth=None, timeout=60):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        self.tls = parts.scheme == "https"
        self.timeout = timeout
        self.headers = {}
        if auth:
            token = base64.b64encode(":".join(auth).encode()).decode()
            self.headers["Authorization"] = f"Basic {token}"
        self.connection = None

    def connect(self):
        if self.tls:
            context = ssl._create_unverified_context()
            self.connection = http.client.HTTPSConnection(
                self.host, self.port, timeout=self.timeout, context=context)
        else:
            self.connection = http.client.HTTPConnection(
                self.host, self.port, timeout=self.timeout)

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def __call__(self, method, path, body=None, headers=None, compress=False):
        data, content_type = encode(body)
        sent = dict(self.headers)
        if content_type:
            sent["Content-Type"] = content_type
        if compress:
            data = gzip.compress(data)
            sent["Content-Encoding"] = "gzip"
        sent.update(headers or {})
        path = urllib.parse.quote(path, safe="/?&=%*,:;<>{}[]()!@+~'$-._")
        path = path.replace("<", "%3C").replace(">", "%3E").replace("{", "%7B").replace("}", "%7D")
        fresh = self.connection is None
        try:
            return self._once(method, path, data, sent)
        except (http.client.RemoteDisconnected, ConnectionError, BrokenPipeError):
            self.close()
            if fresh:
                raise
            return self._once(method, path, data, sent)

    def _once(self, method, path, data, headers):
        if self.connection is None:
            self.connect()
        self.connection.request(method, path, body=data, headers=headers)
        response = self.connection.getresponse()
        body = response.read()
        if response.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        names = {}
        for name, value in response.headers.items():
            key = name.lower()
            names[key] = f"{names[key]}, {value}" if key in names else value
        if names.get("connection") == "close":
            self.close()
        return Answer(response.status, names, body.decode("utf-8", "replace"))
