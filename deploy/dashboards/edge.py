"""The edge: who comes over HTTP, what are they told, do carriers' pushes arrive?"""

from panels import INSTANCE, Graph, Row, dashboard

OF = 'job="edge",instance=~"$instance"'


def each(by, query):
    return {f"{{{{{by}}}}}": f"sum by ({by}) (rate({query}[$__rate_interval]))"}


PANELS = [
    Row("Requests"),
    Graph("Requests", each("route", f"throughline_http_requests_total{{{OF}}}"), unit="reqps", stacked=True),
    Graph("Answers", each("code", f"throughline_http_requests_total{{{OF}}}"), unit="reqps", stacked=True),
    Graph("Answer, 99 %", {"{{route}}": f"histogram_quantile(0.99, sum by (le, route) (rate(throughline_http_request_duration_seconds_bucket{{{OF}}}[$__rate_interval])))"}, unit="s"),
    Graph("Under way", {"{{instance}}": f"throughline_http_requests_in_flight{{{OF}}}"}),
    Row("Webhooks"),
    Graph("Pushes", each("carrier", f"throughline_webhooks_total{{{OF}}}"), unit="cps", stacked=True),
    Graph("What became of them", each("outcome", f"throughline_webhooks_total{{{OF}}}"), unit="cps", stacked=True, text="durable and quarantined are stored; the rest is not, and its source knows."),
    Row("Connections"),
    Graph("Connections", {"{{instance}}": f"throughline_http_connections{{{OF}}}"}),
    Graph("Turned away", each("reason", f"throughline_http_refused_total{{{OF}}}"), unit="cps"),
    Graph("Bytes", {"in": f"sum(rate(throughline_http_received_bytes_total{{{OF}}}[$__rate_interval]))", "out": f"sum(rate(throughline_http_sent_bytes_total{{{OF}}}[$__rate_interval]))"}, unit="Bps"),
]

DASHBOARD = dashboard("throughline-edge", "edge", __doc__, PANELS, [INSTANCE])
