"""Runs a program in an unpacked image as a container runtime would, without one.

Container(root, ...) makes mount, process, network and host name spaces, mounts what it is given, makes
the root read-only, and starts a program there as the first process, with no capabilities unless it
is privileged. Needs root. As a program (container.py SPEC) it is the first process itself, before it
becomes the other.
"""
import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

SECONDS_MAX = 60
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


def may_contain():
    """Whether we may make name spaces here."""
    return (os.geteuid() == 0 and shutil.which("nsenter") is not None and subprocess.run(
        ["unshare", "--mount", "--pid", "--net", "--fork", "mount", "-o", "remount,bind,ro", "/"],
        capture_output=True).returncode == 0)


class Container:
    def __init__(self, root, environment, mounts=(), user=1000, group=1000, groups=(1000,),
                 read_only=True, privileged=False, folder="/usr/share/elasticsearch"):
        """`mounts`: (source, place, whether it may be written)."""
        self.environment = {str(k): str(v) for k, v in environment.items()}
        self.spec = {"root": str(root), "environment": self.environment, "user": user,
                     "mounts": [(str(s), str(p), w) for s, p, w in mounts], "group": group,
                     "groups": list(groups), "read_only": read_only, "privileged": privileged,
                     "folder": folder}
        self.process = self.first = None
        self.log = tempfile.TemporaryFile()

    def command(self, arguments):
        spec = dict(self.spec, arguments=list(arguments))
        return ["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork",
                "--kill-child", sys.executable, __file__, json.dumps(spec)]

    def run(self, *arguments, text=""):
        """To its end; what a shell would be told."""
        return subprocess.run(self.command(arguments), capture_output=True, text=True, input=text,
                              timeout=SECONDS_MAX)

    def start(self, *arguments):
        self.process = subprocess.Popen(self.command(arguments), stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        end = time.monotonic() + SECONDS_MAX
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        while not self.first:
            assert self.process.poll() is None and time.monotonic() < end, self.said()
            found = children.read_text().split()
            with contextlib.suppress(FileNotFoundError):  # it has ended: the assertion tells
                # Until it is in the image it is python.
                if found and os.readlink(f"/proc/{found[0]}/root") != "/":
                    self.first = int(found[0])
            time.sleep(0.01)

    def execute(self, *arguments, text=""):
        """As `kubectl exec` and a probe do, beside what runs."""
        spec = self.spec
        return subprocess.run(
            ["nsenter", f"--target={self.first}", "--mount", "--pid", "--net", "--uts", "--ipc",
             "--root", "--wd", f"--setuid={spec['user']}", f"--setgid={spec['group']}", *arguments],
            env=self.environment, capture_output=True, text=True, input=text, timeout=SECONDS_MAX)

    def stop(self):
        """SIGTERM to the first process, as the kubelet sends it; gives its exit code."""
        os.kill(self.first, signal.SIGTERM)
        return self.process.wait(SECONDS_MAX)

    def said(self):
        self.log.seek(0)
        return self.log.read().decode()

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


def become(spec):
    def mount(*arguments):
        subprocess.run(["mount", *arguments], check=True)

    def place_of(path, like):
        """Where a mount goes; made, as runtimes do, if the image has nothing there."""
        place = pathlib.Path(spec["root"]) / path.lstrip("/")
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            if pathlib.Path(like).is_dir():
                place.mkdir()
            else:
                place.touch()
        return str(place)

    root = spec["root"]
    mount("--make-rprivate", "/")
    mount("--bind", root, root)
    mount("-t", "tmpfs", "tmpfs", place_of("/dev", "/"))
    for device in DEVICES:
        mount("--bind", f"/dev/{device}", place_of(f"/dev/{device}", f"/dev/{device}"))
    mount("-t", "proc", "proc", place_of("/proc", "/"))
    for source, path, writable in spec["mounts"]:
        place = place_of(path, source)
        mount("--bind", source, place)
        if not writable:
            mount("-o", "remount,bind,ro", place)
    if spec["read_only"]:
        mount("-o", "remount,bind,ro", root)
    with socket.socket() as any_socket:  # the loopback device is down at first
        flags = struct.pack("16sh", b"lo", 0x1 | 0x40)
        fcntl.ioctl(any_socket, 0x8914, flags)
    os.chroot(root)
    os.chdir(spec["folder"])
    if not spec["privileged"]:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
        for capability in range(64):
            prctl(24, capability, 0, 0, 0)  # out of the bounding set; fails for what there isn't
        assert prctl(38, 1, 0, 0, 0) == 0  # no new privileges
    os.setgroups(spec["groups"])
    os.setgid(spec["group"])
    os.setuid(spec["user"])
    program, environment = spec["arguments"][0], spec["environment"]
    os.execvpe(program, spec["arguments"], environment)


if __name__ == "__main__":
    become(json.loads(sys.argv[1]))
