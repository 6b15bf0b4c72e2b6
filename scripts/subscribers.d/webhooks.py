"""Webhooks, verified by the libraries of Standard Webhooks."""

import http.server
import json
import os
import subprocess
import threading

import standardwebhooks
from suite import Refused, Suite, eventually


class Endpoint(http.server.ThreadingHTTPServer):
    """Keeps the calls, and answers with `status`."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls, self.status = [], 200
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.calls.append((dict(self.headers.items()), body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Npm:
    """npm's library, in a process of its own."""

    def __init__(self, tools):
        environment = {**os.environ, "NODE_PATH": f"{tools}/standardwebhooks/node_modules"}
        self.process = subprocess.Popen(["node", "scripts/subscribers.d/verify.cjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=environment, text=True)  # fmt: skip

    def says(self, secret, headers, body):
        self.process.stdin.write(json.dumps({"secret": secret, "headers": headers, "body": body}) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def verified(npm, secret, call):
    headers, body = call
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        standardwebhooks.Webhook(secret).verify(body, lower)
        pypi = True
    except standardwebhooks.WebhookVerificationError:
        pypi = False
    answer = npm.says(secret, lower, body)
    assert pypi == (answer == "ok"), (pypi, answer)
    return pypi


def run(work, tools):
    npm = Npm(tools)
    suite = Suite(work, ["--webhooks-allow-private", "--webhooks-allow-http", "--subscribers-timeout", "2s", "--subscribers-retry-after", "1s",
                         "--subscribers-give-up-after", "1m", "--webhooks-secret-overlap", "1m"])  # fmt: skip
    try:
        trial(suite, npm)
        suite.stop()
        refuses_private(work)
    finally:
        suite.kill()
        npm.stop()


def joined(suite, endpoint):
    before = len(endpoint.calls)
    subscribed = suite.call("Subscribe", {"channel": "SUBSCRIBER_CHANNEL_WEBHOOK", "address": endpoint.url})
    eventually("the question arrives", lambda: len(endpoint.calls) > before)
    question = endpoint.calls[-1]
    assert json.loads(question[1])["type"] == "subscription.confirm"
    suite.call("ConfirmSubscription", {"token": json.loads(question[1])["confirmToken"]})
    return subscribed["webhookSecret"], question


def trial(suite, npm):
    suite.define("checkout")
    endpoint = Endpoint()
    secret, question = joined(suite, endpoint)
    assert verified(npm, secret, question)
    notice = suite.publish("checkout")
    eventually("the notice arrives", lambda: len(endpoint.calls) == 2)
    told = json.loads(endpoint.calls[1][1])
    assert told["type"] == "notice.published" and told["data"]["noticeId"] == notice, told
    assert verified(npm, secret, endpoint.calls[1])
    other = "whsec_" + "A" * 44
    assert not verified(npm, other, endpoint.calls[1])
    bent = (endpoint.calls[1][0], endpoint.calls[1][1].replace("Cards", "cards"))
    assert not verified(npm, secret, bent)
    print("npm's and PyPI's standardwebhooks verify the question and the notice, and neither another secret nor another body")

    rotated = suite.call("RotateWebhookSecret", {"token": told["leaveToken"]})["webhookSecret"]
    suite.update(notice, "We look.")
    eventually("the update arrives", lambda: len(endpoint.calls) == 3)
    assert verified(npm, secret, endpoint.calls[2]) and verified(npm, rotated, endpoint.calls[2])
    print("while they overlap, both the old and the new secret verify")

    endpoint.status = 500
    suite.update(notice, "We found it.")
    eventually("it is tried again", lambda: len(endpoint.calls) >= 5)
    endpoint.status = 204
    eventually("it is sent", suite.nothing_waits)
    tries = endpoint.calls[3:]
    assert len({headers["webhook-id"] for headers, _ in tries}) == 1 and len({body for _, body in tries}) == 1
    assert all(verified(npm, rotated, call) for call in tries), "each attempt has a timestamp of its own"
    print(f"an endpoint that answered 500 got the same message after {len(tries)} attempts")

    endpoint.status = 503
    suite.resolve(notice)
    letters = eventually("it is given up", lambda: suite.call("ListDeadLetters", {}, "admin").get("deadLetters"), 120)
    assert letters[0]["why"] == "answered 503", letters
    endpoint.status = 200
    before = len(endpoint.calls)
    letter = {"subscriberId": letters[0]["subscriberId"], "deliveryId": letters[0]["deliveryId"]}
    suite.call("ResendDeadLetter", letter, "admin")
    eventually("it is resent", lambda: len(endpoint.calls) == before + 1)
    assert endpoint.calls[-1][0]["webhook-id"] == "msg_" + letters[0]["deliveryId"]
    eventually("there are no dead letters", lambda: "deadLetters" not in suite.call("ListDeadLetters", {}, "admin"))
    print(f"given up after {letters[0]['attemptCount']} attempts, a dead letter was listed and resent with its id")

    gone = Endpoint()
    joined(suite, gone)
    eventually("all is sent", suite.nothing_waits)
    gone.status = 410
    suite.publish("checkout")
    eventually("410 ends the subscription", lambda: gone.url not in [one["address"] for one in suite.subscribers()])
    suite.call("Leave", {"token": json.loads(endpoint.calls[1][1])["leaveToken"]})
    assert endpoint.url not in [one["address"] for one in suite.subscribers()]
    print("an endpoint that answers 410 hears no more, and so does one that leaves")


def refuses_private(work):
    """Without the setting, nothing on loopback is called, whatever it is called."""
    endpoint = Endpoint()
    suite = Suite(work, ["--webhooks-allow-http", "--subscribers-timeout", "2s"])
    try:
        for host in ("127.0.0.1", "localhost", "2130706433"):
            address = f"http://{host}:{endpoint.server_port}/hook"
            suite.call("Subscribe", {"channel": "SUBSCRIBER_CHANNEL_WEBHOOK", "address": address})
        eventually("they are tried", lambda: all(one.get("why") for one in suite.subscribers()))
        whys = {one["why"] for one in suite.subscribers()}
        assert whys == {"the address that the host's name leads to is not public"} and not endpoint.calls, whys
        try:
            suite.call("Subscribe", {"channel": "SUBSCRIBER_CHANNEL_MAIL", "address": "kim@example.org"})
            raise SystemExit("mail can be subscribed to without a mail server")
        except Refused as refusal:
            assert "SUBSCRIPTIONS_OFF" in str(refusal)
        suite.stop()
        print("loopback is not called without webhooks.allow-private, by whatever name")
    finally:
        suite.kill()
