{{/* What Pod Security "restricted" demands, and the user that the image is built for. */}}
{{- define "throughline.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "throughline.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* What all pods of the chart have in common. Takes the root. */}}
{{- define "throughline.podBase" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- include "throughline.podSecurity" . | nindent 2 }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Of the short-lived pods: tests and the topic job. */}}
{{- define "throughline.toolResources" -}}
requests:
  cpu: 50m
  memory: 128Mi
  ephemeral-storage: 16Mi
limits:
  memory: 128Mi
  ephemeral-storage: 64Mi
{{- end }}

{{/* A container that runs the tool. Takes (dict root name args env mounts). */}}
{{- define "throughline.toolContainer" -}}
- name: {{ .name }}
  image: {{ include "throughline.image" (list .root "") }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  command: [/usr/bin/throughline]
  args:
    {{- range .args }}
    - {{ . | quote }}
    {{- end }}
  env:
    - name: THROUGHLINE_DATA
      value: /tmp/throughline
    {{- range $name, $value := .env }}
    - name: {{ $name }}
      value: {{ $value | quote }}
    {{- end }}
  securityContext:
    {{- include "throughline.containerSecurity" .root | nindent 4 }}
  resources:
    {{- include "throughline.toolResources" .root | nindent 4 }}
  volumeMounts:
    - name: tmp
      mountPath: /tmp
    {{- range $volume, $path := .mounts }}
    - name: {{ $volume }}
      mountPath: {{ $path }}
      readOnly: true
    {{- end }}
{{- end }}
