{{- define "throughline.networkPolicy.dns" -}}
- to:
    {{- toYaml .Values.networkPolicy.dns | nindent 4 }}
  ports:
    - port: {{ int .Values.networkPolicy.dnsPort }}
      protocol: UDP
    - port: {{ int .Values.networkPolicy.dnsPort }}
      protocol: TCP
{{- end }}

{{- define "throughline.networkPolicy.brokers" -}}
- ports:
    {{- range $port := include "throughline.brokerPorts" . | fromJsonArray }}
    - port: {{ int $port }}
      protocol: TCP
    {{- end }}
  {{- with .Values.networkPolicy.brokers }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
