#include "libs/calendar/calendars_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/calendar/testing/calendars.h"

namespace throughline::calendar {
namespace {

using testing::At;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Problems(const std::string& text) { return std::string(ParseCalendars(text).status().message()); }
// Of a calendar that is whole without `line`.
std::string ProblemsWith(const std::string& line) {
  return Problems("default = 'c'\n[calendar.c]\nzone = 'UTC'\nweek.mon-fri = ['08:00-17:00']\n" + line);
}

TEST(CalendarsFile, TheExampleIsGood) {
  const auto calendars = ReadCalendars("deploy/calendars.toml");
  ASSERT_TRUE(calendars.ok()) << calendars.status();
  EXPECT_THAT(calendars->Names(), ElementsAre("hotline", "support"));
  EXPECT_EQ(calendars->Find("")->name(), "support");
  EXPECT_EQ(calendars->Find("nights"), nullptr);
  EXPECT_EQ(calendars->Find("support")->EndOfDay(absl::CivilDay(2026, 12, 24)), At("2026-12-24T12:00:00+01:00"));
}

TEST(CalendarsFile, WithoutAFileThereIsOneThatIsAlwaysOpen) {
  EXPECT_THAT(Calendars().Names(), ElementsAre("always"));
  EXPECT_TRUE(Calendars().Find("")->IsOpen(At("2026-12-25T03:00:00Z")));
}

TEST(CalendarsFile, PeriodsMayEndOnTheNextDay) {
  const Calendar calendar =
      testing::Of("zone = 'UTC'\nweek.fri = ['22:00-06:00', '08:00-12:00']\nweek.sun = ['00:00-24:00']\n");
  EXPECT_EQ(calendar.EndOfDay(absl::CivilDay(2026, 11, 27)), At("2026-11-28T06:00:00Z"));
  EXPECT_EQ(calendar.EndOfDay(absl::CivilDay(2026, 11, 29)), At("2026-11-30T00:00:00Z"));
}

TEST(CalendarsFile, NamesTheLineOfEachProblem) {
  EXPECT_THAT(Problems("default = 'x'\n[calendar.c]\nzone = 'Mars/Base'\nweek.mon = ['8-17']\nhollidays = []\n"),
              ::testing::AllOf(HasSubstr("line 3: `Mars/Base`"), HasSubstr("line 4: `mon` is a list"),
                               HasSubstr("line 5: `hollidays` is none of"), HasSubstr("line 1: `default` must")));
  EXPECT_THAT(Problems("default = "), HasSubstr("line 1: "));
  EXPECT_THAT(Problems(""), HasSubstr("there is no calendar"));
  EXPECT_THAT(Problems("default = 'c'\n[calendar.c]\n"),
              ::testing::AllOf(HasSubstr("needs a zone"), HasSubstr("needs a week")));
  EXPECT_THAT(Problems("default = 'c'\ncalendar.c = 1\n"), HasSubstr("line 2: write [calendar.c]"));
}

TEST(CalendarsFile, RefusesWhatCannotBe) {
  EXPECT_EQ(ProblemsWith(""), "");
  for (const char* line : {"week.wed = ['08:00-17:00']",
                           "week.sun-mon = ['08:00-17:00']",
                           "week.sun = '08:00-17:00'",
                           "week.sun = ['08:00-08:00']",
                           "week.sun = ['24:00-25:00']",
                           "week.sun = ['08:60-17:00']",
                           "week.sun = [8]",
                           "week.someday = []",
                           "holidays = ['2026-02-29']",
                           "holidays = ['13-01']",
                           "holidays = [12]",
                           "holidays = '12-25'",
                           "holidays = ['12-25', '12-25']",
                           "half-days = ['12-24']",
                           "half-days.'12-24' = '12:00'",
                           "half-days.'12-24' = 'at 12:00'",
                           "open.'12-06' = ['10:00-16:00']",
                           "open.'2026-12-06' = []",
                           "open = ['2026-12-06']",
                           "open.'2026-12-06' = ['10:00-16:00', '15:00-18:00']"}) {
    EXPECT_NE(ProblemsWith(line), "") << line;
  }
}

TEST(CalendarsFile, NamesAFileThatCannotBeRead) {
  EXPECT_THAT(std::string(ReadCalendars("/no/such/file.toml").status().message()), HasSubstr("/no/such/file.toml"));
}

}  // namespace
}  // namespace throughline::calendar
