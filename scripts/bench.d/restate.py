"""A Restate server on loopback with its defaults, a handler by its SDK for Java (Cases.java), and what wrk measures of them."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from postgres import free_port

# The fields of the OpenCase request that throughline-bench sends (tests/bench/support/requests.cc), each time under a new key.
REQUESTS = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local sent = 0
function request()
  sent = sent + 1
  return wrk.format(nil, "/Cases/RUN-" .. sent .. "/open", nil, '{"customerId": "customer-' .. sent % 50000 .. '", "subject": "The parcel has not come", ' ..
    '"text": "It was promised for Tuesday. I waited at home all day and nobody rang. Where is it now?", "channel": "CHANNEL_PHONE"}')
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("%d calls in %d us, %d failed", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


def eventually(what, holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise SystemExit(f"waited {seconds} s in vain: {what}")
        time.sleep(0.1)


def post(url, request):
    sent = urllib.request.Request(url, json.dumps(request).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(sent, timeout=30) as answer:
        return json.load(answer)


class Restate:
    """`server`: the program. `jars`: the folder of the SDK's."""

    def __init__(self, server, jars):
        self.server, self.jars = server, jars
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="throughline-restate."))
        self.handler, self.ingress, self.admin, self.node = (free_port() for _ in range(4))
        self.processes = []
        self.runs = 0

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        classes = self.folder / "classes"
        classes.mkdir()
        subprocess.run(["javac", "-nowarn", "-cp", f"{self.jars}/*", "-d", classes, pathlib.Path(__file__).parent / "Cases.java"], check=True, capture_output=True)
        self.begin(["java", "-cp", f"{classes}:{self.jars}/*", "Cases", str(self.handler)])
        self.begin(
            [self.server, "--no-logo", "--base-dir", self.folder / "data", "--listen-mode", "tcp", "--bind-ip", "127.0.0.1", "--bind-port", str(self.node),
             "--node-name", "peers"],
            RESTATE_INGRESS__BIND_ADDRESS=f"127.0.0.1:{self.ingress}", RESTATE_ADMIN__BIND_ADDRESS=f"127.0.0.1:{self.admin}",
            RESTATE_DISABLE_TELEMETRY="true", RESTATE_LOG_FILTER="warn")  # fmt: skip
        eventually("Restate knows the handler", self.registered)
        eventually("Restate calls the handler", self.answers)
        self.measure(64, 10)  # so that Java has compiled the handler

    def begin(self, command, **environment):
        log = (self.folder / f"log-{len(self.processes)}").open("wb")
        self.processes.append(
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder, env={**os.environ, **environment}))

    def registered(self):
        for number, process in enumerate(self.processes):
            if process.poll() is not None:
                raise SystemExit(f"Restate did not start: {(self.folder / f'log-{number}').read_text()[-2000:]}")
        try:
            return post(f"http://127.0.0.1:{self.admin}/deployments", {"uri": f"http://127.0.0.1:{self.handler}"})
        except (OSError, urllib.error.HTTPError):
            return False

    def answers(self):
        try:
            return post(f"http://127.0.0.1:{self.ingress}/Cases/first/open", {"customerId": "customer-0"})
        except (OSError, urllib.error.HTTPError):
            return False

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def versions(self):
        said = subprocess.run([self.server, "--version"], capture_output=True, text=True, check=True).stdout
        sdk = next(self.jars.glob("sdk-java-http-*.jar")).stem.removeprefix("sdk-java-http-")
        return {"Restate": re.search(r"[\d.]+", said)[0], "its SDK for Java": sdk}

    def measure(self, in_flight, seconds):
        """Calls per second on so many connections, one call at a time on each, after three seconds of warm-up."""
        for duration in (3, seconds):
            self.runs += 1
            script = self.folder / "requests.lua"
            script.write_text(REQUESTS.replace("RUN", f"run{self.runs}"))
            url = f"http://127.0.0.1:{self.ingress}"
            done = subprocess.run(["wrk", "-t1", f"-c{in_flight}", f"-d{duration}s", "--timeout", "20s", "-s", script, url], capture_output=True, text=True, check=False)
            found = re.search(r"(\d+) calls in (\d+) us, (\d+) failed", done.stdout)
            if not found or int(found[3]) > 0 or int(found[1]) == 0:
                raise SystemExit(f"Restate, {in_flight} in flight: {done.stdout}{done.stderr}")
        return 1e6 * int(found[1]) / int(found[2])
