{{/* One value in TOML: YAML's numbers are floats in here, the settings' are whole. */}}
{{- define "throughline.toml.value" -}}
{{- if kindIs "string" . -}}{{ . | toJson }}
{{- else if kindIs "bool" . -}}{{ . }}
{{- else -}}{{ . | int64 }}
{{- end -}}
{{- end }}

{{/* The values of a table that are no tables themselves. */}}
{{- define "throughline.toml.pairs" -}}
{{- range $key, $value := . }}
{{- if not (kindIs "map" $value) }}
{{ $key }} = {{ include "throughline.toml.value" $value }}
{{- end }}
{{- end }}
{{- end }}

{{/* A service's configuration file. Takes (list root service). */}}
{{- define "throughline.toml" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- $values := include "throughline.valuesOf" . | fromYaml -}}
{{- $settings := $values.settings -}}
data = "/var/lib/throughline/{{ $service }}"
host = {{ $root.Values.listenAddress | toJson }}
port = 7070
metrics-host = {{ $root.Values.listenAddress | toJson }}
metrics-port = 9470
{{- if $root.Values.monitoring.tls }}
metrics-tls = true
{{- end }}
{{- if $root.Values.monitoring.tokensSecret }}
metrics-tokens = "/etc/throughline/secrets/metrics/tokens"
{{- end }}
tokens = "/etc/throughline/secrets/tokens.json"
grace = "{{ $values.graceSeconds | int64 }}s"
{{- if not $root.Values.tls.enabled }}
insecure = true
{{- end }}
{{- include "throughline.toml.pairs" $settings }}
{{- if $root.Values.tls.enabled }}

[tls]
cert = "/etc/throughline/secrets/tls/tls.crt"
key = "/etc/throughline/secrets/tls/tls.key"
{{- if $root.Values.tls.clientCaSecret }}
client-ca = "/etc/throughline/secrets/client-ca/ca.crt"
{{- end }}
{{- if $root.Values.tls.identitiesSecret }}
identities = "/etc/throughline/secrets/identities.toml"
{{- end }}
{{- end }}
{{- with $root.Values.jwt }}
{{- if .keysSecret }}

[jwt]
keys = "/etc/throughline/secrets/jwt/keys.json"
issuer = {{ .issuer | toJson }}
audience = {{ .audience | toJson }}
leeway = {{ .leeway | toJson }}
person-claim = {{ .personClaim | toJson }}
role-claim = {{ .roleClaim | toJson }}
party-claim = {{ .partyClaim | toJson }}
team-claim = {{ .teamClaim | toJson }}
roles = {{ .roles | toJson }}
{{- end }}
{{- end }}

[audit]
file-mib = {{ $root.Values.audit.fileMib | int64 }}
keep = {{ $root.Values.audit.keep | int64 }}
required = {{ $root.Values.audit.required }}
{{- if $root.Values.backup.enabled }}

[backup]
dir = "/var/backups/throughline/stores"
every = "{{ $root.Values.backup.everyMinutes | int64 }}m"
keep = {{ $root.Values.backup.keep | int64 }}
restore = {{ $root.Values.backup.restore }}
{{- end }}

[kafka]
brokers = {{ $root.Values.kafka.brokers | toJson }}
prefix = {{ $root.Values.kafka.prefix | toJson }}
partitions = {{ $root.Values.kafka.topics.partitions | int64 }}
{{- with include "throughline.kafka.config" $root }}
config = {{ . | toJson }}
{{- end }}
{{- include "throughline.toml.pairs" ($settings.kafka | default dict) }}
{{- range $section := list "limits" "log" }}
{{- with index $settings $section }}

[{{ $section }}]
{{- include "throughline.toml.pairs" . }}
{{- end }}
{{- end }}
{{- if and (eq $service "outage-notice") $root.Values.subscribers.keySecret }}
{{- include "throughline.toml.sending" (list $root $settings) }}
{{- end }}
{{- end }}

{{/* What outage-notice sends, and with which files. Takes (list root settings). */}}
{{- define "throughline.toml.sending" -}}
{{- $secrets := (index . 0).Values.subscribers -}}
{{- $settings := index . 1 -}}
{{- $folder := "/etc/throughline/secrets/subscribers" -}}
{{- $files := dict "subscribers" (dict "key" (printf "%s/key" $folder)) "smtp" dict "webhooks" dict -}}
{{- if $secrets.signingKeysSecret }}{{ $_ := set $files.subscribers "signing-keys" (printf "%s/signing-keys" $folder) }}{{ end -}}
{{- if $secrets.smtpPasswordSecret }}{{ $_ := set $files.smtp "password-file" (printf "%s/smtp-password" $folder) }}{{ end -}}
{{- if $secrets.smtpCaSecret }}{{ $_ := set $files.smtp "ca" (printf "%s/smtp-ca.crt" $folder) }}{{ end -}}
{{- if $secrets.webhooksCaSecret }}{{ $_ := set $files.webhooks "ca" (printf "%s/webhooks-ca.crt" $folder) }}{{ end -}}
{{- range $section := list "subscribers" "smtp" "webhooks" }}

