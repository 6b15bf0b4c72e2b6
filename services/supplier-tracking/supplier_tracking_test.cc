// The service through the engine: orders, shipments, cases and notices, and the same rows from any replay.

#include "services/supplier-tracking/supplier_tracking.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_replace.h"

#include "libs/service/testing.h"
#include "services/supplier-tracking/api/replay.h"
#include "services/supplier-tracking/carriers/testing_payloads.h"
#include "services/supplier-tracking/projections/partners.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/supplier-tracking/service_under_test.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"

namespace throughline::supplier {
namespace {

TEST(SupplierTracking, TwoVendorsTwoLegsInAnyOrderComplete) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  const int64_t noon = absl::ToUnixSeconds(service.now());
  // The second leg is scanned before it is added.
  ASSERT_EQ(*service.Push(Scan("usps", "94", "OUT_FOR_DELIVERY", noon + 7200)), v1::PUSH_RESULT_ACCEPTED);
  service.Pass(absl::Hours(3));
  ASSERT_TRUE(
      service.VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "ups" tracking_number: "1Z" hand_over: true })")
          .ok());
  ASSERT_TRUE(service.VendorUpdate("SO-1", "bolt", R"(dispatched { carrier: "ups" tracking_number: "1Y" })").ok());
  ASSERT_TRUE(
      service.Add("SO-1", R"(order_id: "SO-1" carrier: "usps" tracking_number: "94" follows: "shipment/ups/1Z/1")")
          .ok());
  EXPECT_EQ(service.View("SO-1").shipments(2).state(), v1::TRACKING_STATE_OUT_FOR_DELIVERY) << "early scans are kept";

  ASSERT_EQ(*service.Push(Scan("ups", "1Z", "HANDED_OVER", noon + 3600)), v1::PUSH_RESULT_ACCEPTED);
  ASSERT_EQ(*service.Push(Scan("ups", "1Z", "PICKED_UP", noon + 600)), v1::PUSH_RESULT_ACCEPTED);
  ASSERT_EQ(*service.Push(Scan("ups", "1Z", "PICKED_UP", noon + 600)), v1::PUSH_RESULT_DUPLICATE);
  ASSERT_EQ(*service.Push(Scan("ups", "1Z", "PICKED_UP", noon + 600) + R"( text: "Origin scan")"),
            v1::PUSH_RESULT_AMENDED);
  ASSERT_EQ(*service.Push(Scan("ups", "1Z", "DELIVERED", noon + 3700)), v1::PUSH_RESULT_ACCEPTED);
  ASSERT_EQ(*service.Push(Scan("ups", "1Y", "DELIVERED", noon + 9000)), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(service.View("SO-1").status(), v1::ORDER_STATUS_OPEN)
      << "the first leg's delivery does not complete the order";
  ASSERT_EQ(*service.Push(Scan("usps", "94", "DELIVERED", noon + 9600)), v1::PUSH_RESULT_ACCEPTED);

  const v1::OrderView order = service.View("SO-1");
  EXPECT_EQ(order.status(), v1::ORDER_STATUS_COMPLETED);
  EXPECT_EQ(order.completed_at().seconds(), noon + 9600);
  EXPECT_EQ(order.lines(0).status(), v1::LINE_STATUS_DELIVERED);
  EXPECT_EQ(order.lines(1).status(), v1::LINE_STATUS_DELIVERED);
  EXPECT_EQ(runtime::Counted(service.reader(), "orders_open"), 0);

  const auto trace = service.Trace("SO-1");
  int64_t last = 0;
  int scans = 0;
  for (const v1::TraceEntry& entry : trace) {
    EXPECT_GE(entry.time().seconds(), last);
    last = entry.time().seconds();
    EXPECT_EQ(entry.owner(), "sam");
    EXPECT_FALSE(entry.text().empty()) << entry.kind();
    scans += entry.kind() == "StatusRecorded";
  }
  EXPECT_EQ(scans, 6);
}

