{{/* What the schema cannot say, or not clearly: values that must be given, and values that need each other. */}}
{{- define "throughline.validate" -}}
{{- $tls := .Values.tls -}}
{{- if not .Values.kafka.brokers -}}
{{- fail "kafka.brokers is not given: name the Kafka cluster, as host:port,host:port" -}}
{{- end -}}
{{- if not .Values.tokens.existingSecret -}}
{{- fail "tokens.existingSecret is not given: name the Secret with the credentials file (README.md, \"Install\")" -}}
{{- end -}}
{{- if and $tls.enabled (not $tls.existingSecret) (not $tls.certManager.enabled) -}}
{{- fail "tls has no certificate: set tls.existingSecret, or tls.certManager.enabled with tls.certManager.issuerRef.name; tls.enabled=false serves without encryption, where something else encrypts" -}}
{{- end -}}
{{- if and $tls.existingSecret $tls.certManager.enabled -}}
{{- fail "tls.existingSecret and tls.certManager.enabled are both given: choose one" -}}
{{- end -}}
{{- if and $tls.certManager.enabled (not $tls.certManager.issuerRef.name) -}}
{{- fail "tls.certManager.issuerRef.name is not given: name the issuer of the certificates" -}}
{{- end -}}
{{- if and (not $tls.enabled) (or $tls.existingSecret $tls.certManager.enabled $tls.clientCaSecret) -}}
{{- fail "tls.enabled is false, but a certificate or a client CA is given: enable TLS, or leave them out" -}}
{{- end -}}
{{- if and $tls.identitiesSecret (not $tls.clientCaSecret) -}}
{{- fail "tls.identitiesSecret needs tls.clientCaSecret: without it no client shows a certificate" -}}
{{- end -}}
{{- $jwt := .Values.jwt -}}
{{- if ne (empty $jwt.keysSecret) (or (empty $jwt.issuer) (empty $jwt.audience)) -}}
{{- fail "jwt.keysSecret, jwt.issuer and jwt.audience need each other: give all three or none" -}}
{{- end -}}
{{- if and .Values.monitoring.tls (not $tls.enabled) -}}
{{- fail "monitoring.tls needs tls.enabled: the operations port has the service's certificate" -}}
{{- end -}}
{{- if and .Values.kafka.client .Values.kafka.propertiesSecret -}}
{{- fail "kafka.client and kafka.propertiesSecret are both given: choose one" -}}
{{- end -}}
{{- range $name, $value := .Values.kafka.client -}}
{{- if and (regexMatch "password|secret|key[.]pem|oauthbearer[.]config" $name) (not (hasSuffix ".file" $name)) -}}
{{- fail (printf "kafka.client.%s is a secret and does not belong into values: name its Secret in kafka.secretFiles, and set kafka.client.%s.file to /etc/throughline/secrets/kafka/FILE" $name $name) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.kafka.topics.create (not .Values.kafka.topics.partitions) -}}
{{- fail "kafka.topics.partitions is 0: give the number of partitions, or set kafka.topics.create=false" -}}
{{- end -}}
{{- if gt (int .Values.kafka.topics.minInsync) (int .Values.kafka.topics.replication) -}}
{{- fail "kafka.topics.minInsync is more than kafka.topics.replication: no record could be acknowledged" -}}
{{- end -}}
{{- if and .Values.edge.enabled $tls.clientCaSecret (not .Values.edge.clientCertSecret) -}}
{{- fail "edge.clientCertSecret is not given: the services ask for client certificates (tls.clientCaSecret), so the edge needs one" -}}
{{- end -}}
{{- if and .Values.edge.webhooksSecret (not .Values.edge.tokenSecret) -}}
{{- fail "edge.webhooksSecret needs edge.tokenSecret: pushes are passed on with a credential of the edge's own" -}}
{{- end -}}
{{- if and .Values.edge.clientCertSecret (not $tls.enabled) -}}
{{- fail "edge.clientCertSecret needs tls.enabled" -}}
{{- end -}}
{{- $sending := .Values.subscribers -}}
{{- range $name := list "signingKeysSecret" "smtpPasswordSecret" "smtpCaSecret" "webhooksCaSecret" -}}
{{- if and (index $sending $name) (not $sending.keySecret) -}}
{{- fail (printf "subscribers.%s needs subscribers.keySecret: without it nobody can subscribe" $name) -}}
{{- end -}}
{{- end -}}
{{- $settings := (include "throughline.valuesOf" (list . "outage-notice") | fromYaml).settings -}}
{{- $smtp := $settings.smtp | default dict -}}
{{- if and $smtp.url (not $sending.keySecret) -}}
{{- fail "services.outage-notice.settings.smtp.url needs subscribers.keySecret: without it nobody can subscribe" -}}
{{- end -}}
{{- if and $smtp.url (or (empty $smtp.from) (empty ($settings.subscribers | default dict).site)) -}}
{{- fail "services.outage-notice.settings.smtp.url needs smtp.from and subscribers.site: where mails come from, and where their links lead" -}}
{{- end -}}
{{- if ne (empty $smtp.user) (empty $sending.smtpPasswordSecret) -}}
{{- fail "services.outage-notice.settings.smtp.user and subscribers.smtpPasswordSecret need each other: give both or none" -}}
{{- end -}}
{{- if and .Values.tests.clientCertSecret (not $tls.clientCaSecret) -}}
{{- fail "tests.clientCertSecret needs tls.clientCaSecret: without it no service asks for a client certificate" -}}
{{- end -}}
{{- end }}
