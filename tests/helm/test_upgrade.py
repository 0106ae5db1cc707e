"""What lives through `helm upgrade`, by the real helm against an API server that keeps objects."""
import base64
import copy
import datetime

import pytest

import chart
import kubernetes_api
import value_sets

CREDENTIALS = "elasticsearch-master-credentials"
CERTS = "elasticsearch-master-certs"
ENDS = "stratalog/certificate-ends"


class Cluster(kubernetes_api.Api):
    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def helm(self, command, values=None):
        """What it printed."""
        run = chart.helm(command, "elastic", chart.CHART, "--namespace", "logging",
                         "--disable-openapi-validation", "--kube-apiserver", self.url,
                         "--kube-token", "none", "--values",
                         chart.values_file(self.folder, values or {}))
        assert run.returncode == 0, run.stderr
        return run.stdout

    def secret(self, name):
        return {k: base64.b64decode(v).decode() for k, v in self.get("Secret", name)["data"].items()}

    def pod(self):
        return copy.deepcopy(self.get("StatefulSet", "elasticsearch-master")["spec"]["template"])

    def certificate_ends_in(self, secret, days):
        """Makes helm believe that; the certificate itself stays as it is."""
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
        annotations = self.get("Secret", secret)["metadata"]["annotations"]
        annotations[ENDS] = end.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def cluster(tmp_path):
    made = Cluster(tmp_path)
    yield made
    made.close()


def test_password_and_certificates_stay(cluster):
    cluster.helm("install")
    before = {name: cluster.secret(name) for name in (CREDENTIALS, CERTS, "elasticsearch-master-ca")}
    pod = cluster.pod()
    for _ in range(2):
        cluster.helm("upgrade")
        assert {name: cluster.secret(name) for name in before} == before
        assert cluster.pod() == pod, "the pod would be started anew"


def test_a_new_password_starts_the_pod_anew_once(cluster):
    cluster.helm("install")
    first = cluster.pod()
    cluster.helm("upgrade", {"secret": {"password": "another one"}})
    assert cluster.secret(CREDENTIALS)["password"] == "another one"
    second = cluster.pod()
    assert second != first
    for values in ({}, {"secret": {"password": "another one"}}):
        cluster.helm("upgrade", values)
        assert cluster.secret(CREDENTIALS)["password"] == "another one"
        assert cluster.pod() == second


def test_a_certificate_near_its_end_is_renewed_by_the_same_authority(cluster, tmp_path):
    cluster.helm("install")
    old, pod = cluster.secret(CERTS), cluster.pod()
    cluster.certificate_ends_in(CERTS, 366)
    cluster.helm("upgrade")
    assert cluster.secret(CERTS) == old
    cluster.certificate_ends_in(CERTS, 364)
    cluster.helm("upgrade")
    new = cluster.secret(CERTS)
    assert new["tls.crt"] != old["tls.crt"] and new["tls.key"] != old["tls.key"]
    assert new["ca.crt"] == old["ca.crt"]
    assert cluster.pod() == pod, "the server reloads; nothing is to start anew"
    said = cluster.get("Secret", CERTS)["metadata"]["annotations"][ENDS]
    (tmp_path / "tls.crt").write_text(new["tls.crt"])
    printed = chart.openssl("x509", "-in", tmp_path / "tls.crt", "-noout", "-enddate")
    ends = datetime.datetime.strptime(printed.strip(), "notAfter=%b %d %H:%M:%S %Y GMT")
    noted = datetime.datetime.strptime(said, "%Y-%m-%dT%H:%M:%SZ")
    assert abs(ends - noted) < datetime.timedelta(minutes=1)
    cluster.helm("upgrade")
    assert cluster.secret(CERTS) == new


def test_an_authority_that_would_end_first_is_replaced(cluster):
    cluster.helm("install")
    old = cluster.secret(CERTS)
    cluster.certificate_ends_in("elasticsearch-master-ca", 700)
    cluster.helm("upgrade")
    assert cluster.secret(CERTS) == old, "not before the certificate itself needs it"
    cluster.certificate_ends_in(CERTS, 10)
    cluster.helm("upgrade")
    new = cluster.secret(CERTS)
    assert new["ca.crt"] != old["ca.crt"]
    assert cluster.secret("elasticsearch-master-ca")["tls.crt"] == new["ca.crt"]


def test_further_names_renew_the_certificate(cluster, tmp_path):
    cluster.helm("install")
    old = cluster.secret(CERTS)
    cluster.helm("upgrade", {"certificates": {"extraNames": ["logs.example.com"]}})
    new = cluster.secret(CERTS)
    assert new["tls.crt"] != old["tls.crt"] and new["ca.crt"] == old["ca.crt"]
    (tmp_path / "tls.crt").write_text(new["tls.crt"])
    assert "DNS:logs.example.com" in chart.openssl(
        "x509", "-in", tmp_path / "tls.crt", "-noout", "-ext", "subjectAltName")


@pytest.mark.parametrize("age_days, kept", [(0, True), (270, True), (280, False), (400, False)])
def test_certificates_and_password_of_elastics_chart_are_taken_over(cluster, age_days, kept):
    """Its certificates last a year and carry no note about it."""
    cluster.helm("install")
    made = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=age_days)
    for name in (CERTS, CREDENTIALS):
        metadata = cluster.get("Secret", name)["metadata"]
        metadata["creationTimestamp"] = made.strftime("%Y-%m-%dT%H:%M:%SZ")
        metadata["annotations"] = {k: v for k, v in metadata["annotations"].items()
                                   if not k.startswith("stratalog/")}
    del cluster.objects["secrets", "logging", "elasticsearch-master-ca"]
    old, password, pod = cluster.secret(CERTS), cluster.secret(CREDENTIALS), cluster.pod()
    for _ in range(2):
        cluster.helm("upgrade")
        assert (cluster.secret(CERTS) == old) == kept
        assert cluster.secret(CREDENTIALS) == password
        assert cluster.pod() == pod
    if not kept:
        assert cluster.secret("elasticsearch-master-ca")["tls.crt"] == cluster.secret(CERTS)["ca.crt"]


def test_notes_have_the_tutorials_commands_and_what_has_no_effect(cluster):
    said = cluster.helm("install", value_sets.TUTORIAL)
    assert ("kubectl get secrets --namespace=logging elasticsearch-master-credentials "
            "-ojsonpath='{.data.password}' | base64 -d") in said
    assert "kubectl get pods --namespace=logging -l app=elasticsearch-master -w" in said
    assert "helm --namespace=logging test elastic" in said
    assert "what runs is stratalog:" in said
    assert "no effect" not in said
    said = cluster.helm("upgrade", value_sets.ELASTIC)
    without = said[said.index("These values have no effect here:"):]
    for name in ("minimumMasterNodes", "roles", "esJavaOpts", "esJvmOptions", "keystore",
                 "sysctlInitContainer", "podSecurityPolicy", "antiAffinity",
                 "networkPolicy.transport"):
        assert f"  {name}: " in without
