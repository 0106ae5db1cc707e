"""The container images: what is in them, and what Elastic's charts do with the image, done to it."""
import os
import pathlib
import shutil
import subprocess
import time

import pytest

import container
import elastic_charts
import images
from elastic_charts import CERTS, HOME, NAME, NOT_ALONE, PASSWORD, WRITTEN

TINY_BYTES_MAX = 40_000_000
KEYSTORE = f"{HOME[1:]}/config/elasticsearch.keystore"
ENTRYPOINT = "/usr/local/bin/docker-entrypoint.sh"
OWN = [f"{HOME}/bin/elasticsearch", f"{HOME}/bin/elasticsearch-keystore",
       f"{HOME}/bin/elasticsearch-reset-password", ENTRYPOINT]


@pytest.fixture(scope="module")
def made():
    return images.make_images()


@pytest.fixture(scope="module")
def roots(made, tmp_path_factory):
    """Both images unpacked, by flavour."""
    if not container.may_contain():
        pytest.skip("needs root and name spaces")
    folder = tmp_path_factory.mktemp("images")
    yield {name: image.unpack(folder / name) for name, image in made.items()}
    shutil.rmtree(folder)


@pytest.mark.parametrize("flavour", images.FLAVOURS)
def test_the_image_says_how_it_is_run(made, flavour):
    image = made[flavour]
    config = image.config["config"]
    assert config["User"] == "1000:0" and config["WorkingDir"] == HOME
    assert config["Entrypoint"] == [ENTRYPOINT] and config["Cmd"] == ["eswrapper"]
    assert set(config["ExposedPorts"]) == {"9200/tcp", "9300/tcp"}
    assert image.environment()["PATH"].split(":")[0] == f"{HOME}/bin"
    version = config["Labels"]["org.opencontainers.image.version"]
    assert f"stratalog {version}," in subprocess.run(
        [images.BINARY, "version"], capture_output=True, text=True).stdout
    assert image.config["os"] == "linux"
    tag = version if flavour == "compat" else f"{version}-tiny"
    assert image.descriptor["annotations"]["org.opencontainers.image.ref.name"] == tag


def test_what_is_in_the_images(made):
    entries = {flavour: {entry.name: entry for layer in made[flavour].layers() for entry in layer}
               for flavour in images.FLAVOURS}
    tiny, compat = entries["tiny"], entries["compat"]
    assert sum(entry.size for entry in tiny.values()) < TINY_BYTES_MAX
    assert made["tiny"].path.stat().st_size < TINY_BYTES_MAX
    assert set(tiny) < set(compat)
    for program in ("bash", "sh", "curl", "touch", "cp", "basename", "printenv", "cat", "tini"):
        assert f"usr/bin/{program}" in compat and f"usr/bin/{program}" not in tiny
    assert "usr/sbin/sysctl" in compat or "usr/bin/sysctl" in compat
    assert "etc/ssl/certs/ca-certificates.crt" in tiny
    for path in OWN:
        assert tiny[path[1:]].linkname == "/usr/bin/stratalog"
    for name, entry in compat.items():
        assert not entry.mode & 0o6000, f"{name} gives its owner's rights"
        writable = entry.mode & 0o002 and not entry.issym()
        assert not writable or name in ("tmp", "var/tmp"), f"all may write {name}"
        assert entry.uid == 0 or name.startswith(HOME[1:]), name
    for path in ("config", "data", "logs"):
        entry = tiny[f"{HOME[1:]}/{path}"]
        assert (entry.uid, entry.gid, entry.mode) == (1000, 0, 0o775)
    # The licence of all that is taken from Debian, and its version for scanners.
    packages = {name.split("/")[-1] for name in compat if name.startswith("var/lib/dpkg/status.d/")}
    assert {"bash", "curl", "libc6", "libssl3"} <= packages
    documented = {name.split("/")[3] for name in compat if name.endswith("/copyright")}
    # gcc's are in a package of their own.
    assert packages - documented <= {"libgcc-s1", "libstdc++6", "libgssapi-krb5-2", "libk5crypto3"}


