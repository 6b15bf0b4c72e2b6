// Detectors on virtual time: each raises its concern once, not again, and clears it on evidence, with restarts between.

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"

#include "services/supplier-tracking/detectors/detector_tables.h"
#include "services/supplier-tracking/lanes/testing_history.h"
#include "services/supplier-tracking/projections/concerns/concern_words.h"

namespace throughline::supplier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kParcel[] = "shipment/ups/1Z1/1";

class Detectors : public History {
 protected:
  // The open concerns of the order, as `KIND about`.
  std::vector<std::string> Concerns(const std::string& order = "SO-1") {
    std::vector<std::string> concerns;
    const v1::OrderView view = service_.View(order);
    for (const v1::OrderConcern& concern : view.concerns()) {
      concerns.push_back(absl::StrCat(v1::ConcernKind_Name(concern.kind()).substr(13), " ", concern.about()));
    }
    return concerns;
  }
  std::string Text() {
    const v1::OrderView order = service_.View("SO-1");
    return order.concerns().empty() ? "" : order.concerns(0).text();
  }
  // How often a concern was raised and cleared.
  std::pair<int, int> Times(v1::ConcernKind kind) {
    std::pair<int, int> times;
    for (const v1::TraceEntry& entry : service_.Trace("SO-1")) {
      const bool about = absl::StrContains(entry.text(), KindText(kind));
      times.first += about && entry.kind() == "OrderConcernRaised";
      times.second += about && entry.kind() == "OrderConcernCleared";
    }
    return times;
  }
  // Days pass, in parts, with a restart after each.
  void PassWithRestarts(absl::Duration time, int parts = 3) {
    for (int i = 0; i < parts; ++i) {
      service_.Pass(time / parts);
      service_.Restart();
    }
  }
  void Announce(const std::string& carrier = "ups") {
    Place("SO-1", "acme", absl::Hours(24 * 60));
    Dispatch("SO-1", "acme", carrier, "1Z1");
  }
  // Nothing more is raised, whatever time passes; and a store that is built anew has the same rows.
  void ExpectNoMore() {
    const size_t entries = service_.Trace("SO-1").size();
    PassWithRestarts(absl::Hours(24 * 4));
    EXPECT_EQ(service_.Trace("SO-1").size(), entries);
    ExpectSameInEveryOrder(5);
  }
};

TEST_F(Detectors, NotPickedUpIsRaisedAfterTwoDaysAndClearedByAScan) {
  Announce();
  service_.Pass(absl::Hours(47));
  EXPECT_THAT(Concerns(), ElementsAre()) << "it was looked at after a day, and that is put off";
  service_.Pass(absl::Hours(2));
  EXPECT_THAT(Concerns(), ElementsAre(absl::StrCat("NOT_PICKED_UP ", kParcel)));
  EXPECT_THAT(Text(), HasSubstr("announced to ups at 2026-03-01 12:00 UTC, and not picked up"));
  ExpectNoMore();
  Scan("ups", "1Z1", "PICKED_UP");
  EXPECT_THAT(Concerns(), ElementsAre());
  EXPECT_EQ(Times(v1::CONCERN_KIND_NOT_PICKED_UP), std::pair(1, 1));
}

TEST_F(Detectors, PickedUpInTimeIsNoConcern) {
  Announce();
  service_.Pass(absl::Hours(30));
  Scan("ups", "1Z1", "PICKED_UP");
  service_.Pass(absl::Hours(30));
  EXPECT_THAT(Concerns(), ElementsAre());
}

TEST_F(Detectors, SilenceIsRaisedAfterThreeDaysWithoutHistoryAndClearedByAScan) {
  Announce("usps");
  Scan("usps", "1Z1", "PICKED_UP");
  service_.Pass(absl::Hours(71));
  EXPECT_THAT(Concerns(), ElementsAre());
  PassWithRestarts(absl::Hours(2));
  EXPECT_THAT(Concerns(), ElementsAre("SILENCE shipment/usps/1Z1/1"));
  EXPECT_THAT(Text(), HasSubstr("no scan since 2026-03-01 12:00 UTC"));
  ExpectNoMore();
  Scan("usps", "1Z1", "IN_TRANSIT");
  EXPECT_THAT(Concerns(), ElementsAre());
  // Silent again: another silence, and raised again.
  service_.Pass(absl::Hours(37));
  service_.Pass(absl::Hours(36));
  EXPECT_THAT(Concerns(), ElementsAre("SILENCE shipment/usps/1Z1/1"));
  Scan("usps", "1Z1", "DELIVERED");
  EXPECT_THAT(Concerns(), ElementsAre());
  EXPECT_EQ(Times(v1::CONCERN_KIND_SILENCE), std::pair(2, 2));
}

