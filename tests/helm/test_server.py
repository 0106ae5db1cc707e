"""The real binary, started as the chart's container is: its environment, its working folder, its
mounted secrets and files, as user 1000 with nothing but its volumes writable where we may arrange
that."""
import base64
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest

import chart

BINARY = os.environ.get("STRATALOG", str(chart.ROOT / "build" / "release" / "stratalog"))
SECONDS_MAX = 60
# In a mount namespace of its own: all read-only but the volume of the data, no capabilities, user 1000.
AS_POD = """set -e
mount --bind "$POD" "$POD"
mount --bind "$POD/data" "$POD/data"
mount -o remount,bind,ro "$POD"
mount -o remount,bind,ro /
for path in "$POD/x" /x; do
  if touch "$path" 2>/dev/null; then exit 3; fi
done
cd "$POD"
exec setpriv --reuid 1000 --regid 1000 --clear-groups --no-new-privs --bounding-set=-all \
  --inh-caps=-all --ambient-caps=-all "$@"
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pod:
    """`folder` stands for /usr/share/elasticsearch."""

    def __init__(self, folder, objects, port, restrict):
        self.folder, self.objects, self.port, self.restrict = folder, objects, port, restrict
        self.process = None
        self.mounts = {m["name"]: m for m in objects.container()["volumeMounts"]}
        self.path_of("elasticsearch-master").mkdir(parents=True)
        self.mounted = 0
        self.mount_certificates(objects)
        for mount in objects.container()["volumeMounts"]:
            if mount["name"] == "esconfig":
                data = objects.one("ConfigMap", "elasticsearch-master-config")["data"]
                place = pathlib.Path(mount["mountPath"].replace(chart.HOME, str(folder)))
                place.write_text(data[mount["subPath"]])

    def path_of(self, volume):
        return pathlib.Path(self.mounts[volume]["mountPath"].replace(chart.HOME, str(self.folder)))

    def mount_certificates(self, objects):
        """As the kubelet does: a new folder, and a link to it that is swapped at once."""
        certs = self.path_of("elasticsearch-certs")
        volume = next(v for v in objects.pod()["spec"]["volumes"]
                      if v["name"] == "elasticsearch-certs")
        self.mounted += 1
        new = certs / f"..{self.mounted}"
        new.mkdir(parents=True)
        for key, text in objects.secret(volume["secret"]["secretName"]).items():
            (new / key).write_text(text)
            if not (certs / key).is_symlink():
                (certs / key).symlink_to(f"..data/{key}")
        (certs / "..data_new").symlink_to(new.name)
        (certs / "..data_new").rename(certs / "..data")

    def environment(self):
        fields = {"metadata.name": "elasticsearch-master-0", "status.podIP": "127.0.0.1"}
        out = {}
        for name, value in self.objects.environment().items():
            if isinstance(value, dict) and "fieldRef" in value:
                value = fields[value["fieldRef"]["fieldPath"]]
            elif isinstance(value, dict):
                reference = value["secretKeyRef"]
                value = self.objects.secret(reference["name"])[reference["key"]]
            out[name] = value.replace(chart.HOME, str(self.folder))
        return out

    def start(self):
        program = self.folder / "stratalog"
        shutil.copy(BINARY, program)
        command = ["env", "-i", "PATH=/usr/bin:/bin",
                   *(f"{k}={v}" for k, v in self.environment().items()), str(program), "serve"]
        if self.restrict:
            for path in [self.folder, *self.folder.rglob("*")]:
                os.chown(path, 1000, 1000, follow_symlinks=False)
            command = ["unshare", "--mount", "sh", "-c", AS_POD, "sh", *command]
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log,
                                        env={**os.environ, "POD": str(self.folder)})
        end = time.monotonic() + SECONDS_MAX
        while time.monotonic() < end:  # the readiness probe
            assert self.process.poll() is None, (self.folder / "log").read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(SECONDS_MAX) == 0, (self.folder / "log").read_text()
            self.process = None
            self.log.close()

    def ask(self, path, name="elasticsearch-master", authority=None, password=None, body=None):
        """Status and body; the certificate is checked as one of `name` by `authority`."""
        trusted = ssl.create_default_context(cadata=authority or self.objects.secret(
            "elasticsearch-master-certs")["ca.crt"])
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as plain, \
                trusted.wrap_socket(plain, server_hostname=name) as secured:
            connection = http.client.HTTPConnection(name)
            connection.sock = secured
            headers = {"Content-Type": "application/x-ndjson"}
            if password is not None:
                token = base64.b64encode(f"elastic:{password}".encode()).decode()
                headers["Authorization"] = f"Basic {token}"
            connection.request("POST" if body else "GET", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()


def helm_test(pod, folder):
    """What the command of `helm test` prints, run as it stands; only the address is another."""
    spec, = [o["spec"] for o in pod.objects if o["kind"] == "Pod"]
    container = spec["containers"][0]
    replacements = {}
    for variable in container["env"]:
        reference = variable["valueFrom"]["secretKeyRef"]
        value = pod.objects.secret(reference["name"])[reference["key"]]
        replacements[f"$({variable['name']})"] = value
    volume = spec["volumes"][0]["secret"]
    replacements[container["volumeMounts"][0]["mountPath"]] = str(folder)
    for item in volume["items"]:
        text = pod.objects.secret(volume["secretName"])[item["key"]]
        (folder / item["path"]).write_text(text)
    command = [*container["command"], "--connect-to", f"::127.0.0.1:{pod.port}"]
    for name, value in replacements.items():
        command = [part.replace(name, value) for part in command]
    run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX)
    assert run.returncode == 0, run.stderr
    return run.stdout


def may_restrict():
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return False
    return subprocess.run(["unshare", "--mount", "mount", "-o", "remount,bind,ro", "/"],
                          capture_output=True).returncode == 0


@pytest.fixture(params=["as the pod", "as we are"])
def pod(request, tmp_path):
    restrict = request.param == "as the pod"
    if restrict and not may_restrict():
        pytest.skip("needs root and mount namespaces")
    folder = tmp_path / "home"
    if restrict:
        for parent in (tmp_path, *list(tmp_path.parents)[:-2]):
            os.chmod(parent, parent.stat().st_mode | 0o055)
    port = free_port()
    objects = chart.render(tmp_path, {
        "httpPort": port, "networkHost": "127.0.0.1", "clusterName": "elasticsearch",
        "esConfig": {"elasticsearch.yml": "http.max_content_length: 2mb\n"}})
    made = Pod(folder, objects, port, restrict)
    yield made
    if made.process:
        made.stop()


def test_the_container_serves_with_the_secrets_of_the_chart(pod, tmp_path):
    pod.start()
    password = pod.objects.secret("elasticsearch-master-credentials")["password"]
    for name in ("elasticsearch-master", "elasticsearch-master.logging.svc",
                 "elasticsearch-master-0.elasticsearch-master-headless", "localhost"):
        status, body = pod.ask("/", name, password=password)
        assert status == 200
    said = json.loads(body)
    assert said["name"] == "elasticsearch-master-0"
    assert said["cluster_name"] == "elasticsearch"
    assert pod.ask("/", password="wrong")[0] == 401
    said = json.loads(helm_test(pod, tmp_path))
    assert (said["status"], said["timed_out"]) == ("green", False)
    # The file of esConfig is read, and the chart does not overrule it.
    line = b'{"index":{"_index":"logs"}}\n{"log":"x"}\n'
    assert pod.ask("/_bulk", password=password, body=line)[0] == 200
    assert pod.ask("/_bulk", password=password, body=line * 60_000)[0] == 413

    # A renewed secret arrives: no restart, and the next connection sees it.
    renewed = chart.render(tmp_path, {})
    authority = renewed.secret("elasticsearch-master-certs")["ca.crt"]
    with pytest.raises(ssl.SSLCertVerificationError):
        pod.ask("/", authority=authority, password=password)
    pod.mount_certificates(renewed)
    end = time.monotonic() + SECONDS_MAX
    while True:
        try:
            assert pod.ask("/", authority=authority, password=password)[0] == 200
            break
        except ssl.SSLCertVerificationError:
            assert time.monotonic() < end, "not reloaded"
            time.sleep(0.2)

    # Started again with another password, as after an upgrade, it keeps its data and takes that.
    pod.stop()
    again = chart.render(tmp_path, {"secret": {"password": "the next one"},
                                    "httpPort": pod.port, "networkHost": "127.0.0.1"})
    pod.objects = again
    pod.mount_certificates(again)
    pod.start()
    assert pod.ask("/", password=password)[0] == 401
    status, body = pod.ask("/logs/_count", password="the next one")
    assert (status, json.loads(body)["count"]) == (200, 1)
