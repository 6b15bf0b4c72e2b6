#!/usr/bin/env python3
"""Runs every panel's query and every rule's expression against a real Prometheus that scrapes a real suite at work.

    suite.py [--pictures FOLDER] [--seconds N]

Fails if a query returns no number, unless it is in NOTHING below. An alert's whole expression is true only when it fires, so
of an alert each figure that it is made of must return numbers. What each service exposes must pass `promtool check metrics`.
With --pictures, works for N seconds (default 60) and plots the dashboards' panels from the same data.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import time

from harness import ROOT, SERVICES, Edge, Prometheus, Suite, Workplace, await_, certificate
from work import Work

# Parts of queries that return nothing here, and why that is right.
NOTHING = {
    "throughline_producer_": "Kafka's producer: the suite's log is its own",
    "throughline_backup_refused_total": "a service on Kafka that starts from a backup",
    'code=~"INTERNAL|UNKNOWN|DATA_LOSS"': "the services have no fault",
    'code=~"UNAVAILABLE|DEADLINE_EXCEEDED|INTERNAL|UNKNOWN|DATA_LOSS"': "the services have no fault",
    'code=~"5.."': "nor has the edge",
    'outcome="misconfigured"': "nor its configuration",
    'outcome="unavailable"': "the services are there",
    'reason=~"connections': "and nobody crowds it",
}
LATE = 5  # orders at risk


def may_be_silent(query):
    return any(part in query for part in NOTHING) and " or " not in query


def dashboards():
    return {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "deploy/dashboards/json").glob("*.json"))}


def concrete(query):
    """As Grafana asks it, with all services and replicas."""
    for variable, value in {"$__rate_interval": "10s", "$job": ".+", "$instance": ".+"}.items():
        query = query.replace(variable, value)
    return query


def panel_queries():
    for name, board in dashboards().items():
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                yield f"dashboard {name}, panel {panel['title']} {target['legendFormat']}".rstrip(), concrete(target["expr"])


def figures(expression):
    """The selectors in an expression."""
    return re.findall(r"\b(?:throughline_\w+|process_\w+|(?:job|topic):\w+:\w+|up)(?:\{[^}]*\})?", expression)


def rule_queries(prometheus):
    for group in prometheus.ask("rules")["groups"]:
        for rule in group["rules"]:
            if rule["health"] == "err":
                raise RuntimeError(f"{rule['name']}: {rule['lastError']}")
            if rule["type"] == "recording":
                yield f"rule {rule['name']}", rule["name"]
            for figure in figures(rule["query"]):
                yield f"rule {rule['name']}", figure


def work(suite, edge, folder, seconds):
    job = Work(suite, folder, edge)
    end = time.monotonic() + seconds
    # The edge is asked early, too: a rate needs a scrape between two calls.
    for part in (job.begin, job.people, job.outage, lambda: job.orders(LATE), job.over_http, job.scans, job.mistakes, lambda: job.case(100, breaks=True)):
        part()
    number = 101
    while number < 103 or time.monotonic() < end:
        job.case(number, breaks=number % 7 == 0)
        job.mistakes()
        job.over_http()
        number += 1
    job.end()


def check_exposed(suite, edge):
    for service, exposed in [*((service, suite.exposed(service)) for service in SERVICES), ("edge", edge.exposed())]:
        run = subprocess.run(["promtool", "check", "metrics"], input=exposed, capture_output=True, check=False)
        if run.returncode != 0 or run.stdout or run.stderr:
            raise RuntimeError(f"promtool check metrics of {service}:\n{(run.stdout + run.stderr).decode()}")


def check(prometheus, since):
    """Every query returns numbers soon; the words about it."""
    queries = list(panel_queries()) + list(rule_queries(prometheus))
    silent = {text for text in queries if may_be_silent(text[1])}
    missing = [text for text in queries if text not in silent]
    end = time.monotonic() + 20
    while missing and time.monotonic() < end:
        missing = [(place, query) for place, query in missing if not prometheus.series(query, since)]
    if missing:
        raise RuntimeError("no data:\n" + "\n".join(f"  {place}: {query}" for place, query in missing))
    talkative = [f"{place}: {query}" for place, query in silent if prometheus.series(query, since)]
    unused = [part for part in NOTHING if not any(part in query for _, query in silent)]
    if talkative or unused:
        raise RuntimeError(f"NOTHING in suite.py is not true any more: {talkative + unused}")
    return f"{len(queries)} queries: {len(queries) - len(silent)} returned data, of {len(silent)} none is right"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", metavar="FOLDER", type=pathlib.Path, help="plot the dashboards' panels there")
    parser.add_argument("--seconds", metavar="N", type=int, default=60, help="how long to work for the pictures")
    arguments = parser.parse_args()
    with Workplace() as place:
        # Nothing listens there: spans are dropped, which is counted. `scripts/observe trace` has a real collector.
        nowhere = "127.0.0.1:1"
        suite = Suite(place, ["--backup-dir", place.path / "backups", "--backup-every", "2s", "--tracing-endpoint", nowhere], tls=certificate(place))
        edge = Edge(place, suite, ["--tracing-endpoint", nowhere, *Edge.webhooks(place, suite)])
        prometheus = Prometheus(place, {**suite.targets, "edge": [edge.metrics]})
        await_(lambda: len(prometheus.series("up == 1")) == len(SERVICES) + 1, 30, "Prometheus to scrape all services")
        since = time.time()
        work(suite, edge, place.path, arguments.seconds if arguments.pictures else 0)
        print(check(prometheus, since))
        check_exposed(suite, edge)
        print(f"promtool check metrics: nothing to say about {', '.join(SERVICES)}, edge")
        if arguments.pictures:
            import plots  # needs more packages

            plots.draw(prometheus, since, dashboards(), concrete, arguments.pictures)
    return 0


try:
    sys.exit(main())
except (RuntimeError, TimeoutError) as error:
    sys.exit(str(error))
