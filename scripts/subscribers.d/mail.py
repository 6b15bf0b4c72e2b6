"""Mails in a real mail server, while their sender is killed."""

import collections
import contextlib
import email
import email.policy
import random
import re
import time

from suite import Mailpit, Suite, eventually

ADDRESSES = 40
SENDERS = 2  # threads that send mails: so many messages can be under way when the process is killed


def checked(raw):
    """The mail, as RFC 5322 wants it."""
    for line in raw.split(b"\r\n"):
        assert len(line) <= 998 and b"\n" not in line and line.isascii(), line
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert not mail.defects, mail.defects
    for header in ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"):
        assert len(mail.get_all(header)) == 1 and not mail[header].defects, header
    return mail


def text_of(mail):
    return mail.get_content().replace("\r\n", "\n")


def run(work, tools):
    seed = time.time_ns()
    print(f"seed {seed}")
    chance = random.Random(seed)
    mailpit = Mailpit(tools, work)
    (work / "password").write_text("secret\n")
    suite = Suite(work, [
        "--subscribers-site", "https://status.example.com", "--subscribers-timeout", "2s", "--subscribers-retry-after", "1s",
        "--smtp-url", f"smtp://127.0.0.1:{mailpit.smtp}", "--smtp-from", "status@example.com", "--smtp-from-name", "Example Statüs",
        "--smtp-ca", str(work / "mail.pem"), "--smtp-user", "status", "--smtp-password-file", str(work / "password")])  # fmt: skip
    try:
        trial(suite, mailpit, chance)
        suite.stop()
    finally:
        suite.kill()
        mailpit.stop()


def trial(suite, mailpit, chance):
    suite.define("checkout")
    addresses = [f"kim.{i}@example.org" for i in range(ADDRESSES)]
    for address in addresses:
        suite.call("Subscribe", {"channel": "SUBSCRIBER_CHANNEL_MAIL", "address": address, "componentIds": ["checkout"]})
    notice = suite.publish("checkout", "Nobody has confirmed")
    eventually("the questions arrive", lambda: len(mailpit.mails()) >= ADDRESSES and suite.nothing_waits())
    questions = mailpit.mails()
    assert len(questions) == ADDRESSES, "who has not confirmed is only asked"
    for mail, _, _ in questions:
        question = checked(mailpit.raw(mail))
        assert "List-Unsubscribe" not in question
        suite.call("ConfirmSubscription", {"token": re.search(r"confirm\?token=(\S+)", text_of(question))[1]})
    print(f"{ADDRESSES} addresses were asked over STARTTLS with a login, and have confirmed")

    notice = suite.publish("checkout", "Páying fails — on all cards, in the shop, the app and at the counter of every store we have")
    updates, kills = 1, 0
    for point in ("delivery-begun:5", "delivery-sent:5", "delivery-begun:23", "delivery-sent:23"):
        eventually("all is sent", suite.nothing_waits)
        suite.kill()
        suite.start(point)
        said = f"Update {updates}. Killed at {point}."
        with contextlib.suppress(OSError):  # the answer may be lost
            suite.update(notice, said)
        updates += 1
        eventually(f"the kill point {point}", lambda: suite.process.poll() is not None)
        assert suite.process.returncode == -9
        kills += 1
        suite.start()
        suite.update(notice, said)
    for _ in range(8):
        for _ in range(3):
            suite.update(notice, f"Update {updates}.")
            updates += 1
        time.sleep(chance.uniform(0, 0.25))
        suite.kill()
        kills += 1
        suite.start()
    suite.resolve(notice)
    updates += 1
    eventually("all is sent", suite.nothing_waits, 120)

    copies, order = collections.Counter(), collections.defaultdict(list)
    for _, address, message in mailpit.mails()[ADDRESSES:]:
        if not copies[address, message]:
            order[address].append(message)
        copies[address, message] += 1
    for address in addresses:
        assert len(order[address]) == updates, f"{address} heard {len(order[address])} of {updates}"
    raws = {message: mail for mail, _, message in mailpit.mails()}
    for address in (addresses[0], addresses[-1]):
        told = [checked(mailpit.raw(raws[message])) for message in order[address]]
        numbers = [int(found[1]) for found in (re.match(r"Update (\d+)\.", text_of(mail)) for mail in told) if found]
        assert numbers == list(range(1, updates - 1)), numbers
        assert told[0]["Subject"].startswith("Investigating: Páying fails — on all cards"), told[0]["Subject"]
        assert told[-1]["Subject"].startswith("Resolved: "), "the last one surely"
    twice = sum(copies.values()) - len(copies)
    print(f"{updates} updates to {ADDRESSES} addresses through {kills} kills: {len(copies)} messages, each arrived, in order; "
          f"{twice} came twice, with the same Message-ID (at most {kills * SENDERS} were under way)")  # fmt: skip
    assert len(copies) == updates * ADDRESSES and twice <= kills * SENDERS, twice

    left = checked(mailpit.raw(raws[order[addresses[0]][-1]]))
    assert left["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.fullmatch(r"\s*<https://status\.example\.com/subscriptions/leave\?token=(\S+)>", left["List-Unsubscribe"])
    suite.call("Leave", {"token": link[1]})
    before = len(mailpit.mails())
    suite.publish("checkout", "After leaving")
    eventually("the others hear", lambda: len(mailpit.mails()) >= before + ADDRESSES - 1 and suite.nothing_waits())
    assert addresses[0] not in [address for _, address, _ in mailpit.mails()[before:]]
    print("who left by the link of List-Unsubscribe hears no more")
    log = (suite.data.parent / f"{suite.data.name}.out").read_text()
    assert "kim." not in log, "an address stands in the log of the process"
