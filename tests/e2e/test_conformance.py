"""The published YAML REST tests of the folders that must pass whole, when they are at hand.

`make conformance` fetches them; this needs no network.
"""
import pathlib
import subprocess
import sys

import pytest

CONFORMANCE = pathlib.Path(__file__).resolve().parents[1] / "conformance"
sys.path.insert(0, str(CONFORMANCE))
import spec  # noqa: E402

FOLDERS = ["bulk", "count", "create", "delete", "exists", "get", "get_source", "index", "info",
           "mget", "ping", "update"]


@pytest.mark.skipif(spec.cached() is None, reason="make conformance fetches the published tests")
def test_folders_pass_whole(server):
    user, password = server.auth
    run = subprocess.run(
        [sys.executable, str(CONFORMANCE / "run.py"), "--url", server.url,
         "--auth", f"{user}:{password}", "--wipe", *FOLDERS],
        capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert "0 failed" in run.stdout
