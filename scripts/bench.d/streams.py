"""Kafka Streams on the commits that throughline-bench folds (FoldCommits.java), and the Kafka that both read."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto"
# The record of a commit, and the events of what intake and ownership write when a case is opened.
PROTOS = ("throughline/log/v1/commit.proto", "throughline/intake/v1/case.proto", "throughline/ownership/v1/ownership.proto")


def imported(names):
    """These files of the contract and those that they import, each once."""
    found = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found and name.startswith("throughline/"):
            found.add(name)
            waiting += re.findall(r'^import "([^"]+)";', (PROTO / name).read_text(), re.MULTILINE)
    return sorted(found)


class Streams:
    """`jars`: the folder with Kafka's jars and those of Kafka Streams."""

    def __init__(self, jars):
        self.jars = jars
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="throughline-streams."))
        self.brokers = ""

    def __enter__(self):
        try:
            self.compile()
            self.kafka("up", "--owner", str(os.getpid()))
            self.brokers = self.kafka("status", "--bootstrap").strip()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.kafka("down", "--delete")
        shutil.rmtree(self.folder, ignore_errors=True)

    def kafka(self, *words):
        command = [ROOT / "scripts/kafka", *words, "--data", self.folder / "kafka"]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise SystemExit(f"scripts/kafka {' '.join(words)}: {done.stderr or done.stdout}")
        return done.stdout

    def compile(self):
        made = self.folder / "classes"
        made.mkdir()
        subprocess.run(["protoc", "-I", PROTO, f"--java_out={made}", *imported(PROTOS)], check=True)
        sources = [pathlib.Path(__file__).parent / "FoldCommits.java", *made.rglob("*.java")]
        subprocess.run(["javac", "-nowarn", "-cp", f"{self.jars}/*", "-d", made, *sources], check=True)

    def versions(self):
        streams = next(self.jars.glob("kafka-streams-*.jar")).stem.removeprefix("kafka-streams-")
        java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr
        return {"Kafka and Kafka Streams": streams, "Java": re.search(r'version "([^"]+)"', java)[1]}

    def measure(self, folded):
        """Commits per second without a changelog and with one. `folded`: what throughline-bench says of its own fold."""
        rows = folded["rows"]
        sizes = [f"{rows / folded['commits']:.4f}", str(round(folded["key_bytes"] / rows)), str(round(folded["value_bytes"] / rows))]
        done = subprocess.run(
            ["java", "-cp", f"{self.folder / 'classes'}:{self.jars}/*", f"-Dlog4j.configuration=file:{ROOT}/scripts/kafka.d/log4j.properties", "-Dsays=WARN",
             "FoldCommits", self.brokers, ",".join(folded["topics"]), *sizes, self.folder / "state", "plain", "plain", "default"],
            stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL, check=False, timeout=3600)  # fmt: skip
        passes = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode != 0 or len(passes) != 3:
            raise SystemExit(f"Kafka Streams failed:\n{done.stdout[-3000:]}")
        for one in passes:
            if one["commits"] != folded["commits"] or one["accepted"] != one["commits"]:
                raise SystemExit(f"Kafka Streams has folded something else: {one}, and we {folded}")
        return {"plain": passes[1]["commits"] / passes[1]["seconds"], "default": passes[2]["commits"] / passes[2]["seconds"]}
