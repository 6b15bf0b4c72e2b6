// Scorecards through the engine: the same to the last digit after a replay, in whatever order the topics are folded.

#include <string>
#include <vector>

#include "gmock/gmock.h"

#include "services/supplier-tracking/happenings.h"
#include "services/supplier-tracking/lanes/testing_history.h"
#include "services/supplier-tracking/scorecards/scorecard_page.h"

namespace throughline::supplier {
namespace {

using ::testing::ElementsAre;

class Scorecards : public History {
 protected:
  absl::StatusOr<v1::GetScorecardsResponse> Ask(const std::string& request) {
    return GetScorecards(service_.reader(), runtime::testing::FromText<v1::GetScorecardsRequest>(request),
                         service_.now());
  }
  v1::ScorecardNumbers Of(const std::string& subject, const std::string& value) {
    const auto page = Ask("by: SCORECARD_SUBJECT_" + subject + " value: \"" + value + "\"");
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok() || page->scorecards().empty()) return {};
    EXPECT_EQ(page->scorecards_size(), 1);
    return page->scorecards(0).numbers();
  }
  // `value day: shipments`.
  std::vector<std::string> Rows(const std::string& request) {
    std::vector<std::string> rows;
    std::string token;
    do {
      const auto page = Ask(request + (token.empty() ? "" : " page_token: \"" + token + "\""));
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return rows;
      for (const auto& card : page->scorecards()) {
        rows.push_back(absl::StrCat(card.value(), " ", card.day(), ": ", card.numbers().shipments()));
      }
      token = page->next_page_token();
    } while (!token.empty());
    return rows;
  }
};

TEST_F(Scorecards, JudgeByTheFirstPromise) {
  Deliver("SO-1", "acme", "ups", "1Z1", absl::Hours(6), absl::Hours(40));   // 50 of 72 hours
  Deliver("SO-2", "acme", "ups", "1Z2", absl::Hours(30), absl::Hours(40));  // 74 of 72 hours
  Place("SO-3", "acme", absl::Hours(20));
  Dispatch("SO-3", "acme", "ups", "1Z3");
  service_.Pass(absl::Hours(24));  // overdue
  Place("SO-4", "acme");           // open
  const auto carrier = Of("CARRIER", "ups");
  EXPECT_EQ(carrier.shipments(), 3);
  EXPECT_EQ(carrier.shipments_in_time(), 1);
  EXPECT_EQ(carrier.shipments_late(), 2);
  EXPECT_EQ(carrier.scans(), 6);
  EXPECT_EQ(carrier.transit().count(), 2);
  EXPECT_EQ(carrier.pick_up().count(), 2);
  const auto vendor = Of("VENDOR", "acme");
  EXPECT_EQ(vendor.orders(), 4);
  EXPECT_EQ(vendor.lines(), 4);
  EXPECT_EQ(vendor.lines_in_time(), 1);
  EXPECT_EQ(vendor.lines_late(), 2);
  EXPECT_EQ(vendor.handling().count(), 3);
  EXPECT_EQ(vendor.shipments(), 2) << "those that are over";
  const auto lane = Of("LANE", "ups/US/America/New_York");
  EXPECT_EQ(lane.shipments(), 2);
  EXPECT_EQ(lane.shipments_in_time(), 1);
  EXPECT_EQ(lane.shipments_late(), 1);
  EXPECT_EQ(lane.gaps().count(), 4);
  ExpectSameInEveryOrder();
}

// The carrier's word is not enough; its way ends where it says, or else with the receipt.
TEST_F(Scorecards, OfWhatIsCollectedCountOnceTheStoreHasIt) {
  const auto send = [&](const std::string& order, const std::string& number) {
    const absl::Status placed = service_.Place(
        order, absl::StrCat("customer_id: \"c1\" collect_at: \"store-1\" destination_zone: \"America/New_York\" ",
                            "promised_time { seconds: ", absl::ToUnixSeconds(service_.now() + absl::Hours(72)),
                            " } lines { line_id: \"1\" sku: \"lamp\" quantity: 1 vendor_id: \"acme\" }"));
    ASSERT_TRUE(placed.ok()) << placed;
    Dispatch(order, "acme", "ups", number);
    Scan("ups", number, "PICKED_UP");
  };
  const auto receive = [&](const std::string& number) {
    ASSERT_TRUE(service_
                    .Push(supplier::Scan("ups", number, "READY_FOR_PICKUP", absl::ToUnixSeconds(service_.now())) +
                          R"( store_receipt: "store-1")")
                    .ok());
  };
  send("SO-1", "1Z1");
  send("SO-2", "1Z2");
  service_.Pass(absl::Hours(40));
  Scan("ups", "1Z1", "DELIVERED");
  EXPECT_EQ(Of("CARRIER", "ups").shipments_in_time(), 0);
  EXPECT_EQ(Of("VENDOR", "acme").lines_in_time(), 0);
  EXPECT_EQ(Of("CARRIER", "ups").transit().count(), 0);
  EXPECT_EQ(Of("LANE", "ups/US/America/New_York").shipments(), 0);
  service_.Pass(absl::Hours(8));
  receive("1Z1");
  receive("1Z2");
  EXPECT_EQ(Of("CARRIER", "ups").shipments_in_time(), 2);
  EXPECT_EQ(Of("VENDOR", "acme").lines_in_time(), 2);
  const auto lane = Of("LANE", "ups/US/America/New_York");
  EXPECT_EQ(lane.shipments(), 2);
  EXPECT_EQ(lane.transit().count(), 2);
  EXPECT_NEAR(static_cast<double>(lane.transit().p99_seconds()), 48 * 3600, 2 * 3600);
  service_.Pass(absl::Hours(48));  // past the promise, and not collected
  EXPECT_EQ(Of("CARRIER", "ups").shipments_late(), 0);
  EXPECT_EQ(Of("VENDOR", "acme").lines_late(), 0);
  ExpectSameInEveryOrder(5);
}

TEST_F(Scorecards, CountHowWellTheyReport) {
  Place("SO-1", "acme");
  Dispatch("SO-1", "acme", "ups", "1Z1");
  Scan("ups", "1Z1", "PICKED_UP", "US", absl::Hours(2));
  Scan("ups", "1Z1", "IN_TRANSIT", "US", absl::Hours(2));
  ASSERT_EQ(*service_.Push(absl::StrCat(
                R"(carrier: "ups" tracking_number: "1Z1" code { type: "I" code: "??" } time { instant { seconds: )",
                absl::ToUnixSeconds(service_.now()), " } }")),
            v1::PUSH_RESULT_QUARANTINED);
  auto numbers = Of("CARRIER", "ups");
  EXPECT_EQ(numbers.shipments(), 1);
  EXPECT_EQ(numbers.scans(), 2);
  EXPECT_EQ(numbers.unmapped(), 1) << "counted before it is over";
  EXPECT_EQ(numbers.corrections(), 0);
  EXPECT_EQ(numbers.latency().count(), 2);
  EXPECT_NEAR(static_cast<double>(numbers.latency().p50_seconds()), 7200, 250);
  EXPECT_EQ(Of("VENDOR", "acme").scans(), 0);
  Scan("ups", "1Z1", "DELIVERED");
  EXPECT_EQ(Of("VENDOR", "acme").scans(), 3);
  EXPECT_EQ(Of("VENDOR", "acme").unmapped(), 1);
  ExpectSameInEveryOrder();
}

TEST_F(Scorecards, CountWhatVendorsSaid) {
  ASSERT_TRUE(service_.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(service_.VendorUpdate("SO-1", "acme", R"(backordered { reason: "sold out" })").ok());
  ASSERT_TRUE(
      service_.VendorUpdate("SO-1", "bolt", R"(delayed { reason: "storm" expected_dispatch { seconds: 1772400000 } })")
          .ok());
  EXPECT_EQ(Of("VENDOR", "acme").lines_backordered(), 1);
  EXPECT_EQ(Of("VENDOR", "bolt").lines_delayed(), 1);
  EXPECT_EQ(Of("VENDOR", "bolt").lines_backordered(), 0);
  ExpectSameInEveryOrder();
}

TEST_F(Scorecards, KeepALostParcelThatWasSentAgainAsFailedAndNotAsLate) {
  Place("SO-1", "acme");
  Dispatch("SO-1", "acme", "ups", "1Z1");
  service_.Pass(absl::Hours(10));
  Scan("ups", "1Z1", "LOST_OR_DAMAGED");
  Dispatch("SO-1", "acme", "usps", "9400");
  service_.Pass(absl::Hours(100));
  EXPECT_EQ(Of("CARRIER", "ups").shipments_failed(), 1);
  EXPECT_EQ(Of("CARRIER", "ups").shipments_late(), 0);
  EXPECT_EQ(Of("CARRIER", "usps").shipments_late(), 1);
  EXPECT_EQ(Of("VENDOR", "acme").lines_late(), 1);
  ExpectSameInEveryOrder();
}

TEST_F(Scorecards, AreOfDaysAndComeInPages) {
  for (int i = 1; i <= 3; ++i) {
    const std::string n = absl::StrCat(i);
    Place("SO-U" + n, "acme");
    Dispatch("SO-U" + n, "acme", "ups", "1Z" + n);
    Place("SO-P" + n, "bolt");
    Dispatch("SO-P" + n, "bolt", "usps", "94" + n);
    service_.Pass(absl::Hours(24));
  }
  EXPECT_THAT(Rows(""), ElementsAre("ups : 3", "usps : 3"));
  EXPECT_THAT(Rows("page_size: 1"), ElementsAre("ups : 3", "usps : 3"));
  for (const char* size : {"", " page_size: 1", " page_size: 2", " page_size: 3"}) {
    EXPECT_THAT(Rows(std::string("by_day: true from_day: \"2026-03-02\"") + size),
                ElementsAre("ups 2026-03-02: 1", "ups 2026-03-03: 1", "usps 2026-03-02: 1", "usps 2026-03-03: 1"))
        << size;
  }
  EXPECT_THAT(Rows("value: \"usps\" to_day: \"2026-03-02\""), ElementsAre("usps : 2"));
  EXPECT_THAT(Rows("value: \"fedex\""), ElementsAre());
  for (const char* request :
       {"from_day: \"yesterday\"", "to_day: \"2026-2-3\"", "from_day: \"2026-02-30\"",
        "from_day: \"2026-03-02\" to_day: \"2026-03-01\"", "from_day: \"2001-01-01\"", "page_token: \"AAAA\""}) {
    EXPECT_EQ(Ask(request).status().code(), absl::StatusCode::kInvalidArgument) << request;
  }
}

// Two orders name the same new number at once: the shipment is the first one's, and only its promise counts, whichever
// order is folded last.
TEST_F(Scorecards, AShipmentCountsForTheOrderThatItBelongsTo) {
  Place("SO-1", "acme", absl::Hours(10));
  Place("SO-2", "bolt", absl::Hours(1000));
  for (const auto& [order, vendor] : {std::pair("SO-1", "acme"), std::pair("SO-2", "bolt")}) {
    UpdateFromVendor command;
    command.request = runtime::testing::FromText<v1::RecordVendorUpdateRequest>(
        R"(dispatched { carrier: "ups" tracking_number: "1Z1" })");
    command.request.set_order_id(order);
    command.request.set_vendor_id(vendor);
    ASSERT_TRUE(service_.Give<Order>(order, command, service_.By(vendor, common::v1::ROLE_PARTNER, vendor)).ok());
  }
  service_.Pass(absl::Hours(20));
  Scan("ups", "1Z1", "DELIVERED");
  EXPECT_EQ(Of("CARRIER", "ups").shipments_late(), 1);
  EXPECT_EQ(Of("CARRIER", "ups").shipments_in_time(), 0);
  EXPECT_EQ(Of("VENDOR", "acme").shipments(), 1);
  EXPECT_EQ(Of("VENDOR", "bolt").shipments(), 0);
  ExpectSameInEveryOrder(50);
}

TEST_F(Scorecards, AreTheSameInEveryOrderWhateverHappened) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    ServiceUnderTest service;
    Happenings happenings(service, seed);
    for (int i = 0; i < 60; ++i) happenings.Happen();
    const auto live = service.LiveRows();
    for (uint64_t order = 1; order <= 10; ++order) ASSERT_EQ(service.RebuiltRows(order), live) << seed << " " << order;
  }
}

}  // namespace
}  // namespace throughline::supplier
