"""A real suite, Prometheus and Alertmanager on free ports of loopback, in a folder of their own; and what asks them.

    with Workplace() as place:
        suite = Suite(place, ["--backup-every", "5s"])
        prometheus = Prometheus(place, suite.targets)
        await_(lambda: prometheus.series("up"), 30, "Prometheus to scrape")
"""

import http.server
import json
import math
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "build/release/bin/throughline"
EDGE = ROOT / "build/release/bin/throughline-edge"
RULES = ROOT / "deploy/prometheus/rules"
SERVICES = ("intake", "ownership", "outage-notice", "supplier-tracking")


def await_(condition, seconds, what):
    """The first result that is true; fails after some seconds."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.1)


class Workplace:
    """A folder, and the processes that are to end with it."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="throughline-observe."))
        self.processes = []

    def __enter__(self):
        return self

    def start(self, name, command, announced, environment=None):
        """Starts a process and returns it with the match of the pattern `announced` in its output."""
        log = self.path / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=ROOT,
                env={**os.environ, **(environment or {})})  # fmt: skip
        self.processes.append(process)

        def look():
            found = re.search(announced, log.read_text(errors="replace"), re.MULTILINE)
            if not found and process.poll() is not None:
                raise RuntimeError(f"{name} ended with {process.returncode}:\n{log.read_text()[-2000:]}")
            return found

        return process, await_(look, 60, f"{name}, see {log}")

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.path, ignore_errors=True)


def certificate(place, days=365):
    """A certificate of loopback and its key, in the workplace: (certificate, key)."""
    cert, key = place.path / "server.crt", place.path / "server.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert,
         "-days", str(days), "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True)  # fmt: skip
    return cert, key


class Suite:
    """`throughline up` on an empty log, with TLS if it is given (certificate, key). `metrics` is host:port of its operations port."""

    def __init__(self, place, options=(), data=None, tls=None):
        self.data = data or place.path / "suite"
        self.trust = []
        if tls:
            options = [*options, "--tls-cert", tls[0], "--tls-key", tls[1]]
            self.trust = ["--ca", tls[0]]
        self.process, found = place.start(
            "suite", [TOOL, "--data", self.data, "up", "--port", "0", "--metrics-port", "0", *options], r"^metrics: (\S+) [\s\S]*^ready$")
        self.metrics = found[1]
        self.targets = {service: [self.metrics] for service in SERVICES}

    def tl(self, who, *words, check=True, text=None):
        """Runs the tool as a person; its JSON."""
        run = subprocess.run(
            [TOOL, "--data", self.data, *self.trust, "--as", who, "--json", *words], capture_output=True, text=True, check=False, input=text or "")
        if check and run.returncode != 0:
            raise RuntimeError(f"throughline --as {who} {' '.join(map(str, words))}: {run.stderr.strip()}")
        lines = run.stdout.strip().splitlines()
        return json.loads(lines[-1]) if run.returncode == 0 and lines and lines[-1].startswith("{") else {}

    def exposed(self, service):
        with urllib.request.urlopen(f"http://{self.metrics}/{service}/metrics", timeout=10) as answer:
            return answer.read()


