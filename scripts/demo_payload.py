#!/usr/bin/env python3
"""Prints a carrier's sample payload with its times moved to the present.

Takes UPS Track Alert and USPS tracking v3 JSON. A new event happened a moment ago; an event of an earlier payload keeps the
time that it got then (recorded in STATE). Delivery dates stay as many days ahead (USPS: one at most). Nothing else is
changed.

Example:
  scripts/demo_payload.py /tmp/times.json services/supplier-tracking/carriers/testdata/ups-track-alert/direct-2-pickup.json
"""

import argparse
import datetime as dt
import json
import sys

OFFSET = dt.timedelta(hours=-4)  # the samples are from New York in summer


def load_state(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def moment(state, key, default):
    """The time of the event `key`: recorded, or `default`, which is recorded now."""
    return dt.datetime.fromisoformat(state.setdefault(key, default.isoformat()))


def move_ups(payload, state, now):
    day = "%Y%m%d"
    told = dt.datetime.strptime(payload["localActivityDate"], day)
    at = moment(state, payload["trackingNumber"] + payload["localActivityDate"] + payload["localActivityTime"], now)
    local = at + OFFSET
    payload["localActivityDate"], payload["localActivityTime"] = local.strftime(day), local.strftime("%H%M%S")
    payload["gmtActivityDate"], payload["gmtActivityTime"] = at.strftime(day), at.strftime("%H%M%S")
    if payload.get("scheduledDeliveryDate"):
        ahead = dt.datetime.strptime(payload["scheduledDeliveryDate"], day) - told
        payload["scheduledDeliveryDate"] = (local + ahead).strftime(day)
    if payload.get("actualDeliveryDate"):
        payload["actualDeliveryDate"], payload["actualDeliveryTime"] = local.strftime(day), local.strftime("%H%M%S")


def move_usps(payload, state, now):
    newest = payload["trackingEvents"][0]["eventTimestamp"]
    for age, event in enumerate(payload["trackingEvents"]):
        key = payload["trackingNumber"] + event["eventTimestamp"] + event["eventCode"]
        at = moment(state, key, now - dt.timedelta(seconds=age))
        event["eventTimestamp"] = (at + OFFSET).strftime("%Y-%m-%dT%H:%M:%S")
        event["GMTTimestamp"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    expected = payload.get("expectedDeliveryTimeStamp")
    if expected:
        ahead = dt.datetime.fromisoformat(expected).date() - dt.datetime.fromisoformat(newest).date()
        ahead = min(ahead, dt.timedelta(days=1))  # a parcel handed over today arrives tomorrow
        moved = (now + OFFSET + ahead).replace(hour=20, minute=0, second=0)
        payload["expectedDeliveryTimeStamp"] = moved.strftime("%Y-%m-%dT%H:%M:%S")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state", metavar="STATE", help="file with the times of earlier payloads; created if missing")
    parser.add_argument("file", metavar="FILE", help="the sample payload")
    arguments = parser.parse_args()
    state = load_state(arguments.state)
    with open(arguments.file, encoding="utf-8") as file:
        payload = json.load(file)
    now = dt.datetime.utcnow().replace(microsecond=0)
    if "activityStatus" in payload:
        move_ups(payload, state, now)
    else:
        move_usps(payload, state, now)
    with open(arguments.state, "w", encoding="utf-8") as file:
        json.dump(state, file)
    json.dump(payload, sys.stdout, indent=2)


main()
