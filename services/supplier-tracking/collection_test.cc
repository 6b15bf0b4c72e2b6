// An order that the customer collects in a store of ours, as staff and customer read it, and by the timers.

#include <algorithm>

#include <gmock/gmock.h>

#include "libs/crypto/sha256.h"
#include "services/supplier-tracking/projections/order/order_page.h"
#include "services/supplier-tracking/service_under_test.h"

namespace throughline::supplier {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kPageSecret[] = "a secret of forty-three characters, or more";

// Two lamps by acme, to be collected in store-12 within three days; sent with ups.
class CollectionInStore : public ::testing::Test {
 protected:
  CollectionInStore() {
    EXPECT_TRUE(service_
                    .Place("SO-1", R"(customer_id: "c1" promised_time { seconds: 1772625600 } collect_at: "store-12"
                        lines { line_id: "1" sku: "lamp" description: "Lamp" quantity: 2 vendor_id: "acme" })")
                    .ok());
    v1::CreateOrderLinkRequest link;
    link.set_order_id("SO-1");
    link.set_secret_sha256(crypto::Sha256(kPageSecret));
    EXPECT_TRUE(service_.Give<Order>("SO-1", link, service_.By("ana", common::v1::ROLE_REP)).ok());
    EXPECT_TRUE(service_.VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "ups" tracking_number: "1Z" })").ok());
  }
  absl::Status Push(const std::string& state, const std::string& more = "") {
    service_.Pass(absl::Minutes(10));
    return service_.Push(absl::StrCat(Scan("ups", "1Z", state, absl::ToUnixSeconds(service_.now())), " ", more))
        .status();
  }
  absl::Status Receive(const std::string& store = "store-12") {
    return Push("READY_FOR_PICKUP", absl::StrCat("store_receipt: \"", store, "\""));
  }
  absl::Status Collect(const std::string& what = "") {
    auto request = runtime::testing::FromText<v1::RecordCollectionRequest>(
        absl::StrCat(R"(order_id: "SO-1" store: "store-12" )", what));
    return service_.Give<Order>("SO-1", request, service_.By("till-3", common::v1::ROLE_SERVICE)).status();
  }
  v1::TraceOrderResponse Shown(v1::Audience audience) {
    v1::TraceOrderRequest request;
    request.set_order_id("SO-1");
    request.set_audience(audience);
    request.set_page_size(1000);
    return TraceOrder(service_.reader(), request).value_or(v1::TraceOrderResponse());
  }
  std::vector<std::string> Texts(v1::Audience audience) {
    std::vector<std::string> texts;
    const v1::TraceOrderResponse shown = Shown(audience);
    for (const v1::TraceEntry& entry : shown.entries()) texts.push_back(entry.text());
    return texts;
  }
  std::string Next(v1::Audience audience) { return Shown(audience).order().next_step().text(); }
  v1::OrderPage Page() {
    v1::GetOrderPageRequest request;
    request.set_order_id("SO-1");
    request.set_secret(kPageSecret);
    const auto page = GetOrderPage(service_.reader(), request, "", service_.now());
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->page() : v1::OrderPage();
  }
  std::vector<std::string> Concerns() {
    std::vector<std::string> kinds;
    const v1::OrderView order = service_.View("SO-1");
    for (const v1::OrderConcern& concern : order.concerns()) {
      kinds.push_back(v1::ConcernKind_Name(concern.kind()).substr(13));
    }
    return kinds;
  }
  // Whether the customer is told to come, anywhere; or now, whatever they were told before.
  bool IsToldToCome(bool now = false) {
    v1::TraceOrderResponse shown = Shown(v1::AUDIENCE_CUSTOMER);
    v1::OrderPage page = Page();
    if (now) shown.clear_entries();
    if (now) page.clear_steps();
    const std::string all = shown.ShortDebugString() + page.ShortDebugString();
    for (const char* words : {"You collect", "for you to collect", "eady for collection", "READY_FOR_PICKUP",
                              "eady to be collected", "READY_FOR_COLLECTION"}) {
      if (absl::StrContains(all, words)) return true;
    }
    return false;
  }
  // What is there, or is said to be, is not expected any more.
  void ExpectNoTime() {
    const v1::OrderView order = Shown(v1::AUDIENCE_CUSTOMER).order();
    EXPECT_FALSE(order.has_eta());
    EXPECT_FALSE(order.lines(0).has_eta());
    EXPECT_EQ(order.lines(0).eta_source(), v1::ETA_SOURCE_UNSPECIFIED);
    EXPECT_FALSE(Page().has_eta());
  }
  void ExpectSameFromTheLog() {
    for (uint64_t seed = 1; seed <= 3; ++seed) EXPECT_EQ(service_.RebuiltRows(seed), service_.LiveRows());
  }

