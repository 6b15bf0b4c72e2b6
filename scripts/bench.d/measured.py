"""Figures beside their references: the samples of all rounds, their medians and spread, as JSON and as text."""

import datetime
import json
import os
import pathlib
import statistics
import subprocess


def spread(samples):
    return [min(samples), max(samples)]


class Figures:
    """Each is a list of (ours, the reference's), one pair a round: both were measured in that round."""

    def __init__(self):
        self.pairs = {}
        self.about = {}

    def add(self, key, what, reference, at_least, pair, unit="1/s", **more):
        self.about.setdefault(key, {"what": what, "reference_is": reference, "at_least": at_least, "unit": unit, **more})
        self.pairs.setdefault(key, []).append(pair)

    def result(self):
        figures = []
        for key, pairs in self.pairs.items():
            ours, references = [a for a, _ in pairs], [b for _, b in pairs]
            ratios = [a / b for a, b in pairs]
            ratio, least = statistics.median(ratios), self.about[key]["at_least"]
            figures.append({
                "key": key, **self.about[key], "figure": statistics.median(ours), "reference": statistics.median(references), "ratio": ratio,
                "met": least is None or ratio >= least, "spread": {"figure": spread(ours), "reference": spread(references), "ratio": spread(ratios)}})  # fmt: skip
        return {**{one["key"]: round(one["ratio"], 3) for one in figures}, "figures": figures}


def machine():
    cpu = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    folder = os.environ.get("TMPDIR", "/tmp")
    disk = subprocess.run(["df", "--output=fstype", folder], capture_output=True, text=True, check=False).stdout.split()[-1]
    return {"processor": cpu[0] if cpu else "unknown", "cores": os.cpu_count(), "memory_gib": round(pages / 2**30), "file_system": disk,
            "load_before": round(os.getloadavg()[0], 1)}  # fmt: skip


def commit(root):
    git = ["git", "-c", f"safe.directory={root}", "-C", root]
    head = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    changed = subprocess.run([*git, "status", "--porcelain", "--untracked-files=no"], capture_output=True, text=True, check=False).stdout.strip()
    return head + ("+changes" if changed else "")


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%MZ")


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def between(pair):
    return f"{number(pair[0])} to {number(pair[1])}"


def text(result):
    lines = [f"{'WHAT':<58} {'THIS':>9} {'':<18} {'REFERENCE':>9} {'':<18} {'RATIO':>6} {'':<14}  WANTED"]
    for one in result["figures"]:
        wanted = "" if one["at_least"] is None else f">= {one['at_least']:.2f}  {'met' if one['met'] else 'NOT MET'}"
        lines.append(
            f"{one['what'] + ' vs ' + one['reference_is']:<58} {number(one['figure']):>9} {between(one['spread']['figure']):<18} "
            f"{number(one['reference']):>9} {between(one['spread']['reference']):<18} {one['ratio']:>6.2f} {between(one['spread']['ratio']):<14}  {wanted}")  # fmt: skip
    return "\n".join(lines + [conditions(result)])


def conditions(result):
    host = result["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return (
        f"Medians of {result['rounds']} rounds by turns, with the least and the greatest; {host['cores']} cores ({host['processor']}), {host['memory_gib']} GiB, "
        f"{host['file_system']}, load {host['load_before']} before the run; {result['date']}, commit {result['commit']}; {versions}.")  # fmt: skip


def save(result, path: pathlib.Path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
