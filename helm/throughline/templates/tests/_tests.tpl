{{/* The options of the tool that all tests need; as JSON. */}}
{{- define "throughline.tests.arguments" -}}
{{- $arguments := list "--address" (include "throughline.addresses" .) "--timeout" "30s" -}}
{{- if .Values.tls.enabled -}}
{{- $arguments = concat $arguments (list "--ca" "/etc/throughline/secrets/ca/ca.crt") -}}
{{- end -}}
{{- if .Values.tests.clientCertSecret -}}
{{- $arguments = concat $arguments (list "--client-cert" "/etc/throughline/secrets/client/tls.crt" "--client-key" "/etc/throughline/secrets/client/tls.key") -}}
{{- end -}}
{{- $arguments | toJson -}}
{{- end }}

{{/* A test's Pod. Takes (dict root name containers); containers is a list of (dict name args). */}}
{{- define "throughline.tests.pod" -}}
{{- $root := .root -}}
{{- $secrets := or $root.Values.tls.enabled $root.Values.tests.tokenSecret -}}
{{- $mounts := dict -}}
{{- if $secrets }}{{ $_ := set $mounts "secrets" "/etc/throughline/secrets" }}{{ end -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "throughline.fullname" $root }}-test-{{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "throughline.labels" (list $root "test") | nindent 4 }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  {{- include "throughline.podBase" $root | nindent 2 }}
  serviceAccountName: {{ include "throughline.serviceAccount" $root }}
  restartPolicy: Never
  activeDeadlineSeconds: 280
  containers:
    {{- range .containers }}
    {{- include "throughline.toolContainer" (dict "root" $root "name" .name "args" .args "env" dict "mounts" $mounts) | nindent 4 }}
    {{- end }}
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: 16Mi
    {{- if $secrets }}
    - name: secrets
      projected:
        defaultMode: 0440
        sources:
          {{- if $root.Values.tls.enabled }}
          - secret:
              name: {{ include "throughline.tlsSecret" (list $root "intake") }}
              items:
                - key: ca.crt
                  path: ca/ca.crt
          {{- end }}
          {{- with $root.Values.tests.clientCertSecret }}
          - secret:
              name: {{ . }}
              items:
                - key: tls.crt
                  path: client/tls.crt
                - key: tls.key
                  path: client/tls.key
          {{- end }}
          {{- with $root.Values.tests.tokenSecret }}
          - secret:
              name: {{ . }}
              items:
                - key: {{ $root.Values.tests.tokenKey }}
                  path: token
          {{- end }}
    {{- end }}
{{- end }}
