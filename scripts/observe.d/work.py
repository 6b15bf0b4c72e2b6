"""A day at a small company, in seconds: what makes every figure of the suite move."""

import json
import pathlib
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "services/supplier-tracking/carriers/testdata"


class Work:
    def __init__(self, suite, folder, edge=None):
        self.suite, self.tl, self.folder, self.edge = suite, suite.tl, folder, edge
        self.followers = []

    def begin(self):
        """Nobody is here yet: the first case waits for a rep."""
        self.tl("webshop", "case", "open", "--customer", "C-1", "--channel", "web", "--subject", "Hello?", "--text", "Is anybody there?")

    def people(self):
        self.tl("ana", "availability", "available", "--team", "care")
        self.tl("ben", "availability", "available", "--team", "care")
        self.tl("sam", "availability", "on-duty")

    def outage(self, next_update="+1s"):
        self.tl("sam", "notice", "define", "tracking-page", "--name", "Order tracking on the website")
        self.followers.append(threading.Thread(target=self.tl, args=("dashboard", "--timeout", "8s", "notice", "watch"), kwargs={"check": False}))
        self.followers[-1].start()
        for what in ("is down", "is slow"):
            notice = self.tl(
                "sam", "notice", "publish", "--kind", "outage", "--expected-end-unknown", "--component", "tracking-page", "--title", f"Order tracking {what}",
                "--what", "The page stays empty", "--next-update", next_update)  # fmt: skip
        notice_id = find(notice, "notice_id")
        self.tl("sam", "notice", "update", notice_id, "--expected-end-unknown", "--text", "Still slow", "--next-update", "+1h")
        self.tl("sam", "notice", "resolve", notice_id, "--text", "It is fast again", "--cause", "a disk", "--changed", "the disk")
        self.tl("webshop", "notice", "check", "tracking-page")

    def orders(self, late):
        """Some orders; the vendor of `late` of them cannot deliver: they are at risk, and cases open by themselves."""
        for number in range(1, late + 2):
            order = f"SO-{number}"
            self.tl("webshop", "order", "place", order, "--customer", f"C-{number}", "--promised-by", "+2d", "--zone", "America/New_York", "--owner", "ana",
                    "--line", "1:KETTLE-2:1:acme:Kettle", "--line", "2:TABLE-1:1:globex:Table")  # fmt: skip
            if number <= late:
                self.tl("globex", "order", "vendor-update", "backordered", order, "--vendor", "globex", "--restock", "+3d", "--expected", "+5d",
                        "--reason", "the mill is late")  # fmt: skip
        self.tl("acme", "order", "vendor-update", "dispatched", "SO-1", "--vendor", "acme", "--carrier", "ups", "--number", "1Z204W4R0308071865")
        self.tl("globex", "order", "vendor-update", "dispatched", f"SO-{late + 1}", "--vendor", "globex", "--carrier", "ups", "--number", "1Z9W8F35YW12345677")
        for place, number in (("box", "356938035643809"), ("device", "356938035643825")):
            self.tl("ana", "order", "serial", "SO-1", "1", number, "--place", place)
        self.tl("ana", "order", "add-shipment", f"SO-{late + 1}", "usps", "9261290100130435082878", "--follows", "shipment/ups/1Z9W8F35YW12345677/1")

    def scans(self):
        """Four known reports, and one with a code that no map covers."""
        for sample in ("direct-1-label-created", "direct-2-pickup", "handover-1-label-created", "handover-2-origin-scan", "handover-5-unmapped"):
            payload = subprocess.run(
                [sys.executable, ROOT / "scripts/demo_payload.py", self.folder / "times.json", SAMPLES / f"ups-track-alert/{sample}.json"],
                capture_output=True, text=True, check=True).stdout  # fmt: skip
            self.tl("ups", "order", "push", "--format", "ups-track-alert", "-", text=payload)
        self.tl("usps", "order", "vendor-update", "acknowledged", "SO-1", "--vendor", "acme", "--expected", "+1d", check=False)  # not theirs

    def case(self, number, breaks=False):
        """One from its opening to its closing, with a promise that is kept, or one that breaks."""
        case = find(self.tl("ana", "case", "open", "--customer", f"C-{number}", "--channel", "phone", "--subject", "Where is it?", "--text", "Promised for Friday"), "case_id")
        due = "+1s" if breaks else "+2h"
        promise = find(self.tl("ana", "promise", "make", case, "--what", "We call you", "--to", f"C-{number}", "--due", due), "promise_id")
        self.tl("ana", "case", "interaction", case, "--channel", "phone", "--direction", "outbound", "--text", "We are on it")
        if breaks:
            return
        self.tl("ana", "promise", "keep", case, promise, "--how", "Called")
        self.tl("ana", "case", "offer", case, "ben", "--reason", "end of shift")
        self.tl("ana", "case", "withdraw", case, "--reason", "stays with me")
        self.tl("ana", "case", "propose", case, "--text", "It has been delivered")
        self.tl("ana", "case", "confirm", case, "--evidence", "by phone")
        self.tl("ana", "case", "close", case)

    def mistakes(self):
        """Calls that are refused."""
        self.tl("ana", "order", "trace", "NO-SUCH", check=False)
        self.tl("dashboard", "case", "open", "--customer", "C-7", "--subject", "x", "--text", "y", "--channel", "phone", check=False)

    def over_http(self):
        """A read, a call with a bad field, and a path that is none; the edge's answer to a client is never a fault here."""
        for method, request, expected in (
            ("throughline.supplier.v1.SupplierTrackingService/TraceOrder", {"orderId": "SO-1"}, 200),
            ("throughline.intake.v1.IntakeService/GetCase", {"caseId": "two\nlines"}, 400),
            ("nothing/here", {}, 404),
        ):
            status, answer = self.edge.call("ana", method, request)
            if status != expected:
                raise RuntimeError(f"the edge answers {method} with {status}, not {expected}: {answer}")
        body = (SAMPLES / "ups-track-alert/delivered.json").read_bytes()
        for secret, expected in (("secret-of-ups", 200), ("another", 401)):
            if (status := self.edge.push(body, secret)) != expected:
                raise RuntimeError(f"the edge answers a push with {status}, not {expected}")
        if " 400 " not in (line := self.edge.say(b"GET / HTTP/1.1\r\nHost : a\r\n\r\n")):
            raise RuntimeError(f"the edge answers a malformed request with {line}")

    def end(self):
        for follower in self.followers:
            follower.join()


def find(value, name):
    """The first value of that name in an answer, however deep."""
    text = json.dumps(value)
    at = text.find(f'"{name}": "')
    if at < 0:
        raise RuntimeError(f"no {name} in {text[:500]}")
    begin = at + len(name) + 5
    return text[begin : text.index('"', begin)]
