#!/usr/bin/env python3
"""make bench: starts the release build with TLS, loads it with generated logs, asks, measures.

  bench/run.py [--docs N] [--peer URL [--peer-pid PID]] [--only NAME...]
               [--wait-for-quiet SECONDS] [--folder FOLDER]

CPU seconds are the server's own, from /proc: other work on this machine blurs them little, other
guests of its host do, which bench/pace.py makes visible. Wall times are upper bounds. With --peer
the same documents and questions go to a running Elasticsearch at URL (its process is found by the
port when it is on this machine) and ratios are printed. A run of the full million is written to
docs/performance.md.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
sys.path.insert(0, str(ROOT / "bench"))
from harness import Server  # noqa: E402
from http_client import Client  # noqa: E402
from pace import Pace  # noqa: E402
from questions import questions  # noqa: E402

TOOLS = ROOT / "build" / "release" / "bench"
INDEX = "logstash-2024.05.01"
FULL = 1_000_000
BATCH = 1000


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


class Process:
    """What /proc tells of a server on this machine; zeros when there is none."""

    def __init__(self, pid):
        self.pid = pid

    def cpu_seconds(self):
        if not self.pid:
            return 0.0
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self, name):
        """VmRSS now, VmHWM at most."""
        if not self.pid:
            return 0.0
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
        return 0.0

    def forget_peak(self):
        if self.pid:
            try:
                pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")
            except OSError:
                pass


def listener(port):
    """The process that listens on a local port, or None."""
    wanted = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                wanted.add(f"socket:[{fields[9]}]")
    for folder in pathlib.Path("/proc").glob("[0-9]*/fd"):
        try:
            if any(os.readlink(entry) in wanted for entry in folder.iterdir()):
                return int(folder.parent.name)
        except OSError:
            continue
    return None


class Subject:
    """A server under measurement."""

    def __init__(self, name, url, auth, process, server=None):
        self.name, self.url, self.auth = name, url, auth
        self.process, self.server = process, server

    def client(self):
        return Client(self.url, self.auth, timeout=600)

    def tool(self, *arguments, stdin=None):
        """Runs bench/load; gives its lines as JSON."""
        credentials = ":".join(self.auth) if self.auth else ""
        run = subprocess.run([TOOLS / "load", self.url, credentials, *map(str, arguments)],
                             input=stdin, capture_output=True, text=True)
        if run.returncode:
            raise SystemExit(f"{self.name}: {run.stderr}")
        return [json.loads(line) for line in run.stdout.splitlines()]


def corpus(docs, folder):
    path = folder / f"logs-{docs}.ndjson"
    say(f"generating {docs} documents")
    with open(path, "wb") as out:
        subprocess.run([TOOLS / "log_generator", "--docs", str(docs), "--index", INDEX],
                       stdout=out, check=True)
    return path


def a_trace(path):
    """A trace id in the middle of the corpus."""
    with open(path, "rb") as lines:
        lines.seek(path.stat().st_size // 2)
        for line in lines:
            at = line.find(b"trace_id=")
            if at > 0:
                return line[at + 9:at + 41].decode()
    raise SystemExit("no trace id in the corpus")


def create(client, index):
    client("DELETE", f"/{index}?ignore_unavailable=true")
    answer = client("PUT", f"/{index}", {"settings": {
        "number_of_shards": 1, "number_of_replicas": 0}})
    assert answer.status == 200, answer


def settle(subject):
    """Waits until the server's background work is done: it uses next to no CPU for two seconds."""
    for _ in range(300):
        before = subject.process.cpu_seconds()
        time.sleep(2)
        if subject.process.cpu_seconds() - before < 0.06:
            return


def store_bytes(subject, index):
    stats = subject.client()("GET", f"/{index}/_stats/store").json
    return stats["_all"]["primaries"]["store"]["size_in_bytes"]


def measure_ingest(subject, path, results):
    client = subject.client()
    create(client, INDEX)
    subject.process.forget_peak()
    cpu = subject.process.cpu_seconds()
    ingest, = subject.tool("ingest", path, "--connections", 2, "--batch", BATCH)
    results["docs_per_second"] = ingest["docs_per_second"]
    results["retries"] = ingest["retries"]
    results["peak_mb"] = subject.process.memory_mb("VmHWM")
    gigabytes = ingest["bytes"] / 1e9
    results["cpu_per_gb_acknowledged"] = (subject.process.cpu_seconds() - cpu) / gigabytes
    for step in ("_flush?force=true&wait_if_ongoing=true", "_forcemerge?max_num_segments=1",
                 "_refresh"):
        answer = client("POST", f"/{INDEX}/{step}")
        assert answer.status == 200, answer
    settle(subject)
    results["cpu_per_gb"] = (subject.process.cpu_seconds() - cpu) / gigabytes
    if subject.server:
        # A stop lets go of files that nothing needs any more.
        subject.server.stop()
        results["ready_seconds"] = subject.server.start()
        subject.url = subject.server.url
        subject.process.pid = subject.server.process.pid
        folder = subject.server.folder / "data"
        stored = sum(f.stat().st_blocks * 512 for f in folder.rglob("*") if f.is_file())
        results["folder_per_raw"] = stored / ingest["bytes"]
    results["disk_per_raw"] = store_bytes(subject, INDEX) / ingest["bytes"]
    count = subject.client()("GET", f"/{INDEX}/_count").json["count"]
    assert count == ingest["docs"], f"{count} of {ingest['docs']} documents"


