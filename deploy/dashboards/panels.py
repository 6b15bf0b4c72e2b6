"""What all dashboards share: panels with one look, and the variables by which they are filtered.

    PANELS = [Row("Now"), Stat("Open cases", "max(throughline_open_cases)"), Graph("Calls", {"{{job}}": "sum by (job) (...)"}, unit="reqps")]
    dashboard("throughline-customers", "Customers", "Are they looked after?", PANELS)

A query is a text, or several by their legends. $__rate_interval is Grafana's; $job and $instance are variables.
"""

import dataclasses

from grafana_foundation_sdk.builders import common, dashboard as build, prometheus, stat, timeseries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    VariableRefresh,
)

SOURCE = DataSourceRef(type_val="prometheus", uid="${source}")


@dataclasses.dataclass
class Row:
    title: str


@dataclasses.dataclass
class Stat:
    """One number: now. Red from `bad` on; with `good`, red below it."""

    title: str
    query: str
    bad: float | None = None
    good: float | None = None
    unit: str = "short"
    text: str = ""

    def thresholds(self):
        steps = [Threshold(color="green")]
        if self.bad is not None:
            steps.append(Threshold(value=self.bad, color="red"))
        if self.good is not None:
            steps = [Threshold(color="red"), Threshold(value=self.good, color="green")]
        return build.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)

    def build(self):
        return (
            stat.Panel().span(4).height(4).unit(self.unit).thresholds(self.thresholds())
            .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
            .graph_mode(common_models.BigValueGraphMode.AREA)
            .with_target(target("", self.query, 0))
        )  # fmt: skip


@dataclasses.dataclass
class Graph:
    """Lines over time."""

    title: str
    queries: dict[str, str] | str
    unit: str = "short"
    text: str = ""
    stacked: bool = False

    def build(self):
        queries = self.queries if isinstance(self.queries, dict) else {"": self.queries}
        panel = (
            timeseries.Panel().span(12).height(8).unit(self.unit).min(0).fill_opacity(10)
            .legend(common.VizLegendOptions().show_legend(True).placement(common_models.LegendPlacement.BOTTOM)
                    .display_mode(common_models.LegendDisplayMode.LIST))
        )  # fmt: skip
        if self.stacked:
            panel.stacking(common.StackingConfig().mode(common_models.StackingMode.NORMAL))
        for i, (legend, query) in enumerate(queries.items()):
            panel.with_target(target(legend, query, i))
        return panel


def target(legend, query, i):
    return prometheus.Dataquery().expr(query).legend_format(legend).ref_id(chr(ord("A") + i)).datasource(SOURCE).range()


def of_label(name, label, query):
    """A variable with the values of a label, any number of them, at first all."""
    return (
        build.QueryVariable(name).label(label).query(query).datasource(SOURCE).multi(True)
        .include_all(True).all_value(".+").refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    )  # fmt: skip


JOB = of_label("job", "Service", "label_values(throughline_replica_info, job)")
INSTANCE = of_label("instance", "Replica", 'label_values(throughline_replica_info{job=~"$job"}, instance)')


def dashboard(uid, title, text, panels, variables=()):
    board = (
        build.Dashboard(f"Throughline: {title}").uid(uid).description(text).tags(["throughline"]).readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR).time("now-6h", "now").refresh("30s").timezone("browser")
        .with_variable(build.DatasourceVariable("source").label("Prometheus").type("prometheus"))
        .link(build.DashboardLink("Throughline").type(DashboardLinkType.DASHBOARDS).tags(["throughline"])
              .as_dropdown(True).keep_time(True))
    )  # fmt: skip
    for variable in variables:
        board.with_variable(variable)
    for i, panel in enumerate(panels, start=1):
        if isinstance(panel, Row):
            board.with_row(build.Row(panel.title).id(i))
        else:
            built = panel.build().id(i).title(panel.title).datasource(SOURCE)
            board.with_panel(built.description(panel.text) if panel.text else built)
    return board.build()
