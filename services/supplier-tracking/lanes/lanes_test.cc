// Lanes through the engine.

#include <string>
#include <vector>

#include "gmock/gmock.h"

#include "services/supplier-tracking/lanes/history_tables.h"
#include "services/supplier-tracking/lanes/read_lanes.h"
#include "services/supplier-tracking/lanes/testing_history.h"

namespace throughline::supplier {
namespace {

using ::testing::ElementsAre;

class Lanes : public History {
 protected:
  std::vector<v1::Lane> List(const std::string& request = "") {
    const auto page = ListLanes(service_.reader(), runtime::testing::FromText<v1::ListLanesRequest>(request));
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? std::vector<v1::Lane>(page->lanes().begin(), page->lanes().end()) : std::vector<v1::Lane>();
  }
  // `carrier origin destination shipments`.
  std::vector<std::string> Names(const std::string& request = "") {
    std::vector<std::string> names;
    for (const v1::Lane& lane : List(request)) {
      names.push_back(absl::StrCat(lane.carrier(), " ", lane.origin(), " ", lane.destination(), " ", lane.shipments()));
    }
    return names;
  }
};

// About: within the width of a bucket.
void ExpectAbout(int64_t seconds, absl::Duration expected) {
  EXPECT_NEAR(static_cast<double>(seconds), absl::ToDoubleSeconds(expected), absl::ToDoubleSeconds(expected) / 30);
}

TEST_F(Lanes, KnowHowLongCarriersTake) {
  Deliver("SO-1", "acme", "ups", "1Z1", absl::Hours(6), absl::Hours(40));
  Deliver("SO-2", "acme", "ups", "1Z2", absl::Hours(6), absl::Hours(40));
  Deliver("SO-3", "acme", "usps", "9400", absl::Hours(6), absl::Hours(100));
  const std::vector<v1::Lane> lanes = List();
  ASSERT_EQ(lanes.size(), 2u);
  EXPECT_EQ(lanes[0].carrier(), "ups");
  EXPECT_EQ(lanes[0].origin(), "US");
  EXPECT_EQ(lanes[0].destination(), "America/New_York");
  EXPECT_EQ(lanes[0].shipments(), 2);
  EXPECT_EQ(lanes[0].transit().count(), 2);
  ExpectAbout(lanes[0].transit().p50_seconds(), absl::Hours(40));
  ExpectAbout(lanes[0].pick_up().p50_seconds(), absl::Hours(4));
  ExpectAbout(lanes[0].gaps().p50_seconds(), absl::Hours(20));
  EXPECT_EQ(lanes[0].gaps().count(), 4);
  ASSERT_EQ(lanes[0].arrival_by_weekday_size(), 7);
  // Noon of the first day is a Sunday; picked up ten hours later, and the second one two days after that.
  EXPECT_EQ(lanes[0].arrival_by_weekday(6).count(), 1);
  ExpectAbout(lanes[0].arrival_by_weekday(6).p50_seconds(), absl::Hours(62));
  EXPECT_EQ(lanes[0].arrival_by_weekday(2).count(), 1);
  EXPECT_EQ(runtime::Counted(service_.reader(), kLanesKnown), 2);
  ExpectSameInEveryOrder();
}

TEST_F(Lanes, CountWhatIsOverOnly) {
  Place("SO-1", "acme");
  Dispatch("SO-1", "acme", "ups", "1Z1");
  Scan("ups", "1Z1", "PICKED_UP");
  EXPECT_THAT(Names(), ElementsAre());
  service_.Pass(absl::Hours(30));
  Scan("ups", "1Z1", "LOST_OR_DAMAGED");
  EXPECT_THAT(Names(), ElementsAre("ups US America/New_York 1"));
  EXPECT_EQ(List()[0].transit().count(), 0) << "it never arrived";
  service_.Pass(absl::Hours(30));
  Scan("ups", "1Z1", "DELIVERED");
  EXPECT_THAT(Names(), ElementsAre("ups US America/New_York 1"));
  ExpectAbout(List()[0].transit().p50_seconds(), absl::Hours(60));
  ExpectSameInEveryOrder();
}

// To a store of ours the carrier's way ends where the carrier says, once the store has received it.
TEST_F(Lanes, CountADeliveryToAStoreOnceThatHasReceivedIt) {
  const absl::Status placed = service_.Place(
      "SO-1", absl::StrCat(R"(customer_id: "c1" collect_at: "store-1" destination_zone: "America/New_York" )",
                           "promised_time { seconds: ", absl::ToUnixSeconds(service_.now() + absl::Hours(72)),
                           R"( } lines { line_id: "1" sku: "lamp" quantity: 1 vendor_id: "acme" })"));
  ASSERT_TRUE(placed.ok()) << placed;
  Dispatch("SO-1", "acme", "ups", "1Z1");
  Scan("ups", "1Z1", "PICKED_UP");
  service_.Pass(absl::Hours(40));
  Scan("ups", "1Z1", "DELIVERED");
  EXPECT_THAT(Names(), ElementsAre()) << "the carrier's word alone";
  service_.Pass(absl::Hours(8));
  ASSERT_TRUE(service_
                  .Push(supplier::Scan("ups", "1Z1", "READY_FOR_PICKUP", absl::ToUnixSeconds(service_.now())) +
                        R"( store_receipt: "store-1")")
                  .ok());
  EXPECT_THAT(Names(), ElementsAre("ups US America/New_York 1"));
  ExpectAbout(List()[0].transit().p50_seconds(), absl::Hours(40));
  EXPECT_EQ(List()[0].gaps().count(), 1) << "until the delivery";
  ExpectSameInEveryOrder();
}

TEST_F(Lanes, AShipmentMovesToTheLaneOfItsEarliestScan) {
  Place("SO-1", "acme");
  Dispatch("SO-1", "acme", "dhl-express", "77");
  service_.Pass(absl::Hours(2));
  const int64_t start = absl::ToUnixSeconds(service_.now());
  service_.Pass(absl::Hours(40));
  Scan("dhl-express", "77", "IN_TRANSIT", "US");
  service_.Pass(absl::Hours(2));
  Scan("dhl-express", "77", "DELIVERED", "US");
  EXPECT_THAT(Names(), ElementsAre("dhl-express US America/New_York 1"));
  ASSERT_TRUE(
      service_.Push(supplier::Scan("dhl-express", "77", "PICKED_UP", start) + R"( place { country: "Germany" })").ok());
  EXPECT_THAT(Names(), ElementsAre("dhl-express DE America/New_York 1"));
  ExpectAbout(List()[0].transit().p50_seconds(), absl::Hours(42));
  EXPECT_EQ(runtime::Counted(service_.reader(), kLanesKnown), 1);
  ExpectSameInEveryOrder();
}

TEST_F(Lanes, ACorrectedDeliveryIsTakenOut) {
  Deliver("SO-1", "acme", "ups", "1Z1", absl::Hours(6), absl::Hours(40));
  ASSERT_EQ(List()[0].transit().count(), 1);
  v1::GetShipmentRequest request;
  request.set_carrier("ups");
  request.set_tracking_number("1Z1");
  const auto shipment = GetShipment(service_.reader(), request);
  ASSERT_TRUE(shipment.ok());
  auto correction = runtime::testing::FromText<v1::StatusEvent>(
      supplier::Scan("ups", "1Z1", "IN_TRANSIT", absl::ToUnixSeconds(service_.now())));
  correction.set_correction_of(shipment->scans(2).fingerprint());
  ASSERT_TRUE(service_.Push(correction.DebugString()).ok());
  EXPECT_THAT(Names(), ElementsAre());
  EXPECT_EQ(runtime::Counted(service_.reader(), kLanesKnown), 0);
  ExpectSameInEveryOrder();
}

TEST_F(Lanes, HaveNoReturnsAndNoTimesThatAreNotCertain) {
  Place("SO-1", "acme");
  Dispatch("SO-1", "acme", "ups", "1Z1");
  ASSERT_TRUE(service_
                  .Push(R"(carrier: "ups" tracking_number: "1Z1" status { state: TRACKING_STATE_PICKED_UP }
                           time { local_time: "2026-03-01T13:00:00" } place { country: "US" })")
                  .ok());
  service_.Pass(absl::Hours(20));
  Scan("ups", "1Z1", "DELIVERED");
  ASSERT_EQ(List().size(), 1u);
  EXPECT_EQ(List()[0].transit().count(), 0);
  ASSERT_TRUE(
      service_.Add("SO-1", R"(order_id: "SO-1" carrier: "ups" tracking_number: "1Z9" return_leg: true line_ids: "1")")
          .ok());
  Scan("ups", "1Z9", "PICKED_UP");
  service_.Pass(absl::Hours(20));
  Scan("ups", "1Z9", "DELIVERED");
  EXPECT_THAT(Names(), ElementsAre("ups US America/New_York 1"));
  ExpectSameInEveryOrder();
}

TEST_F(Lanes, AreFilteredAndComeInPages) {
  Deliver("SO-1", "acme", "ups", "1Z1", absl::Hours(6), absl::Hours(40));
  Place("SO-2", "acme");
  Dispatch("SO-2", "acme", "ups", "1Z2");
  Scan("ups", "1Z2", "DELIVERED", "CA");
  Deliver("SO-3", "acme", "usps", "9400", absl::Hours(6), absl::Hours(40));
  EXPECT_THAT(Names("carrier: \"ups\""), ElementsAre("ups CA America/New_York 1", "ups US America/New_York 1"));
  EXPECT_THAT(Names("origin: \"US\""), ElementsAre("ups US America/New_York 1", "usps US America/New_York 1"));
  EXPECT_THAT(Names("destination: \"Europe/Berlin\""), ElementsAre());
  v1::ListLanesRequest request;
  request.set_page_size(2);
  auto page = ListLanes(service_.reader(), request);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->lanes_size(), 2);
  request.set_page_token(page->next_page_token());
  page = ListLanes(service_.reader(), request);
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->lanes_size(), 1);
  EXPECT_EQ(page->lanes(0).carrier(), "usps");
  request.set_carrier("ups");
  EXPECT_EQ(ListLanes(service_.reader(), request).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace throughline::supplier
