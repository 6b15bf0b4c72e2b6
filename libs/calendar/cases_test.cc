// Checks every row of testing/cases.tsv, whose answers testing/make_cases.py found by other means.

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include <gtest/gtest.h>

#include "libs/calendar/testing/calendars.h"
#include "libs/files/whole_file.h"

namespace throughline::calendar {
namespace {

constexpr char kCalendars[] = R"(
default = "berlin-lunch"

[calendar.berlin-lunch]
zone = "Europe/Berlin"
week.mon-fri = ["08:00-12:00", "13:00-17:00"]
holidays = ["12-25", "12-26", "01-01", "2026-04-03", "2026-04-06"]
half-days = { "2026-12-24" = "until 12:00", "2026-12-31" = "until 12:00" }
open."2026-12-06" = ["10:00-16:00"]
open."2026-12-26" = ["09:00-11:00", "12:00-13:30"]

[calendar.berlin-night-hours]
zone = "Europe/Berlin"
week.mon-sun = ["01:30-02:15", "02:30-02:45", "02:50-04:00"]

[calendar.new-york-nights]
zone = "America/New_York"
week.mon-sun = ["22:00-06:00"]

[calendar.new-york-split]
zone = "America/New_York"
week.mon-sat = ["07:00-11:00", "15:00-19:30"]
week.sun = ["00:00-03:00"]
holidays = ["07-04", "11-26"]

[calendar.lord-howe]
zone = "Australia/Lord_Howe"
week.mon-fri = ["09:00-17:30"]
week.sat = ["23:00-05:00"]
week.sun = ["20:00-24:00"]
)";

std::string Shown(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

std::string Answer(const Calendar& calendar, absl::string_view question, absl::Time time, int amount) {
  if (question == "open") return calendar.IsOpen(time) ? "true" : "false";
  if (question == "next") return Shown(calendar.NextOpening(time));
  if (question == "add") return Shown(calendar.AddOpenTime(time, absl::Minutes(amount)));
  if (question == "days") return Shown(calendar.EndOfBusinessDay(time, amount));
  return "unknown question";
}

TEST(CalendarCases, AreAnsweredAsByGoingThroughTimeMinuteByMinute) {
  const auto calendars = ParseCalendars(kCalendars);
  ASSERT_TRUE(calendars.ok()) << calendars.status();
  const auto table = files::ReadFile("libs/calendar/testing/cases.tsv");
  ASSERT_TRUE(table.has_value());
  int rows = 0;
  for (absl::string_view line : absl::StrSplit(*table, '\n', absl::SkipEmpty())) {
    if (line[0] == '#') continue;
    const std::vector<std::string> cells = absl::StrSplit(line, '\t');
    ASSERT_EQ(cells.size(), 5u) << line;
    const Calendar* calendar = calendars->Find(cells[0]);
    ASSERT_NE(calendar, nullptr) << line;
    int amount = 0;
    ASSERT_TRUE(absl::SimpleAtoi(cells[3], &amount)) << line;
    EXPECT_EQ(Answer(*calendar, cells[1], testing::At(cells[2]), amount), cells[4]) << line;
    ++rows;
  }
  EXPECT_GE(rows, 1000);
}

}  // namespace
}  // namespace throughline::calendar