def measure_questions(subject, path, results):
    asked = questions(INDEX, a_trace(path))
    lines = "\n".join(json.dumps({"name": name, "method": "POST", "path": where, "body": body})
                      for name, (_, _, where, body) in asked.items())
    pid = ["--pid", subject.process.pid] if subject.process.pid else []
    for answer in subject.tool("query", *pid, stdin=lines):
        if answer["status"] != 200:
            say(f"{subject.name}: {answer['name']}: {answer['head']}")
        results[answer["name"]] = answer
    export, = subject.tool("scroll", f"/{INDEX}/_search", 1000)
    results["export"] = export["docs_per_second"]


def measure_small(subject, path, results):
    """Acknowledgement times, one client against eight, and time to be found."""
    client = subject.client()
    part = path.with_suffix(".part")
    with open(path, "rb") as lines, open(part, "wb") as out:
        for _ in range(2 * 100 * BATCH):
            line = lines.readline()
            if not line:
                break
            out.write(line.replace(INDEX.encode(), b"logstash-small", 1))
    for clients in (1, 8):
        create(client, "logstash-small")
        answer, = subject.tool("ingest", part, "--connections", clients, "--batch", BATCH)
        results[f"ack_ms_{clients}"] = answer["ack_ms_p50"]
        results[f"docs_per_second_{clients}"] = answer["docs_per_second"]
    results["visible_ms"] = subject.tool("visible", "logstash-small", 20, "wait_for")[0]["p50_ms"]
    results["visible_default_ms"] = subject.tool("visible", "logstash-small", 5)[0]["p50_ms"]
    client("DELETE", "/logstash-small")
    part.unlink()


def measure_many_indices(results, folder):
    """200 daily indices of 5,000 documents: start, memory, a search over the last hour."""
    server = Server(folder=folder / "many")
    server.folder.mkdir()
    server.start()
    path = folder / "many.ndjson"
    subject = Subject("ours", server.url, server.auth, Process(server.process.pid), server)
    with open(path, "wb") as out:
        subprocess.run([TOOLS / "log_generator", "--docs", "1000000", "--days", "200", "--start",
                        "2024-01-01"], stdout=out, check=True)
    subject.tool("ingest", path, "--connections", 2, "--batch", BATCH)
    path.unlink()
    server.client(timeout=600)("POST", "/logstash-*/_flush?force=true")
    server.stop()
    results["many_start_seconds"] = server.start()
    subject.url = server.url
    process = Process(server.process.pid)
    body = {"size": 10, "sort": [{"@timestamp": "desc"}], "query": {"range": {"@timestamp": {
        "gte": "2024-07-18T23:00:00Z", "lt": "2024-07-19T00:00:00Z"}}}}
    answer = server.client()("POST", "/logstash-*/_search", body).json
    results["many_shards"] = answer["_shards"]
    line = json.dumps({"name": "hour", "method": "POST", "path": "/logstash-*/_search",
                       "body": body})
    results["many_search"] = subject.tool("query", "--pid", process.pid, stdin=line)[0]
    results["many_mb"] = process.memory_mb("VmRSS")
    server.stop()
    shutil.rmtree(server.folder)


