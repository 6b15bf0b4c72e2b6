"""Holds the topics of events against proto/asyncapi.json: check_events.py BROKERS ASYNCAPI SERVICE=COUNT...

Reads what there is of each service, at least COUNT events, and validates headers, key and value. Publishes the last one of intake
again, as a service does after a crash, so that whoever reads next meets it twice. The last line is how many events of intake there are.
"""

import json
import sys

from confluent_kafka import Consumer, Producer
from jsonschema import Draft202012Validator

brokers, path, *wanted = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    description = json.load(file)
components = description["components"]
kinds = set()
quiet_seconds = 3
intake = 0


def validator(schema):
    return Draft202012Validator({**schema, "components": components})


def check(service, record):
    headers = {name: value.decode() for name, value in record.headers()}
    message = components["messages"].get(headers.get("ce_type"))
    assert message is not None, f"{headers} is not described"
    short = headers["ce_type"].split(".v1.")[-1]
    assert short in description["channels"][service]["messages"], f"{short} is not described for {service}"
    validator(components["messageTraits"]["cloudEvent"]["headers"]).validate(headers)
    validator(message["headers"]).validate(headers)
    described = components["messageTraits"]["cloudEvent"]["headers"]["properties"]
    assert set(headers) <= set(described), f"{set(headers) - set(described)} is not described"
    value = json.loads(record.value())
    strict = {name: {**schema, "additionalProperties": False} if "properties" in schema else schema
              for name, schema in components["schemas"].items()}
    Draft202012Validator({**message["payload"], "components": {"schemas": strict}}).validate(value)
    assert record.key().decode() == headers["ce_subject"] == headers["ce_partitionkey"]
    kinds.add(short)


for want in wanted:
    service, count = want.split("=")
    topic = description["channels"][service]["address"]
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": f"check-{service}", "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    record, read = None, 0
    while (came := consumer.poll(30 if read < int(count) else quiet_seconds)) is not None:
        assert not came.error(), f"{topic}: {came.error()}"
        check(service, came)
        record, read = came, read + 1
    assert read >= int(count), f"{topic}: only {read} events came"
    consumer.close()
    if service == "intake":
        intake = read
        producer = Producer({"bootstrap.servers": brokers})
        producer.produce(topic, key=record.key(), value=record.value(), headers=record.headers(), partition=record.partition())
        assert producer.flush(30) == 0
print(f"events as they are described: {', '.join(sorted(kinds))}")
print(intake)
