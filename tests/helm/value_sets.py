"""Values to render the chart with: what users of Elastic's chart have, and all that can be turned on."""

# The usual tutorial's.
TUTORIAL = {
    "replicas": 1,
    "minimumMasterNodes": 1,
    "image": "docker.elastic.co/elasticsearch/elasticsearch",
    "imageTag": "7.17.3",
    "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}},
}

# The defaults of Elastic's chart 8.5.1 written out, as people copy them, with one node.
ELASTIC = {
    "clusterName": "elasticsearch",
    "nodeGroup": "master",
    "masterService": "",
    "roles": ["master", "data", "data_content", "data_hot", "data_warm", "data_cold", "ingest",
              "ml", "remote_cluster_client", "transform"],
    "replicas": 1,
    "minimumMasterNodes": 2,
    "esMajorVersion": "",
    "esConfig": {},
    "createCert": True,
    "esJvmOptions": {"processors.options": "-XX:ActiveProcessorCount=3\n"},
    "extraEnvs": [],
    "envFrom": [],
    "secret": {"enabled": True, "password": ""},
    "secretMounts": [],
    "image": "docker.elastic.co/elasticsearch/elasticsearch",
    "imageTag": "8.5.1",
    "esJavaOpts": "-Xmx1g -Xms1g",
    "resources": {"requests": {"cpu": "1000m", "memory": "2Gi"},
                  "limits": {"cpu": "1000m", "memory": "2Gi"}},
    "initResources": {},
    "rbac": {"create": False, "serviceAccountAnnotations": {}, "serviceAccountName": "",
             "automountToken": True},
    "podSecurityPolicy": {"create": True, "name": "", "spec": {
        "privileged": True, "fsGroup": {"rule": "RunAsAny"}, "volumes": ["secret"]}},
    "persistence": {"enabled": True, "labels": {"enabled": False}, "annotations": {}},
    "extraVolumes": "",
    "extraVolumeMounts": "",
    "extraContainers": "",
    "extraInitContainers": "",
    "antiAffinityTopologyKey": "kubernetes.io/hostname",
    "antiAffinity": "hard",
    "podManagementPolicy": "Parallel",
    "enableServiceLinks": True,
    "podSecurityContext": {"fsGroup": 1000, "runAsUser": 1000},
    "securityContext": {"capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True,
                        "runAsUser": 1000},
    "sysctlVmMaxMapCount": 262144,
    "sysctlInitContainer": {"enabled": True},
    "readinessProbe": {"failureThreshold": 3, "initialDelaySeconds": 10, "periodSeconds": 10,
                       "successThreshold": 3, "timeoutSeconds": 5},
    "keystore": [{"secretName": "passwords"}],
    "networkPolicy": {"http": {"enabled": False}, "transport": {"enabled": True}},
    "tests": {"enabled": True},
}

# Users of the 7.17.3 chart bring password and certificates themselves.
OLDER_CHART = {
    "replicas": 1,
    "protocol": "https",
    "createCert": False,
    "clusterDeprecationIndexing": "false",
    "fsGroup": "",
    "secret": {"enabled": False},
    "extraEnvs": [
        {"name": "ELASTIC_PASSWORD",
         "valueFrom": {"secretKeyRef": {"name": "elastic-credentials", "key": "password"}}},
        {"name": "ELASTIC_USERNAME",
         "valueFrom": {"secretKeyRef": {"name": "elastic-credentials", "key": "username"}}},
    ],
    "esConfig": {"elasticsearch.yml": "xpack.security.enabled: true\n"
                 "xpack.security.http.ssl.enabled: true\n"
                 "xpack.security.http.ssl.key: more/tls.key\n"
                 "xpack.security.http.ssl.certificate: more/tls.crt\n"},
    "secretMounts": [{"name": "more", "secretName": "elastic-certificates",
                      "path": "/usr/share/elasticsearch/config/more"}],
    "ingress": {"enabled": True, "path": "/", "hosts": ["logs.example.com"],
                "tls": [{"secretName": "logs", "hosts": ["logs.example.com"]}]},
}

EVERYTHING = {
    "labels": {"team": "logs", "app.kubernetes.io/name": "logs"},
    "podAnnotations": {"number": 1, "yes": True},
    "imagePullSecrets": [{"name": "registry"}],
    "esConfig": {"elasticsearch.yml": "cluster:\n  name: x\n\nhttp.max_content_length: 1mb\n",
                 "log4j2.properties": "key = value"},
    "envFrom": [{"secretRef": {"name": "more"}}],
    "extraEnvs": [{"name": "memory.limit", "value": "100mb"}],
    "extraVolumes": [{"name": "extras", "emptyDir": {}}],
    "extraVolumeMounts": [{"name": "extras", "mountPath": "/extras"}],
    "extraContainers": "- name: \"{{ .Release.Name }}-side\"\n  image: side:1\n",
    "extraInitContainers": [{"name": "first", "image": "first:1"}],
    "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["a.local"]}],
    "lifecycle": {"preStop": {"exec": {"command": ["true"]}}},
    "priorityClassName": "high",
    "schedulerName": "other",
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "logs", "operator": "Exists"}],
    "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
        {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}]}},
    "persistence": {"labels": {"enabled": True}, "annotations": {"keep": "it"}},
    "startupProbe": {"failureThreshold": 100},
    "livenessProbe": {"exec": {"command": ["true"]}},
    "service": {"type": "NodePort", "nodePort": 30920, "labels": {"a": "b"},
                "annotations": {"c": "d"}, "externalTrafficPolicy": "Local",
                "loadBalancerSourceRanges": ["10.0.0.0/8"]},
    "aliasServices": ["elasticsearch"],
    "rbac": {"create": True, "serviceAccountAnnotations": {"e": "f"}},
    "ingress": {"enabled": True, "hosts": [{"host": "a.example.com", "paths": [
        {"path": "/"}, {"path": "/other", "servicePort": 9300}]}]},
    "networkPolicy": {"http": {
        "enabled": True,
        "explicitNamespacesSelector": {"matchLabels": {"role": "frontend"}},
        "additionalRules": [{"podSelector": {"matchLabels": {"role": "frontend"}}}]}},
    "certificates": {"extraNames": ["logs.example.com"], "extraIPs": ["10.1.2.3"]},
    "serviceMonitor": {"enabled": True, "labels": {"prometheus": "main"}},
    "command": ["stratalog"],
    "args": ["serve"],
}

ALL = {
    "default": {},
    "tutorial": TUTORIAL,
    "elastic's": ELASTIC,
    "older chart's": OLDER_CHART,
    "everything": EVERYTHING,
    "stopped": {"replicas": 0},
    "plain http": {"protocol": "http"},
    "no disk": {"persistence": {"enabled": False}, "maxUnavailable": ""},
    "secrets of others": {"secret": {"existingSecret": "mine", "passwordKey": "pw"},
                          "certificates": {"existingSecret": "mine-too"},
                          "serviceMonitor": {"enabled": True}},
    "cert-manager": {"certManager": {"enabled": True}},
    "cert-manager's issuer": {"certManager": {
        "enabled": True, "issuerRef": {"name": "corp", "kind": "ClusterIssuer"}}},
}
