#!/usr/bin/env python3
"""Writes testdata/times.tsv: cases of the completion of times (Carriers::CompleteTime) in every combination of local time,
offset, instant and place, with the instant and the certainty that must come of them, computed with Python's zoneinfo.

    services/supplier-tracking/carriers/make_times.py >services/supplier-tracking/carriers/testdata/times.tsv
"""

import datetime as dt
import itertools
import zoneinfo

UTC = dt.timezone.utc
# Country, region, zone; `sure` if the whole place has that zone. A zone of None: the place has none.
PLACES = [
    ("", "", None, False), ("", "NC", None, False), ("Atlantis", "NC", None, False),
    ("US", "NC", "America/New_York", True), ("United States", "nc", "America/New_York", True),
    ("USA", "TX", "America/Chicago", False), ("US", "HI", "Pacific/Honolulu", True), ("US", "", None, False),
    ("DE", "", "Europe/Berlin", True), ("Germany", "BY", "Europe/Berlin", True), ("IN", "KA", "Asia/Kolkata", True),
    ("GBR", "", "Europe/London", True), ("NP", "", "Asia/Kathmandu", True), ("CA", "AB", "America/Edmonton", True),
]
# Winter, summer, the hours that clock changes in New York and Berlin skip and repeat, the ends of a day and a year.
LOCALS = ["2026-01-15T09:00:00", "2026-07-15T09:00:00", "2026-03-08T02:30:00", "2026-11-01T01:30:00",
          "2026-03-29T02:30:00", "2026-10-25T02:30:00", "2026-12-31T23:59:59", "2026-07-01T00:00:00"]
OFFSETS = [None, -300, -240, 0, 60, 120, 330, 345, -600, 840]


def possible(zone, local):
    """The offsets, in minutes, that clocks of the zone can have shown at a local time; two where they are changed."""
    both = {int(local.replace(tzinfo=zone, fold=fold).utcoffset().total_seconds() // 60) for fold in (0, 1)}
    return both


def before_change(zone, local):
    return int(local.replace(tzinfo=zone, fold=0).utcoffset().total_seconds() // 60)


def case(country, region, name, sure, text, offset, given):
    local = dt.datetime.fromisoformat(text)
    zone = zoneinfo.ZoneInfo(name) if name else None
    uncertain, source = False, "EXPLICIT"
    if offset is not None:
        minutes = offset
        uncertain = bool(sure and minutes not in possible(zone, local))
    elif given is not None:
        source = "GMT_PAIR"
        minutes = round((local - given).total_seconds() / 900) * 15
        uncertain = bool(sure and minutes not in possible(zone, local))
    elif zone:
        source = "PLACE"
        minutes = before_change(zone, local)
        uncertain = not sure or len(possible(zone, local)) == 2
    else:
        source, minutes, uncertain = "ASSUMED", 0, True
    instant = given if given is not None else local - dt.timedelta(minutes=minutes)
    if given is not None and given == local and minutes == 0:
        source, uncertain = "EXPLICIT", False  # a moment written as UTC says nothing of the clocks there
    seconds = int(instant.replace(tzinfo=UTC).timestamp())
    said = "-" if given is None else str(int(given.replace(tzinfo=UTC).timestamp()))
    return [country, region, text, "-" if offset is None else str(offset), said, str(minutes), source, str(seconds),
            "uncertain" if uncertain else "certain"]


print("# Made by make_times.py. Country, region, local time, offset, instant as given; then offset, its source, instant,")
print("# certainty as they must come out. Separated by tabs; - is absent.")
for (country, region, name, sure), text, offset in itertools.product(PLACES, LOCALS, OFFSETS):
    local = dt.datetime.fromisoformat(text)
    print("\t".join(case(country, region, name, sure, text, offset, None)))
    # The same moment beside it, to the second: half a minute later than local time, which has minutes only.
    for shown in ([offset] if offset is not None else [-240, 60, 330]):
        given = local - dt.timedelta(minutes=shown) + dt.timedelta(seconds=30)
        print("\t".join(case(country, region, name, sure, text, offset, given)))
