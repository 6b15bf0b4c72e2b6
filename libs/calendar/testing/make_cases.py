#!/usr/bin/env python3
"""Makes cases.tsv: questions to calendars and their answers, found without the code that is tested.

    libs/calendar/testing/make_cases.py > libs/calendar/testing/cases.tsv

It goes through time minute by minute, in UTC, and asks Python's zoneinfo what the clocks show. A period begins in the
first minute at which the clocks show its beginning or, if they skip it, a later time; it ends likewise. The questions
lie around both changes of the clocks in three zones, and around holidays. The calendars stand in cases_test.cc, too.
"""

import random
import sys
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Minutes:
    """A calendar as the set of the minutes at which it is open."""

    def __init__(self, zone, week, first, last, holidays=(), half_days=(), opened=()):
        self.zone = ZoneInfo(zone)
        self.first = datetime(first.year, first.month, first.day, tzinfo=timezone.utc)
        count = (last - first).days * 24 * 60
        self.local = []  # what the clocks show, by the minute, never going back
        seen = datetime.min
        for minute in range(count):
            shown = (self.first + minute * MINUTE).astimezone(self.zone).replace(tzinfo=None)
            seen = max(seen, shown)
            self.local.append(seen)
        self.open = bytearray(count)
        self.business_days = {}  # date to the minute at which it ends
        day = first
        while day < last:
            periods = week.get(WEEKDAYS[day.weekday()], [])
            if day in opened:
                periods = opened[day]
            elif day in holidays or (day.month, day.day) in holidays:
                periods = []
            elif day in half_days:
                periods = [(a, min(b, half_days[day])) for a, b in periods if a < half_days[day]]
            for begin, end in periods:
                midnight = datetime(day.year, day.month, day.day)
                a, b = self.when(midnight + begin * MINUTE), self.when(midnight + end * MINUTE)
                if a is None or b is None or a >= b:
                    continue
                self.open[a:b] = b"\1" * (b - a)
                self.business_days[day] = max(b, self.business_days.get(day, 0))
            day += timedelta(days=1)

    def when(self, shown):
        """The first minute at which the clocks show that or later: `local` ascends."""
        low, high = 0, len(self.local)
        while low < high:
            middle = (low + high) // 2
            if self.local[middle] < shown:
                low = middle + 1
            else:
                high = middle
        return low if 0 < low < len(self.local) else None

    def index(self, time):
        return int((time - self.first) / MINUTE)

    def time(self, index):
        return self.first + index * MINUTE

    def is_open(self, time):
        return self.open[self.index(time)] == 1

    def next_opening(self, time):
        return self.time(self.open.index(1, self.index(time)))

    def add(self, time, minutes):
        at = self.index(time)
        while minutes > 0:
            minutes -= self.open[at]
            at += 1
        return self.time(at)

    def end_of_business_day(self, time, count):
        day = time.astimezone(self.zone).date()
        while count > 0:
            day += timedelta(days=1)
            count -= day in self.business_days
        return self.time(self.business_days[day])


def hours(*texts):
    periods = []
    for text in texts:
        begin, end = (int(t[:2]) * 60 + int(t[3:]) for t in text.split("-"))
        periods.append((begin, end if end > begin else end + 24 * 60))
    return periods


def each(days, *texts):
    return {day: hours(*texts) for day in days}


FIRST, LAST = date(2026, 1, 1), date(2027, 2, 1)
CALENDARS = {
    "berlin-lunch": Minutes(
        "Europe/Berlin", each(WEEKDAYS[:5], "08:00-12:00", "13:00-17:00"), FIRST, LAST,
        holidays={(12, 25), (12, 26), (1, 1), date(2026, 4, 3), date(2026, 4, 6)},
        half_days={date(2026, 12, 24): 12 * 60, date(2026, 12, 31): 12 * 60},
        opened={date(2026, 12, 6): hours("10:00-16:00"), date(2026, 12, 26): hours("09:00-11:00", "12:00-13:30")}),
    "berlin-night-hours": Minutes(  # within the hours that are skipped and repeated
        "Europe/Berlin", each(WEEKDAYS, "01:30-02:15", "02:30-02:45", "02:50-04:00"), FIRST, LAST),
    "new-york-nights": Minutes("America/New_York", each(WEEKDAYS, "22:00-06:00"), FIRST, LAST),
    "new-york-split": Minutes(
        "America/New_York", {**each(WEEKDAYS[:6], "07:00-11:00", "15:00-19:30"), "sun": hours("00:00-03:00")},
        FIRST, LAST, holidays={(7, 4), (11, 26)}),
    "lord-howe": Minutes(  # its clocks change by half an hour
        "Australia/Lord_Howe", {**each(WEEKDAYS[:5], "09:00-17:30"), "sat": hours("23:00-05:00"),
                                "sun": hours("20:00-24:00")}, FIRST, LAST),
}
# The days on which the clocks change, and some with holidays.
AROUND = {
    "berlin-lunch": [date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 24), date(2026, 4, 3), date(2026, 12, 6)],
    "berlin-night-hours": [date(2026, 3, 29), date(2026, 10, 25)],
    "new-york-nights": [date(2026, 3, 8), date(2026, 11, 1)],
    "new-york-split": [date(2026, 3, 8), date(2026, 11, 1), date(2026, 7, 4), date(2026, 11, 26)],
    "lord-howe": [date(2026, 4, 5), date(2026, 10, 4)],
}


def shown(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def main():
    chance = random.Random(20260329)
    print("# made by make_cases.py; calendar, question, time, amount (minutes, days), answer")
    for name, calendar in CALENDARS.items():
        for day in AROUND[name]:
            midnight = datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
            for _ in range(24):
                time = midnight + chance.randrange(-36 * 60, 48 * 60) * MINUTE
                print(name, "open", shown(time), 0, str(calendar.is_open(time)).lower(), sep="\t")
                print(name, "next", shown(time), 0, shown(calendar.next_opening(time)), sep="\t")
                minutes = chance.choice([1, 30, 60, 240, 480, 600, chance.randrange(1, 3000)])
                print(name, "add", shown(time), minutes, shown(calendar.add(time, minutes)), sep="\t")
                days = chance.choice([1, 1, 2, 3, 5])
                print(name, "days", shown(time), days, shown(calendar.end_of_business_day(time, days)), sep="\t")
    return 0


if __name__ == "__main__":
    sys.exit(main())
