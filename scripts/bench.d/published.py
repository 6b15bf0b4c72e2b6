"""The result of scripts/bench --peers as a plot and as tables: in build/bench, and published in the READMEs."""

import pathlib
import re

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter

from measured import between, conditions, number, save

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = {"message-db": "message-db", "insert": "bare INSERT", "restate": "Restate", "echo": "gRPC echo, keeps nothing"}
FOLDS = {"plain": "Kafka Streams,\nno changelog", "default": "Kafka Streams,\ndefaults"}
COLORS = {"ours": "#0b5394", "message-db": "#c05000", "insert": "#7a7a7a", "echo": "#b5b5b5", "restate": "#6a3d9a", "plain": "#c05000", "default": "#e0a070"}


def with_spread(one, part):
    return f"{number(one[part])} ({between(one['spread'][part])})"


def commands(result, peer):
    return [one for one in result["figures"] if one["peer"] == peer and "in_flight" in one]


def folds(result):
    return [one for one in result["figures"] if one["peer"] in FOLDS]


def errors(one, part):
    low, high = one["spread"][part]
    return [[one[part] - low], [high - one[part]]]


def draw(result, path):
    plt.rcParams.update({"svg.hashsalt": "peers", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4), width_ratios=(1.5, 1))
    for peer, label in COMMANDS.items():
        line(left, commands(result, peer), "reference", label, COLORS[peer])
    line(left, commands(result, "echo"), "figure", "Throughline, durable OpenCase", COLORS["ours"], linewidth=2.2)
    left.set(yscale="log", title="Commands per second", xlabel="in flight")
    left.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    right.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    left.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3)
    left.grid(axis="y", alpha=0.3)
    bars = [("Throughline", one, "figure", "ours") for one in folds(result)[:1]] + [(FOLDS[one["peer"]], one, "reference", one["peer"]) for one in folds(result)]
    for label, one, part, color in bars:
        right.bar(label, one[part], yerr=errors(one, part), capsize=4, color=COLORS[color], width=0.6)
        right.annotate(number(one[part]), (label, one["spread"][part][1]), textcoords="offset points", xytext=(0, 3), ha="center")
    right.set(title="Commits folded from Kafka per second")
    right.grid(axis="y", alpha=0.3)
    figure.text(0.01, 0.01, conditions(result), fontsize=6.5, color="#555555", wrap=True)
    figure.tight_layout(rect=(0, 0.07, 1, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})


def line(axes, figures, part, label, color, **how):
    at = [str(one["in_flight"]) for one in figures]
    spread = [sum(sides, []) for sides in zip(*(errors(one, part) for one in figures))] if figures else None
    axes.errorbar(at, [one[part] for one in figures], yerr=spread, label=label, color=color, capsize=3, marker="o", markersize=4, **how)


def tables(result):
    """All figures, for tests/bench/README.md."""
    lines = []
    by_peer = {peer: {one["in_flight"]: one for one in commands(result, peer)} for peer in COMMANDS}
    if by_peer["echo"]:
        heads = ["in flight", "OpenCase, 1/s", *(cell for label in COMMANDS.values() for cell in (f"{label}, 1/s", "ratio"))]
        lines += [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
        for in_flight, echo in by_peer["echo"].items():
            cells = [str(in_flight), with_spread(echo, "figure")]
            for peer in COMMANDS:
                cells += [with_spread(by_peer[peer][in_flight], "reference"), with_spread(by_peer[peer][in_flight], "ratio")]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    if folds(result):
        lines += ["| fold | rows a commit, bytes each | our commits, 1/s | its commits, 1/s | ratio |", "|---" * 5 + "|"]
        for one in folds(result):
            cells = [f"vs {one['reference_is']}", f"{one['rows_per_commit']}, {one['bytes_per_row']}", *(with_spread(one, part) for part in ("figure", "reference", "ratio"))]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    wanted = [f"`{one['key']}` {one['at_least']}{'' if one['met'] else ': not met'}" for one in result["figures"] if one["at_least"] is not None]
    return "\n".join([*lines, f"Wanted, as ratios: {', '.join(wanted)}.", "", conditions(result)])


def summary(result):
    """The ratios to peers, for the README."""
    at = [one["in_flight"] for one in commands(result, "echo")]
    lines = [f"| OpenCase, times as many as | {' | '.join(f'{in_flight} in flight' for in_flight in at)} |", "|---" * (1 + len(at)) + "|"]
    for peer in ("message-db", "insert", "restate"):
        lines.append(f"| {COMMANDS[peer]} | {' | '.join(with_spread(one, 'ratio') for one in commands(result, peer))} |")
    told = [f"{with_spread(one, 'ratio')} times those of {one['reference_is']}" for one in folds(result)]
    return "\n".join([*lines, "", f"Commits folded from Kafka per second: {', '.join(told)}. {conditions(result)}"])


def publish(result):
    """Puts the plot, the tables and the JSON where the READMEs show them."""
    draw(result, ROOT / "tests/bench/peers.svg")
    save(result, ROOT / "tests/bench/peers.json")
    for readme, picture, text in (("tests/bench/README.md", "peers.svg", tables(result)), ("README.md", "tests/bench/peers.svg", summary(result))):
        path = ROOT / readme
        shown = f"![OpenCase beside message-db, INSERT and Restate; the fold beside Kafka Streams]({picture})\n\n{text}\n"
        after, found = re.subn(r"(<!-- peers -->\n).*?(<!-- /peers -->)", lambda marks: marks[1] + shown + marks[2], path.read_text(), flags=re.DOTALL)
        if found != 1:
            raise SystemExit(f"{readme} has no place for the peers, between <!-- peers --> and <!-- /peers -->")
        path.write_text(after)
