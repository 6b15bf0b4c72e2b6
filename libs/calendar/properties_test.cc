// What holds for every calendar: random ones in zones with all kinds of changes of the clocks.

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "libs/calendar/calendar.h"
#include "libs/calendar/testing/calendars.h"
#include "libs/calendar/zone.h"

namespace throughline::calendar {
namespace {

class CalendarProperties : public ::testing::TestWithParam<const char*> {
 protected:
  int Pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

  // Up to three periods; the last may end on the next day, before the first of any day.
  std::vector<Period> Periods() {
    std::vector<Period> periods;
    int at = 6 * 60 + Pick(300);
    for (int i = Pick(4); i > 0 && at < 23 * 60; --i) {
      const int until = at + 1 + Pick(i == 1 ? 12 * 60 : 5 * 60);
      periods.push_back({at, std::min(until, 30 * 60)});
      at = until + Pick(180);
    }
    return periods;
  }

  Calendar Any() {
    for (;;) {
      CalendarRules rules;
      rules.zone = *FindZone(GetParam());
      for (auto& day : rules.week) day = Periods();
      if (Pick(3) == 0) rules.week[6] = {{30 + Pick(90), 3 * 60 + Pick(90)}};  // where clocks change
      for (int i = Pick(10); i > 0; --i) rules.every_year[{1 + Pick(12), 1 + Pick(28)}] = {};
      for (int i = Pick(10); i > 0; --i) {
        rules.once[absl::CivilDay(2026, 1, 1) + Pick(365)] = {DayRule::kHalfDay, {0, 12 * 60}};
      }
      for (int i = Pick(5); i > 0; --i) {
        rules.once[absl::CivilDay(2026, 1, 1) + Pick(365)] = {DayRule::kOpened, {}, {{Pick(720), 721 + Pick(720)}}};
      }
      auto calendar = Calendar::Make(rules);
      if (calendar.ok()) return *calendar;
    }
  }

  absl::Time Moment() { return testing::At("2026-01-01T00:00:00Z") + absl::Seconds(Pick(365 * 24 * 3600)); }
  absl::Duration Amount() { return absl::Seconds(Pick(4) == 0 ? Pick(2) : Pick(100 * 3600)); }

  std::mt19937 random_{20261129};
};

constexpr int kRounds = 150;
constexpr int kMoments = 30;

TEST_P(CalendarProperties, TheNextOpeningIsOpenAndTheFirst) {
  for (int i = 0; i < kRounds; ++i) {
    const Calendar calendar = Any();
    for (int j = 0; j < kMoments; ++j) {
      const absl::Time time = Moment();
      const absl::Time opening = calendar.NextOpening(time);
      ASSERT_GE(opening, time);
      ASSERT_TRUE(calendar.IsOpen(opening));
      ASSERT_EQ(calendar.NextOpening(opening), opening) << "asked again, it stays";
      ASSERT_EQ(calendar.OpenTime(time, opening), absl::ZeroDuration());
      ASSERT_EQ(calendar.IsOpen(time), opening == time);
      const absl::Time beginning = calendar.NextBeginning(time);
      ASSERT_GT(beginning, time);
      ASSERT_TRUE(calendar.IsOpen(beginning));
      ASSERT_FALSE(calendar.IsOpen(beginning - absl::Nanoseconds(1)) && !calendar.IsOpen(time))
          << "what was closed until then opens then";
    }
  }
}

TEST_P(CalendarProperties, TheOpenTimeUntilTheResultIsWhatWasAsked) {
  for (int i = 0; i < kRounds; ++i) {
    const Calendar calendar = Any();
    for (int j = 0; j < kMoments; ++j) {
      const absl::Time from = Moment();
      const absl::Duration amount = Amount();
      const absl::Time result = calendar.AddOpenTime(from, amount);
      ASSERT_EQ(calendar.OpenTime(from, result), amount) << from << " " << amount;
      if (amount > absl::ZeroDuration()) {
        ASSERT_LT(calendar.OpenTime(from, result - absl::Nanoseconds(1)), amount) << "it is the earliest";
      }
    }
  }
}

TEST_P(CalendarProperties, PartsAddUp) {
  for (int i = 0; i < kRounds; ++i) {
    const Calendar calendar = Any();
    for (int j = 0; j < kMoments; ++j) {
      const absl::Time from = Moment();
      const absl::Duration first = Amount(), second = Amount();
      ASSERT_EQ(calendar.AddOpenTime(calendar.AddOpenTime(from, first), second),
                calendar.AddOpenTime(from, first + second));
      const absl::Time middle = Moment(), end = std::max(middle, Moment());
      if (from <= middle) {
        ASSERT_EQ(calendar.OpenTime(from, middle) + calendar.OpenTime(middle, end), calendar.OpenTime(from, end));
      }
      const int days = 1 + Pick(5);
      ASSERT_GE(calendar.EndOfBusinessDay(from, days + 1), calendar.EndOfBusinessDay(from, days));
    }
  }
}

TEST_P(CalendarProperties, SaidLaterIsNeverDueEarlier) {
  for (int i = 0; i < kRounds; ++i) {
    const Calendar calendar = Any();
    for (int j = 0; j < kMoments; ++j) {
      const absl::Time one = Moment(), other = Pick(2) == 0 ? one + absl::Seconds(Pick(7200)) : Moment();
      const absl::Time from = std::min(one, other), later = std::max(one, other);
      const absl::Duration amount = Amount(), more = amount + absl::Seconds(Pick(3600));
      ASSERT_LE(calendar.AddOpenTime(from, amount), calendar.AddOpenTime(later, amount));
      ASSERT_LE(calendar.AddOpenTime(from, amount), calendar.AddOpenTime(from, more));
      ASSERT_LE(calendar.EndOfBusinessDay(from, 2), calendar.EndOfBusinessDay(later, 2));
      ASSERT_LE(calendar.NextOpening(from), calendar.NextOpening(later));
    }
  }
}

// Going through a year minute by minute finds as much open time as asking for it at once.
TEST_P(CalendarProperties, TheMinutesOfAYearAddUp) {
  const Calendar calendar = testing::Of(R"(zone = ")" + std::string(GetParam()) + R"("
                                  week.mon-fri = ["06:00-11:30", "12:00-14:00", "22:00-03:30"])");
  const absl::Time first = testing::At("2026-01-01T00:00:00Z"), last = testing::At("2026-12-31T00:00:00Z");
  int open = 0;
  for (absl::Time time = first; time < last; time += absl::Minutes(15)) open += calendar.IsOpen(time) ? 15 : 0;
  EXPECT_EQ(absl::Minutes(open), calendar.OpenTime(first, last));
}

INSTANTIATE_TEST_SUITE_P(Zones, CalendarProperties,
                         ::testing::Values("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"),
                         [](const auto& zone) {
                           std::string name = zone.param;
                           std::replace(name.begin(), name.end(), '/', '_');
                           return name;
                         });

}  // namespace
}  // namespace throughline::calendar