def test_the_same_packages_and_binary_give_the_same_image(made):
    before = {name: image.path.read_bytes() for name, image in made.items()}
    again = images.make_images()
    for name, image in again.items():
        assert image.path.read_bytes() == before[name], name


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    """Mounted as by the kubelet for fsGroup 1000: root's, readable by the group."""
    folder = tmp_path_factory.mktemp("secrets")
    certs = folder / "certs"
    certs.mkdir()
    names = [NAME, f"{NAME}.default", f"{NAME}.default.svc"]  # as the chart signs
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
            "/CN=elasticsearch-ca", "-keyout", folder / "ca.key", "-out", certs / "ca.crt")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}", "-keyout",
            certs / "tls.key", "-out", folder / "csr")
    (folder / "ext").write_text("subjectAltName=" + ",".join(f"DNS:{name}" for name in names))
    openssl("x509", "-req", "-in", folder / "csr", "-CA", certs / "ca.crt", "-CAkey",
            folder / "ca.key", "-days", "2", "-extfile", folder / "ext", "-out", certs / "tls.crt")
    (folder / "hosts").write_text(f"127.0.0.1 localhost {NAME}\n")
    keys = folder / "of-the-tests"
    keys.mkdir()
    (keys / "xpack.security.http.ssl.secure_key_passphrase").write_text("not needed")
    (keys / "s3.client.default.access_key").write_text("of a plugin")
    for path in [certs, keys]:
        os.chown(path, 0, 1000)
        for file in path.iterdir():
            os.chown(file, 0, 1000)
            file.chmod(0o440)
    return folder


@pytest.fixture
def pod(roots, made, secrets, tmp_path):
    """Makes containers over one data volume; ends those that run."""
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 0, 1000)
    data.chmod(0o2775)
    running = []

    def make(environment, flavour="compat", mounts=(), **options):
        # Of the runtime: a /tmp of its own layer, here a folder of its own as the root is read-only.
        temporary = tmp_path / f"tmp{len(running)}"
        temporary.mkdir()
        temporary.chmod(0o1777)
        mine = container.Container(
            roots[flavour], made[flavour].environment() | environment,
            [(temporary, "/tmp", True), (data, f"{HOME}/data", True),
             (secrets / "certs", CERTS, False), (secrets / "hosts", "/etc/hosts", False), *mounts],
            **options)
        running.append(mine)
        return mine

    yield make
    for mine in running:
        mine.close()
    for root in roots.values():  # of an init container, or where a file was mounted
        (root / KEYSTORE).unlink(missing_ok=True)


def becomes_ready(server, command):
    end = time.monotonic() + container.SECONDS_MAX
    while True:
        probed = server.execute(*command)
        if probed.returncode == 0:
            return probed
        assert server.process.poll() is None and time.monotonic() < end, (
            server.said() + probed.stdout + probed.stderr)
        time.sleep(0.05)


@pytest.fixture(params=[(name, how) for name in WRITTEN for how in ("in our words", "as it is")],
                ids=" ".join)
def chart(request, tmp_path):
    name, how = request.param
    if how == "in our words":
        return WRITTEN[name]
    helm = os.environ.get("HELM") or shutil.which(str(images.ROOT / ".tools" / "helm"))
    found = elastic_charts.rendered(name, helm, tmp_path)
    if found is None:
        pytest.skip("ELASTIC_CHARTS names no folder with Elastic's charts")
    return found


