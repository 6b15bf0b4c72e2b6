#include "libs/calendar/due.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/calendar/testing/calendars.h"

namespace throughline::calendar {
namespace {

using testing::At;
using ::testing::HasSubstr;

// A Thursday; Friday 27 and Monday 30 November follow.
absl::StatusOr<absl::Time> Said(const std::string& words, const std::string& now = "2026-11-26T16:00:00+01:00") {
  static const auto& calendar = *new Calendar(testing::Of(testing::kSupport));
  const auto due = ParseDue(words);
  if (!due.ok()) return due.status();
  return Resolve(*due, calendar, At(now));
}

std::string Refused(const std::string& words) { return std::string(Said(words).status().message()); }

TEST(Due, BusinessDaysEndAtTheEndOfWorkingTime) {
  EXPECT_EQ(*Said("1 business day"), At("2026-11-27T17:00:00+01:00"));
  EXPECT_EQ(*Said("2 business days"), At("2026-11-30T17:00:00+01:00"));
  EXPECT_EQ(*Said("  2  Working\tDAYS "), At("2026-11-30T17:00:00+01:00"));
}

TEST(Due, BusinessHoursCountWorkingTimeOnly) {
  EXPECT_EQ(*Said("4 business hours"), At("2026-11-27T11:00:00+01:00"));
  EXPECT_EQ(*Said("90 business minutes"), At("2026-11-27T08:30:00+01:00"));
  EXPECT_EQ(*Said("1 business hour", "2026-11-28T10:00:00+01:00"), At("2026-11-30T09:00:00+01:00"));
}

TEST(Due, HoursPassAlsoWhileItIsClosed) {
  EXPECT_EQ(*Said("3 hours"), At("2026-11-26T19:00:00+01:00"));
  EXPECT_EQ(*Said("90 minutes"), At("2026-11-26T17:30:00+01:00"));
  EXPECT_EQ(*Said("24 hours", "2026-03-28T12:00:00+01:00"), At("2026-03-29T13:00:00+02:00"));
}

TEST(Due, ADateIsTheEndOfThatBusinessDay) {
  EXPECT_EQ(*Said("2026-11-26"), At("2026-11-26T17:00:00+01:00"));
  EXPECT_EQ(*Said("2026-12-24"), At("2026-12-24T12:00:00+01:00"));
  EXPECT_THAT(Refused("2026-12-25"), HasSubstr("2026-12-25 is not a business day of the calendar `c`: the next one is "
                                               "2026-12-28"));
}

TEST(Due, ADateWithAZoneIsTheEndOfThatDayThere) {
  EXPECT_EQ(*Said("2026-12-25@America/New_York"), At("2026-12-26T00:00:00-05:00"));
  EXPECT_EQ(*Said("2026-03-29@Europe/Berlin"), At("2026-03-30T00:00:00+02:00"));
  EXPECT_THAT(Refused("2026-12-25@Mars/Base"), HasSubstr("names no time zone"));
  EXPECT_THAT(Refused("2026-12-25@"), HasSubstr("names no time zone"));
}

TEST(Due, ATimeIsThatTime) {
  EXPECT_EQ(*Said("2026-11-28T03:00:00+01:00"), At("2026-11-28T03:00:00+01:00"));
  EXPECT_EQ(*Said("2026-11-28T02:00:00.5Z"), At("2026-11-28T02:00:00.5Z"));
}

TEST(Due, TellsWhatToWriteInstead) {
  for (const char* words : {"", "soon", "2", "business days", "two business days", "2 business", "2 business weeks",
                            "-1 hours", "+2 hours", "1.5 hours", "2026-11-31", "2026-1-2", "2026-11-28T02:00:00",
                            "2 business days please", "2026-11-28T02:00:00+0100", "2 calendar days"}) {
    EXPECT_THAT(Refused(words), HasSubstr("write `2 business days`")) << words;
  }
  EXPECT_THAT(Refused("2 days"), HasSubstr("can mean two things: write `2 business days` or `48 hours`"));
  EXPECT_THAT(Refused("0 hours"), HasSubstr("needs a number from 1"));
  EXPECT_THAT(Refused("99999999999999999999 hours"), HasSubstr("needs a number from 1"));
  EXPECT_THAT(Refused("100000 business days"), HasSubstr("too far ahead"));
  EXPECT_LT(Refused(std::string(10'000, 'x')).size(), 400u);
}

}  // namespace
}  // namespace throughline::calendar