  ServiceUnderTest service_;
};

TEST_F(CollectionInStore, GoesFromTheVendorToTheHandsOfTheCustomer) {
  EXPECT_EQ(service_.View("SO-1").shipments(0).collect_at(), "store-12");
  ASSERT_TRUE(Push("IN_TRANSIT").ok());
  EXPECT_EQ(Next(v1::AUDIENCE_STAFF), "ups 1Z is brought to store store-12");
  ASSERT_TRUE(Push("DELIVERED").ok());
  EXPECT_EQ(Next(v1::AUDIENCE_STAFF), "store store-12 scans the receipt of ups 1Z");
  EXPECT_EQ(Shown(v1::AUDIENCE_STAFF).order().next_step().kind(), v1::NEXT_STEP_KIND_STORE_RECEIPT);
  EXPECT_EQ(Next(v1::AUDIENCE_CUSTOMER), "Our store receives it, and then we tell you that you can collect it: Lamp");
  EXPECT_EQ(Page().next().text(), "Our store receives your parcel, and then we tell you that you can collect it");
  EXPECT_FALSE(IsToldToCome());
  EXPECT_THAT(Texts(v1::AUDIENCE_CUSTOMER),
              Contains("UPS says that it is at our store; we check, and tell you when you can collect it"));
  EXPECT_EQ(Page().steps().rbegin()->text(),
            "UPS says that a parcel is at our store; we check, and tell you when you can collect it");
  EXPECT_EQ(Page().eta_reason(), "UPS says that it is at our store; we check");
  ExpectNoTime();
  EXPECT_TRUE(service_.View("SO-1").has_eta()) << "staff read the time, and who says it";
  EXPECT_EQ(service_.View("SO-1").status(), v1::ORDER_STATUS_OPEN);
  ASSERT_TRUE(Receive().ok());
  EXPECT_TRUE(IsToldToCome());
  EXPECT_EQ(Next(v1::AUDIENCE_STAFF), "the customer collects ups 1Z in store store-12");
  EXPECT_EQ(Next(v1::AUDIENCE_CUSTOMER), "You collect it in our store: Lamp");
  EXPECT_EQ(service_.View("SO-1").lines(0).status(), v1::LINE_STATUS_READY_FOR_COLLECTION);
  EXPECT_EQ(Page().lines(0).collect_at(), "store-12");
  EXPECT_EQ(Page().next().text(), "You collect your parcel");
  EXPECT_EQ(Page().parcels(0).state(), v1::TRACKING_STATE_READY_FOR_PICKUP);
  service_.Pass(absl::Hours(3));
  ASSERT_TRUE(Collect(R"(quantities { line_id: "1" quantity: 1 })").ok());
  EXPECT_EQ(service_.View("SO-1").lines(0).quantity_collected(), 1U);
  EXPECT_EQ(service_.View("SO-1").status(), v1::ORDER_STATUS_OPEN);
  ASSERT_TRUE(Collect().ok());
  const v1::OrderView done = service_.View("SO-1");
  EXPECT_EQ(done.status(), v1::ORDER_STATUS_COMPLETED);
  EXPECT_EQ(done.lines(0).status(), v1::LINE_STATUS_COLLECTED);
  EXPECT_TRUE(done.in_time());
  EXPECT_FALSE(done.has_next_step());
  EXPECT_FALSE(IsToldToCome(true));
  EXPECT_THAT(
      Texts(v1::AUDIENCE_STAFF),
      ::testing::IsSupersetOf({"leg 1 (to store store-12) with ups 1Z, line 1",
                               "has reached store store-12, says the carrier: shipment/ups/1Z/1",
                               "store store-12 has received shipment/ups/1Z/1: ready for collection",
                               "collected in store store-12: 1 of line 1", "all is delivered or collected, in time"}));
  EXPECT_THAT(Texts(v1::AUDIENCE_CUSTOMER),
              ::testing::IsSupersetOf({"UPS brought it to our store", "Ready for you to collect in our store: Lamp",
                                       "You collected: 1 of 2 Lamp", "You have all of it"}));
  for (const char* words : {"Delivered", "Now expected"}) {
    EXPECT_THAT(Texts(v1::AUDIENCE_CUSTOMER), Not(Contains(HasSubstr(words))));
  }
  ExpectSameFromTheLog();
}

