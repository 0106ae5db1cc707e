{{/* Names and labels: those of Elastic's chart. */}}

{{/* elasticsearch-master, of which every object's name is made. */}}
{{- define "stratalog.uname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride }}
{{- else -}}
{{ .Values.nameOverride | default .Values.clusterName }}-{{ .Values.nodeGroup }}
{{- end -}}
{{- end -}}

{{/* The service under which a cluster's masters are found; here the only node's. */}}
{{- define "stratalog.masterService" -}}
{{- if .Values.masterService -}}
{{ .Values.masterService }}
{{- else if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride }}
{{- else -}}
{{ .Values.nameOverride | default .Values.clusterName }}-master
{{- end -}}
{{- end -}}

{{- define "stratalog.containerName" -}}
{{ .Values.nameOverride | default "elasticsearch" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{/* Users select by these; `chart` is the name of the chart that this one stands in for. */}}
{{- define "stratalog.selectorLabels" -}}
release: {{ .Release.Name | quote }}
chart: "elasticsearch"
app: {{ include "stratalog.uname" . | quote }}
{{- end -}}

{{/* Those of Elastic's chart win over `labels` of the values, and those over the rest. */}}
{{- define "stratalog.podLabels" -}}
{{- $common := dict "app.kubernetes.io/name" "stratalog" "app.kubernetes.io/instance" .Release.Name -}}
{{- merge (include "stratalog.selectorLabels" . | fromYaml) (deepCopy .Values.labels) $common | toYaml -}}
{{- end -}}

{{- define "stratalog.labels" -}}
{{- $common := dict "app.kubernetes.io/version" .Chart.AppVersion -}}
{{- merge (dict "heritage" .Release.Service) (include "stratalog.podLabels" . | fromYaml) $common | toYaml -}}
{{- end -}}

{{/* Values files that were written for Elastic's chart name Elastic's image: ours takes its place. */}}
{{- define "stratalog.isElasticsImage" -}}
{{- if regexMatch "^(docker\\.elastic\\.co/elasticsearch/.+|(docker\\.io/)?(library/|elastic/)?elasticsearch)$" .Values.image -}}
true
{{- end -}}
{{- end -}}

{{- define "stratalog.image" -}}
{{- $chosen := .Values -}}
{{- if include "stratalog.isElasticsImage" . -}}
{{- $chosen = .Values.insteadOfElastic -}}
{{- end -}}
{{- if contains "@" $chosen.image -}}
{{ $chosen.image }}
{{- else -}}
{{ $chosen.image }}:{{ $chosen.imageTag | toString | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "stratalog.serviceAccount" -}}
{{ .Values.rbac.serviceAccountName | default (include "stratalog.uname" .) }}
{{- end -}}

{{- define "stratalog.credentialsSecret" -}}
{{ .Values.secret.existingSecret | default (printf "%s-credentials" (include "stratalog.uname" .)) }}
{{- end -}}

{{/* "" when no secret holds a certificate: the server then makes its own, in its data folder. */}}
{{- define "stratalog.certificatesSecret" -}}
{{- if .Values.certificates.existingSecret -}}
{{ .Values.certificates.existingSecret }}
{{- else if or .Values.createCert .Values.certManager.enabled -}}
{{ include "stratalog.uname" . }}-certs
{{- end -}}
{{- end -}}

{{/* The names that clients of the cluster find the server by, one a line. */}}
{{- define "stratalog.dnsNames" -}}
{{- $uname := include "stratalog.uname" . -}}
{{- $namespace := .Release.Namespace -}}
{{- $headless := printf "%s-headless" $uname -}}
{{- $names := list -}}
{{- range concat (list $uname $headless (printf "%s-0.%s" $uname $headless)) .Values.aliasServices -}}
{{- $names = concat $names (list . (printf "%s.%s" . $namespace) (printf "%s.%s.svc" . $namespace) (printf "%s.%s.svc.cluster.local" . $namespace)) -}}
{{- end -}}
{{- join "\n" (concat $names (list "localhost") .Values.certificates.extraNames | uniq) -}}
{{- end -}}

{{- define "stratalog.ipAddresses" -}}
{{- join "\n" (concat (list "127.0.0.1" "::1") .Values.certificates.extraIPs | uniq) -}}
{{- end -}}
