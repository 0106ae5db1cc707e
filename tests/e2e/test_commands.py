"""Where the server listens, and the commands on a stopped server's data."""
import socket
import subprocess
import time

import pytest

from harness import PASSWORD, Server, binary


@pytest.fixture
def configured():
    made = []

    def start(**settings):
        server = Server({name.replace("__", "."): value for name, value in settings.items()})
        made.append(server)
        server.start()
        return server

    yield start
    for server in made:
        server.close()


def own_address():
    """An address of this machine that is not loopback, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return None
        return probe.getsockname()[0]


def reachable(host, port):
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True


def run(server, *arguments):
    command = [binary(), *arguments, "-E", f"path.data={server.folder / 'data'}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("name", ["network.host", "http.host"])
def test_listens_where_it_is_told(configured, name):
    address = own_address()
    if address is None or address.startswith("127."):
        pytest.skip("this machine has no address but loopback")
    everywhere = configured(**{name.replace(".", "__"): "0.0.0.0"})
    assert reachable("127.0.0.1", everywhere.port)
    assert reachable(address, everywhere.port)
    node = next(iter(everywhere.client()("GET", "/_nodes/http").json["nodes"].values()))
    host = node["http"]["publish_address"].rsplit(":", 1)[0]
    assert not host.startswith("127."), host
    at_home = configured(**{name.replace(".", "__"): "_local_"})
    assert reachable("127.0.0.1", at_home.port)
    assert not reachable(address, at_home.port)


def test_host_that_is_none_stops_the_start(own_server):
    own_server.settings["network.host"] = "no such host"
    with pytest.raises(AssertionError, match="no such host"):
        own_server.start()


def test_verify_finds_a_flipped_bit(own_server):
    own_server.start()
    client = own_server.client()
    client("POST", "/_bulk", [line for n in range(5000) for line in (
        {"index": {"_index": "logs"}}, {"n": n, "log": f"line {n}"})])
    client("POST", "/logs/_flush")
    own_server.stop()
    whole = run(own_server, "verify")
    assert whole.returncode == 0, whole.stderr
    assert "every checksum is right" in whole.stdout
    segment = max((own_server.folder / "data" / "store" / "db").glob("*.sst"),
                  key=lambda path: path.stat().st_size)
    data = bytearray(segment.read_bytes())
    data[len(data) // 3] ^= 4
    segment.write_bytes(data)
    damaged = run(own_server, "verify")
    assert damaged.returncode == 1
    assert segment.name in damaged.stderr, damaged.stderr


def test_reset_password(own_server):
    own_server.start()
    own_server.stop()
    given = run(own_server, "reset-password", "--password", "another one")
    assert (given.returncode, given.stdout) == (0, "another one\n"), given.stderr
    made = run(own_server, "reset-password")
    assert made.returncode == 0 and len(made.stdout.strip()) == 20
    command = [binary(), "serve", "-E", f"path.data={own_server.folder / 'data'}",
               "-E", f"http.port={own_server.port}", "-E", "network.host=127.0.0.1"]
    with open(own_server.log_path, "ab") as log:
        own_server.process = subprocess.Popen(command, stdout=log, stderr=log)
    own_server.auth = ("elastic", made.stdout.strip())
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            assert own_server.client()("GET", "/").status == 200
            break
        except OSError:
            time.sleep(0.02)
    for password in (PASSWORD, "another one", ""):
        assert own_server.client(auth=("elastic", password))("GET", "/").status == 401
    own_server.stop()


@pytest.mark.parametrize("command", ["verify", "reset-password"])
def test_commands_make_no_data(tmp_path, command):
    made = subprocess.run([binary(), command, "-E", f"path.data={tmp_path / 'mistyped'}"],
                          capture_output=True, text=True, timeout=60)
    assert made.returncode == 1
    assert "mistyped" in made.stderr
    assert not (tmp_path / "mistyped").exists()