TEST_F(CollectionInStore, AReceiptThatStaysAwayIsRaisedAndTheCollectionEndsIt) {
  ASSERT_TRUE(Push("DELIVERED").ok());
  service_.Pass(absl::Hours(23));
  EXPECT_THAT(Concerns(), IsEmpty());
  service_.Restart();
  service_.Pass(absl::Hours(2));
  EXPECT_THAT(Concerns(), ElementsAre("RECEIPT_MISSING"));
  EXPECT_THAT(Next(v1::AUDIENCE_STAFF), HasSubstr("sam finds out: ups 1Z has been in our store store-12 since"));
  EXPECT_THAT(Next(v1::AUDIENCE_CUSTOMER), HasSubstr("Please do not come for it yet"));
  EXPECT_FALSE(IsToldToCome());
  service_.Pass(absl::Hours(30));
  EXPECT_THAT(Concerns(), ElementsAre("RECEIPT_MISSING")) << "once";
  ASSERT_TRUE(Collect(R"(line_ids: "1")").ok());
  EXPECT_THAT(Concerns(), IsEmpty());
  EXPECT_EQ(service_.View("SO-1").status(), v1::ORDER_STATUS_COMPLETED);
  EXPECT_THAT(Texts(v1::AUDIENCE_STAFF),
              Contains("collected in store store-12: 2 of line 1; without the store's receipt scan: line 1"));
  service_.Pass(absl::Hours(24 * 20));
  EXPECT_THAT(Concerns(), IsEmpty());
  ExpectSameFromTheLog();
}

TEST_F(CollectionInStore, ACarriersReadyWithoutTheReceiptTellsNobodyToCome) {
  ASSERT_TRUE(Push("READY_FOR_PICKUP").ok());  // at a place that the maps do not know as ours
  EXPECT_FALSE(IsToldToCome());
  EXPECT_EQ(Shown(v1::AUDIENCE_STAFF).order().next_step().kind(), v1::NEXT_STEP_KIND_STORE_RECEIPT);
  service_.Pass(absl::Hours(24 * 6));
  EXPECT_THAT(Concerns(), ElementsAre("RECEIPT_MISSING")) << "and it is not unclaimed: nobody was told to come";
  ASSERT_TRUE(Push("IN_TRANSIT").ok());
  EXPECT_THAT(Concerns(), IsEmpty()) << "the carrier takes it back";
  EXPECT_EQ(Next(v1::AUDIENCE_STAFF), "ups 1Z is brought to store store-12");
  ExpectSameFromTheLog();
}

