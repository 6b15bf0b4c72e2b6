{{/* The services, in the order in which they are rendered. */}}
{{- define "throughline.services" -}}
intake ownership outage-notice supplier-tracking
{{- end }}

{{- define "throughline.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 34 | trimSuffix "-" }}
{{- end }}

{{/* At most 34 characters: "-supplier-tracking" and "-headless" must still fit into the 63 of a Service's name. */}}
{{- define "throughline.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 34 | trimSuffix "-" }}
{{- else if contains (include "throughline.name" .) .Release.Name -}}
{{- .Release.Name | trunc 34 | trimSuffix "-" }}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "throughline.name" .) | trunc 34 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{/* The labels by which all pods of the release are selected. Takes the root. */}}
{{- define "throughline.releaseLabels" -}}
app.kubernetes.io/name: {{ include "throughline.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The labels by which one component's pods are selected; they must never change. Takes (list root component). */}}
{{- define "throughline.selectorLabels" -}}
{{ include "throughline.releaseLabels" (index . 0) }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* The labels of an object. Takes (list root component). */}}
{{- define "throughline.labels" -}}
{{- $root := index . 0 -}}
{{ include "throughline.selectorLabels" . }}
app.kubernetes.io/version: {{ include "throughline.tag" (list $root "") | trunc 63 | trimSuffix "-" | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: throughline
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Takes (list root tag-of-the-service). */}}
{{- define "throughline.tag" -}}
{{- $root := index . 0 -}}
{{- index . 1 | default $root.Values.image.tag | default $root.Chart.AppVersion -}}
{{- end }}

{{/* A service's own tag wins over the digest, which names the image of all. Takes (list root tag-of-the-service). */}}
{{- define "throughline.image" -}}
{{- $root := index . 0 -}}
{{- $image := $root.Values.image -}}
{{- if and $image.digest (not (index . 1)) -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (include "throughline.tag" .) -}}
{{- end -}}
{{- end }}

{{- define "throughline.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "throughline.fullname" .) .Values.serviceAccount.name }}
{{- else -}}
{{- default "default" .Values.serviceAccount.name }}
{{- end -}}
{{- end }}

{{/* defaults, overridden by the service's own values; as YAML. Takes (list root service). */}}
{{- define "throughline.valuesOf" -}}
{{- $values := (index . 0).Values -}}
{{- mergeOverwrite (deepCopy $values.defaults) (deepCopy (index $values.services (index . 1))) | toYaml -}}
{{- end }}

{{/* Where the services answer, as --address takes it. */}}
{{- define "throughline.addresses" -}}
{{- $root := . -}}
{{- $addresses := list -}}
{{- range $service := splitList " " (include "throughline.services" .) -}}
{{- $addresses = append $addresses (printf "%s=%s-%s.%s.svc:7070" $service (include "throughline.fullname" $root) $service $root.Release.Namespace) -}}
{{- end -}}
{{- join "," $addresses -}}
{{- end }}

{{/* The Secret with the certificate that a service shows. Takes (list root service). */}}
{{- define "throughline.tlsSecret" -}}
{{- $root := index . 0 -}}
{{- if $root.Values.tls.certManager.enabled -}}
{{- printf "%s-%s-tls" (include "throughline.fullname" $root) (index . 1) -}}
{{- else -}}
{{- $root.Values.tls.existingSecret -}}
{{- end -}}
{{- end }}

{{/* The brokers' ports, as a JSON list. */}}
{{- define "throughline.brokerPorts" -}}
{{- if .Values.networkPolicy.brokerPorts -}}
{{- .Values.networkPolicy.brokerPorts | toJson -}}
{{- else -}}
{{- $ports := list -}}
{{- range $broker := splitList "," .Values.kafka.brokers -}}
{{- $port := regexFind ":[0-9]+$" (trim $broker) | trimPrefix ":" | default "9092" | int -}}
{{- $ports = append $ports $port -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}
{{- end }}
