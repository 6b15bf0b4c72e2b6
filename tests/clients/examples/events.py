"""Follows the events of intake, each once: events.py BROKERS COUNT. Prints what it got; COUNT ends it.

The topics are described in proto/asyncapi.json. An event may come twice, so ids that were seen are dropped; a consumer that keeps
its results in a database keeps the ids there, in the same transaction.
"""

import json
import sys

from confluent_kafka import Consumer

brokers, count = sys.argv[1], int(sys.argv[2])

# README
consumer = Consumer({"bootstrap.servers": brokers, "group.id": "reporting", "auto.offset.reset": "earliest", "enable.auto.commit": False})
consumer.subscribe(["throughline.intake.events"])
seen = set()
while len(seen) < count:
    record = consumer.poll(10)
    if record is None or record.error():
        raise SystemExit(record and record.error() or "no event came")
    headers = {name: value.decode() for name, value in record.headers()}
    if headers["ce_id"] not in seen:
        seen.add(headers["ce_id"])
        print(headers["ce_type"], headers["ce_subject"], json.loads(record.value() or b"{}"))
    consumer.commit(record)
# end

consumer.close()