TEST_F(CollectionInStore, AnotherStoresReceiptIsAContradictionUntilTheRightStoreHasIt) {
  ASSERT_TRUE(Receive("store-9").ok());
  EXPECT_THAT(Concerns(), ElementsAre("CONTRADICTION"));
  EXPECT_FALSE(IsToldToCome());
  EXPECT_THAT(Next(v1::AUDIENCE_STAFF),
              HasSubstr("ups 1Z was received by our store store-9, and is to be collected in store-12"));
  ASSERT_TRUE(Receive().ok());
  EXPECT_THAT(Concerns(), IsEmpty());
  EXPECT_TRUE(IsToldToCome());
  ExpectSameFromTheLog();
}

TEST_F(CollectionInStore, WhileItIsContradictedTheCarriersWordIsNotPassedOn) {
  ASSERT_TRUE(Receive("store-9").ok());
  ASSERT_TRUE(Push("DELIVERED").ok());
  EXPECT_THAT(Concerns(), Contains("CONTRADICTION"));
  EXPECT_THAT(Texts(v1::AUDIENCE_CUSTOMER), Not(Contains(HasSubstr("UPS says that it is at our store"))));
  EXPECT_THAT(Page().ShortDebugString(), Not(HasSubstr("at our store")));
  EXPECT_THAT(Shown(v1::AUDIENCE_CUSTOMER).order().ShortDebugString(), Not(HasSubstr("at our store")));
  ExpectNoTime();
  ExpectSameFromTheLog();
}

TEST_F(CollectionInStore, WhatIsNotCollectedIsRaisedFromItsReadinessOn) {
  ASSERT_TRUE(Push("DELIVERED").ok());  // over for the carrier, not for us
  ASSERT_TRUE(Receive().ok());
  service_.Pass(absl::Hours(24 * 5 - 1));
  EXPECT_THAT(Concerns(), IsEmpty());
  service_.Restart();
  service_.Pass(absl::Hours(2));
  EXPECT_THAT(Concerns(), ElementsAre("UNCLAIMED"));
  EXPECT_TRUE(IsToldToCome());
  EXPECT_FALSE(service_.View("SO-1").at_risk()) << "it was ready in time";
  EXPECT_FALSE(service_.View("SO-1").overdue());
  ASSERT_TRUE(Collect().ok());
  EXPECT_THAT(Concerns(), IsEmpty());
  EXPECT_TRUE(service_.View("SO-1").in_time());
  ExpectSameFromTheLog();
}

TEST_F(CollectionInStore, WhatIsNotReadyAtThePromisedTimeIsOverdue) {
  ASSERT_TRUE(Push("DELIVERED").ok());
  service_.Pass(absl::Hours(73));
  EXPECT_TRUE(service_.View("SO-1").overdue());
  ASSERT_TRUE(Receive().ok());
  EXPECT_TRUE(service_.View("SO-1").at_risk()) << "the promise is broken";
  EXPECT_THAT(service_.View("SO-1").at_risk_cause(), HasSubstr("line 1 ready for collection since"));
  ASSERT_TRUE(Collect().ok());
  EXPECT_FALSE(service_.View("SO-1").in_time());
  EXPECT_FALSE(service_.View("SO-1").at_risk());
  ExpectSameFromTheLog();
}

TEST_F(CollectionInStore, AReadinessThatIsTakenBackAfterThePromiseIsOverdueAtOnce) {
  service_.Pass(absl::Minutes(10));
  const std::string scan = Scan("ups", "1Z", "READY_FOR_PICKUP", absl::ToUnixSeconds(service_.now()));
  ASSERT_TRUE(service_.Push(scan + R"( store_receipt: "store-12")").ok());
  service_.Pass(absl::Hours(80));
  ASSERT_FALSE(service_.View("SO-1").overdue());
  ASSERT_TRUE(Push("RETURNING").ok());
  EXPECT_FALSE(IsToldToCome(true));
  EXPECT_TRUE(service_.View("SO-1").at_risk());
  service_.Pass(absl::Seconds(1));
  EXPECT_TRUE(service_.View("SO-1").overdue());
  EXPECT_THAT(Texts(v1::AUDIENCE_CUSTOMER), Contains("Please do not come for it, and we find out where it is: Lamp"));
  ExpectSameFromTheLog();
}