class Edge:
    """`throughline-edge` before a suite."""

    def __init__(self, place, suite, options=()):
        endpoint = (suite.data / "endpoint").read_text().strip()
        trust = ["--services-ca", suite.trust[1]] if suite.trust else []
        public = ["--public-token-file", suite.data / "credentials/dashboard.token"]
        _, found = place.start(
            "edge", [EDGE, "--address", endpoint, "--port", "0", "--metrics-port", "0", *trust, *public, *options],
            r"^throughline-edge: (\S+)\nmetrics: (\S+) [\s\S]*^ready$")
        self.url, self.metrics, self.data = found[1], found[2], suite.data

    @staticmethod
    def webhooks(place, suite):
        """The options with which UPS may push, with the secret `secret-of-ups`."""
        folder = place.path / "webhooks"
        folder.mkdir()
        (folder / "ups").write_text("secret-of-ups")
        endpoints = folder / "webhooks.toml"
        endpoints.write_text('[[endpoint]]\ncarrier = "ups"\nid = "e1"\nformat = "ups-track-alert"\nscheme = "ups"\nsecrets = ["ups"]\n')
        return ["--token-file", suite.data / "credentials" / "edge.token", "--webhooks-endpoints", endpoints]

    def push(self, body, secret):
        """What UPS is answered."""
        sent = urllib.request.Request(f"{self.url}/webhooks/ups/e1", data=body, headers={"Content-Type": "application/json", "Credential": secret})
        try:
            with urllib.request.urlopen(sent, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def say(self, text):
        """The status line of the answer to these bytes."""
        host, port = self.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as peer:
            peer.sendall(text)
            return peer.recv(4096).split(b"\r\n")[0].decode()

    def exposed(self):
        with urllib.request.urlopen(f"http://{self.metrics}/metrics", timeout=10) as answer:
            return answer.read()

    def call(self, who, method, request, headers=None):
        """Posts JSON as a person; the answer as (status, JSON)."""
        token = (self.data / "credentials" / f"{who}.token").read_text().strip()
        sent = urllib.request.Request(
            f"{self.url}/{method}", data=json.dumps(request).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}", **(headers or {})})  # fmt: skip
        try:
            with urllib.request.urlopen(sent, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


class Prometheus:
    """Scrapes and evaluates all rules once a second. `targets` are addresses of operations ports by service; `rewrite` changes
    the rules' text."""

    def __init__(self, place, targets, alertmanager=None, rewrite=lambda text: text):
        folder = place.path / "prometheus"
        folder.mkdir()
        for rules in RULES.glob("*.yaml"):
            (folder / rules.name).write_text(rewrite(re.sub(r"^( *interval:) .*$", r"\1 1s", rules.read_text(), flags=re.MULTILINE)))
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [f"{folder}/*.yaml"],
            "scrape_configs": [
                {"job_name": service, "metrics_path": "/metrics" if service == "edge" else f"/{service}/metrics", "static_configs": [{"targets": addresses}]}
                for service, addresses in targets.items()],
        }  # fmt: skip
        if alertmanager:
            config["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]}
        (folder / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
        _, found = place.start(
            "prometheus",
            ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:0"],
            r'msg="Listening on" address=(\S+)')
        self.address = found[1]
        await_(self._ready, 60, "Prometheus to be ready")

    def _ready(self):
        try:
            return urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=5).status == 200
        except OSError:
            return False

    def ask(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(f"http://{self.address}/api/v1/{path}?{query}", timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{parameters.get('query', path)}: {json.load(error)['error']}") from error

    def series(self, query, since=None, step=1):
        """(labels, [(time, value)...]) of each series that has a number since then; now, without a time."""
        if since is None:
            found = [(one["metric"], [one["value"]]) for one in self.ask("query", query=query)["result"]]
        else:
            result = self.ask("query_range", query=query, start=since, end=time.time(), step=step)["result"]
            found = [(one["metric"], one["values"]) for one in result]
        numbers = [(labels, [(float(at), float(value)) for at, value in values]) for labels, values in found]
        return [(labels, values) for labels, values in numbers if any(not math.isnan(value) for _, value in values)]


class Receiver:
    """What an Alertmanager's webhook calls: `alerts` are the names of those that came as firing, with their labels."""

    def __init__(self):
        self.alerts = {}
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # the base class's name
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                for alert in body["alerts"]:
                    if alert["status"] == "firing":
                        receiver.alerts.setdefault(alert["labels"]["alertname"], alert)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


def alertmanager(place, receiver):
    """Starts one that tells the receiver at once; its address."""
    folder = place.path / "alertmanager"
    folder.mkdir()
    (folder / "config.yml").write_text(json.dumps({
        "route": {"receiver": "told", "group_by": ["..."], "group_wait": "0s", "group_interval": "1s"},
        "receivers": [{"name": "told", "webhook_configs": [{"url": receiver.url}]}]}))  # fmt: skip
    _, found = place.start(
        "alertmanager",
        ["prometheus-alertmanager", f"--config.file={folder}/config.yml", f"--storage.path={folder}/data",
         "--web.listen-address=127.0.0.1:0", "--cluster.listen-address="],
        r'msg="Listening on" address=(\S+)')  # fmt: skip
    return found[1]
