"""Plots the panels of dashboards from what Prometheus answers to their own queries. Not screenshots of Grafana."""

import datetime
import io
import math

import matplotlib

matplotlib.use("Agg")
import matplotlib.dates as dates
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter
from PIL import Image

DRAWN = ("customers", "orders", "runtime")
COLUMNS = 24  # of Grafana's grid
UNITS = {"percentunit": lambda v: f"{100 * v:.3g} %", "s": lambda v: f"{1000 * v:.3g} ms" if abs(v) < 1 else f"{v:.3g} s", "reqps": lambda v: f"{v:.3g}/s", "cps": lambda v: f"{v:.3g}/s"}


def legend_of(pattern, labels):
    for name, value in labels.items():
        pattern = pattern.replace("{{" + name + "}}", value)
    return pattern


def stat(axes, panel, series, unit):
    axes.axis("off")
    axes.set_title(panel["title"], fontsize=9, wrap=True)
    value = series[0][1][-1][1] if series else math.nan
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    color = [step["color"] for step in steps if step["value"] is None or value >= step["value"]][-1]
    axes.text(0.5, 0.4, unit(value), ha="center", va="center", fontsize=22, color={"green": "#2e7d32", "red": "#c62828"}[color])


def graph(axes, panel, lines, unit):
    axes.set_title(panel["title"], fontsize=9, loc="left")
    for legend, values in lines:
        shown = [(datetime.datetime.fromtimestamp(at, datetime.timezone.utc), value) for at, value in values if not math.isnan(value)]
        axes.plot(*zip(*shown), label=legend or panel["title"], linewidth=1.3)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: unit(value)))
    axes.xaxis.set_major_formatter(dates.DateFormatter("%H:%M:%S"))
    axes.xaxis.set_major_locator(dates.AutoDateLocator(maxticks=5))
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.3)
    handles, _ = axes.get_legend_handles_labels()
    if len(handles) > 1 or (lines and lines[0][0]):
        axes.legend(fontsize=6, ncols=2 if len(handles) > 6 else 1, loc="upper left", framealpha=0.6)


def draw_one(board, prometheus, since, concrete, path):
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels)
    figure = plt.figure(figsize=(11, rows * 0.29))
    grid = figure.add_gridspec(rows, COLUMNS, hspace=1.0, wspace=3, left=0.05, right=0.99, top=1 - 0.8 / rows, bottom=1 / rows)
    figure.suptitle(f"{board['title']}: plots of the panels' queries, answered by Prometheus; not a screenshot of Grafana", fontsize=9, y=1 - 0.2 / rows)
    for panel in panels:
        at = panel["gridPos"]
        shown = at["h"] - (1 if panel["type"] != "stat" else 0)
        axes = figure.add_subplot(grid[at["y"] : at["y"] + shown, at["x"] : at["x"] + at["w"]])
        unit = UNITS.get(panel["fieldConfig"]["defaults"]["unit"], lambda v: f"{v:.3g}")
        lines = []
        for target in panel["targets"]:
            for labels, values in prometheus.series(concrete(target["expr"]), since):
                lines.append((legend_of(target["legendFormat"], labels), values))
        (stat if panel["type"] == "stat" else graph)(axes, panel, lines, unit)
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=80)
    plt.close(figure)
    Image.open(buffer).convert("P", palette=Image.Palette.ADAPTIVE, colors=32).save(path, optimize=True)


def draw(prometheus, since, boards, concrete, folder):
    for name in DRAWN:
        path = folder / f"{name}.png"
        draw_one(boards[name], prometheus, since, concrete, path)
        print(f"drawn: {path}, {path.stat().st_size // 1024} KiB")
