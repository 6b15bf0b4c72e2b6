"""Services: rate, errors, duration of calls; use, saturation, errors of what they run on; objectives."""

from panels import JOB, Graph, Row, Stat, dashboard

FAULTS = "UNAVAILABLE|DEADLINE_EXCEEDED|INTERNAL|UNKNOWN|DATA_LOSS"
HANDLED = 'throughline_rpc_handled_total{job=~"$job"'


# Streams end when their caller or its deadline ends them, and last as long as the caller wants.
NO_STREAMS = 'rpc_method!~"Watch.*|Push.*"'


def quantile(q, histogram, only=""):
    return f'histogram_quantile({q}, sum by (le, job) (rate({histogram}_bucket{{job=~"$job"{only}}}[$__rate_interval])))'


PANELS = [
    Row("Objectives: what is left of the budget of 30 days"),
    Stat("Commands", 'min(job:throughline_command_budget_left:ratio30d{job=~"$job"})', good=0, unit="percentunit", text="99.9 % of the commands; the worst service."),
    Stat("Reads", 'min(job:throughline_freshness_budget_left:ratio30d{job=~"$job"})', good=0, unit="percentunit", text="At most five seconds old for 99.9 % of the time; the worst service."),
    Stat("Edge", "min(job:throughline_edge_budget_left:ratio30d)", good=0, unit="percentunit", text="99.9 % of the requests over HTTP."),
    Stat("Replicas", 'sum(up{job=~"$job"})'),
    Stat("Replicas that do not answer", 'sum(up{job=~"$job"} == bool 0)', bad=1),
    Stat("Partitions nobody runs", 'count(sum by (job, topic, partition) (throughline_partition_assigned{job=~"$job"}) == 0) or vector(0)', bad=1, text="Their reactions and timers wait."),
    Stat("Partitions that stopped", 'sum(throughline_fold_stopped_partitions{job=~"$job"})', bad=1, text="At an event of a newer version."),
    Row("Calls: rate, errors, duration"),
    Graph("Calls", {"{{job}}": f"sum by (job) (rate({HANDLED}}}[$__rate_interval]))"}, unit="reqps"),
    Graph(
        "Faults, of all calls",
        {
            "{{job}}": f'(sum by (job) (rate({HANDLED},{NO_STREAMS},code=~"{FAULTS}"}}[$__rate_interval])) or sum by (job) (rate({HANDLED},{NO_STREAMS}}}[$__rate_interval])) * 0)'
            f" / (sum by (job) (rate({HANDLED},{NO_STREAMS}}}[$__rate_interval])) > 0)"
        },
        unit="percentunit",
        text="Without streams.",
    ),
    Graph("Answer", {"{{job}}, 99 %": quantile(0.99, "throughline_rpc_duration_seconds", f",{NO_STREAMS}"), "{{job}}, half": quantile(0.5, "throughline_rpc_duration_seconds", f",{NO_STREAMS}")}, unit="s", text="Without streams."),
    Graph("Failed calls by method", {"{{rpc_method}} {{code}}": f'sum by (rpc_method, code) (rate({HANDLED},code!="OK"}}[$__rate_interval]))'}, unit="reqps", text="Refused calls, too: NOT_FOUND, FAILED_PRECONDITION."),
    Row("The edge"),
    Graph("Requests over HTTP", {"{{route}}": "sum by (route) (rate(throughline_http_requests_total[$__rate_interval]))"}, unit="reqps"),
    Graph("Answered with 4xx or 5xx", {"{{route}} {{code}}": 'sum by (route, code) (rate(throughline_http_requests_total{code=~"[45].."}[$__rate_interval]))'}, unit="reqps", text="499: the client went away."),
    Graph("Answer", {"{{route}}, 99 %": 'histogram_quantile(0.99, sum by (le, route) (rate(throughline_http_request_duration_seconds_bucket{route!="connect_stream"}[$__rate_interval])))'}, unit="s", text="Without streams."),
    Graph("Requests and connections", {"requests in flight": "sum(throughline_http_requests_in_flight)", "connections": "sum(throughline_http_connections)"}),
    Row("The log"),
    Graph("Commits accepted", {"{{topic}}": 'topic:throughline_commits_accepted:rate15m'}, unit="cps"),
    Graph("Void, of all commits", {"{{topic}}": "topic:throughline_commits_void:ratio_rate15m"}, unit="percentunit", text="Lost a race on their stream, or came twice. Their commands were decided again."),
    Graph("Append", {"{{job}}, 99 %": quantile(0.99, "throughline_append_seconds"), "{{job}}, half": quantile(0.5, "throughline_append_seconds")}, unit="s", text="Until the log has it for good."),
    Graph("Appends that failed", {"{{job}}": 'sum by (job) (rate(throughline_append_failures_total{job=~"$job"}[$__rate_interval]))'}, unit="cps"),
    Row("Folding: how old is what reads show?"),
    Graph("Lag", {"{{job}}": 'max by (job) (throughline_fold_lag_seconds{job=~"$job"})'}, unit="s"),
    Graph("Records to fold", {"{{job}}": 'max by (job) (throughline_fold_lag_records{job=~"$job"})'}),
    Row("Reactions and timers"),
    Graph("Reactions", {"{{job}}": 'sum by (job) (rate(throughline_reactions_total{job=~"$job"}[$__rate_interval]))', "{{job}}, refused": 'sum by (job) (rate(throughline_reactions_refused_total{job=~"$job"}[$__rate_interval]))'}, unit="cps"),
    Graph("Timers", {"{{job}}": 'sum by (job) (rate(throughline_timers_fired_total{job=~"$job"}[$__rate_interval]))'}, unit="cps"),
    Row("Use and saturation"),
    Graph("Commands in flight", {"{{job}}": 'sum by (job) (throughline_commands_in_flight{job=~"$job"})'}, text="Refused from limits.commands on (4096 on each replica)."),
    Graph("Calls and streams in flight", {"{{job}}": 'sum by (job) (throughline_rpc_in_flight{job=~"$job"})'}, text="Refused from limits.calls and limits.streams on."),
    Graph("Appends in flight", {"{{job}}": 'sum by (job) (throughline_appends_in_flight{job=~"$job"})', "{{job}}, records in Kafka's producer": 'sum by (job) (throughline_producer_queue_records{job=~"$job"})'}),
    Graph("Answers that wait for their thread", {"{{job}}": 'sum by (job) (throughline_answers_waiting{job=~"$job"})', "{{job}}, of watches": 'sum by (job) (throughline_watch_tasks_waiting{job=~"$job"})'}, text="Above a few for long: the processor is saturated."),
    Graph("Processor", {"{{instance}}": "max by (instance) (rate(process_cpu_seconds_total[$__rate_interval]))"}, unit="percentunit", text="Of one core."),
    Graph("Memory", {"{{instance}}": "max by (instance) (process_resident_memory_bytes)"}, unit="bytes"),
    Graph("Descriptors, of those allowed", {"{{instance}}": "max by (instance) (process_open_fds / process_max_fds)"}, unit="percentunit"),
    Graph("Disks, used", {"{{instance}} {{directory}}": "1 - min by (instance, directory) (throughline_disk_free_bytes / throughline_disk_size_bytes)"}, unit="percentunit"),
    Graph("Certificates expire in", {"{{instance}} {{certificate}}": "min by (instance, certificate) (throughline_certificate_expiry_timestamp_seconds) - time()"}, unit="s"),
    Graph("Spans of traces", {"taken, {{instance}}": "max by (instance) (rate(throughline_spans_exported_total[$__rate_interval]))", "dropped, {{instance}}": "sum by (instance) (rate(throughline_spans_dropped_total[$__rate_interval]))"}, unit="cps"),
    Row("Errors, of what should never happen"),
    Graph(
        "In an hour",
        {
            "records put aside, {{topic}}": 'sum by (topic) (increase(throughline_records_quarantined_total{job=~"$job"}[1h]))',
            "commits unreadable, {{job}}": 'sum by (job) (increase(throughline_commits_unreadable_total{job=~"$job"}[1h]))',
            "log lines dropped, {{job}}": 'sum by (job) (increase(throughline_log_lines_dropped_total{job=~"$job"}[1h]))',
            "connections refused, {{job}}": 'sum by (job) (increase(throughline_connections_refused_total{job=~"$job"}[1h]))',
            "backups failed, {{job}}": 'sum by (job) (increase(throughline_backup_failures_total{job=~"$job"}[1h]))',
        },
    ),
    Graph("Age of the newest backup", {"{{job}}": 'time() - max by (job) (throughline_backup_last_success_timestamp_seconds{job=~"$job"} > 0)'}, unit="s"),
]

DASHBOARD = dashboard("throughline-runtime", "runtime", __doc__, PANELS, [JOB])
