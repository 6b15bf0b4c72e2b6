#pragma once

// Calendars and times for tests.

#include <string>

#include <gtest/gtest.h>

#include "libs/calendar/calendars_file.h"
#include "libs/calendar/rfc3339.h"

namespace throughline::calendar::testing {

inline absl::Time At(const std::string& rfc3339) {
  const auto time = ParseRfc3339(rfc3339);
  EXPECT_TRUE(time.has_value()) << rfc3339;
  return time.value_or(absl::InfinitePast());
}

// The one calendar of a file's text, without its head.
inline Calendar Of(const std::string& text) {
  auto calendars = ParseCalendars("default = 'c'\n[calendar.c]\n" + text);
  EXPECT_TRUE(calendars.ok()) << calendars.status();
  return calendars.ok() ? *calendars->Find("c") : Calendar::Always();
}

inline constexpr char kSupport[] = R"(
zone = "Europe/Berlin"
week.mon-fri = ["08:00-12:00", "13:00-17:00"]
holidays = ["12-25", "12-26", "2026-04-03"]
half-days."12-24" = "until 12:00"
open."2026-12-06" = ["10:00-16:00"]
)";

// 22:00 to 06:00 in every night, over every change of the clocks.
inline constexpr char kNights[] = R"(
zone = "America/New_York"
week.mon-sun = ["22:00-06:00"]
)";

}  // namespace throughline::calendar::testing
