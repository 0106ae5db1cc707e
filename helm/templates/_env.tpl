{{/* The environment of the server. */}}

{{/* What the chart sets; only what has an effect. */}}
{{- define "stratalog.chartEnv" -}}
{{- $certs := include "stratalog.certificatesSecret" . -}}
- name: node.name
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: cluster.name
  value: {{ .Values.clusterName | quote }}
- name: network.host
  value: {{ .Values.networkHost | quote }}
- name: network.publish_host
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: http.port
  value: {{ .Values.httpPort | quote }}
- name: path.data
  value: /usr/share/elasticsearch/data
{{- include "stratalog.memoryEnv" . }}
{{- if .Values.secret.enabled }}
- name: ELASTIC_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "stratalog.credentialsSecret" . }}
      key: {{ .Values.secret.passwordKey }}
{{- end }}
{{- if eq .Values.protocol "http" }}
- name: xpack.security.http.ssl.enabled
  value: "false"
{{- else if $certs }}
- name: xpack.security.enabled
  value: "true"
- name: xpack.security.http.ssl.enabled
  value: "true"
- name: xpack.security.http.ssl.key
  value: /usr/share/elasticsearch/config/certs/tls.key
- name: xpack.security.http.ssl.certificate
  value: /usr/share/elasticsearch/config/certs/tls.crt
{{- if not (or .Values.certificates.existingSecret .Values.certManager.enabled) }}
{{- /* For certificates of clients. Secrets of others need not have it: ACME issuers don't. */}}
- name: xpack.security.http.ssl.certificate_authorities
  value: /usr/share/elasticsearch/config/certs/ca.crt
{{- end }}
{{- end }}
{{- end -}}

{{/* With extraEnvs, each of which replaces the chart's of the same name. */}}
{{- define "stratalog.env" -}}
{{- $given := list -}}
{{- range .Values.extraEnvs -}}
{{- $given = append $given .name -}}
{{- end -}}
{{- $all := list -}}
{{- range include "stratalog.chartEnv" . | fromYamlArray -}}
{{- if not (has .name $given) -}}
{{- $all = append $all . -}}
{{- end -}}
{{- end -}}
{{- concat $all .Values.extraEnvs | toYaml -}}
{{- end -}}

{{/* Lists that Elastic's chart takes as text too. */}}
{{- define "stratalog.listOrText" -}}
{{- if kindIs "string" .list -}}
{{ tpl .list .root }}
{{- else -}}
{{ toYaml .list }}
{{- end -}}
{{- end -}}
