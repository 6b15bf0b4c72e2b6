#pragma once

// A due time in words, as people say it, and the time that it means.
//
//   absl::StatusOr<Due> due = ParseDue("2 business days");        // the form: needs no calendar
//   absl::StatusOr<absl::Time> time = Resolve(*due, calendar, now);
//
// | words                                    | mean                                                                   |
// |------------------------------------------|------------------------------------------------------------------------|
// | `2 business days`                        | the end of the 2nd business day after today                            |
// | `4 business hours`, `30 business minutes`| so much working time from now                                          |
// | `3 hours`, `90 minutes`                  | so much time from now, working time or not                             |
// | `2026-11-24`                             | the end of that business day                                           |
// | `2026-11-24@America/New_York`            | the end of that day in that zone, its midnight, whatever the calendar  |
// | `2026-11-24T18:00:00+01:00`              | that time                                                              |
//
// Today is the date in the calendar's zone. `working` means `business`; case and the number of spaces do not matter.
// Resolve once, when the decision is made, and record the result: a calendar may change later.
//
// Pure functions; safe from any thread.

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "libs/calendar/calendar.h"

namespace throughline::calendar {

struct Due {
  enum Kind { kBusinessDays, kBusinessTime, kElapsed, kBusinessDay, kDayInZone, kTime };
  Kind kind = kTime;
  int days = 0;           // kBusinessDays
  absl::Duration amount;  // kBusinessTime, kElapsed
  absl::CivilDay day;     // kBusinessDay, kDayInZone
  absl::TimeZone zone;    // kDayInZone
  absl::Time time;        // kTime
};

// So much time, working time or not.
Due Elapsed(absl::Duration amount);

// INVALID_ARGUMENT: says what to write instead.
absl::StatusOr<Due> ParseDue(std::string_view words);

// INVALID_ARGUMENT: the date is not a business day of this calendar, names the next one; or it is more than kFurthest
// away. The result may lie in the past, as a date may.
absl::StatusOr<absl::Time> Resolve(const Due& due, const Calendar& calendar, absl::Time now);

}  // namespace throughline::calendar
