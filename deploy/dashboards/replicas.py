"""Replicas: is one of them not like the others?"""

from panels import INSTANCE, JOB, Graph, Row, dashboard

OF = 'job=~"$job",instance=~"$instance"'
LEGEND = "{{job}} {{instance}}"


def each(query, by="job, instance"):
    return {LEGEND: f"sum by ({by}) ({query})"}


PANELS = [
    Row("Is it there?"),
    Graph("Answers Prometheus", {LEGEND: f"up{{{OF}}}"}),
    Graph("Partitions that it runs", each(f"throughline_partition_assigned{{{OF}}}"), stacked=True, text="Reactions and timers of a partition run on one replica."),
    Row("Calls"),
    Graph("Calls", each(f"rate(throughline_rpc_handled_total{{{OF}}}[$__rate_interval])"), unit="reqps"),
    Graph("Calls that failed", each(f'rate(throughline_rpc_handled_total{{{OF},code!="OK"}}[$__rate_interval])'), unit="reqps"),
    Graph("Answer, 99 %", {LEGEND: f'histogram_quantile(0.99, sum by (le, job, instance) (rate(throughline_rpc_duration_seconds_bucket{{{OF},rpc_method!~"Watch.*|Push.*"}}[$__rate_interval])))'}, unit="s"),
    Graph("Connections", each(f"throughline_connections{{{OF}}}")),
    Row("Log and fold"),
    Graph("Append, 99 %", {LEGEND: f"histogram_quantile(0.99, sum by (le, job, instance) (rate(throughline_append_seconds_bucket{{{OF}}}[$__rate_interval])))"}, unit="s"),
    Graph("Appends that failed", each(f"rate(throughline_append_failures_total{{{OF}}}[$__rate_interval])"), unit="cps"),
    Graph("Lag", {LEGEND: f"max by (job, instance) (throughline_fold_lag_seconds{{{OF}}})"}, unit="s"),
    Graph("Commits folded", each(f"rate(throughline_commits_accepted_total{{{OF}}}[$__rate_interval])"), unit="cps"),
    Graph("Commands in flight", each(f"throughline_commands_in_flight{{{OF}}}")),
    Graph("Kafka's producers made", {LEGEND: f"throughline_producer_made_total{{{OF}}}"}, text="More than one: a broken one was replaced."),
    Row("Machine"),
    Graph("Processor", {LEGEND: f"rate(process_cpu_seconds_total{{{OF}}}[$__rate_interval])"}, unit="percentunit", text="Of one core. The services of `throughline up` are one process."),
    Graph("Memory", {LEGEND: f"process_resident_memory_bytes{{{OF}}}"}, unit="bytes"),
    Graph("Running for", {LEGEND: f"time() - process_start_time_seconds{{{OF}}}"}, unit="s"),
    Graph("Room on disks", {LEGEND + " {{directory}}": f"throughline_disk_free_bytes{{{OF}}}"}, unit="bytes"),
    Row("Store"),
    Graph("Filters and indexes, of the cache", {LEGEND: f"throughline_store_index_bytes{{{OF}}} / throughline_store_cache_bytes{{{OF}}}"}, unit="percentunit", text="Above three quarters, lookups read them from files again and again: give the process a larger cache."),
    Graph("A store that is being built", {LEGEND: f"throughline_rebuild_records{{{OF}}}", LEGEND + ", of": f"throughline_rebuild_target_records{{{OF}}}"}, text="Beside the one that serves, or its own after a start."),
    Graph("Newest backup", {LEGEND: f"time() - (throughline_backup_last_success_timestamp_seconds{{{OF}}} > 0)"}, unit="s"),
]

DASHBOARD = dashboard("throughline-replicas", "replicas", __doc__, PANELS, [JOB, INSTANCE])
