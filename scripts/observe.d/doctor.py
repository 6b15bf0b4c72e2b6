#!/usr/bin/env python3
"""An installation on a real Kafka, well at first, then broken in ten ways at once: `throughline doctor` must find nothing, then name
each.

Run it in a mount namespace of its own, as root: a small disk is mounted, and filled. The clock is shifted for the doctor alone, by a
library that is loaded before libc.
"""

import json
import os
import shutil
import subprocess
import sys
import time

from harness import ROOT, TOOL, Workplace, await_, certificate

SHIFT = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec* out) {
  static int (*next)(clockid_t, struct timespec*);
  if (next == 0) next = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  const int result = next(id, out);
  if (id == CLOCK_REALTIME) out->tv_sec += 120;
  return result;
}
"""
WELL = {"configuration", "certificates", "lag", "disk", "descriptors", "clock", "versions", "backups", "replicas"}
BROKEN = WELL | {"topics"}


class Installation:
    def __init__(self, place):
        self.place, self.kafka = place, place.path / "kafka"
        self.run_kafka("up", "--owner", str(os.getpid()))
        self.brokers = self.run_kafka("status", "--bootstrap").strip()
        secrets = place.path / "secrets"
        subprocess.run([TOOL, "topics", "create", "--brokers", self.brokers, "--replication", "1", "--partitions", "2"], check=True, capture_output=True)
        subprocess.run([TOOL, "--data", secrets, "token", "init"], check=True, capture_output=True)
        self.disk = place.path / "disk"
        self.disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=192m", "tmpfs", self.disk], check=True)
        self.cert, self.key = certificate(place)
        self.backups = place.path / "backups"
        self.settings = {}
        for service, data in (("intake", self.disk / "intake"), ("ownership", place.path / "ownership")):
            self.settings[service] = place.path / f"{service}.toml"
            port, metrics = free_ports(2)
            text = f'''data = "{data}"
tokens = "{secrets}/tokens.json"
port = {port}
metrics-port = {metrics}
[kafka]
brokers = "{self.brokers}"
[tls]
cert = "{self.cert}"
key = "{self.key}"
'''
            if service == "intake":
                text += f'[backup]\ndir = "{self.backups}"\nevery = "1m"\n'
            self.settings[service].write_text(text)
            place.start(service, [ROOT / f"build/release/bin/throughline-{service}", "--config", self.settings[service]], r"^ready$")

    def run_kafka(self, *words):
        of = [] if words[0] == "tool" else ["--data", self.kafka]  # a tool gets all of its words itself
        run = subprocess.run(["scripts/kafka", *words, *of], cwd=ROOT, capture_output=True, text=True, check=True)
        return run.stdout

    def doctor(self, limit=None, environment=None, also=()):
        """What it says, by its states and checks, and its exit code."""
        command = [TOOL, "--json", "doctor", *also]
        for service, file in self.settings.items():
            command += ["--settings", f"{service}={file}"]
        if limit:
            command = ["sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh", *command]
        run = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **(environment or {})})
        said = {}
        for line in run.stdout.splitlines():
            finding = json.loads(line)
            said.setdefault(finding["state"], []).append(finding)
        return said, run.returncode

    def close(self):
        subprocess.run(["umount", "--lazy", self.disk], check=True)
        self.run_kafka("down", "--delete")


def free_ports(count):
    import socket

    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def checks(said, state):
    return {finding["check"] for finding in said.get(state, ())}


def break_all(installation):
    """Each fault; what takes long begins first."""
    place = installation.place
    # A record of a newer version: that partition stops, and lags from then on.
    subprocess.run(
        ["kcat", "-b", installation.brokers, "-P", "-t", "throughline.intake.log", "-X", "topic.partitioner=murmur2", "-D", "~end~", "-k", "case/x"],
        input=newer_commit(), check=True)  # fmt: skip
    stopped = time.monotonic()
    installation.run_kafka("tool", "TopicCommand", "--bootstrap-server", installation.brokers, "--delete", "--topic", "throughline.outage-notice.events")
    # The certificate is renewed with one that lasts a day; ownership gets a setting that there is not.
    certificate(place, days=1)
    with installation.settings["ownership"].open("a") as file:
        file.write('[limits]\ncals = 7\n')
    # A third service is installed, and does not run.
    absent = place.path / "supplier-tracking.toml"
    absent.write_text(installation.settings["intake"].read_text().replace(str(installation.disk / "intake"), str(place.path / "absent")))
    (place.path / "absent").mkdir()
    port, metrics = free_ports(2)
    lines = [line for line in absent.read_text().splitlines() if not line.startswith(("port", "metrics-port"))]
    absent.write_text(f"port = {port}\nmetrics-port = {metrics}\n" + "\n".join(lines) + "\n")
    installation.settings["supplier-tracking"] = absent
    # The backups go, and the disk fills.
    shutil.rmtree(installation.backups)
    installation.backups.write_text("a file in the place of the folder")
    room = os.statvfs(installation.disk)
    subprocess.run(["fallocate", "-l", str(room.f_bavail * room.f_frsize - room.f_blocks * room.f_frsize // 50), installation.disk / "filler"], check=True)
    return stopped


def newer_commit():
    """A commit of schema version 2 on the stream case/x, in protobuf's wire format."""

    def field(number, payload):
        return bytes([number << 3 | 2, len(payload)]) + payload

    event = field(1, b"throughline.intake.v1.FromTheFuture")
    return (field(1, b"case/x") + bytes([2 << 3, 1]) + field(4, b"c1") + field(5, field(1, b"ana")) + bytes([9 << 3, 2]) + field(10, event))


def main():
    with Workplace() as place:
        installation = Installation(place)
        try:
            await_(lambda: installation.backups.is_dir() and any(".partial" not in one.name for one in installation.backups.iterdir()), 90, "a backup")
            # What a replica shows of its disks is up to a second old.
            await_(lambda: "fault" not in installation.doctor()[0], 20, "an installation in which the doctor finds no fault")
            said, code = installation.doctor()
            if code != 0 or "fault" in said:
                raise RuntimeError(f"it finds faults where there are none ({code}): {said.get('fault')}")
            missing = WELL - checks(said, "good")
            if missing:
                raise RuntimeError(f"it does not say that it looked at {missing}")
            print(f"well: no fault; looked at {', '.join(sorted(checks(said, 'good')))}")

            stopped = break_all(installation)
            library = place.path / "shift.so"
            (place.path / "shift.c").write_text(SHIFT)
            subprocess.run(["cc", "-shared", "-fPIC", "-o", library, place.path / "shift.c", "-ldl"], check=True)
            time.sleep(max(0, 65 - (time.monotonic() - stopped)))  # until a minute's lag
            said, code = installation.doctor(limit=512, environment={"LD_PRELOAD": str(library)})
            for finding in said.get("fault", ()):
                print(f"fault: {finding['check']}: {finding['about']}: {finding['what']}\n       do: {finding['mend']}")
            missing = BROKEN - checks(said, "fault")
            if missing or code != 1:
                raise RuntimeError(f"it does not name {missing} (exit code {code}): {json.dumps(said, indent=1)}")
            print(f"broken: {len(BROKEN)} kinds of faults, each named: {', '.join(sorted(BROKEN))}")
        finally:
            installation.close()
    return 0


try:
    sys.exit(main())
except (RuntimeError, TimeoutError) as error:
    sys.exit(str(error))
