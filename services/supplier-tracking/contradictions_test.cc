// Contradictions are raised with the order and cleared by evidence; and the customer is not told to come: neither by
// the story, nor by what happens next, nor by the state of the parcel, nor on the page of the order.

#include <fstream>

#include <gmock/gmock.h>

#include "services/supplier-tracking/service_under_test.h"
#include "tests/support/test_directory.h"

namespace throughline::supplier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Contradictions : public ::testing::Test {
 protected:
  Contradictions() {
    std::ofstream(folder_.path() + "/ups.textproto")
        << R"(carrier: "ups" own_stores { store: "store-12" facility: "ACME Store, Main Street" })";
    EXPECT_TRUE(service_.Place("SO-1", kOrder).ok());
    EXPECT_TRUE(service_.VendorUpdate("SO-1", "acme", R"(dispatched { carrier: "ups" tracking_number: "1Z" })").ok());
  }
  // Reads with the map that knows our store.
  void KnowTheStore() { service_.Use(folder_.path()); }
  int64_t Now() const { return absl::ToUnixSeconds(service_.now()); }
  void Push(const std::string& state, const std::string& more = "") {
    service_.Pass(absl::Minutes(10));
    const auto result = service_.Push(absl::StrCat(Scan("ups", "1Z", state, Now()), " ", more));
    ASSERT_TRUE(result.ok()) << result.status();
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts;
    const v1::OrderView order = service_.View("SO-1");
    for (const v1::OrderConcern& concern : order.concerns()) texts.push_back(concern.text());
    return texts;
  }
  v1::TraceOrderResponse Customer() {
    v1::TraceOrderRequest request;
    request.set_order_id("SO-1");
    request.set_audience(v1::AUDIENCE_CUSTOMER);
    return TraceOrder(service_.reader(), request).value_or(v1::TraceOrderResponse());
  }

  const TestDirectory folder_;
  ServiceUnderTest service_;
};
constexpr char kStore[] = R"(place { facility: "ACME Store, Main Street" })";

TEST_F(Contradictions, ReadyInOurStoreWithoutItsReceiptIsRaisedAndTheCustomerIsNotToldToCome) {
  KnowTheStore();
  Push("IN_TRANSIT");
  Push("READY_FOR_PICKUP", kStore);
  EXPECT_THAT(Texts(),
              ElementsAre("ups 1Z is ready in a store of ours, says the carrier, and the store has not received it"));
  const v1::TraceOrderResponse shown = Customer();
  for (const v1::TraceEntry& entry : shown.entries()) {
    EXPECT_THAT(entry.text(), Not(HasSubstr("Ready for collection")));
    EXPECT_NE(entry.state(), v1::TRACKING_STATE_READY_FOR_PICKUP);
  }
  EXPECT_EQ(shown.order().next_step().text(),
            "Please do not come for it yet: we find out whether our store has it: lamp");
  EXPECT_THAT(shown.order().ShortDebugString(), Not(HasSubstr("You collect it")));
  EXPECT_NE(shown.order().shipments(0).state(), v1::TRACKING_STATE_READY_FOR_PICKUP);
  // The store receives it: that is the evidence, and now the customer is told.
  Push("READY_FOR_PICKUP", R"(store_receipt: "store-12")");
  EXPECT_THAT(Texts(), IsEmpty());
  EXPECT_EQ(Find(service_.Trace("SO-1"), "OrderConcernCleared")->text(),
            "no longer contradiction of ups 1Z: it is there");
  const v1::TraceOrderResponse there = Customer();
  EXPECT_THAT(there.order().ShortDebugString(), HasSubstr("You collect it: lamp"));
  EXPECT_EQ(there.order().shipments(0).state(), v1::TRACKING_STATE_READY_FOR_PICKUP);
  for (uint64_t seed = 1; seed <= 3; ++seed) EXPECT_EQ(service_.RebuiltRows(seed), service_.LiveRows());
}

TEST_F(Contradictions, WhatContradictsItselfIsRaisedOnceAndASettledReportClearsIt) {
  Push("IN_TRANSIT");
  Push("DELIVERED", R"(text: "Returned to sender")");
  ASSERT_THAT(Texts(), ElementsAre("what ups reports about 1Z contradicts itself"));
  service_.Pass(absl::Hours(50));
  EXPECT_EQ(Texts().size(), 1u);
  Push("OUT_FOR_DELIVERY");
  EXPECT_THAT(Texts(), IsEmpty());
  EXPECT_EQ(Find(service_.Trace("SO-1"), "OrderConcernCleared")->text(),
            "no longer contradiction of ups 1Z: the carrier has reported since, and clearly");
  // A later one is another.
  Push("DELIVERED", R"(text: "Returned to sender")");
  EXPECT_EQ(Texts().size(), 1u);
  Push("DELIVERED");
  EXPECT_THAT(Texts(), IsEmpty());
  for (uint64_t seed = 1; seed <= 3; ++seed) EXPECT_EQ(service_.RebuiltRows(seed), service_.LiveRows());
}

TEST_F(Contradictions, AnOlderScanThatComesLateSettlesNothing) {
  Push("IN_TRANSIT");
  Push("DELIVERED", R"(text: "Returned to sender")");
  ASSERT_TRUE(service_.Push(Scan("ups", "1Z", "PICKED_UP", Now() - 7200)).ok());
  EXPECT_EQ(Texts().size(), 1u);
}

TEST_F(Contradictions, BesideAContradictionACounterOfTheCarriersDoesNotCallTheCustomer) {
  Push("READY_FOR_PICKUP");
  EXPECT_THAT(Customer().order().ShortDebugString(), HasSubstr("You collect it: lamp"));
  Push("DELIVERED", R"(text: "Returned to sender")");
  const v1::TraceOrderResponse shown = Customer();
  EXPECT_THAT(shown.order().ShortDebugString(), Not(HasSubstr("You collect it")));
  EXPECT_EQ(shown.order().shipments(0).state(), v1::TRACKING_STATE_UNKNOWN);
}

}  // namespace
}  // namespace throughline::supplier