TEST_F(Detectors, SilenceIsMeasuredByTheLanesUsualGap) {
  // A lane on which scans come every five days.
  for (int i = 0; i < 60; ++i) {
    const std::string n = absl::StrCat("9", i);
    Place("SO-H" + n, "acme", absl::Hours(24 * 60));
    Dispatch("SO-H" + n, "acme", "usps", n);
    const int64_t start = absl::ToUnixSeconds(service_.now());
    int64_t hours = 0;
    for (const char* state : {"PICKED_UP", "IN_TRANSIT", "DELIVERED"}) {
      ASSERT_TRUE(
          service_.Push(supplier::Scan("usps", n, state, start - 3600 * (240 - hours)) + R"( place { country: "US" })")
              .ok());
      hours += 120;
    }
  }
  Announce("usps");
  Scan("usps", "1Z1", "PICKED_UP");
  service_.Pass(absl::Hours(24 * 7));
  EXPECT_THAT(Concerns(), ElementsAre()) << "seven days are less than one and a half times five";
  service_.Pass(absl::Hours(16));
  EXPECT_THAT(Concerns(), ElementsAre("SILENCE shipment/usps/1Z1/1"));
  EXPECT_THAT(Text(), HasSubstr("on this lane 99 in 100 scans come within 1"));
}

TEST_F(Detectors, OutForDeliveryIsClosedByTheEveningAtTheDestination) {
  Announce();
  Scan("ups", "1Z1", "OUT_FOR_DELIVERY");  // at 07:00 in New York
  service_.Pass(absl::Hours(13));          // 20:00 there
  EXPECT_THAT(Concerns(), ElementsAre());
  PassWithRestarts(absl::Hours(2));
  EXPECT_THAT(Concerns(), ElementsAre(absl::StrCat("NOT_CLOSED ", kParcel)));
  ExpectNoMore();
  Scan("ups", "1Z1", "ATTEMPTED");
  EXPECT_THAT(Concerns(), ElementsAre());
  EXPECT_EQ(Times(v1::CONCERN_KIND_NOT_CLOSED), std::pair(1, 1));
}

TEST_F(Detectors, AScanThatIsToldLateClearsItToo) {
  Announce();
  Scan("ups", "1Z1", "OUT_FOR_DELIVERY");
  const int64_t delivered = absl::ToUnixSeconds(service_.now()) + 5 * 3600;
  service_.Pass(absl::Hours(30));
  EXPECT_THAT(Concerns(), ElementsAre(absl::StrCat("NOT_CLOSED ", kParcel)));
  ASSERT_TRUE(service_.Push(supplier::Scan("ups", "1Z1", "DELIVERED", delivered)).ok());
  EXPECT_THAT(Concerns(), ElementsAre());
}

TEST_F(Detectors, UnclaimedIsRaisedAfterFiveDaysAndClearedByTheCollection) {
  Announce("usps");
  Scan("usps", "1Z1", "READY_FOR_PICKUP");
  service_.Pass(absl::Hours(24 * 5 - 1));
  EXPECT_THAT(Concerns(), ElementsAre());
  PassWithRestarts(absl::Hours(2));
  EXPECT_THAT(Concerns(), ElementsAre("UNCLAIMED shipment/usps/1Z1/1"));
  ExpectNoMore();
  Scan("usps", "1Z1", "DELIVERED");
  EXPECT_THAT(Concerns(), ElementsAre());
  EXPECT_EQ(Times(v1::CONCERN_KIND_UNCLAIMED), std::pair(1, 1));
}

TEST_F(Detectors, CustomsHoldIsRaisedAfterThreeDaysAndClearedByItsEnd) {
  Announce("usps");
  const auto held = [&](int64_t at) {
    return service_
        .Push(absl::StrCat(R"(carrier: "usps" tracking_number: "1Z1" time { instant { seconds: )", at,
                           R"( } } status { state: TRACKING_STATE_ON_HOLD reason: TRACKING_REASON_CUSTOMS })"))
        .status();
  };
  ASSERT_TRUE(held(absl::ToUnixSeconds(service_.now())).ok());
  service_.Pass(absl::Hours(71));
  EXPECT_THAT(Concerns(), ElementsAre());
  PassWithRestarts(absl::Hours(2));
  EXPECT_THAT(Concerns(), ElementsAre("CUSTOMS_HOLD shipment/usps/1Z1/1"));
  ExpectNoMore();
  Scan("usps", "1Z1", "IN_TRANSIT");
  EXPECT_THAT(Concerns(), ElementsAre());
}

