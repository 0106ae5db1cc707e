"""The Debian package and the compose file: what is in them, and the real binary with what they say."""
import base64
import http.client
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
BINARY = os.environ.get("STRATALOG", str(ROOT / "build" / "release" / "stratalog"))
PASSWORD = "of the tests"
SECONDS_MAX = 60


def run(*command, **options):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def status_of(port):
    trusting = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=trusting)
    token = base64.b64encode(f"elastic:{PASSWORD}".encode()).decode()
    connection.request("GET", "/", headers={"Authorization": f"Basic {token}"})
    return connection.getresponse().status


def answers(command, environment, port, folder):
    """Starts it, asks it, and stops it cleanly."""
    log_path = folder / "log"
    with open(log_path, "wb") as log:
        process = subprocess.Popen([*map(str, command)], env=environment, cwd=folder, stdout=log,
                                   stderr=log, stdin=subprocess.DEVNULL)
    try:
        end = time.monotonic() + SECONDS_MAX
        while True:
            try:
                assert status_of(port) == 200
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < end, log_path.read_text()
                time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS_MAX) == 0, log_path.read_text()
    finally:
        process.kill()


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The package's file and what unpacking it gives."""
    if not shutil.which("dpkg-deb"):
        pytest.skip("needs dpkg-deb")
    made = ROOT / run(PACKAGING / "deb.sh", BINARY).strip()
    folder = tmp_path_factory.mktemp("deb")
    run("dpkg-deb", "--raw-extract", made, folder)
    return made, folder


def test_the_package_says_what_it_is_and_needs(package):
    made, folder = package
    fields = dict(line.split(": ", 1) for line in
                  run("dpkg-deb", "--field", made).splitlines() if not line.startswith(" "))
    said = run(BINARY, "version")
    assert f" {fields['Version']}," in said
    assert fields["Architecture"] == run("dpkg", "--print-architecture").strip()
    needed = fields["Depends"]
    assert all(name in needed for name in ("libc6 (>= ", "libssl3 (>= ", "libstdc++6 (>= "))
    assert (folder / "DEBIAN" / "conffiles").read_text().split() == ["/etc/stratalog/stratalog.yml"]
    listed = run("dpkg-deb", "--contents", made)
    assert all(line.split()[1] == "root/root" for line in listed.splitlines())
    assert not [line for line in listed.splitlines() if line[0] == "-" and line[8] == "w"]
    for script in ("postinst", "prerm", "postrm"):
        path = folder / "DEBIAN" / script
        assert os.access(path, os.X_OK)
        run("sh", "-n", path)


def test_what_the_package_installs_runs(package, tmp_path):
    _, folder = package
    port = free_port()
    environment = {"PATH": "/usr/bin:/bin", "ELASTIC_PASSWORD": PASSWORD}
    unit = (folder / "lib/systemd/system/stratalog.service").read_text()
    start, = [line.removeprefix("ExecStart=").split() for line in unit.splitlines()
              if line.startswith("ExecStart=")]
    assert start[:2] == ["/usr/bin/stratalog", "serve"]
    command = [str(folder) + part if part.startswith("/") else part for part in start]
    answers([*command, "-E", f"path.data={tmp_path}/data", "-E", f"http.port={port}"],
            environment, port, tmp_path)


def test_the_unit_is_right_and_lets_little_through(package, tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("needs systemd-analyze")
    _, folder = package
    unit = tmp_path / "stratalog.service"
    text = (folder / "lib/systemd/system/stratalog.service").read_text()
    unit.write_text(text.replace("=/usr/bin/", f"={folder}/usr/bin/"))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    assert "stratalog.service" not in done.stderr, done.stderr
    # An exposure of 1.5 of 10 at most.
    run("systemd-analyze", "security", "--offline=yes", "--threshold=15", unit)


def compose():
    return yaml.safe_load((PACKAGING / "docker-compose.yml").read_text())["services"]


def test_the_compose_files_settings_are_taken(tmp_path):
    service = compose()["stratalog"]
    port = free_port()
    environment = dict(service["environment"], **{"ELASTIC_PASSWORD": PASSWORD,
                                                  "path.data": str(tmp_path / "data"),
                                                  "network.host": "127.0.0.1",
                                                  "http.port": str(port)})
    answers([BINARY, "serve"], {"PATH": "/usr/bin:/bin", **environment}, port, tmp_path)


def test_the_three_of_the_compose_file_find_each_other():
    services = compose()
    aliases = services["stratalog"]["networks"]["default"]["aliases"]
    kibana = services["kibana"]["environment"]
    assert kibana["ELASTICSEARCH_HOSTS"] == "https://elasticsearch-master:9200"
    assert "elasticsearch-master" in aliases
    sections = (PACKAGING / "fluent-bit.conf").read_text().split("[OUTPUT]")
    output = dict(line.split(maxsplit=1) for line in sections[1].splitlines() if line.strip())
    assert output["Host"] in aliases and output["Port"] == "9200" and output["tls"] == "On"
    for service in services.values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), "open to this machine only"
    for name in services:
        assert any("?set it" in str(v) for v in services[name]["environment"].values())
