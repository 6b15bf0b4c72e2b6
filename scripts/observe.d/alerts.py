#!/usr/bin/env python3
"""Lets things go wrong in a real suite, and sees each alert fire in a real Prometheus and arrive at the webhook of a real
Alertmanager.

Run it in a mount namespace of its own, as root: a small disk is mounted, and filled. The rules are those of
deploy/prometheus, but for two things: what they wait ("for") is shortened to a second, and the day after which a partner counts as
silent to two.
"""

import os
import re
import subprocess
import sys
import time

from harness import ROOT, TOOL, Prometheus, Receiver, Suite, Workplace, alertmanager, await_, certificate
from work import Work

PATIENCE = 60


class Trial:
    """A Prometheus with an Alertmanager that tells a receiver."""

    def __init__(self, place, targets):
        self.receiver = Receiver()
        self.prometheus = Prometheus(
            place, targets, alertmanager(place, self.receiver),
            rewrite=lambda text: re.sub(r"^( *for:) .*$", r"\1 1s", text, flags=re.MULTILINE)
            .replace("last_event_timestamp_seconds) > 86400", "last_event_timestamp_seconds) > 2")
            .replace("predict_linear(throughline_disk_free_bytes[6h], 86400)", "predict_linear(throughline_disk_free_bytes[6h], 2)"))  # fmt: skip
        count = sum(len(addresses) for addresses in targets.values())
        await_(lambda: len(self.prometheus.series("up == 1")) == count, 30, "Prometheus to scrape")

    def expect(self, what, *alerts, provoke=lambda: None):
        """Each alert fires and arrives; until then it is provoked again and again."""
        begin = time.monotonic()
        for alert in alerts:

            def firing():
                provoke()
                return self.prometheus.series(f'ALERTS{{alertname="{alert}",alertstate="firing"}}')

            await_(firing, PATIENCE, f"{alert} to fire in Prometheus")
            told = await_(lambda: self.receiver.alerts.get(alert), PATIENCE, f"{alert} at the webhook")
            print(f"{what}: {alert} after {time.monotonic() - begin:.1f} s: {told['annotations']['summary']}", flush=True)

    def quiet(self, *alerts):
        for alert in alerts:
            if alert in self.receiver.alerts:
                raise RuntimeError(f"{alert} came though nothing was wrong")


