{{/* Before anything else of an install or an upgrade. Takes (list weight when-it-is-deleted). */}}
{{- define "throughline.topics.hook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ index . 0 | quote }}
helm.sh/hook-delete-policy: {{ index . 1 }}
{{- end }}

{{- define "throughline.topics.cluster" -}}
{{- $arguments := list "--brokers" .Values.kafka.brokers "--prefix" .Values.kafka.prefix -}}
{{- with .Values.kafka.topics.partitions -}}
{{- $arguments = concat $arguments (list "--partitions" (. | int64 | toString)) -}}
{{- end -}}
{{- with include "throughline.kafka.config" . -}}
{{- $arguments = concat $arguments (list "--config" .) -}}
{{- end -}}
{{- $arguments | toJson -}}
{{- end }}