def measure_pressure(results, path, folder, limit_mb=256):
    """Four clients push as fast as they can and two search; memory must stay in its limit."""
    server = Server(folder=folder / "pressure", settings={"memory.limit": f"{limit_mb}mb"})
    server.folder.mkdir()
    server.start()
    subject = Subject("ours", server.url, server.auth, Process(server.process.pid), server)
    create(subject.client(), INDEX)
    credentials = ":".join(server.auth)
    push = subprocess.Popen([TOOLS / "load", server.url, credentials, "ingest", str(path),
                             "--connections", "4", "--batch", "2000"], stdout=subprocess.PIPE)
    asked = questions(INDEX, "nothing")
    lines = "\n".join(json.dumps({"name": name, "method": "POST", "path": where, "body": body})
                      for name, (_, _, where, body) in asked.items()).encode()
    searchers = []
    while push.poll() is None:
        searchers = [s for s in searchers if s.poll() is None]
        while len(searchers) < 2:
            searcher = subprocess.Popen([TOOLS / "load", server.url, credentials, "query",
                                         "--seconds", "0.3"], stdin=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            searcher.stdin.write(lines)
            searcher.stdin.close()
            searchers.append(searcher)
        time.sleep(0.2)
    for searcher in searchers:
        searcher.wait()
    results["pressure"] = json.loads(push.stdout.read())
    results["pressure_mb"] = Process(server.process.pid).memory_mb("VmHWM")
    results["pressure_limit_mb"] = limit_mb
    server.close()
    shutil.rmtree(folder / "pressure", ignore_errors=True)


def ours(folder):
    server = Server(folder=folder / "ours", settings={"memory.limit": "256mb"})
    server.folder.mkdir()
    server.start()
    return Subject("Stratalog", server.url, server.auth, Process(server.process.pid), server)


def peer(url, pid):
    port = int(url.rstrip("/").rsplit(":", 1)[1])
    auth = os.environ.get("PEER_AUTH")
    return Subject("peer", url.rstrip("/"), tuple(auth.split(":", 1)) if auth else None,
                   Process(pid or listener(port)))


# (label, key, unit, floor, whether less is better); questions follow by themselves.
FIGURES = [
    ("CPU seconds per GB raw, merged to one segment", "cpu_per_gb", 30, True),
    ("the same until the last acknowledgement", "cpu_per_gb_acknowledged", None, True),
    ("documents a second, 2 connections", "docs_per_second", 60000, False),
    ("bytes on disk per raw byte", "disk_per_raw", 0.25, True),
    ("export by scroll, documents a second", "export", 70000, False),
    ("acknowledgement of 1,000 documents, 1 client, p50 ms", "ack_ms_1", 40, True),
    ("documents a second, 1 client", "docs_per_second_1", None, False),
    ("documents a second, 8 clients", "docs_per_second_8", None, False),
    ("found after `refresh=wait_for`, p50 ms", "visible_ms", 50, True),
    ("found by default, p50 ms", "visible_default_ms", 1100, True),
    ("ready after a clean stop, seconds", "ready_seconds", 0.3, True),
    ("idle memory, empty, MB", "idle_mb", 40, True),
    ("peak memory while ingesting, MB", "peak_mb", 256, True),
    ("200 daily indices: start, seconds", "many_start_seconds", 0.5, True),
    ("200 daily indices: memory, MB", "many_mb", 100, True),
]


def figure(value):
    if value is None:
        return ""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def verdict(value, floor, less):
    if floor is None or value is None:
        return ""
    return "yes" if (value <= floor if less else value >= floor) else "**no**"


def table(mine, theirs, asked):
    rows = []
    for label, key, floor, less in FIGURES:
        if key in mine or key in theirs:
            rows.append((label, mine.get(key), None, theirs.get(key), None, floor, less))
    for name, (label, floor, _, _) in asked.items():
        a, b = mine.get(name) or {}, theirs.get(name) or {}
        rows.append((f"{label}, CPU ms (p50 ms)", a.get("cpu_ms"), a.get("p50_ms"),
                     b.get("cpu_ms") or None, b.get("p50_ms"), floor, True))
    lines = ["| figure | Stratalog | floor | reached | peer | ratio |",
             "| --- | ---: | ---: | --- | ---: | ---: |"]
    for label, a, a_p50, b, b_p50, floor, less in rows:
        ratio = "" if not a or not b else f"{(b / a if less else a / b):.1f}x"
        shown_a = figure(a) + (f" ({figure(a_p50)})" if a_p50 is not None else "")
        shown_b = figure(b) + (f" ({figure(b_p50)})" if b_p50 is not None else "")
        lines.append(f"| {label} | {shown_a} | {figure(floor)} | {verdict(a, floor, less)} | "
                     f"{shown_b} | {ratio} |")
    return "\n".join(lines)


def machine():
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{os.cpu_count()} x {model}, {memory:.0f} GiB, Linux {platform.release()}, "
            f"load {os.getloadavg()[0]:.1f} at the end")


