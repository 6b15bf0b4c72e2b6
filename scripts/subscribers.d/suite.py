"""`throughline up` and mailpit, as processes of a trial."""

import hashlib
import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request

SERVICE = "throughline.outage.v1.OutageNoticeService"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def eventually(what, holds, patience=60.0):
    """What `holds` returns once it is true; the trial fails if that takes too long."""
    end = time.monotonic() + patience
    while True:
        result = holds()
        if result:
            return result
        if time.monotonic() > end:
            raise SystemExit(f"not within {patience:.0f} s: {what}")
        time.sleep(0.05)


class Mailpit:
    def __init__(self, tools, work):
        self.smtp, self.http = free_port(), free_port()
        auth = work / "mail.auth"
        auth.write_text("status:secret\n")
        self.process = subprocess.Popen(
            [f"{tools}/bin/mailpit", "--smtp", f"127.0.0.1:{self.smtp}", "--listen", f"127.0.0.1:{self.http}", "--max", "100000",
             "--smtp-tls-cert", work / "mail.pem", "--smtp-tls-key", work / "mail.key", "--smtp-require-starttls", "--smtp-auth-file", auth,
             "--disable-version-check", "--quiet"])  # fmt: skip
        eventually("mailpit answers", lambda: self.ask("info"))

    def ask(self, path, raw=False):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/api/v1/{path}", timeout=30) as answer:
                return answer.read() if raw else json.load(answer)
        except OSError:
            return None

    def mails(self):
        """All mails, oldest first: id of mailpit, address, Message-ID."""
        found = self.ask("messages?limit=100000")["messages"]
        return [(mail["ID"], mail["To"][0]["Address"], mail["MessageID"]) for mail in reversed(found)]

    def raw(self, mail):
        return self.ask(f"message/{mail}/raw", raw=True)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Refused(Exception):
    pass


class Suite:
    """May be killed and started again."""

    def __init__(self, work, options):
        self.data = work / f"data-{free_port()}"
        self.grpc, self.http = free_port(), free_port()
        self.options = options
        self.start()

    def start(self, kill_point=""):
        self.out = open(f"{self.data}.out", "ab")
        environment = dict(os.environ)
        if kill_point:
            environment["THROUGHLINE_KILL_POINT"] = kill_point
        self.process = subprocess.Popen(
            ["build/release/bin/throughline", "--data", self.data, "up", "--port", str(self.grpc), "--http-port", str(self.http),
             "--metrics-port", "-1", *self.options], stdout=self.out, stderr=self.out, env=environment)  # fmt: skip
        eventually("the suite is ready", self.ready)

    def ready(self):
        if self.process.poll() is not None and self.process.returncode != -9:
            raise SystemExit(f"the suite ended: {pathlib.Path(f'{self.data}.out').read_text()}")
        try:
            return self.process.returncode == -9 or self.call("ListSubscribers", {}, "admin") is not None
        except (OSError, Refused):
            return False

    def call(self, method, request, who="webshop"):
        token = (self.data / "credentials" / f"{who}.token").read_text().strip()
        call = urllib.request.Request(
            f"http://127.0.0.1:{self.http}/{SERVICE}/{method}", json.dumps(request).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {token}"})  # fmt: skip
        try:
            with urllib.request.urlopen(call, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            raise Refused(refusal.read().decode()) from None

    def subscribers(self):
        found, token = [], ""
        while True:
            page = self.call("ListSubscribers", {"pageSize": 1000, "pageToken": token}, "admin")
            found += page.get("subscribers", [])
            token = page.get("nextPageToken", "")
            if not token:
                return found

    def nothing_waits(self):
        try:
            return not any(one.get("waitingCount") for one in self.subscribers())
        except (OSError, Refused):
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        if self.process.wait(timeout=30) != 0:
            raise SystemExit("the suite did not stop cleanly")

    def define(self, component):
        self.call("DefineComponent", {"componentId": component, "name": component}, "sam")

    def publish(self, component, title="Paying fails"):
        notice = {"kind": "NOTICE_KIND_OUTAGE", "componentIds": [component], "title": title, "description": "Cards are refused.",
                  "nextUpdateDueIn": "1 hour", "expectedEndUnknown": True}  # fmt: skip
        return self.call("PublishNotice", notice, "sam")["noticeId"]

    def update(self, notice, text):
        """May be given again after a kill: it has one effect."""
        command = hashlib.sha256(text.encode()).hexdigest()[:32]
        update = {"commandId": command, "noticeId": notice, "text": text, "nextUpdateDueIn": "1 hour", "expectedEndUnknown": True}
        self.call("UpdateNotice", update, "sam")

    def resolve(self, notice):
        self.call("ResolveNotice", {"noticeId": notice, "text": "It works.", "cause": "A disk was full", "changed": "Old logs go"}, "sam")