TEST_F(CollectionInStore, AReturnGoesBackFromIt) {
  ASSERT_TRUE(Receive().ok());
  ASSERT_TRUE(Collect().ok());
  ASSERT_TRUE(service_
                  .Add("SO-1", R"(order_id: "SO-1" carrier: "ups" tracking_number: "1R" return_leg: true
                                      line_ids: "1")")
                  .ok());
  EXPECT_EQ(service_.View("SO-1").lines(0).status(), v1::LINE_STATUS_RETURNING);
  ASSERT_TRUE(service_.Push(Scan("ups", "1R", "DELIVERED", absl::ToUnixSeconds(service_.now()))).ok());
  EXPECT_EQ(service_.View("SO-1").status(), v1::ORDER_STATUS_RETURNED);
  ExpectSameFromTheLog();
}

// Whatever comes first: before the store's receipt nobody is told to come, and after it all is the same.
TEST_F(CollectionInStore, TheOrderOfArrivalDoesNotMatter) {
  const int64_t noon = absl::ToUnixSeconds(service_.now());
  const std::vector<std::string> reports = {
      Scan("ups", "1Z", "IN_TRANSIT", noon + 60), Scan("ups", "1Z", "READY_FOR_PICKUP", noon + 120),
      Scan("ups", "1Z", "READY_FOR_PICKUP", noon + 200) + R"( store_receipt: "store-12")",
      Scan("ups", "1Z", "DELIVERED", noon + 180)};
  std::vector<size_t> order = {0, 1, 2, 3};
  std::vector<std::string> ends;
  do {
    ServiceUnderTest service;
    ASSERT_TRUE(service
                    .Place("SO-1", R"(customer_id: "c1" promised_time { seconds: 1772625600 } collect_at: "store-12"
                        lines { line_id: "1" sku: "lamp" quantity: 2 vendor_id: "acme" })")
                    .ok());
    ASSERT_TRUE(service.VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "ups" tracking_number: "1Z" })").ok());
    service.Pass(absl::Minutes(10));
    bool received = false;
    for (const size_t i : order) {
      ASSERT_TRUE(service.Push(reports[i]).ok());
      received |= i == 2;
      EXPECT_EQ(service.View("SO-1").lines(0).status() == v1::LINE_STATUS_READY_FOR_COLLECTION, received);
      EXPECT_EQ(service.View("SO-1").shipments(0).has_ready_at(), received);
    }
    const v1::OrderView end = service.View("SO-1");
    ends.push_back(absl::StrCat(end.lines(0).ShortDebugString(), end.shipments(0).ready_at().ShortDebugString(),
                                end.next_step().ShortDebugString(), end.eta().ShortDebugString()));
    EXPECT_EQ(ends.back(), ends.front());
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(CollectionInStore, NoNameOfTheCollectorIsKept) {
  ASSERT_TRUE(Receive().ok());
  auto request = runtime::testing::FromText<v1::RecordCollectionRequest>(R"(order_id: "SO-1" store: "store-12")");
  request.set_collected_by_sha256(crypto::Sha256("Mira Doe"));
  ASSERT_TRUE(service_.Give<Order>("SO-1", request, service_.By("ana", common::v1::ROLE_REP)).ok());
  for (const auto& [key, row] : service_.LiveRows()) {
    EXPECT_FALSE(absl::StrContains(key, "Mira") || absl::StrContains(row, "Mira"));
  }
}

}  // namespace
}  // namespace throughline::supplier
