{{/* Memory: what is requested, what the container may have, and what the server makes of it. */}}

{{/* Bytes of a Kubernetes quantity such as 128Mi, 1G or 134217728. */}}
{{- define "stratalog.bytes" -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $text := toString . -}}
{{- if not (regexMatch "^[0-9]+(\\.[0-9]+)?(e\\+?[0-9]+|[kMGT]|[KMGT]i)?$" $text) -}}
{{- fail (printf "resources: [%s] is no quantity of memory such as 128Mi or 1Gi" $text) -}}
{{- end -}}
{{- $unit := regexFind "([kMGT]|[KMGT]i)$" $text -}}
{{- mulf (trimSuffix $unit $text | float64) (get $units $unit | float64) | int64 -}}
{{- end -}}

{{/*
A values file may give requests alone, as the tutorial's does, and must not end with a request above
a limit that only this chart thought of.
*/}}
{{- define "stratalog.resources" -}}
{{- $resources := deepCopy (.Values.resources | default dict) -}}
{{- $requests := $resources.requests | default dict -}}
{{- $limits := $resources.limits | default dict -}}
{{- if not $requests.memory -}}
{{- $requests = set $requests "memory" ($limits.memory | default "128Mi") -}}
{{- end -}}
{{- if not $limits.memory -}}
{{- $limits = set $limits "memory" $requests.memory -}}
{{- end -}}
{{- if not (or $requests.cpu $limits.cpu) -}}
{{- $requests = set $requests "cpu" "50m" -}}
{{- end -}}
{{- set (set $resources "requests" $requests) "limits" $limits | toYaml -}}
{{- end -}}

{{- define "stratalog.memoryBytes" -}}
{{- include "stratalog.bytes" ((include "stratalog.resources" . | fromYaml).limits.memory) -}}
{{- end -}}

{{/*
Settings that follow from the container's memory, as a YAML list of environment variables.

memory.limit is the server's budget for what it holds; the rest is room for requests at work. Bodies are
bounded tighter than by the server itself, which knows no container, and a small one takes one write at
a time: under 128Mi, four clients that send bodies of the greatest length
at once were served in turn (429) with a peak of 114 MB; with two writes at a time the container's
limit was hit.
*/}}
{{- define "stratalog.memoryEnv" -}}
{{- $bytes := include "stratalog.memoryBytes" . | int64 -}}
{{- $file := get .Values.esConfig "elasticsearch.yml" | default (get .Values.esConfig "stratalog.yml") | default "" -}}
{{- if .Values.memoryLimit }}
- name: memory.limit
  value: {{ .Values.memoryLimit | quote }}
{{- else if not (regexMatch "(?m)^(memory\\.limit|memory) *:" $file) }}
- name: memory.limit
  value: "60%"
{{- end }}
{{- if not (contains "max_content_length" $file) }}
- name: http.max_content_length
  value: {{ printf "%dmb" (min 100 (div $bytes 16777216)) | quote }}
{{- end }}
{{- if and (lt $bytes 536870912) (not (contains "thread_pool" $file)) }}
- name: thread_pool.write.size
  value: "1"
{{- end }}
{{- end -}}
