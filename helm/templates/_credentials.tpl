{{/*
The password, as base64. The one that is there stays: every `helm upgrade` renders this anew.
`helm template` sees no cluster and makes one up each time.
*/}}
{{- define "stratalog.password" -}}
{{- $old := lookup "v1" "Secret" .Release.Namespace (include "stratalog.credentialsSecret" .) | default dict -}}
{{- if .Values.secret.password -}}
{{ .Values.secret.password | b64enc }}
{{- else if get ($old.data | default dict) .Values.secret.passwordKey -}}
{{ get $old.data .Values.secret.passwordKey }}
{{- else -}}
{{ randAlphaNum 20 | b64enc }}
{{- end -}}
{{- end -}}

{{/*
Grows with each change of the password, so that the pod, which reads it when it starts, is started
anew exactly then. A digest of the password would do that too, and could be guessed from.
*/}}
{{- define "stratalog.passwordGeneration" -}}
{{- $old := lookup "v1" "Secret" .Release.Namespace (include "stratalog.credentialsSecret" .) | default dict -}}
{{- $generation := get (($old.metadata | default dict).annotations | default dict) "stratalog/password-generation" | default "1" | int64 -}}
{{- $new := .Values.secret.password | b64enc -}}
{{- if and $old $new (ne $new (get ($old.data | default dict) .Values.secret.passwordKey)) -}}
{{- $generation = add $generation 1 -}}
{{- end -}}
{{- $generation -}}
{{- end -}}