def test_under_elastics_charts(chart, pod, made):
    server = pod(chart.environment)
    server.start(*made["compat"].command())
    becomes_ready(server, chart.probe)
    again = server.execute(*chart.probe)  # the second phase: the node alone
    assert again.returncode == 0, again.stdout + again.stderr

    first = server.execute("cat", "/proc/1/status").stdout
    status = dict(line.split(":\t", 1) for line in first.splitlines())
    assert status["Name"].strip() in ("docker-entrypoi", "stratalog")
    assert status["Uid"].split() == ["1000"] * 4 and int(status["CapEff"], 16) == 0
    assert server.execute("touch", f"{HOME}/config/x").returncode != 0, "the root is read-only"
    assert server.execute("printenv", "node.name").stdout == f"{NAME}-0\n"
    said = server.execute("bash", "-c", 'curl -sk ${ELASTIC_PASSWORD+-u "elastic:$ELASTIC_PASSWORD"}'
                          ' "$0://localhost:9200"', "https" if "ELASTIC_PASSWORD" in
                          chart.environment else "http").stdout
    assert f'"name" : "{NAME}-0"' in said and '"cluster_name" : "elasticsearch"' in said
    if chart.test:
        tested = server.execute(*chart.test)
        assert tested.returncode == 0 and '"status":"green"' in tested.stdout, tested.stderr
    assert server.stop() == 0, server.said()


def test_the_init_containers_of_elastics_charts(chart, pod, roots, secrets, tmp_path):
    # The file stands for the kernel's, which is this machine's own.
    setting = tmp_path / "max_map_count"
    setting.write_text("65530\n")
    sysctl = pod({}, mounts=[(setting, "/proc/sys/vm/max_map_count", True)], user=0, group=0,
                 groups=(), privileged=True, read_only=False)
    done = sysctl.run(*chart.sysctl)
    assert done.returncode == 0 and setting.read_text().strip() == "262144", done.stderr

    volume = tmp_path / "keystore"
    volume.mkdir()
    os.chown(volume, 0, 1000)
    volume.chmod(0o2777)
    # It is made in the image's own folder, which is of the container's layer and writable there.
    keystore = pod({"ELASTIC_PASSWORD": "of the keystore"}, read_only=False, mounts=[
        (volume, "/tmp/keystore", True),
        (secrets / "of-the-tests", "/tmp/keystoreSecrets/of-the-tests", False)])
    done = keystore.run(*chart.keystore)
    assert done.returncode == 0, done.stdout + done.stderr
    (roots["compat"] / KEYSTORE).unlink()

    # The server reads what was put into it, mounted as the chart mounts it.
    environment = {k: v for k, v in chart.environment.items() if k != "ELASTIC_PASSWORD"}
    environment["xpack.security.enabled"] = "true"
    mounted = [(volume / "elasticsearch.keystore", f"/{KEYSTORE}", False)]
    server = pod(environment, mounts=mounted)
    server.start(ENTRYPOINT)
    asked = becomes_ready(server, ["curl", "-sk", "-u", "elastic:of the keystore", "--fail",
                                   "https://127.0.0.1:9200/_cat/health"])
    assert "green" in asked.stdout
    wrong = server.execute("curl", "-sk", "-u", f"elastic:{PASSWORD}", "--fail",
                           "https://127.0.0.1:9200/")
    assert wrong.returncode == 22
    assert server.execute("elasticsearch-keystore", "list").stdout.split() == [
        "bootstrap.password", "keystore.seed", "s3.client.default.access_key",
        "xpack.security.http.ssl.secure_key_passphrase"]
    assert server.stop() == 0, server.said()


def test_of_the_charts_three_replicas_the_first_serves(pod):
    """Their default; stores that know nothing of each other would share one service."""
    environment = WRITTEN["8.5.1"].environment | {"cluster.initial_master_nodes": NOT_ALONE}
    first = pod(environment)
    first.start(ENTRYPOINT)
    becomes_ready(first, WRITTEN["8.5.1"].probe)
    assert first.stop() == 0
    third = pod(environment | {"node.name": f"{NAME}-2"}).run(ENTRYPOINT)
    assert third.returncode != 0 and "replicas to 1" in third.stderr


