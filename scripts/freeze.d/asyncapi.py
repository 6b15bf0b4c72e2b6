"""The AsyncAPI 3.0 description of the topics `throughline.<service>.events`: CloudEvents in JSON, on Kafka.

    asyncapi.py build/lint/contract.json > proto/asyncapi.json
"""

import json
import sys

from contract import Contract, Schemas, deprecated

# Packages whose streams a service writes, and the service's name in topics and in `ce_source`.
SERVICES = {
    "throughline.intake.v1": "intake",
    "throughline.ownership.v1": "ownership",
    "throughline.outage.v1": "outage-notice",
    "throughline.supplier.v1": "supplier-tracking",
}
# Written by earlier versions only.
OVER = {"throughline.ownership.v1.AvailabilityEvent"}

ABOUT = """What happens in Throughline, for other teams: each accepted event once more, as a
[CloudEvent](https://cloudevents.io) in Kafka's binary content mode. This description is made from the contract (`proto/`).

- Each event comes at least once: drop a `ce_id` that you have seen.
- The record's key is the stream, which `ce_subject` names, too: events of one stream are in one partition, in their order.
- The value is the event's message as JSON: fields that have their default are left out, 64-bit numbers are strings. A newer version may
  send more fields, more values of enums, and more types: ignore what you do not know.
- An event of more than 1 MB comes without its value, with `ce_dataomitted`: read it from the service.
- The topics are not the truth: that is `throughline.<service>.log`. They need not be kept for ever.
"""

HEADERS = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_partitionkey", "ce_sequence",
                 "content-type"],
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string", "pattern": "^.+@[0-9]+/[0-9]+$",
                  "description": "`<stream>@<version>/<index>`: the same for the same event, however often it comes."},
        "ce_source": {"type": "string", "pattern": "^/throughline/[a-z-]+$", "description": "The service."},
        "ce_type": {"type": "string", "description": "The full name of the event's message."},
        "ce_subject": {"type": "string", "description": "The stream, such as `case/01J9...`."},
        "ce_time": {"type": "string", "format": "date-time", "description": "When the command was made."},
        "ce_partitionkey": {"type": "string", "description": "The record's key: the stream."},
        "ce_sequence": {"type": "string", "pattern": "^[0-9]+$",
                        "description": "The stream's version: the count of its commits, this one included."},
        "content-type": {"type": "string", "const": "application/json"},
        "ce_correlationid": {"type": "string", "description": "What the caller sent to find this again; may be missing."},
        "ce_causationid": {"type": "string", "description": "The event or the call that caused it; may be missing."},
        "ce_dataomitted": {"type": "string", "const": "true", "description": "The value is left out, and empty."},
    },
}


def events_of(contract, package):
    """(field, stream's event message) of everything that a service of this package publishes."""
    for name, message in contract.messages.items():
        if not name.startswith(package + ".") or not name.endswith("Event") or name in OVER:
            continue
        if [oneof["name"] for oneof in message.get("oneofDecl", [])] != ["event"]:
            continue
        yield from ((field, message) for field in message["field"])


def document(contract):
    schemas = Schemas(contract, given=False)
    channels, operations, messages = {}, {}, {}
    for package, service in SERVICES.items():
        topic = f"throughline.{service}.events"
        refs = {}
        for field, stream in events_of(contract, package):
            type_name = field["typeName"].removeprefix(".")
            short = type_name.removeprefix(package + ".")
            messages[type_name] = {
                "name": type_name,
                "title": short,
                "summary": " ".join(field["comment"].split()),
                "description": f"{contract.messages[type_name]['comment']}\n\nOne of: {' '.join(stream['comment'].split())}",
                "contentType": "application/json",
                "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
                "headers": {"type": "object", "properties": {"ce_type": {"type": "string", "const": type_name},
                                                               "ce_source": {"type": "string", "const": f"/throughline/{service}"}}},
                "payload": schemas.ref(type_name),
                **({"tags": [{"name": "deprecated"}]} if deprecated(field) else {}),
            }
            refs[short] = {"$ref": f"#/components/messages/{type_name}"}
        channels[service] = {
            "address": topic,
            "title": f"Events of {service}",
            "messages": refs,
            "bindings": {"kafka": {"topic": topic, "bindingVersion": "0.5.0"}},
        }
        operations[f"publish-{service}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{service}"},
            "summary": f"The service {service} publishes what it accepted.",
        }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Throughline's events", "version": "v1", "description": ABOUT},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {
            "messageTraits": {"cloudEvent": {
                "headers": HEADERS,
                "correlationId": {"location": "$message.header#/ce_correlationid"},
                "bindings": {"kafka": {"key": {"type": "string", "description": "The stream."}, "bindingVersion": "0.5.0"}},
            }},
            "messages": messages,
            "schemas": dict(sorted(schemas.all.items())),
        },
    }


if __name__ == "__main__":
    json.dump(document(Contract.read(sys.argv[1])), sys.stdout, indent=1, ensure_ascii=False)
    print()
