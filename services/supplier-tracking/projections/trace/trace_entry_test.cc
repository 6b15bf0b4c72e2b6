// The local time of an entry, and how sure its time is.

#include "services/supplier-tracking/projections/trace/trace_entry.h"

#include <gtest/gtest.h>

#include "libs/runtime/testing/bench.h"
#include "services/supplier-tracking/carriers/place_zone.h"

namespace throughline::supplier {
namespace {

// 1772625600 is 2026-03-04T12:00:00Z.
v1::TraceEntry Entry(const std::string& text) {
  return runtime::testing::FromText<v1::TraceEntry>("time { seconds: 1772625600 } " + text);
}

std::string Shown(const v1::TraceEntry& entry, const std::string& destination = "") {
  const auto local = LocalTimeOf(entry, ZoneByName(destination));
  if (!local) return "unknown";
  std::string text = local->time();
  if (local->has_offset_minutes()) text += " " + std::to_string(local->offset_minutes());
  if (!local->zone().empty()) text += " " + local->zone();
  return text + (local->at() == v1::LOCAL_TIME_PLACE_EVENT ? " there" : " destination");
}

TEST(LocalTime, IsThatOfTheCarriersClocks) {
  EXPECT_EQ(Shown(Entry(R"(carrier_time { local_time: "2026-03-04T07:00:00" offset_minutes: -300 })")),
            "2026-03-04T07:00:00 -300 there");
  EXPECT_EQ(Shown(Entry(R"(carrier_time { local_time: "2026-03-04T07:00:00" offset_minutes: -300 }
                           place { city: "Albany" region: "NY" country: "US" })")),
            "2026-03-04T07:00:00 -300 America/New_York there");
}

TEST(LocalTime, IsThatOfThePlaceIfTheCarrierGaveTheMomentByAnotherClock) {
  EXPECT_EQ(Shown(Entry(R"(carrier_time { local_time: "2026-03-04T12:00:00" offset_minutes: 0
                                          offset_source: OFFSET_SOURCE_EXPLICIT }
                           place { city: "Albany" region: "NY" country: "US" })")),
            "2026-03-04T07:00:00 -300 America/New_York there");
  EXPECT_EQ(Shown(Entry(R"(carrier_time { instant { seconds: 1772625600 } } place { country: "DE" })")),
            "2026-03-04T13:00:00 60 Europe/Berlin there");
}

TEST(LocalTime, StaysAsWrittenIfThePlaceContradictsItOrIsNotSure) {
  EXPECT_EQ(Shown(Entry(R"(carrier_time { local_time: "2026-03-04T22:00:00" offset_minutes: 600 uncertain: true }
                           place { region: "NY" country: "US" })")),
            "2026-03-04T22:00:00 600 there");
  EXPECT_EQ(Shown(Entry(R"(carrier_time { local_time: "2026-03-04T05:00:00" offset_minutes: -420 }
                           place { region: "TX" country: "US" })")),
            "2026-03-04T05:00:00 -420 there")
      << "Texas has two zones";
}

TEST(LocalTime, OfADateIsTheDate) {
  EXPECT_EQ(Shown(Entry(R"(carrier_time { local_time: "2026-03-04" uncertain: true } place { country: "DE" })")),
            "2026-03-04 Europe/Berlin there");
}

TEST(LocalTime, WithoutAPlaceIsThatOfTheDestination) {
  EXPECT_EQ(Shown(Entry(""), "America/New_York"), "2026-03-04T07:00:00 -300 America/New_York destination");
  EXPECT_EQ(Shown(Entry("carrier_time { instant { seconds: 1772625600 } }"), "Asia/Kolkata"),
            "2026-03-04T17:30:00 330 Asia/Kolkata destination");
  EXPECT_EQ(Shown(Entry("")), "unknown") << "and none is assumed";
}

TEST(Certainty, SaysHowTheTimeIsKnown) {
  const auto of = [](const std::string& text) { return CertaintyOf(Entry(text)); };
  EXPECT_EQ(of(""), v1::TIME_CERTAINTY_CERTAIN) << "our own clock";
  EXPECT_EQ(of("carrier_time { instant { seconds: 1 } }"), v1::TIME_CERTAINTY_CERTAIN);
  constexpr char kTold[] = R"(carrier_time { local_time: "2026-03-04T07:00:00" offset_minutes: -300 )";
  EXPECT_EQ(of(absl::StrCat(kTold, "offset_source: OFFSET_SOURCE_EXPLICIT }")), v1::TIME_CERTAINTY_CERTAIN);
  EXPECT_EQ(of(absl::StrCat(kTold, "offset_source: OFFSET_SOURCE_GMT_PAIR }")), v1::TIME_CERTAINTY_CERTAIN);
  EXPECT_EQ(of(absl::StrCat(kTold, "offset_source: OFFSET_SOURCE_ABBREVIATION }")), v1::TIME_CERTAINTY_DERIVED);
  EXPECT_EQ(of(absl::StrCat(kTold, "offset_source: OFFSET_SOURCE_PLACE }")), v1::TIME_CERTAINTY_DERIVED);
  EXPECT_EQ(of(absl::StrCat(kTold, "offset_source: OFFSET_SOURCE_ASSUMED uncertain: true }")),
            v1::TIME_CERTAINTY_UNCERTAIN);
  EXPECT_EQ(of(absl::StrCat(kTold, "offset_source: OFFSET_SOURCE_EXPLICIT uncertain: true }")),
            v1::TIME_CERTAINTY_UNCERTAIN)
      << "the place refutes it";
  EXPECT_EQ(of(R"(carrier_time { local_time: "2026-03-04" uncertain: true })"), v1::TIME_CERTAINTY_DATE_ONLY);
}

}  // namespace
}  // namespace throughline::supplier
