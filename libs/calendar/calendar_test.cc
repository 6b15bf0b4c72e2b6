#include "libs/calendar/calendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/calendar/testing/calendars.h"
#include "libs/calendar/zone.h"

namespace throughline::calendar {
namespace {

using testing::At;
using ::testing::HasSubstr;
using testing::Of;

// 2026-11-23 is a Monday; Berlin is at +01:00 then.
TEST(Calendar, IsOpenInItsPeriodsAndClosedAtTheirEnds) {
  const Calendar calendar = Of(testing::kSupport);
  EXPECT_FALSE(calendar.IsOpen(At("2026-11-23T07:59:59+01:00")));
  EXPECT_TRUE(calendar.IsOpen(At("2026-11-23T08:00:00+01:00")));
  EXPECT_FALSE(calendar.IsOpen(At("2026-11-23T12:00:00+01:00")));
  EXPECT_FALSE(calendar.IsOpen(At("2026-11-22T10:00:00+01:00"))) << "a Sunday";
  EXPECT_TRUE(calendar.IsOpen(At("2026-12-06T10:00:00+01:00"))) << "a Sunday that is open";
  EXPECT_FALSE(calendar.IsOpen(At("2029-12-25T10:00:00+01:00"))) << "a holiday of each year";
  EXPECT_FALSE(calendar.IsOpen(At("2026-04-03T10:00:00+02:00"))) << "a holiday of one year";
  EXPECT_TRUE(calendar.IsOpen(At("2027-12-24T10:00:00+01:00"))) << "half a day";
  EXPECT_FALSE(calendar.IsOpen(At("2027-12-24T14:00:00+01:00"))) << "the other half";
  EXPECT_FALSE(calendar.IsOpen(absl::InfiniteFuture()));
}

TEST(Calendar, OpensNextAfterLunchWeekendsAndHolidays) {
  const Calendar calendar = Of(testing::kSupport);
  EXPECT_EQ(calendar.NextOpening(At("2026-11-23T10:00:00+01:00")), At("2026-11-23T10:00:00+01:00"));
  EXPECT_EQ(calendar.NextOpening(At("2026-11-23T12:10:00+01:00")), At("2026-11-23T13:00:00+01:00"));
  EXPECT_EQ(calendar.NextOpening(At("2026-11-27T17:00:00+01:00")), At("2026-11-30T08:00:00+01:00"));
  EXPECT_EQ(calendar.NextOpening(At("2026-12-24T12:00:00+01:00")), At("2026-12-28T08:00:00+01:00"));
}

TEST(Calendar, AddsWorkingTime) {
  const Calendar calendar = Of(testing::kSupport);
  EXPECT_EQ(calendar.AddOpenTime(At("2026-11-23T11:30:00+01:00"), absl::Hours(1)), At("2026-11-23T13:30:00+01:00"));
  EXPECT_EQ(calendar.AddOpenTime(At("2026-11-23T13:00:00+01:00"), absl::Hours(4)), At("2026-11-23T17:00:00+01:00"))
      << "not the next morning";
  EXPECT_EQ(calendar.AddOpenTime(At("2026-11-27T16:00:00+01:00"), absl::Hours(8)), At("2026-11-30T16:00:00+01:00"));
  EXPECT_EQ(calendar.AddOpenTime(At("2026-11-28T16:00:00+01:00"), absl::ZeroDuration()),
            At("2026-11-28T16:00:00+01:00"));
}

TEST(Calendar, AddsBusinessDaysAfterTheDateOfTheStart) {
  const Calendar calendar = Of(testing::kSupport);
  for (const char* said : {"2026-11-26T00:30:00+01:00", "2026-11-26T10:00:00+01:00", "2026-11-26T23:00:00+01:00"}) {
    EXPECT_EQ(calendar.EndOfBusinessDay(At(said), 1), At("2026-11-27T17:00:00+01:00")) << said;
    EXPECT_EQ(calendar.EndOfBusinessDay(At(said), 2), At("2026-11-30T17:00:00+01:00")) << said;
  }
  EXPECT_EQ(calendar.EndOfBusinessDay(At("2026-11-28T10:00:00+01:00"), 1), At("2026-11-30T17:00:00+01:00"))
      << "said on a Saturday";
  EXPECT_EQ(calendar.EndOfBusinessDay(At("2026-12-23T10:00:00+01:00"), 1), At("2026-12-24T12:00:00+01:00"));
  EXPECT_EQ(calendar.EndOfBusinessDay(At("2026-12-23T10:00:00+01:00"), 2), At("2026-12-28T17:00:00+01:00"));
  EXPECT_EQ(calendar.EndOfBusinessDay(At("2026-12-05T10:00:00+01:00"), 1), At("2026-12-06T16:00:00+01:00"));
}

TEST(Calendar, BeginsAgainAfterLunchBetweenShiftsAndAfterAHoliday) {
  const Calendar calendar = Of(testing::kSupport);
  EXPECT_EQ(calendar.NextBeginning(At("2026-11-23T07:00:00+01:00")), At("2026-11-23T08:00:00+01:00"));
  EXPECT_EQ(calendar.NextBeginning(At("2026-11-23T08:00:00+01:00")), At("2026-11-23T13:00:00+01:00")) << "later";
  EXPECT_EQ(calendar.NextBeginning(At("2026-11-23T12:30:00+01:00")), At("2026-11-23T13:00:00+01:00"));
  EXPECT_EQ(calendar.NextBeginning(At("2026-12-24T09:00:00+01:00")), At("2026-12-28T08:00:00+01:00"));
  EXPECT_EQ(Calendar::Always().NextBeginning(At("2026-12-24T09:00:00+01:00")), At("2026-12-25T00:00:00Z"));
}

TEST(Calendar, ASplitShiftIsOneBusinessDay) {
  const Calendar calendar = Of(R"(
zone = "Europe/Madrid"
week.mon-fri = ["09:00-13:30", "17:00-20:00"]
holidays = ["2026-10-12"]
half-days = { "2026-10-14" = "until 13:30", "2026-10-15" = "from 17:00" }
)");
  EXPECT_EQ(calendar.OpenTime(At("2026-10-09T00:00:00+02:00"), At("2026-10-10T00:00:00+02:00")), absl::Minutes(450));
  EXPECT_EQ(calendar.EndOfBusinessDay(At("2026-10-09T15:00:00+02:00"), 1), At("2026-10-13T20:00:00+02:00"))
      << "Friday's break between the shifts; then a weekend and a holiday";
  EXPECT_EQ(calendar.EndOfBusinessDay(At("2026-10-13T15:00:00+02:00"), 1), At("2026-10-14T13:30:00+02:00"));
  EXPECT_EQ(calendar.AddOpenTime(At("2026-10-14T12:30:00+02:00"), absl::Hours(2)), At("2026-10-15T18:00:00+02:00"))
      << "an hour of the morning that there is, and one of the evening";
}

// Berlin's clocks go from 02:00 to 03:00 on 2026-03-29 and back from 03:00 on 2026-10-25.
TEST(Calendar, ALunchBreakMayHoldTheChangeOfTheClocks) {
  const Calendar calendar = Of(R"(
zone = "Europe/Berlin"
week.sat-sun = ["00:00-01:30", "03:30-06:00"]
)");
  EXPECT_EQ(calendar.NextBeginning(At("2026-03-29T01:30:00+01:00")) - At("2026-03-29T01:30:00+01:00"), absl::Hours(1));
  EXPECT_EQ(calendar.NextBeginning(At("2026-10-25T01:30:00+02:00")) - At("2026-10-25T01:30:00+02:00"), absl::Hours(3));
  for (const char* sunday : {"2026-03-29", "2026-10-25"}) {
    absl::CivilDay day;
    ASSERT_TRUE(absl::ParseCivilTime(sunday, &day));
    EXPECT_EQ(calendar.OpenTime(absl::FromCivil(day, calendar.zone()), absl::FromCivil(day + 1, calendar.zone())),
              absl::Hours(4))
        << sunday << ": neither shift is longer or shorter";
  }
}

TEST(Calendar, NightShiftsBelongToTheDayThatTheyBeginOn) {
  const Calendar calendar = Of(testing::kNights + std::string("holidays = ['2026-07-04']"));
  EXPECT_TRUE(calendar.IsOpen(At("2026-07-04T02:00:00-04:00"))) << "the shift of the 3rd";
  EXPECT_FALSE(calendar.IsOpen(At("2026-07-04T23:00:00-04:00")));
  EXPECT_FALSE(calendar.IsOpen(At("2026-07-05T02:00:00-04:00"))) << "the shift of the 4th";
  EXPECT_EQ(calendar.EndOfDay(absl::CivilDay(2026, 7, 3)), At("2026-07-04T06:00:00-04:00"));
  EXPECT_FALSE(calendar.IsBusinessDay(absl::CivilDay(2026, 7, 4)));
}

TEST(Calendar, NightsAreShorterAndLongerWhenTheClocksChange) {
  const Calendar calendar = Of(testing::kNights);
  const auto night = [&](const char* from, const char* until) { return calendar.OpenTime(At(from), At(until)); };
  EXPECT_EQ(night("2026-03-07T12:00:00-05:00", "2026-03-08T12:00:00-04:00"), absl::Hours(7));
  EXPECT_EQ(night("2026-10-31T12:00:00-04:00", "2026-11-01T12:00:00-05:00"), absl::Hours(9));
  EXPECT_EQ(calendar.AddOpenTime(At("2026-10-31T22:00:00-04:00"), absl::Hours(9)), At("2026-11-01T06:00:00-05:00"));
}

TEST(Calendar, PeriodsInARepeatedHourAreOpenOnce) {
  const Calendar calendar = Of(R"(zone = "Europe/Berlin"
                                  week.sun = ["01:00-02:30"])");
  EXPECT_TRUE(calendar.IsOpen(At("2026-10-25T02:15:00+02:00")));
  EXPECT_FALSE(calendar.IsOpen(At("2026-10-25T02:15:00+01:00"))) << "the clocks show it a second time";
  EXPECT_EQ(calendar.OpenTime(At("2026-10-25T00:00:00Z"), At("2026-10-26T00:00:00Z")), absl::Minutes(30));
}

TEST(Calendar, PeriodsInASkippedHourAreNotOpen) {
  const Calendar calendar = Of(R"(zone = "Europe/Berlin"
                                  week.sun = ["02:00-03:00"])");
  EXPECT_FALSE(calendar.IsBusinessDay(absl::CivilDay(2026, 3, 29)));
  EXPECT_EQ(calendar.NextOpening(At("2026-03-29T00:00:00+01:00")), At("2026-04-05T02:00:00+02:00"));
}

TEST(Calendar, SurvivesADateThatAZoneSkipped) {
  const Calendar calendar = Of(R"(zone = "Pacific/Apia"
                                  week.mon-sun = ["22:00-06:00"])");
  EXPECT_FALSE(calendar.IsBusinessDay(absl::CivilDay(2011, 12, 30)));
  EXPECT_EQ(calendar.OpenTime(At("2011-12-29T12:00:00-10:00"), At("2011-12-31T12:00:00+14:00")), absl::Hours(2));
}

TEST(Calendar, AnExceptionMayOverlapTheNightBefore) {
  const Calendar calendar = Of(testing::kNights + std::string("open.'2026-07-04' = ['05:00-08:00']"));
  EXPECT_EQ(calendar.OpenTime(At("2026-07-03T12:00:00-04:00"), At("2026-07-04T12:00:00-04:00")), absl::Hours(10));
}

TEST(Calendar, AlwaysIsOpenAtAllTimes) {
  const Calendar calendar = Calendar::Always();
  const absl::Time now = At("2026-03-29T01:30:00+01:00");
  EXPECT_TRUE(calendar.IsOpen(now));
  EXPECT_EQ(calendar.AddOpenTime(now, absl::Hours(1000)), now + absl::Hours(1000));
  EXPECT_EQ(calendar.EndOfBusinessDay(now, 1), At("2026-03-31T00:00:00Z"));
}

TEST(Calendar, SearchesNoFurtherThanItSays) {
  const Calendar calendar = Of(testing::kSupport);
  const absl::Time now = At("2026-11-23T08:00:00+01:00");
  EXPECT_EQ(calendar.AddOpenTime(now, absl::Hours(1'000'000)), absl::InfiniteFuture());
  EXPECT_EQ(calendar.AddOpenTime(now, absl::InfiniteDuration()), absl::InfiniteFuture());
  EXPECT_EQ(calendar.EndOfBusinessDay(now, 1'000'000), absl::InfiniteFuture());
  for (const absl::Time edge : {absl::InfiniteFuture(), absl::InfinitePast(), absl::FromUnixSeconds(int64_t{1} << 60),
                                absl::FromUnixSeconds(-(int64_t{1} << 60))}) {
    EXPECT_FALSE(calendar.IsOpen(edge) && edge == absl::InfiniteFuture());
    EXPECT_GE(calendar.AddOpenTime(edge, absl::Hours(1)), edge);
    EXPECT_GE(calendar.EndOfBusinessDay(edge, 1), edge);
  }
}

std::string Refused(CalendarRules rules) {
  rules.name = "c";
  return std::string(Calendar::Make(std::move(rules)).status().message());
}

TEST(Calendar, RefusesWhatCannotBe) {
  CalendarRules rules;
  EXPECT_THAT(Refused(rules), HasSubstr("not open on any day")) << "no period at all";
  rules.week[0] = {{8 * 60, 12 * 60}, {11 * 60, 17 * 60}};
  EXPECT_THAT(Refused(rules), HasSubstr("Monday: 08:00-12:00 and 11:00-17:00 overlap"));
  rules.week[0] = {{22 * 60, 30 * 60}};
  rules.week[1] = {{5 * 60, 8 * 60}};
  EXPECT_THAT(Refused(rules), HasSubstr("22:00-06:00 of Monday and 05:00-08:00 of Tuesday overlap"));
  rules.week[1] = {{8 * 60, 8 * 60}};
  EXPECT_THAT(Refused(rules), HasSubstr("cannot be"));
  rules.week[1] = {};
  rules.every_year[{2, 30}] = {};
  EXPECT_THAT(Refused(rules), HasSubstr("02-30 is in no year"));
  rules.every_year.clear();
  rules.once[absl::CivilDay(20260, 1, 1)] = {};
  EXPECT_THAT(Refused(rules), HasSubstr("is not in the years"));
}

TEST(Calendar, RefusesOneThatIsClosedForTooLong) {
  CalendarRules rules;
  for (auto& day : rules.week) day = {{8 * 60, 17 * 60}};
  for (int i = 0; i < kLongestClosing; ++i) rules.once[absl::CivilDay(2027, 1, 1) + i] = {};
  EXPECT_EQ(Refused(rules), "");
  rules.once[absl::CivilDay(2027, 1, 1) + kLongestClosing] = {};
  EXPECT_THAT(Refused(rules), HasSubstr("from 2027-01-01 to 2027-04-11"));
}

TEST(Zone, IsFoundByItsNameOnly) {
  EXPECT_TRUE(FindZone("Europe/Berlin").has_value());
  EXPECT_TRUE(FindZone("UTC").has_value());
  for (const char* name :
       {"", "Europe/Nowhere", "/etc/passwd", "../../../etc/passwd", "Europe/Berlin\n", "localtime "}) {
    EXPECT_FALSE(FindZone(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace throughline::calendar
