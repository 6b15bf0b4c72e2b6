#pragma once

// The file that defines calendars: TOML. README.md describes it; deploy/calendars.toml is an example.
//
//   default = "support"
//   [calendar.support]
//   zone = "Europe/Berlin"
//   week.mon-fri = ["08:00-12:00", "13:00-17:00"]
//   holidays = ["12-25", "2026-04-03"]            # each year, or once
//   half-days."12-24" = "until 12:00"
//   open."2026-12-06" = ["10:00-16:00"]
//
// Pure functions; safe from any thread.

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "libs/calendar/calendars.h"

namespace throughline::calendar {

// INVALID_ARGUMENT: all problems of the file, one per line, each with its line in the file; a calendar that cannot be
// (Calendar::Make) is one of them.
absl::StatusOr<Calendars> ParseCalendars(std::string_view content);

// The same of a file. NOT_FOUND: it cannot be read.
absl::StatusOr<Calendars> ReadCalendars(const std::string& path);

}  // namespace throughline::calendar