class OnItsOwnLog(Trial):
    """`throughline up`, on a disk that can be filled."""

    def __init__(self, place):
        self.disk = place.path / "disk"
        self.disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=192m", "tmpfs", self.disk], check=True)
        self.backups = place.path / "backups"
        # A certificate of a day: its alerts fire from the beginning.
        self.suite = Suite(place, ["--backup-dir", self.backups, "--backup-every", "1s"], data=self.disk / "suite", tls=certificate(place, days=1))
        super().__init__(place, self.suite.targets)
        # What increases must have been seen before.
        await_(lambda: self.prometheus.series("job:throughline_promises_broken:max"), 30, "the first evaluation of the rules")
        self.work = Work(self.suite, place.path)

    def close(self):
        self.suite.process.kill()
        self.suite.process.wait()
        subprocess.run(["umount", "--lazy", self.disk], check=True)

    def run(self):
        ends = ("ThroughlineCertificateExpires", "ThroughlineCertificateExpiresNow")
        self.expect("the certificate has a day left", *ends)
        self.quiet(*(self.receiver.alerts.keys() - set(ends)))
        self.work.begin()
        self.expect("a case, and nobody is here", "ThroughlineCasesWaitForRep")
        self.work.people()
        self.quiet("ThroughlinePromisesBreak", "ThroughlineNoticesOverdue", "ThroughlineOrdersAtRisk", "ThroughlineCarrierEventsQuarantined")
        for number in range(1, 4):
            self.work.case(number, breaks=True)
        self.expect("three promises pass", "ThroughlinePromisesBreak", "ThroughlinePromiseBudgetBurnsFast")
        self.work.outage()
        self.expect("a notice's next update passes", "ThroughlineNoticesOverdue")
        self.work.orders(5)
        self.expect("a vendor cannot deliver", "ThroughlineOrdersAtRisk")
        self.work.scans()
        self.expect("a carrier sends a code that no map covers", "ThroughlineCarrierEventsQuarantined")
        # What a day is in production is two seconds here.
        self.expect("the carrier says nothing more", "ThroughlinePartnerSilent")
        self.quiet("ThroughlineDiskFilling", "ThroughlineDiskFull", "ThroughlineBackupsFail", "ThroughlineAppendsFail", "ThroughlineReplicaDown", "ThroughlineServiceAbsent",
                   "ThroughlineCasesWithoutOwner", "ThroughlineCommitmentsOverdue")  # fmt: skip
        self.work.end()

        self.backups.rename(self.backups.with_suffix(".gone"))
        self.backups.write_text("a file in the place of the folder")
        self.expect("the backup volume is gone", "ThroughlineBackupsFail")

        # Nothing of ours fails at nineteen of twenty parts.
        room = os.statvfs(self.disk)
        subprocess.run(["fallocate", "-l", str(room.f_bavail * room.f_frsize - room.f_blocks * room.f_frsize // 50), self.disk / "filler"], check=True)
        self.expect("the disk fills", "ThroughlineDiskFilling", "ThroughlineDiskFull")
        subprocess.run(["dd", "if=/dev/zero", f"of={self.disk}/rest", "bs=64k"], stderr=subprocess.DEVNULL, check=False)

        def speak():  # until the suite finds no room for its log or its stores, and ends
            words = ("--customer", "C-9", "--channel", "phone", "--subject", "Hello?", "--text", "x" * 8000)
            self.suite.tl("ana", "--timeout", "2s", "case", "open", *words, check=False)

        self.expect("the disk is full", "ThroughlineReplicaDown", "ThroughlineServiceAbsent", provoke=speak)
        if self.suite.process.wait(PATIENCE) != 70:
            raise RuntimeError(f"the suite ended with {self.suite.process.returncode}, not with 70")


class OnKafka(Trial):
    """Two replicas of intake and one of ownership, on a Kafka of one node."""

    def __init__(self, place):
        self.place, self.kafka = place, place.path / "kafka"
        self.run_kafka("up", "--owner", str(os.getpid()))
        self.brokers = self.run_kafka("status", "--bootstrap").strip()
        self.secrets, self.replicas = place.path / "secrets", {}
        self.tool("topics", "create", "--brokers", self.brokers, "--replication", "1", "--partitions", "2")
        self.tool("token", "init")
        self.replicas = {name: self.start(name) for name in ("intake-1", "intake-2", "ownership-1")}
        targets = {}
        for name, (_, metrics) in self.replicas.items():
            targets.setdefault(name[:-2], []).append(metrics)
        super().__init__(place, targets)

    def run_kafka(self, *words):
        run = subprocess.run(["scripts/kafka", *words, "--data", self.kafka], cwd=ROOT, capture_output=True, text=True, check=True)
        return run.stdout

    def start(self, name):
        data = self.place.path / name
        process, found = self.place.start(
            name, [ROOT / f"build/release/bin/throughline-{name[:-2]}", "--kafka-brokers", self.brokers, "--data", data, "--tokens", self.secrets / "tokens.json",
                   "--port", "0", "--metrics-port", "0", "--replica", name], r"^metrics: (\S+) [\s\S]*^ready$")  # fmt: skip
        return process, found[1]

    def tool(self, *words, check=True):
        options = ["--data", self.secrets]
        if self.replicas:
            endpoints = {name: (self.place.path / name / "endpoint").read_text().strip() for name in self.replicas}
            options += ["--address", f"intake={endpoints['intake-1']},{endpoints['intake-2']},ownership={endpoints['ownership-1']}"]
        subprocess.run([TOOL, *options, *words], check=check, capture_output=True)

    def open_case(self):
        self.tool("--timeout", "2s", "--as", "ana", "case", "open", "--customer", "C-1", "--channel", "phone", "--subject", "x", "--text", "y", check=False)

    def run(self):
        self.open_case()
        await_(lambda: self.prometheus.series('throughline_rpc_handled_total{rpc_method="OpenCase"}'), 30, "a case")
        self.quiet("ThroughlineRecordsQuarantined", "ThroughlineReplicaDown", "ThroughlineAppendsFail")
        subprocess.run(["kcat", "-b", self.brokers, "-P", "-t", "throughline.intake.log", "-p", "0"], input=b"no commit", check=True)
        self.expect("a stranger writes to the log", "ThroughlineRecordsQuarantined")
        self.replicas["intake-2"][0].kill()
        self.expect("a replica is killed", "ThroughlineReplicaDown")
        self.quiet("ThroughlineAppendsFail", "ThroughlineCommandBudgetBurnsFast")
        self.run_kafka("stop", "1", "--kill")
        self.expect("Kafka is away", "ThroughlineAppendsFail", "ThroughlineCommandBudgetBurnsFast", provoke=self.open_case)

    def close(self):
        self.run_kafka("down", "--delete")


def main():
    arrived = set()
    for kind in (OnItsOwnLog, OnKafka):
        print(kind.__doc__)
        with Workplace() as place:
            trial = kind(place)
            try:
                trial.run()
            finally:
                trial.close()
        arrived |= trial.receiver.alerts.keys()
    print(f"{len(arrived)} alerts fired and arrived: {', '.join(sorted(arrived))}")
    return 0


try:
    sys.exit(main())
except (RuntimeError, TimeoutError) as error:
    sys.exit(str(error))
