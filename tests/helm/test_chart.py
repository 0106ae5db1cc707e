"""The chart, rendered: Kubernetes' schemas, Elastic's contract, and what is promised beyond it."""
import kubernetes_validate
import pytest

import chart
import restricted
import value_sets

# Kubernetes' own kinds have schemas at hand; those of the operators don't.
CUSTOM = {"monitoring.coreos.com/v1", "cert-manager.io/v1"}
# The oldest and the newest of which schemas are at hand, and one between.
VERSIONS = ["1.25", "1.29", "1.33"]


def test_lint_finds_nothing():
    run = chart.helm("lint", "--strict", chart.CHART)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "[WARNING]" not in run.stdout


@pytest.mark.parametrize("name", value_sets.ALL)
def test_what_is_rendered_fits_the_schemas_of_kubernetes(tmp_path, name):
    objects = chart.render(tmp_path, value_sets.ALL[name])
    checked = 0
    for rendered in objects:
        if rendered["apiVersion"] in CUSTOM:
            continue
        for version in VERSIONS:
            kubernetes_validate.validate(rendered, version, strict=True)
            checked += 1
    assert checked >= 3 * len(VERSIONS)
    assert len(objects.names()) == len(set(objects.names()))


def test_values_that_fit_no_schema_show_that_the_check_works(tmp_path):
    objects = chart.render(tmp_path)
    objects.container()["nonsense"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(objects.one("StatefulSet", "elasticsearch-master"), "1.33",
                                     strict=True)


@pytest.mark.parametrize("name", [n for n in value_sets.ALL if n != "everything"])
def test_pods_keep_to_the_level_restricted(tmp_path, name):
    objects = chart.render(tmp_path, value_sets.ALL[name])
    pods = [o["spec"]["template"]["spec"] if o["kind"] == "StatefulSet" else o["spec"]
            for o in objects if o["kind"] in ("StatefulSet", "Pod")]
    assert len(pods) == 2
    for pod in pods:
        assert list(restricted.findings(pod)) == []
        for container in pod["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert not pod.get("initContainers")


LABELS = {"release": "elastic", "chart": "elasticsearch", "app": "elasticsearch-master"}


@pytest.mark.parametrize("values", [{}, value_sets.TUTORIAL, value_sets.ELASTIC],
                         ids=["default", "tutorial", "elastic's"])
def test_elastics_contract(tmp_path, values):
    objects = chart.render(tmp_path, values)
    stateful = objects.one("StatefulSet", "elasticsearch-master")
    spec = stateful["spec"]
    assert spec["serviceName"] == "elasticsearch-master-headless"
    assert spec["replicas"] == 1
    assert spec["podManagementPolicy"] == "Parallel"
    assert spec["updateStrategy"] == {"type": "RollingUpdate"}
    assert spec["selector"] == {"matchLabels": {"app": "elasticsearch-master"}}
    assert stateful["metadata"]["annotations"]["esMajorVersion"] == "7"
    assert stateful["metadata"]["labels"].items() >= {**LABELS, "heritage": "Helm"}.items()
    assert objects.pod()["metadata"]["labels"].items() >= LABELS.items()
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] == 120

    assert spec["volumeClaimTemplates"] == [{
        "metadata": {"name": "elasticsearch-master"},
        "spec": {"accessModes": ["ReadWriteOnce"],
                 "resources": {"requests": {"storage": "30Gi"}}}}]
    container = objects.container()
    assert container["name"] == "elasticsearch"
    mounts = {m["name"]: m for m in container["volumeMounts"]}
    assert mounts["elasticsearch-master"]["mountPath"] == f"{chart.HOME}/data"
    certs = mounts["elasticsearch-certs"]
    assert (certs["mountPath"], "subPath" in certs) == (f"{chart.HOME}/config/certs", False)
    assert {p["name"]: p["containerPort"] for p in container["ports"]} == {
        "http": 9200, "transport": 9300}

    service = objects.one("Service", "elasticsearch-master")["spec"]
    assert (service["type"], service["selector"]) == ("ClusterIP", LABELS)
    assert service["publishNotReadyAddresses"] is False
    headless = objects.one("Service", "elasticsearch-master-headless")["spec"]
    assert headless["clusterIP"] == "None" and headless["publishNotReadyAddresses"] is True
    assert headless["selector"] == {"app": "elasticsearch-master"}
    for ports in (service["ports"], headless["ports"]):
        assert {p["name"]: p["port"] for p in ports} == {"http": 9200, "transport": 9300}

    credentials = objects.one("Secret", "elasticsearch-master-credentials")
    assert credentials["type"] == "Opaque"
    password = objects.secret("elasticsearch-master-credentials")
    assert set(password) == {"username", "password"}
    assert password["username"] == "elastic" and len(password["password"]) >= 16
    certificates = objects.one("Secret", "elasticsearch-master-certs")
    assert certificates["type"] == "kubernetes.io/tls"
    assert set(certificates["data"]) == {"tls.crt", "tls.key", "ca.crt"}

    budget = objects.one("PodDisruptionBudget", "elasticsearch-master-pdb")["spec"]
    assert budget == {"maxUnavailable": 1,
                      "selector": {"matchLabels": {"app": "elasticsearch-master"}}}
    test_pod = [o for o in objects if o["kind"] == "Pod"]
    assert len(test_pod) == 1
    assert test_pod[0]["metadata"]["annotations"]["helm.sh/hook"] == "test"


def test_the_certificate_is_of_the_authority_for_every_name(tmp_path):
    values = {"aliasServices": ["elasticsearch"], "certificates": {"extraIPs": ["10.1.2.3"]}}
    objects = chart.render(tmp_path, values)
    for key, text in objects.secret("elasticsearch-master-certs").items():
        (tmp_path / key).write_text(text)
    for name in ("elasticsearch-master", "elasticsearch-master.logging",
                 "elasticsearch-master.logging.svc",
                 "elasticsearch-master.logging.svc.cluster.local",
                 "elasticsearch-master-0.elasticsearch-master-headless",
                 "elasticsearch-master-0.elasticsearch-master-headless.logging.svc.cluster.local",
                 "elasticsearch", "elasticsearch.logging", "localhost"):
        chart.openssl("verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", name,
                      "-CAfile", tmp_path / "ca.crt", tmp_path / "tls.crt")
    for address in ("127.0.0.1", "::1", "10.1.2.3"):
        chart.openssl("verify", "-verify_ip", address, "-CAfile", tmp_path / "ca.crt",
                      tmp_path / "tls.crt")
    public = chart.openssl("x509", "-in", tmp_path / "tls.crt", "-noout", "-pubkey")
    assert chart.openssl("pkey", "-in", tmp_path / "tls.key", "-pubout") == public
    # The authority's key is where no pod has it.
    assert set(objects.secret("elasticsearch-master-ca")) == {"tls.crt", "tls.key"}
    mounted = [v["secret"]["secretName"] for v in objects.pod()["spec"]["volumes"]
               if "secret" in v]
    assert mounted == ["elasticsearch-master-certs"]


@pytest.mark.parametrize("values, resources, settings", [
    ({}, ("50m", "128Mi", "128Mi"), ("8mb", "1")),
    (value_sets.TUTORIAL, ("500m", "1Gi", "1Gi"), ("64mb", None)),
    (value_sets.ELASTIC, ("1000m", "2Gi", "2Gi"), ("100mb", None)),
    ({"resources": {"limits": {"memory": "256M"}}}, ("50m", "256M", "256M"), ("15mb", "1")),
    ({"resources": {"limits": {"memory": 268435456}}}, ("50m", 268435456, 268435456),
     ("16mb", "1")),
    ({"resources": {"requests": {"memory": "0.5Gi"}, "limits": {"cpu": 1, "memory": "1.5Gi"}}},
     (None, "0.5Gi", "1.5Gi"), ("96mb", None)),
])
def test_memory_and_what_follows_from_it(tmp_path, values, resources, settings):
    objects = chart.render(tmp_path, values)
    given = objects.container()["resources"]
    assert (given["requests"].get("cpu"), given["requests"]["memory"],
            given["limits"]["memory"]) == resources
    environment = objects.environment()
    assert environment["memory.limit"] == "60%"
    assert (environment["http.max_content_length"],
            environment.get("thread_pool.write.size")) == settings


def test_what_the_user_sets_wins(tmp_path):
    environment = chart.render(tmp_path, value_sets.EVERYTHING).environment()
    assert environment["memory.limit"] == "100mb"
    assert "http.max_content_length" not in environment, "elasticsearch.yml has it"
    names = [e["name"] for e in chart.render(tmp_path, value_sets.OLDER_CHART).container()["env"]]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("image, tag, runs", [
    ("docker.elastic.co/elasticsearch/elasticsearch", "7.17.3", "stratalog:0.1.0"),
    ("docker.elastic.co/elasticsearch/elasticsearch-oss", "7.10.2", "stratalog:0.1.0"),
    ("elasticsearch", 7.17, "stratalog:0.1.0"),
    ("docker.io/library/elasticsearch", "7.17.3", "stratalog:0.1.0"),
    ("registry.example.com/elasticsearch", "7.17.3", "registry.example.com/elasticsearch:7.17.3"),
    ("registry.example.com/stratalog", "", "registry.example.com/stratalog:0.1.0"),
    ("stratalog", "edge", "stratalog:edge"),
    ("stratalog@sha256:" + "0" * 64, "", "stratalog@sha256:" + "0" * 64),
])
def test_images(tmp_path, image, tag, runs):
    objects = chart.render(tmp_path, {"image": image, "imageTag": tag})
    assert objects.container()["image"] == runs


@pytest.mark.parametrize("values, says", [
    ({"replicas": 3}, "Stratalog is one node today; set replicas to 1"),
    ({"nodeGroup": "data"}, "would join the cluster of [elasticsearch-master]"),
    ({"masterService": "other"}, "would join the cluster of [other]"),
    ({"resources": {"limits": {"memory": "64Mi"}}}, "needs 128Mi of memory at least"),
    ({"resources": {"limits": {"memory": "a lot"}}}, "is no quantity of memory"),
    ({"replica": 1}, "Additional property replica is not allowed"),
    ({"protocol": "ftp"}, "protocol"),
    ({"replicas": "one"}, "replicas"),
    ({"secret": {"existingSecret": "a", "password": "b"}}, "take one of them"),
    ({"certManager": {"enabled": True}, "certificates": {"existingSecret": "a"}},
     "take one of them"),
    ({"certificates": {"days": 90}}, "renewBeforeDays must be less"),
])
def test_what_cannot_be_is_refused_and_why(tmp_path, values, says):
    assert says in chart.refused(tmp_path, values)


def test_names_follow_the_overrides(tmp_path):
    for values, name in (({"clusterName": "logs"}, "logs-master"),
                         ({"nameOverride": "store"}, "store-master"),
                         ({"fullnameOverride": "all"}, "all")):
        objects = chart.render(tmp_path, values)
        assert {f"StatefulSet/{name}", f"Service/{name}", f"Service/{name}-headless",
                f"Secret/{name}-credentials", f"Secret/{name}-certs"} <= set(objects.names())


def test_probes_need_neither_shell_nor_password(tmp_path):
    for values in ({}, value_sets.ELASTIC, {"protocol": "http"}):
        container = chart.render(tmp_path, values).container()
        assert container["readinessProbe"]["tcpSocket"] == {"port": "http"}
        assert "livenessProbe" not in container and "startupProbe" not in container
    container = chart.render(tmp_path, value_sets.EVERYTHING).container()
    assert container["startupProbe"] == {"tcpSocket": {"port": "http"}, "failureThreshold": 100}
    assert container["livenessProbe"] == {"exec": {"command": ["true"]}}


def test_secrets_of_others_are_used_and_none_made(tmp_path):
    objects = chart.render(tmp_path, value_sets.ALL["secrets of others"])
    assert not [o for o in objects if o["kind"] == "Secret"]
    assert objects.environment()["ELASTIC_PASSWORD"] == {
        "secretKeyRef": {"name": "mine", "key": "pw"}}
    endpoint = objects.one("ServiceMonitor", "elasticsearch-master")["spec"]["endpoints"][0]
    assert endpoint["basicAuth"]["password"] == {"name": "mine", "key": "pw"}
    assert endpoint["tlsConfig"]["ca"]["secret"] == {"name": "mine-too", "key": "ca.crt"}


def test_cert_manager_makes_the_secret_that_the_pod_mounts(tmp_path):
    own = chart.render(tmp_path, value_sets.ALL["cert-manager"])
    certificate = own.one("Certificate", "elasticsearch-master")["spec"]
    assert certificate["secretName"] == "elasticsearch-master-certs"
    assert "elasticsearch-master.logging.svc" in certificate["dnsNames"]
    issuer = own.one("Issuer", certificate["issuerRef"]["name"])["spec"]
    authority = own.one("Certificate", "elasticsearch-master-ca")["spec"]
    assert issuer == {"ca": {"secretName": authority["secretName"]}}
    assert authority["isCA"] is True
    assert "Secret/elasticsearch-master-certs" not in own.names()

    given = chart.render(tmp_path, value_sets.ALL["cert-manager's issuer"])
    assert given.one("Certificate", "elasticsearch-master")["spec"]["issuerRef"] == {
        "name": "corp", "kind": "ClusterIssuer", "group": "cert-manager.io"}
    assert not [o for o in given if o["kind"] == "Issuer"]


def test_the_monitor_finds_one_service_only(tmp_path):
    objects = chart.render(tmp_path, value_sets.EVERYTHING)
    selector = objects.one("ServiceMonitor",
                           "elasticsearch-master")["spec"]["selector"]["matchLabels"]
    found = [o["metadata"]["name"] for o in objects if o["kind"] == "Service"
             and selector.items() <= o["metadata"]["labels"].items()]
    assert found == ["elasticsearch-master"]


def test_network_policy_lets_in_the_labelled_and_the_named(tmp_path):
    objects = chart.render(tmp_path, value_sets.EVERYTHING)
    rule, = objects.one("NetworkPolicy", "elasticsearch-master")["spec"]["ingress"]
    assert rule["ports"] == [{"port": 9200}]
    assert rule["from"] == [
        {"podSelector": {"matchLabels": {"elasticsearch-master-http-client": "true"}},
         "namespaceSelector": {"matchLabels": {"role": "frontend"}}},
        {"podSelector": {"matchLabels": {"role": "frontend"}}}]
    pod = next(o for o in objects if o["kind"] == "Pod")
    assert pod["metadata"]["labels"]["elasticsearch-master-http-client"] == "true"


def test_ingress_in_both_forms(tmp_path):
    new = chart.render(tmp_path, value_sets.EVERYTHING).one("Ingress", "elasticsearch-master")
    rule, = new["spec"]["rules"]
    assert [(p["path"], p["backend"]["service"]["port"]["number"])
            for p in rule["http"]["paths"]] == [("/", 9200), ("/other", 9300)]
    backend = "nginx.ingress.kubernetes.io/backend-protocol"
    assert new["metadata"]["annotations"][backend] == "HTTPS"
    old = chart.render(tmp_path, value_sets.OLDER_CHART).one("Ingress", "elasticsearch-master")
    assert old["spec"]["rules"][0]["host"] == "logs.example.com"
    assert old["spec"]["tls"] == [{"secretName": "logs", "hosts": ["logs.example.com"]}]
