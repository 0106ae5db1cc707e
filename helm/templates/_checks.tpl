{{/* What can't be, said before anything is made. */}}
{{- define "stratalog.check" -}}
{{- $uname := include "stratalog.uname" . -}}
{{- if gt (int .Values.replicas) 1 -}}
{{- fail (printf "replicas: %d: Stratalog is one node today; set replicas to 1 (its data are as safe as their volume)" (int .Values.replicas)) -}}
{{- end -}}
{{- if ne (include "stratalog.masterService" .) $uname -}}
{{- fail (printf "nodeGroup and masterService: [%s] would join the cluster of [%s]; Stratalog is one node today: leave nodeGroup at master" $uname (include "stratalog.masterService" .)) -}}
{{- end -}}
{{- if lt (include "stratalog.memoryBytes" . | int64) 134217728 -}}
{{- fail "resources: Stratalog needs 128Mi of memory at least" -}}
{{- end -}}
{{- if and .Values.certManager.enabled .Values.certificates.existingSecret -}}
{{- fail "certManager.enabled and certificates.existingSecret: take one of them" -}}
{{- end -}}
{{- if and .Values.secret.existingSecret .Values.secret.password -}}
{{- fail "secret.existingSecret and secret.password: take one of them" -}}
{{- end -}}
{{- if ge (int .Values.certificates.renewBeforeDays) (int .Values.certificates.days) -}}
{{- fail "certificates.renewBeforeDays must be less than certificates.days" -}}
{{- end -}}
{{- end -}}
