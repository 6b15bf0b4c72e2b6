#include "services/supplier-tracking/risk/forecast.h"

#include <cmath>

#include <gtest/gtest.h>

#include "services/supplier-tracking/lanes/histogram.h"
#include "services/supplier-tracking/lanes/share.h"

namespace throughline::supplier {
namespace {

const absl::Time kMonday = absl::FromCivil(absl::CivilDay(2026, 3, 2), absl::UTCTimeZone());

// Of a hundred, so many take so many days and twelve hours from the beginning of the day.
template <typename Weekdays>
void Fill(Weekdays& weekdays, std::initializer_list<std::pair<int, int>> counts) {
  while (weekdays.size() < 7) weekdays.Add();
  for (auto& weekday : weekdays) {
    for (const auto& [days, count] : counts) AddDuration(weekday, absl::Hours(24 * days + 12), count);
  }
}

v1::LaneRow Lane() {
  v1::LaneRow lane;
  Fill(*lane.mutable_arrival(), {{1, 50}, {2, 30}, {4, 20}});
  Fill(*lane.mutable_start(), {{0, 80}, {1, 20}});
  return lane;
}

absl::Time Evening(int days) { return kMonday + absl::Hours(24 * days + 20); }

TEST(Forecast, IsTheShareOfThoseThatTookLonger) {
  const absl::Time picked_up = kMonday + absl::Hours(16);
  EXPECT_NEAR(OnTheWay(Lane(), picked_up, picked_up, Evening(1)).late, 0.5, 0.02);
  EXPECT_NEAR(OnTheWay(Lane(), picked_up, picked_up, Evening(2)).late, 0.2, 0.02);
  EXPECT_LT(OnTheWay(Lane(), picked_up, picked_up, Evening(4)).late, 0.01);
  EXPECT_GT(OnTheWay(Lane(), picked_up, picked_up, Evening(4)).late, 0) << "what nobody has seen is not impossible";
}

TEST(Forecast, LooksOnlyAtThoseThatWereNotThereEither) {
  const absl::Time picked_up = kMonday + absl::Hours(16);
  const Forecast forecast = OnTheWay(Lane(), picked_up, Evening(1), Evening(2));
  EXPECT_NEAR(forecast.late, 0.4, 0.02) << "20 of the 50 that took more than a day";
  EXPECT_LT(absl::AbsDuration(forecast.median - (kMonday + absl::Hours(60))), absl::Hours(2));
  EXPECT_NEAR(OnTheWay(Lane(), picked_up, Evening(2), Evening(2)).late, 1, 0.001) << "the promise has passed";
}

TEST(Forecast, CountsTheTimeUntilThePickUpToo) {
  const absl::Time announced = kMonday + absl::Hours(10);
  // Picked up today, 80 %: late with 20 %. Tomorrow, 20 %: its second day is over, half of them are there.
  EXPECT_NEAR(NotPickedUp(Lane(), announced, announced, Evening(2)).late, 0.8 * 0.2 + 0.2 * 0.5, 0.06);
  EXPECT_NEAR(NotPickedUp(Lane(), announced, Evening(0), Evening(2)).late, 0.5, 0.06);
}

TEST(Forecast, HoldsAVendorToItsOwnWord) {
  v1::VendorTimesRow vendor;
  Fill(*vendor.mutable_handling(), {{0, 90}, {1, 10}});
  Fill(*vendor.mutable_delivery(), {{1, 90}, {2, 10}});
  const absl::Time placed = kMonday + absl::Hours(8);
  EXPECT_LT(NotSent(vendor, placed, absl::InfinitePast(), placed, Evening(2)).late, 0.05);
  EXPECT_GT(NotSent(vendor, placed, kMonday + absl::Hours(24 * 4), placed, Evening(2)).late, 0.95);
  EXPECT_NEAR(Sent(vendor, placed, placed, Evening(1)).late, 0.1, 0.02);
}

TEST(Forecast, OfTooLittleHistoryIsNotKnown) {
  v1::LaneRow lane;
  EXPECT_FALSE(OnTheWay(lane, kMonday, kMonday, Evening(2)).known);
  while (lane.arrival_size() < 7) lane.add_arrival();
  AddDuration(*lane.mutable_arrival(3), absl::Hours(40), kEnough - 1);
  EXPECT_FALSE(OnTheWay(lane, kMonday, kMonday, Evening(2)).known);
  AddDuration(*lane.mutable_arrival(5), absl::Hours(40));
  EXPECT_TRUE(OnTheWay(lane, kMonday, kMonday, Evening(2)).known) << "a weekday that was seldom seen takes all of them";
}

TEST(Forecast, OfPartsIsLateIfAnyIs) {
  const Forecast half{.known = true, .late = 0.5, .median = Evening(1), .latest = Evening(4)};
  const Forecast fifth{.known = true, .late = 0.2, .median = Evening(2), .latest = Evening(3)};
  const Forecast all = Together({half, fifth, Forecast()});
  EXPECT_NEAR(all.late, 0.6, 1e-9);
  EXPECT_EQ(all.median, Evening(2));
  EXPECT_EQ(all.latest, Evening(4));
  EXPECT_FALSE(Together({Forecast()}).known);
}

}  // namespace
}  // namespace throughline::supplier
