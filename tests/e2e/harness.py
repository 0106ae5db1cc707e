"""Starts the real binary on a free port with a fresh data folder, over TLS, and stops or kills it.

STRATALOG names the binary (default: the release build). With STRATALOG_URL (and STRATALOG_AUTH as
user:password) the tests of a running server are made against that one instead; those that stop or
kill the server are then skipped.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import http_client

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
LONG = bool(os.environ.get("STRATALOG_TEST_LONG"))
PASSWORD = "a password of the tests"
READY_SECONDS_MAX = 60


def binary():
    return os.environ.get("STRATALOG", str(ROOT / "build" / "release" / "stratalog"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One server process over one data folder, which outlives stop() and kill()."""

    def __init__(self, settings=None, tls=True, security=True, folder=None):
        self.own_folder = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="stratalog-test-"))
        self.settings = dict(settings or {})
        if not tls:
            self.settings["xpack.security.http.ssl.enabled"] = "false"
        if not security:
            self.settings["xpack.security.enabled"] = "false"
        self.tls = tls and security
        self.auth = ("elastic", PASSWORD) if security else None
        self.process = None
        self.port = None

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def log_path(self):
        return self.folder / "server.log"

    def start(self):
        """Returns when the server answers; gives the seconds that took."""
        self.port = free_port()
        settings = {"path.data": str(self.folder / "data"), "http.port": str(self.port),
                    "network.host": "127.0.0.1", **self.settings}
        command = [binary(), "serve"]
        for key, value in settings.items():
            command += ["-E", f"{key}={value}"]
        environment = {**os.environ, "ELASTIC_PASSWORD": PASSWORD}
        with open(self.log_path, "ab") as log:
            began = time.monotonic()
            self.process = subprocess.Popen(command, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, env=environment)
        while time.monotonic() - began < READY_SECONDS_MAX:
            if self.process.poll() is not None:
                status = self.process.returncode
                raise AssertionError(f"the server ended with {status}:\n{self.log()}")
            try:
                if self.client()("GET", "/").status == 200:
                    return time.monotonic() - began
            except OSError:
                time.sleep(0.02)
        self.kill()
        raise AssertionError(f"not ready after {READY_SECONDS_MAX} s:\n{self.log()}")

    def client(self, auth="own", timeout=60):
        return http_client.Client(self.url, self.auth if auth == "own" else auth, timeout)

    def log(self):
        return self.log_path.read_text(errors="replace")[-5000:] if self.log_path.exists() else ""

    def stop(self):
        """A clean stop, which must end with 0."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"did not stop within 60 s:\n{self.log()}")
        self.process = None
        assert status == 0, f"ended with {status}:\n{self.log()}"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def close(self):
        if self.process:
            self.kill()
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)


class RunningServer:
    """A server that somebody else started."""

    def __init__(self, url, auth):
        self.url = url.rstrip("/")
        self.auth = auth

    def client(self, auth="own", timeout=60):
        return http_client.Client(self.url, self.auth if auth == "own" else auth, timeout)

    def close(self):
        pass