TEST(SupplierTracking, AVendorsDelayPutsThePromiseAtRiskUntilItRecovers) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  service.Pass(absl::Hours(1));
  ASSERT_TRUE(
      service
          .VendorUpdate("SO-1", "bolt",
                        R"(delayed { reason: "high demand" expected_delivery { latest { seconds: 1772712000 } } })")
          .ok());
  v1::OrderView order = service.View("SO-1");
  EXPECT_TRUE(order.at_risk());
  EXPECT_NE(order.at_risk_cause().find("vendor bolt"), std::string::npos) << order.at_risk_cause();
  EXPECT_EQ(order.owner(), "sam") << "a vendor never becomes the owner";
  EXPECT_EQ(runtime::Counted(service.reader(), "orders_at_risk"), 1);
  v1::ListOrdersRequest at_risk;
  at_risk.set_at_risk(true);
  EXPECT_EQ(ListOrders(service.reader(), at_risk)->orders_size(), 1);

  service.Pass(absl::Hours(1));
  ASSERT_TRUE(
      service.VendorUpdate("SO-1", "bolt", R"(acknowledged { expected_delivery { latest { seconds: 1772600000 } } })")
          .ok());
  order = service.View("SO-1");
  EXPECT_FALSE(order.at_risk());
  EXPECT_FALSE(order.has_at_risk_cause());
  EXPECT_EQ(ListOrders(service.reader(), at_risk)->orders_size(), 0);

  const auto trace = service.Trace("SO-1");
  const v1::TraceEntry *risk = Find(trace, "PromiseAtRisk"), *placed = Find(trace, "OrderPlaced");
  ASSERT_TRUE(risk != nullptr && placed != nullptr);
  EXPECT_FALSE(placed->has_eta()) << "nothing is known yet";
  EXPECT_EQ(risk->eta().latest().seconds(), 1772712000);
  EXPECT_TRUE(risk->at_risk());
  EXPECT_EQ(trace.back().eta().latest().seconds(), 1772600000);
  EXPECT_FALSE(trace.back().at_risk());
}

TEST(SupplierTracking, AnOrderWhosePromisedTimePassesIsAtRisk) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  const absl::Time promised = runtime::FromProto(service.View("SO-1").promised_time());
  service.Pass(promised - service.now() - absl::Seconds(1));
  EXPECT_FALSE(service.View("SO-1").at_risk());
  service.Pass(absl::Seconds(2));
  const v1::OrderView order = service.View("SO-1");
  EXPECT_TRUE(order.at_risk());
  EXPECT_TRUE(order.overdue());
  EXPECT_NE(order.at_risk_cause().find("not delivered"), std::string::npos) << order.at_risk_cause();
  EXPECT_NE(Find(service.Trace("SO-1"), "OrderOverdue"), nullptr);
}

TEST(SupplierTracking, AnOrderThatIsRecordedAfterItsPromisedTimeIsNotOverdue) {
  ServiceUnderTest service;
  ASSERT_TRUE(service
                  .Place("SO-1", R"(customer_id: "c1" placed_at { seconds: 1772000000 }
      promised_time { seconds: 1772200000 } lines { line_id: "1" sku: "lamp" quantity: 1 vendor_id: "acme" })")
                  .ok());
  service.Pass(absl::Hours(1));
  EXPECT_FALSE(service.View("SO-1").overdue());
}

TEST(SupplierTracking, ALostParcelPutsItsOrderAtRiskUntilItIsFound) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(service.Add("SO-1", R"(order_id: "SO-1" carrier: "ups" tracking_number: "1Z1")").ok());
  const int64_t noon = absl::ToUnixSeconds(service.now());
  ASSERT_TRUE(service.Push(Scan("ups", "1Z1", "LOST_OR_DAMAGED", noon + 60)).ok());
  EXPECT_TRUE(service.View("SO-1").at_risk());
  ASSERT_TRUE(service.Push(Scan("ups", "1Z1", "IN_TRANSIT", noon + 120)).ok());
  EXPECT_TRUE(service.View("SO-1").at_risk()) << "nobody knows when it arrives";
  ASSERT_TRUE(service
                  .Push(absl::StrCat(Scan("ups", "1Z1", "IN_TRANSIT", noon + 180),
                                     " eta { latest { seconds: ", noon + 86400, " } }"))
                  .ok());
  EXPECT_FALSE(service.View("SO-1").at_risk());
}

void OpenCaseAboutIt(ServiceUnderTest& service) {
  service.Foreign<outage::v1::NoticeEvent>(
      log::Topic::kOutageNotice, "notice/n1",
      R"(published { notice_id: "n1" title: "Depot flooded" next_update_due { seconds: 1772400000 } owner: "zoe" })");
  service.Foreign<intake::v1::CaseEvent>(log::Topic::kIntake, "case/k1",
                                         R"(opened { case_id: "k1" subject: "Where is it?" order_id: "SO-1" owner: "ana"
                                              notice_ids: "n1" })");
  service.Pass(absl::Hours(1));
  service.Foreign<ownership::v1::OwnershipEvent>(
      log::Topic::kOwnership, "ownership/k1",
      R"(started { case_id: "k1" owner: "ana" order_id: "SO-1" opened_at { seconds: 1772373600 } })");
  service.Foreign<ownership::v1::OwnershipEvent>(
      log::Topic::kOwnership, "ownership/k1",
      R"(promise_made { promise_id: "p1" made_by: "ana" to: "Mr Lee" text: "a call" due { seconds: 1772400000 } })");
  service.Foreign<ownership::v1::OwnershipEvent>(log::Topic::kOwnership, "ownership/k1",
                                                 R"(handoff_accepted { from: "ana" to: "bo" })");
}