def report(mine, theirs, asked, docs, pace):
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"],
                            capture_output=True, text=True).stdout.strip() or "unknown"
    lost = []
    for label, key, floor, less in FIGURES:
        if verdict(mine.get(key), floor, less) == "**no**":
            lost.append(f"- {label}: {figure(mine[key])}, floor {figure(floor)}")
    for name, (label, floor, _, _) in asked.items():
        value = (mine.get(name) or {}).get("cpu_ms")
        if verdict(value, floor, True) == "**no**":
            lost.append(f"- {label}: {figure(value)} CPU ms, floor {figure(floor)}")
    notes = []
    spans = [f"{subject} {step} {pace.of((subject, step)):.2f}" for subject, step in pace.spans]
    if spans:
        notes.append(
            "The machine's pace while it was measured: " + ", ".join(spans) + ". 1 is its fastest "
            "in this run, when a fixed piece of work (bench/pace.py) took "
            f"{pace.best_ms():.2f} CPU ms; "
            "at 0.7 it took 1/0.7 of that, as does, about, what is measured beside it.\n")
    if "cpu_per_gb" in theirs:
        notes.append(
            "The floors were set on a machine where Elasticsearch 7.17.3 took 160 to 198 CPU "
            "seconds per GB, merged to one segment, of documents like these; in this run the "
            f"peer took {figure(theirs['cpu_per_gb'])}. They are not adjusted.\n")
    if "many_search" in mine:
        shards = mine["many_shards"]
        notes.append(f"A search over the last hour of 200 daily indices skipped "
                     f"{shards['skipped']} of {shards['total']} of them and took "
                     f"{figure(mine['many_search']['cpu_ms'])} CPU ms.")
    if "pressure_mb" in mine:
        notes.append(f"Four clients pushing and two searching under `memory.limit` "
                     f"{mine['pressure_limit_mb']} MB: peak {figure(mine['pressure_mb'])} MB, "
                     f"{mine['pressure']['retries']} requests answered 429.")
    if "folder_per_raw" in mine:
        notes.append(f"The whole data folder, log and reserve included, is "
                     f"{figure(mine['folder_per_raw'])} bytes per raw byte.")
    return "\n".join([
        "# Performance",
        "",
        "The last full run of `make bench`: TLS on, synced before the answer, "
        f"{docs:,} Kubernetes log documents of about 790 bytes (bench/log_generator), one day's "
        "index. A question's figure is the server's CPU time in ms, in brackets the latency at "
        "one client (p50), asked again and again as a dashboard does: what either server keeps "
        "between requests is there. `peer` is what ran at PEER, usually an Elasticsearch 7.17.3 "
        "over plain HTTP; ratio is how many times better we are.",
        "",
        f"Commit {commit}, {datetime.date.today().isoformat()}, {machine()}.",
        "",
        table(mine, theirs, asked),
        "",
        *notes,
        "",
        "## Where we lose",
        "",
        *(lost or ["Nothing is below its floor in this run."]),
        "",
    ])


def run_one(subject, path, only, pace, quiet_seconds):
    results = {}
    if subject.server:
        time.sleep(2)
        results["idle_mb"] = subject.process.memory_mb("VmRSS")
    for name, step in (("ingest", measure_ingest), ("questions", measure_questions),
                       ("small", measure_small)):
        if not only or name in only:
            say(f"{subject.name}: {name}")
            pace.wait_for_quiet(quiet_seconds)
            with pace.over((subject.name, name)):
                step(subject, path, results)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--docs", type=int, default=FULL)
    parser.add_argument("--peer", help="URL of a running Elasticsearch")
    parser.add_argument("--peer-pid", type=int)
    parser.add_argument("--only", nargs="*", help="ingest questions small many pressure")
    parser.add_argument("--wait-for-quiet", type=int, default=0, metavar="SECONDS",
                        help="wait so long at most, before each part, for other guests to rest")
    parser.add_argument("--folder", default=str(ROOT / "build" / "bench-data"))
    options = parser.parse_args()
    folder = pathlib.Path(options.folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = corpus(options.docs, folder)
    pace = Pace()
    theirs = {}
    if options.peer:
        other = peer(options.peer, options.peer_pid)
        theirs = run_one(other, path, options.only, pace, options.wait_for_quiet)
        other.client()("DELETE", f"/{INDEX}")
    subject = ours(folder)
    try:
        mine = run_one(subject, path, options.only, pace, options.wait_for_quiet)
    finally:
        subject.server.close()
    if not options.only or "many" in options.only:
        say("Stratalog: 200 daily indices")
        measure_many_indices(mine, folder)
    if not options.only or "pressure" in options.only:
        say("Stratalog: pressure")
        measure_pressure(mine, path, folder)
    asked = questions(INDEX, "")
    text = report(mine, theirs, asked, options.docs, pace)
    print(text)
    (ROOT / "build" / "bench.json").write_text(json.dumps({"ours": mine, "peer": theirs}, indent=1))
    if options.docs >= FULL and not options.only:
        (ROOT / "docs").mkdir(exist_ok=True)
        (ROOT / "docs" / "performance.md").write_text(text)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
