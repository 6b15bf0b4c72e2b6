"""Outages: what is broken, and do customers hear of it in time?"""

from panels import Graph, Row, Stat, dashboard

PANELS = [
    Row("Now"),
    Stat("Active notices", "max(throughline_notices_active)"),
    Stat("Next update overdue", "max(throughline_notices_overdue)", bad=1),
    Stat("Followers of notices", 'sum(throughline_rpc_in_flight{rpc_method="WatchNotices"})', text="Websites and dashboards that hear of changes at once."),
    Row("Notices"),
    Graph("Notices", {"active": "max(throughline_notices_active)", "overdue": "max(throughline_notices_overdue)"}),
    Graph(
        "What is told, per hour",
        {
            "published": '3600 * sum(rate(throughline_rpc_handled_total{rpc_method="PublishNotice",code="OK"}[$__rate_interval]))',
            "updated": '3600 * sum(rate(throughline_rpc_handled_total{rpc_method="UpdateNotice",code="OK"}[$__rate_interval]))',
            "resolved": '3600 * sum(rate(throughline_rpc_handled_total{rpc_method="ResolveNotice",code="OK"}[$__rate_interval]))',
        },
    ),
    Row("Those who ask"),
    Graph("Checks of a component, per second", 'sum(rate(throughline_rpc_handled_total{rpc_method="CheckComponent"}[$__rate_interval]))', text="Rises when customers meet an outage before its notice."),
    Graph("Messages to followers, per second", 'sum(rate(throughline_rpc_messages_sent_total{rpc_method="WatchNotices"}[$__rate_interval]))'),
    Graph("Cases opened, per hour", '3600 * sum(rate(throughline_rpc_handled_total{rpc_method="OpenCase",code="OK"}[$__rate_interval]))', text="An outage without a notice shows here first."),
    Graph("Tasks of followers that wait", {"{{instance}}": 'sum by (instance) (throughline_watch_tasks_waiting{job="outage-notice"})'}),
]

DASHBOARD = dashboard("throughline-outages", "outages", __doc__, PANELS)
