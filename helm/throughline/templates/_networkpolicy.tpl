{{- define "throughline.networkPolicy.dns" -}}
- to:
    {{- toYaml .Values.networkPolicy.dns | nindent 4 }}
  ports:
    - port: {{ int .Values.networkPolicy.dnsPort }}
      protocol: UDP
    - port: {{ int .Values.networkPolicy.dnsPort }}
      protocol: TCP
{{- end }}

{{/* Mails to their server, webhooks to public addresses. Takes the root. */}}
{{- define "throughline.networkPolicy.sending" -}}
{{- $policy := .Values.networkPolicy -}}
{{- $settings := (include "throughline.valuesOf" (list . "outage-notice") | fromYaml).settings -}}
{{- with ($settings.smtp | default dict).url }}
- ports:
    - port: {{ regexFind ":[0-9]+$" . | trimPrefix ":" | default (ternary "465" "25" (hasPrefix "smtps:" .)) }}
      protocol: TCP
  {{- with $policy.mail }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- with $policy.webhookPorts }}
- ports:
    {{- range . }}
    - port: {{ int . }}
      protocol: TCP
    {{- end }}
  {{- if $policy.webhooks }}
  to:
    {{- toYaml $policy.webhooks | nindent 4 }}
  {{- else if not (index ($settings.webhooks | default dict) "allow-private") }}
  to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16]
    - ipBlock:
        cidr: "::/0"
        except: ["::1/128", "fc00::/7", "fe80::/10"]
  {{- end }}
{{- end }}
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