TEST(SupplierTracking, TheOwnerOfTheOpenCaseIsTheOwner) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  service.Pass(absl::Hours(2));
  OpenCaseAboutIt(service);
  EXPECT_EQ(service.View("SO-1").owner(), "bo");
  service.Pass(absl::Hours(1));
  service.Foreign<ownership::v1::OwnershipEvent>(log::Topic::kOwnership, "ownership/k1",
                                                 R"(closed { by: "bo" resolution_code: RESOLUTION_CODE_CONFIRMED })");
  EXPECT_EQ(service.View("SO-1").owner(), "sam");
  EXPECT_EQ(service.View("SO-1").case_ids_size(), 1);

  std::vector<std::string> story;
  for (const v1::TraceEntry& entry : service.Trace("SO-1")) story.push_back(entry.kind() + " " + entry.owner());
  EXPECT_EQ(story, (std::vector<std::string>{"OrderPlaced sam", "CaseOpened ana", "NoticePublished ana",
                                             "PromiseMade ana", "HandoffAccepted bo", "CaseClosed sam"}));
}

TEST(SupplierTracking, ANumberUsedAgainIsANewShipment) {
  ServiceUnderTest service;
  const int64_t noon = absl::ToUnixSeconds(service.now());
  const std::string dispatch = R"(dispatched { carrier: "ups" tracking_number: "1Z" })";
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(service.Place("SO-2", kOrder).ok());
  ASSERT_TRUE(service.VendorUpdate("SO-1", "acme", dispatch).ok());
  const absl::Status refused = service.VendorUpdate("SO-2", "acme", dispatch);
  EXPECT_EQ(runtime::ReasonOf(refused), "NUMBER_IN_USE");
  EXPECT_EQ(refused.message().find("SO-1"), std::string::npos) << "a vendor does not learn of other orders";
  const absl::Status shown = service.Add("SO-2", R"(order_id: "SO-2" carrier: "ups" tracking_number: "1Z")");
  EXPECT_EQ(runtime::ReasonOf(shown), "NUMBER_IN_USE");
  EXPECT_NE(shown.message().find("SO-1"), std::string::npos) << "staff does";
  ASSERT_EQ(*service.Push(Scan("ups", "1Z", "DELIVERED", noon + 100)), v1::PUSH_RESULT_ACCEPTED);
  service.Pass(absl::Hours(24 * 200));
  ASSERT_TRUE(
      service
          .Place("SO-3",
                 absl::StrCat(R"(customer_id: "c2" lines { line_id: "1" sku: "lamp" quantity: 1 vendor_id: "acme" }
                                                    promised_time { seconds: )",
                              noon + 300 * 86400, " }"))
          .ok());
  ASSERT_TRUE(service.VendorUpdate("SO-3", "acme", dispatch).ok());
  EXPECT_EQ(service.View("SO-3").shipments(0).shipment(), "shipment/ups/1Z/2");
  // A present scan belongs to the new epoch, a late scan of that time to the old one.
  ASSERT_EQ(*service.Push(Scan("ups", "1Z", "PICKED_UP", absl::ToUnixSeconds(service.now()))),
            v1::PUSH_RESULT_ACCEPTED);
  ASSERT_EQ(*service.Push(Scan("ups", "1Z", "OUT_FOR_DELIVERY", noon + 50)), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(service.View("SO-3").shipments(0).state(), v1::TRACKING_STATE_PICKED_UP);
  EXPECT_EQ(kShipments.Get(service.reader(), "ups", "1Z", 1)->scan_count(), 2u);
}

TEST(SupplierTracking, BadEventsAreRefusedWithTheirFields) {
  ServiceUnderTest service;
  EXPECT_EQ(
      runtime::BadFieldsOf(
          service.Push(R"(carrier: "UPS" tracking_number: "?" time { instant { seconds: 1772366400 } })").status()),
      (std::vector<std::string>{"event.carrier", "event.tracking_number", "event.meaning"}));
  EXPECT_FALSE(service.Push(R"(carrier: "ups" tracking_number: "1Z" status { state: TRACKING_STATE_DELIVERED })").ok())
      << "no time";
  EXPECT_EQ(runtime::BadFieldsOf(service.Push(Scan("ups", "1Z", "DELIVERED", 1772366400) + " epoch: 7").status()),
            std::vector<std::string>{"event.epoch"});
}

TEST(SupplierTracking, EveryReplayGivesTheSameRows) {
  ServiceUnderTest service;
  const int64_t noon = absl::ToUnixSeconds(service.now());
  ASSERT_EQ(*service.Push(Scan("usps", "94", "IN_TRANSIT", noon)), v1::PUSH_RESULT_ACCEPTED);
  ASSERT_EQ(
      *service.Push(absl::StrCat(
          R"(carrier: "usps" tracking_number: "94" code { code: "??" } time { instant { seconds: )", noon, " } }")),
      v1::PUSH_RESULT_QUARANTINED);
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  service.Pass(absl::Hours(2));
  OpenCaseAboutIt(service);
  ASSERT_TRUE(service.VendorUpdate("SO-1", "bolt", R"(backordered { reason: "none" })").ok());
  ASSERT_TRUE(
      service.VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "ups" tracking_number: "1Z" hand_over: true })")
          .ok());
  ASSERT_TRUE(
      service.Add("SO-1", R"(order_id: "SO-1" carrier: "usps" tracking_number: "94" follows: "shipment/ups/1Z/1")")
          .ok());
  ASSERT_EQ(*service.Push(Scan("ups", "1Z", "HANDED_OVER", noon + 50)), v1::PUSH_RESULT_ACCEPTED);
  ASSERT_EQ(*service.Push(Scan("usps", "94", "DELIVERED", noon + 90)), v1::PUSH_RESULT_ACCEPTED);
  const auto live = service.LiveRows();
  EXPECT_GT(live.size(), 40u);
  for (uint64_t seed = 1; seed <= 100; ++seed) ASSERT_EQ(service.RebuiltRows(seed), live) << "seed " << seed;
}