TEST_F(Detectors, ASubscriptionIsToBeRenewedADayBeforeItEnds) {
  Announce("ups");
  for (int day = 0; day < 12; ++day) {
    Scan("ups", "1Z1", "IN_TRANSIT");
    service_.Pass(absl::Hours(24));
  }
  Scan("ups", "1Z1", "IN_TRANSIT");
  service_.Pass(absl::Hours(23));
  EXPECT_THAT(Concerns(), ElementsAre());
  PassWithRestarts(absl::Hours(2));
  EXPECT_THAT(Concerns(), ElementsAre(absl::StrCat("SUBSCRIPTION_EXPIRING ", kParcel)));
  EXPECT_THAT(Text(), HasSubstr("ups stops to report about it at 2026-03-15 12:00 UTC: subscribe again"));
  Scan("ups", "1Z1", "IN_TRANSIT");
  EXPECT_THAT(Concerns(), ElementsAre(absl::StrCat("SUBSCRIPTION_EXPIRING ", kParcel)))
      << "a scan from before its end shows nothing";
  service_.Pass(absl::Hours(24));
  Scan("ups", "1Z1", "IN_TRANSIT");
  EXPECT_THAT(Concerns(), ElementsAre()) << "it still reports";
  EXPECT_EQ(Times(v1::CONCERN_KIND_SUBSCRIPTION_EXPIRING).first, 1);
}

// Its order looks after the collection; what the carrier still scans ends nothing.
TEST_F(Detectors, WhatItsStoreHasIsNotSilent) {
  const std::string promised = absl::StrCat(absl::ToUnixSeconds(service_.now() + absl::Hours(24 * 60)));
  ASSERT_TRUE(
      service_
          .Place("SO-1", absl::StrCat(R"(customer_id: "c1" collect_at: "store-1" promised_time { seconds: )", promised,
                                      R"( } lines { line_id: "1" sku: "lamp" quantity: 1 vendor_id: "acme" })"))
          .ok());
  Dispatch("SO-1", "acme", "usps", "1Z1");
  const auto receive = [&](const std::string& store) {
    const std::string scan = supplier::Scan("usps", "1Z1", "READY_FOR_PICKUP", absl::ToUnixSeconds(service_.now()));
    return service_.Push(absl::StrCat(scan, " store_receipt: \"", store, "\"")).status();
  };
  ASSERT_TRUE(receive("store-1").ok());
  service_.Pass(absl::Hours(1));
  Scan("usps", "1Z1", "IN_TRANSIT");
  EXPECT_TRUE(service_.View("SO-1").shipments(0).has_ready_at());
  service_.Pass(absl::Hours(37));
  PassWithRestarts(absl::Hours(72));
  EXPECT_THAT(Concerns(), ElementsAre());
  // It goes back: then it is under way again.
  Scan("usps", "1Z1", "RETURNING");
  service_.Pass(absl::Hours(37));
  PassWithRestarts(absl::Hours(72));
  EXPECT_THAT(Concerns(), ElementsAre("SILENCE shipment/usps/1Z1/1"));
  ExpectSameInEveryOrder(5);
}

TEST_F(Detectors, WhatIsOverLeavesNoTimer) {
  Announce("usps");
  Scan("usps", "1Z1", "PICKED_UP");
  EXPECT_TRUE(kWatches.Has(service_.reader(), "shipment/usps/1Z1/1"));
  Scan("usps", "1Z1", "DELIVERED");
  EXPECT_FALSE(kWatches.Has(service_.reader(), "shipment/usps/1Z1/1"));
  const size_t entries = service_.Trace("SO-1").size();
  service_.Pass(absl::Hours(24 * 30));
  EXPECT_EQ(service_.Trace("SO-1").size(), entries);
}

TEST_F(Detectors, AShipmentOfNoOrderIsNotLookedAfter) {
  Scan("usps", "1Z1", "PICKED_UP");
  EXPECT_FALSE(kWatches.Has(service_.reader(), "shipment/usps/1Z1/1"));
}

}  // namespace
}  // namespace throughline::supplier
