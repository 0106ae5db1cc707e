"""What Elastic's charts give the container of the image, and what they run in it.

`WRITTEN` says it in our own words, made from what the charts render to. Where the charts are at hand
(ELASTIC_CHARTS names a folder with 8.5.1/elasticsearch and 7.17.3/elasticsearch) and helm is, the
tests take what they render as well, scripts included.
"""
import os
import pathlib
import subprocess

import yaml

HOME = "/usr/share/elasticsearch"
NAME = "elasticsearch-master"
PASSWORD = "of the tests"
CERTS = f"{HOME}/config/certs"
NOT_ALONE = "elasticsearch-master-0,elasticsearch-master-1,elasticsearch-master-2,"

COMMON = {
    "node.name": f"{NAME}-0",
    "cluster.initial_master_nodes": f"{NAME}-0,",
    "discovery.seed_hosts": f"{NAME}-headless",
    "cluster.name": "elasticsearch",
    "network.host": "0.0.0.0",
    # Of service links, which the charts leave on.
    "ELASTICSEARCH_MASTER_SERVICE_HOST": "10.96.0.12",
    "ELASTICSEARCH_MASTER_PORT_9200_TCP": "tcp://10.96.0.12:9200",
}
SSL = {"xpack.security.enabled": "true"} | {
    f"xpack.security.{kind}.ssl.{name}": value for kind in ("transport", "http")
    for name, value in {"enabled": "true", "key": f"{CERTS}/tls.key",
                        "certificate": f"{CERTS}/tls.crt",
                        "certificate_authorities": f"{CERTS}/ca.crt"}.items()
} | {"xpack.security.transport.ssl.verification_mode": "certificate"}
ENVIRONMENT_8 = COMMON | SSL | {
    "node.roles": "master,data,data_content,data_hot,data_warm,data_cold,ingest,ml,"
                  "remote_cluster_client,transform,",
    "ELASTIC_PASSWORD": PASSWORD,
}
ROLES_7 = ("master", "data", "ingest", "ml", "remote_cluster_client")
ENVIRONMENT_7 = COMMON | {f"node.{role}": "true" for role in ROLES_7} | {
    "cluster.deprecation_indexing.enabled": "false",
}

# A first question that wants the cluster green, and then one to the node alone.
PROBE = """set -e
URL="%(protocol)s://127.0.0.1:9200"
%(must)s
ask () {
  set -- -XGET -s --output /dev/null -k "$@"
  if [[ -n "${ELASTIC_PASSWORD}" ]]; then set -- "$@" -u "elastic:${ELASTIC_PASSWORD}"; fi
  curl "$@"
}
if [ -f /tmp/.es_start_file ]; then
  STATUS=$(ask -w '%%{http_code}' "$URL/")
  echo "asked again: ${STATUS}"
  [[ "${STATUS}" == "200" ]]
elif ask --fail "$URL/_cluster/health?wait_for_status=green&timeout=1s"; then
  touch /tmp/.es_start_file
else
  exit 1
fi
"""
MUST = 'if [ -z "${ELASTIC_PASSWORD}" ]; then exit 1; fi'
KEYSTORE = """set -euo pipefail
elasticsearch-keystore create
for file in /tmp/keystoreSecrets/*/*; do
  elasticsearch-keystore add-file "$(basename "$file")" "$file"
done
if [ -n "${ELASTIC_PASSWORD+x}" ]; then
  echo "$ELASTIC_PASSWORD" | elasticsearch-keystore add -x bootstrap.password
fi
cp -a /usr/share/elasticsearch/config/elasticsearch.keystore /tmp/keystore/
"""
TEST = ["sh", "-c", f'curl -XGET --fail --cacert {CERTS}/tls.crt -u "elastic:${{ELASTIC_PASSWORD}}" '
        f"'https://{NAME}:9200/_cluster/health?wait_for_status=green&timeout=1s'"]


def probe(protocol, must):
    return ["bash", "-c", PROBE % {"protocol": protocol, "must": MUST if must else ""}]


class Chart:
    """`environment` of the server's container, and the commands of probe, test and init containers."""

    def __init__(self, environment, probe, sysctl, keystore, test):
        self.environment, self.probe, self.sysctl = environment, probe, sysctl
        self.keystore, self.test = keystore, test


SYSCTL = ["sysctl", "-w", "vm.max_map_count=262144"]
WRITTEN = {
    # With a password and TLS, as everyone who uses it in earnest has to set them there.
    "7.17.3": Chart(ENVIRONMENT_7 | SSL | {"ELASTIC_PASSWORD": PASSWORD}, probe("https", False),
                    SYSCTL, ["sh", "-c", KEYSTORE], None),
    "7.17.3 open": Chart(ENVIRONMENT_7 | {"xpack.security.enabled": "false"}, probe("http", False),
                         SYSCTL, ["sh", "-c", KEYSTORE], None),
    "8.5.1": Chart(ENVIRONMENT_8, probe("https", True), SYSCTL, ["bash", "-c", KEYSTORE], TEST),
}
VALUES = {
    "7.17.3": {"protocol": "https", "extraEnvs": [
        {"name": name, "value": value} for name, value in
        (SSL | {"ELASTIC_PASSWORD": PASSWORD}).items()]},
    "7.17.3 open": {"extraEnvs": [{"name": "xpack.security.enabled", "value": "false"}]},
    "8.5.1": {},
}


def rendered(name, helm, folder):
    """The chart as it is, given nothing but what VALUES says; None when it is not at hand."""
    charts = os.environ.get("ELASTIC_CHARTS")
    if not charts or not helm:
        return None
    values = folder / "elastic.yaml"
    values.write_text(yaml.safe_dump(VALUES[name] | {
        "replicas": 1, "image": "stratalog", "imageTag": "0.1.0",
        "keystore": [{"secretName": "of-the-tests"}]}))
    place = pathlib.Path(charts) / name.split()[0] / "elasticsearch"
    run = subprocess.run([helm, "template", "elastic", str(place), "--values", str(values)],
                         check=True, capture_output=True, text=True)
    objects = [o for o in yaml.safe_load_all(run.stdout) if o]
    pod = next(o for o in objects if o["kind"] == "StatefulSet")["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert container["image"] == "stratalog:0.1.0" and "command" not in container
    environment = dict(COMMON)
    for variable in container["env"]:
        given = variable.get("valueFrom", {})
        environment[variable["name"]] = (
            f"{NAME}-0" if "fieldRef" in given else
            PASSWORD if "secretKeyRef" in given else variable["value"])
    init = {c["name"]: c["command"] for c in pod["initContainers"]}
    test = next((o["spec"]["containers"][0]["command"] for o in objects if o["kind"] == "Pod"), None)
    return Chart(environment, container["readinessProbe"]["exec"]["command"],
                 init["configure-sysctl"], init["keystore"],
                 test if name == "8.5.1" else None)