// A partner that falls silent is noticed by its last event; a repetition is no event.
TEST(SupplierTracking, KnowsWhenEachPartnerLastReportedSomethingNew) {
  using Events = std::vector<std::pair<std::string, double>>;
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  EXPECT_EQ(LastEvents(service.reader()), Events()) << "a shop is no partner";
  const auto noon = static_cast<double>(absl::ToUnixSeconds(service.now()));
  ASSERT_TRUE(service.VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "ups" tracking_number: "1Z" })").ok());
  service.Pass(absl::Hours(1));
  const std::string scan = Scan("ups", "1Z", "PICKED_UP", static_cast<int64_t>(noon) + 600);
  ASSERT_EQ(*service.Push(scan), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(LastEvents(service.reader()), Events({{"acme", noon}, {"ups", noon + 3600}}));
  service.Pass(absl::Hours(1));
  ASSERT_EQ(*service.Push(scan), v1::PUSH_RESULT_DUPLICATE);
  EXPECT_EQ(LastEvents(service.reader()), Events({{"acme", noon}, {"ups", noon + 3600}}));
  EXPECT_EQ(service.RebuiltRows(1), service.LiveRows());
}

// The handler waits until the facts of its command are folded.
TEST(SupplierTracking, AVendorsDateIsInTheZoneOfTheDestinationEvenOnALaggingReplica) {
  service::testing::World world;
  service::testing::Node& node = world.Add(Define({}));
  const auto api = MakeApi(node.streams(), {});
  const auto placed = runtime::testing::FromText<v1::OrderEvent>(
      absl::StrCat("placed { order_id: \"SO-1\" owner: \"ana\" destination_zone: \"America/New_York\" ", kOrder, "}"));
  world.Append(log::Topic::kSupplierTracking, "order/SO-1", placed);
  auto request = runtime::testing::FromText<v1::RecordVendorUpdateRequest>(
      R"(order_id: "SO-1" vendor_id: "acme" acknowledged { expected_delivery { date: "2026-03-04" } })");
  auto caller = service::testing::Asking("acme", common::v1::ROLE_PARTNER, "one");
  caller.party = "acme";
  const auto updated =
      service::testing::Ask<v1::RecordVendorUpdateResponse>(world, *api, "RecordVendorUpdate", request, caller);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->eta().zone(), "America/New_York");
}

}  // namespace
}  // namespace throughline::supplier