[{{ $section }}]
{{- include "throughline.toml.pairs" (merge (index $files $section) (index $settings $section | default dict)) }}
{{- end }}
{{- end }}

{{/* The sources of a projected volume: the files of the section above. Takes the root. */}}
{{- define "throughline.sending.secrets" -}}
{{- $secrets := .Values.subscribers -}}
{{- range $one := list (list "keySecret" "key" "key") (list "signingKeysSecret" "signing-keys" "signing-keys") (list "smtpPasswordSecret" "password" "smtp-password") (list "smtpCaSecret" "ca.crt" "smtp-ca.crt") (list "webhooksCaSecret" "ca.crt" "webhooks-ca.crt") }}
{{- with index $secrets (index $one 0) }}
- secret:
    name: {{ . }}
    items:
      - key: {{ index $one 1 }}
        path: subscribers/{{ index $one 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/* The edge's configuration file. Takes the root. */}}
{{- define "throughline.edge.toml" -}}
{{- $edge := .Values.edge -}}
host = {{ .Values.listenAddress | toJson }}
port = 8080
metrics-host = {{ .Values.listenAddress | toJson }}
metrics-port = 9470
address = {{ include "throughline.addresses" . | toJson }}
grace = "{{ $edge.graceSeconds | int64 }}s"
{{- if not .Values.tls.enabled }}
insecure = true
{{- end }}
{{- if .Values.monitoring.tls }}
metrics-tls = true
{{- end }}
{{- if .Values.monitoring.tokensSecret }}
metrics-tokens = "/etc/throughline/metrics/tokens"
{{- end }}
{{- if $edge.tokenSecret }}
token-file = "/etc/throughline/own/token"
{{- end }}
{{- include "throughline.toml.pairs" $edge.settings }}
{{- if .Values.tls.enabled }}

[tls]
cert = "/etc/throughline/secrets/tls/tls.crt"
key = "/etc/throughline/secrets/tls/tls.key"

[services]
ca = "/etc/throughline/secrets/services/ca.crt"
{{- if $edge.clientCertSecret }}
cert = "/etc/throughline/secrets/client/tls.crt"
key = "/etc/throughline/secrets/client/tls.key"
{{- end }}
{{- end }}
{{- $webhooks := $edge.settings.webhooks | default dict }}
{{- if $edge.webhooksSecret }}
{{- $webhooks = merge (dict "endpoints" "/etc/throughline/webhooks/webhooks.toml") $webhooks }}
{{- end }}
{{- with $webhooks }}

[webhooks]
{{- include "throughline.toml.pairs" . }}
{{- end }}
{{- $public := $edge.settings.public | default dict }}
{{- if $edge.publicTokenSecret }}
{{- $public = merge (dict "token-file" "/etc/throughline/public/token") $public }}
{{- end }}
{{- with $public }}

[public]
{{- include "throughline.toml.pairs" . }}
{{- end }}
{{- range $section := list "limits" "log" "orders" "tracing" }}
{{- with index $edge.settings $section }}

[{{ $section }}]
{{- include "throughline.toml.pairs" . }}
{{- end }}
{{- end }}
{{- end }}

{{/* The file with librdkafka's settings; empty: there is none. */}}
{{- define "throughline.kafka.config" -}}
{{- if .Values.kafka.propertiesSecret -}}/etc/throughline/secrets/kafka/kafka.properties
{{- else if .Values.kafka.client -}}/etc/throughline/config/kafka.properties
{{- end -}}
{{- end }}

{{- define "throughline.kafka.properties" -}}
{{- range $name, $value := .Values.kafka.client }}
{{- if kindIs "float64" $value }}
{{- $value = int64 $value }}
{{- end }}
{{ $name }}={{ $value }}
{{- end }}
{{- end }}

{{/* The sources of a projected volume: what every program that speaks to Kafka needs. */}}
{{- define "throughline.kafka.secrets" -}}
{{- range .Values.kafka.secretFiles }}
- secret:
    name: {{ .secret }}
    items:
      - key: {{ .key }}
        path: kafka/{{ .file | default .key }}
{{- end }}
{{- with .Values.kafka.propertiesSecret }}
- secret:
    name: {{ . }}
    items:
      - key: kafka.properties
        path: kafka/kafka.properties
{{- end }}
{{- end }}
