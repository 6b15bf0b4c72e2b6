#!/usr/bin/env python3
"""Lets things go wrong in a real suite, and sees each alert fire in a real Prometheus and arrive at the webhook of a real
Alertmanager.

Run it in a mount namespace of its own, as root: a small disk is mounted, and filled. The rules are those of
deploy/prometheus, but for one thing: what they wait ("for") is shortened to a second.
"""

import re
import subprocess
import sys
import time

from harness import SERVICES, Prometheus, Receiver, Suite, Workplace, alertmanager, await_
from work import Work

PATIENCE = 60


class Trial:
    def __init__(self, place):
        self.place = place
        disk = place.path / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=192m", "tmpfs", disk], check=True)
        self.disk = disk
        self.backups = place.path / "backups"
        self.suite = Suite(place, ["--backup-dir", self.backups, "--backup-every", "1s"], data=disk / "suite")
        self.receiver = Receiver()
        self.prometheus = Prometheus(
            place, self.suite.metrics, alertmanager(place, self.receiver),
            rewrite=lambda text: re.sub(r"^( *for:) .*$", r"\1 1s", text, flags=re.MULTILINE))  # fmt: skip
        await_(lambda: len(self.prometheus.series("up == 1")) == len(SERVICES), 30, "Prometheus to scrape")
        # What increases must have been seen before.
        await_(lambda: self.prometheus.series("job:throughline_promises_broken:max"), 30, "the first evaluation of the rules")
        self.work = Work(self.suite, place.path)

    def close(self):
        self.suite.process.kill()
        self.suite.process.wait()
        subprocess.run(["umount", "--lazy", self.disk], check=True)

    def expect(self, what, *alerts):
        begin = time.monotonic()
        for alert in alerts:
            await_(lambda: self.prometheus.series(f'ALERTS{{alertname="{alert}",alertstate="firing"}}'), PATIENCE, f"{alert} to fire in Prometheus")
            told = await_(lambda: self.receiver.alerts.get(alert), PATIENCE, f"{alert} at the webhook")
            print(f"{what}: {alert} after {time.monotonic() - begin:.1f} s: {told['annotations']['summary']}", flush=True)

    def quiet(self, *alerts):
        for alert in alerts:
            if alert in self.receiver.alerts:
                raise RuntimeError(f"{alert} came though nothing was wrong")

    def run(self):
        self.quiet(*self.receiver.alerts)
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
        self.quiet("ThroughlineBackupsFail", "ThroughlineAppendsFail", "ThroughlineReplicaDown", "ThroughlineServiceAbsent", "ThroughlineCasesWithoutOwner")
        self.work.end()

        self.backups.rename(self.backups.with_suffix(".gone"))
        self.backups.write_text("a file in the place of the folder")
        self.expect("the backup volume is gone", "ThroughlineBackupsFail")

        filler = self.disk / "filler"
        subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=1M"], stderr=subprocess.DEVNULL, check=False)
        end = time.monotonic() + PATIENCE
        while "ThroughlineAppendsFail" not in self.receiver.alerts and time.monotonic() < end and self.suite.process.poll() is None:
            self.suite.tl("ana", "--timeout", "2s", "case", "open", "--customer", "C-9", "--channel", "phone", "--subject", "Hello?", "--text", "x" * 8000, check=False)
        if self.suite.process.poll() is None:
            self.expect("the disk is full", "ThroughlineAppendsFail", "ThroughlineCommandBudgetBurnsFast")
        else:
            print(f"the disk is full: the suite ended with {self.suite.process.returncode}")
        filler.unlink()

        if self.suite.process.poll() is None:
            self.suite.process.terminate()
        self.expect("the suite is stopped", "ThroughlineReplicaDown", "ThroughlineServiceAbsent")


def main():
    with Workplace() as place:
        trial = Trial(place)
        try:
            trial.run()
        finally:
            trial.close()
    print(f"{len(trial.receiver.alerts)} alerts fired and arrived: {', '.join(sorted(trial.receiver.alerts))}")
    return 0


try:
    sys.exit(main())
except (RuntimeError, TimeoutError) as error:
    sys.exit(str(error))
