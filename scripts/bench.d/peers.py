"""Throughline beside its peers: rounds by turns in one run. See scripts/bench --peers."""

import argparse
import contextlib
import json
import pathlib
import signal
import subprocess
import sys

import measured
import published
from postgres import Postgres
from restate import Restate
from streams import Streams

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "build/release/bin/throughline-bench"
SAVED = ROOT / "build/bench"
IN_FLIGHT = (1, 16, 64, 256)
AIMS = {("message-db", 1): 0.8, ("message-db", 64): 6, ("message-db", 256): 6, ("echo", 1): 0.45, ("echo", 64): 0.6, ("echo", 256): 0.6}
CALLED = {"message-db": "message-db", "insert": "a bare INSERT", "echo": "a gRPC echo", "restate": "a handler of Restate"}
FOLDS = {
    "plain": ("fold_vs_kafka_streams", "Kafka Streams without a changelog", 5),
    "default": ("fold_vs_kafka_streams_default", "Kafka Streams with its defaults", None),
}


def progress(what):
    print(f"-- {what}", file=sys.stderr, flush=True)


def bench(*words):
    """The JSON of a run of throughline-bench."""
    done = subprocess.run([BENCH, "--json", *map(str, words)], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"throughline-bench {' '.join(map(str, words))} failed")
    return json.loads(done.stdout or "null")


def key_of(peer, in_flight):
    key = "open_case_vs_" + peer.replace("-", "_")
    return key if in_flight == IN_FLIGHT[-1] else f"{key}_{in_flight}"


class Commands:
    """Durable OpenCase on the suite's own log, beside message-db, a bare INSERT, a handler of Restate, and a bare gRPC echo."""

    def __init__(self, options, figures):
        self.figures = figures
        self.quick = ["--quick"] if options.quick else []
        self.postgres = Postgres(options.message_db)
        self.restate = Restate(options.restate, options.restate_jars)
        self.started = contextlib.ExitStack()

    def __enter__(self):
        with self.started:
            self.started.enter_context(self.postgres)
            self.started.enter_context(self.restate)
            self.started = self.started.pop_all()
        return self

    def __exit__(self, *failure):
        self.started.__exit__(*failure)

    def versions(self):
        return {**self.postgres.versions(), **self.restate.versions()}

    def round(self):
        seconds = 1 if self.quick else 4  # as throughline-bench
        self.postgres.clear()
        for in_flight in IN_FLIGHT:
            progress(f"OpenCase and a gRPC echo, {in_flight} in flight")
            ours = bench("--only", "open-case", "--rounds", 1, "--in-flight", in_flight, *self.quick)["figures"][0]
            references = {"echo": ours["reference"]}
            for peer in ("message-db", "insert"):
                progress(f"{CALLED[peer]}, {in_flight} in flight")
                references[peer] = self.postgres.measure(peer, in_flight, seconds)
            progress(f"{CALLED['restate']}, {in_flight} in flight")
            references["restate"] = self.restate.measure(in_flight, seconds)
            for peer, reference in references.items():
                self.figures.add(key_of(peer, in_flight), f"durable OpenCase, {in_flight} in flight", CALLED[peer], AIMS.get((peer, in_flight)),
                                 (ours["figure"], reference), peer=peer, in_flight=in_flight)  # fmt: skip


class Folds:
    """Our fold of commits on Kafka, beside Kafka Streams on the same topics."""

    def __init__(self, options, figures):
        self.quick = ["--quick"] if options.quick else []
        self.figures = figures
        self.streams = Streams(options.jars)

    def __enter__(self):
        self.streams.__enter__()
        try:
            progress("writing commits to a single-node Kafka")
            bench("--write-commits", self.streams.brokers, *self.quick)
        except BaseException:
            self.streams.__exit__()
            raise
        return self

    def __exit__(self, *failure):
        self.streams.__exit__(*failure)

    def versions(self):
        return self.streams.versions()

    def round(self):
        progress("fold from the first offset")
        folded = bench("--fold-commits", self.streams.brokers)
        rows = folded["rows"]
        shape = {"rows_per_commit": round(rows / folded["commits"], 2), "bytes_per_row": round((folded["key_bytes"] + folded["value_bytes"]) / rows)}
        progress(f"Kafka Streams, {folded['commits']} commits with {rows} rows of {shape['bytes_per_row']} bytes")
        for how, per_second in self.streams.measure(folded).items():
            key, reference, aim = FOLDS[how]
            self.figures.add(key, "fold from Kafka", reference, aim, (folded["commits"] / folded["seconds"], per_second),
                             peer=how, **shape)  # fmt: skip


PARTS = {"commands": Commands, "folds": Folds}


def measure(options):
    rounds = options.rounds or (1 if options.quick else 5)
    result = {
        "date": measured.now(), "commit": measured.commit(ROOT), "machine": measured.machine(), "rounds": rounds, "quick": options.quick,
        "parts": options.only or list(PARTS), "versions": {}}  # fmt: skip
    figures = measured.Figures()
    for name in result["parts"]:
        with PARTS[name](options, figures) as part:
            result["versions"].update(part.versions())
            for round_ in range(rounds):
                progress(f"{name}, round {round_ + 1} of {rounds}")
                part.round()
    return {**figures.result(), **result}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", action="store_true")  # scripts/bench hands all on
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", action="append", choices=PARTS)
    parser.add_argument("--message-db", type=pathlib.Path, required=True)
    parser.add_argument("--restate", type=pathlib.Path, required=True)
    parser.add_argument("--restate-jars", type=pathlib.Path, required=True)
    parser.add_argument("--jars", type=pathlib.Path, required=True)
    parser.add_argument("--publish", action="store_true")
    parser.add_argument("--from", type=pathlib.Path, dest="earlier")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    result = json.loads(options.earlier.read_text()) if options.earlier else measure(options)
    measured.save(result, SAVED / "peers.json")
    published.draw(result, SAVED / "peers.svg")
    print(json.dumps(result) if options.json else measured.text(result))
    if options.publish:
        if result["quick"] or set(result["parts"]) != set(PARTS):
            raise SystemExit("not published: that was --quick, or not everything")
        published.publish(result)


if __name__ == "__main__":
    main()