def test_the_tiny_image_serves_and_has_its_tools(pod, tmp_path):
    yml = tmp_path / "elasticsearch.yml"
    yml.write_text("cluster.name: of esConfig\n")
    mounts = [(yml, f"{HOME}/config/elasticsearch.yml", False)]
    environment = {k: v for k, v in WRITTEN["8.5.1"].environment.items() if k != "cluster.name"}
    server = pod(environment, flavour="tiny", mounts=mounts)
    server.start(ENTRYPOINT, "eswrapper")
    # From outside the image, in its network.
    command = ["nsenter", f"--target={server.first}", "--net", "curl", "-sk", "--fail", "-u",
               f"elastic:{PASSWORD}", "https://127.0.0.1:9200/"]
    end = time.monotonic() + container.SECONDS_MAX
    while (asked := subprocess.run(command, capture_output=True, text=True)).returncode != 0:
        assert server.process.poll() is None and time.monotonic() < end, server.said()
        time.sleep(0.05)
    assert '"cluster_name" : "of esConfig"' in asked.stdout
    assert server.execute("bash", "-c", "true").returncode != 0
    busy = server.execute("elasticsearch-reset-password", "-u", "elastic", "-b")
    assert busy.returncode == 1 and "is the server running?" in busy.stderr
    assert server.stop() == 0, server.said()

    # Over the same volume, the server stopped: not from the folder that it is started in.
    stopped = pod({}, flavour="tiny", folder="/")
    reset = stopped.run("elasticsearch-reset-password", "-u", "elastic", "-b")
    assert reset.returncode == 0, reset.stderr
    assert reset.stdout.splitlines()[1].startswith("New value: ")
    given = stopped.run("elasticsearch-reset-password", "-u", "elastic", "-i", "-s",
                        text="another one\nanother one\n")
    assert given.stdout == "another one\n"
    assert stopped.run(ENTRYPOINT, "verify").returncode == 0
    assert stopped.run("elasticsearch", "--version").stdout.startswith("stratalog ")
    assert stopped.run("elasticsearch-plugin", "list").returncode == 0
    for program in ("elasticsearch-service-tokens", "elasticsearch-certutil"):
        refused = stopped.run(program)
        assert refused.returncode == 64 and program in refused.stderr


def test_commands_and_options_given_to_the_image(pod):
    """As `docker run IMAGE ...` gives them."""
    plain = pod({})
    assert plain.run(ENTRYPOINT, "bash", "-c", "echo $BASH_VERSION $(id -u)").stdout.endswith(
        " 1000\n")
    assert plain.run("tini", "--", ENTRYPOINT, "id", "-g").stdout == "1000\n"
    wrong = plain.run(ENTRYPOINT, "-Ehttp.prot=1")
    assert wrong.returncode != 0 and "http.port" in wrong.stderr
    assert plain.run(ENTRYPOINT, "nosuch").returncode == 127


def test_a_user_of_any_number_in_the_group_of_root(pod, tmp_path):
    """OpenShift's: no fixed user, group 0."""
    data = tmp_path / "other"
    data.mkdir()
    os.chown(data, 0, 0)
    data.chmod(0o775)
    server = pod({"ELASTIC_PASSWORD": PASSWORD}, mounts=[(data, f"{HOME}/data", True)],
                 user=1000650000, group=0, groups=(0,))
    server.start(ENTRYPOINT)
    becomes_ready(server, ["curl", "-sk", "--fail", "-u", f"elastic:{PASSWORD}",
                           "https://127.0.0.1:9200"])
    assert server.stop() == 0, server.said()


def test_what_a_probe_leaves_behind_is_reaped(pod):
    server = pod(WRITTEN["8.5.1"].environment)
    server.start(ENTRYPOINT)
    becomes_ready(server, WRITTEN["8.5.1"].probe)
    # A shell that ends before its child, as when a probe runs out of time.
    server.execute("bash", "-c", "sleep 0.2 & exit 0")
    proc = pathlib.Path(f"/proc/{server.first}/task/{server.first}/children")
    end = time.monotonic() + container.SECONDS_MAX
    while proc.read_text().split():
        assert time.monotonic() < end, "a dead child stays"
        time.sleep(0.05)
    assert server.stop() == 0, server.said()
