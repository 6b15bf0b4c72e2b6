// "That is another company": an order that the customer collects in a store of ours is ready when the store has it, and
// not before. Each test is a sentence of the story.

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"

#include "libs/runtime/domain/time.h"
#include "tests/stories/story.h"

namespace throughline::stories {
namespace {

using supplier::v1::AUDIENCE_CUSTOMER;
using supplier::v1::NextStep;
using supplier::v1::OrderView;
using supplier::v1::TraceEntry;
using supplier::v1::TraceOrderResponse;
using ::testing::Contains;
using ::testing::HasSubstr;
using Kinds = std::set<std::string>;

class InStore : public Story<InStore> {
 protected:
  void Begin() override { ana.IsAvailable(); }

  // A lamp by acme, promised in two days to mira, who collects it in our store; ben owns the order. ups has it.
  void OrdersALamp(const std::string& order_id, const std::string& number) {
    supplier::v1::PlaceOrderRequest order;
    order.set_order_id(order_id);
    order.set_customer_id("mira");
    order.set_collect_at(kOurStore);
    auto& line = *order.add_lines();
    line.set_line_id("1");
    line.set_sku("LAMP-7");
    line.set_description("Desk lamp");
    line.set_quantity(1);
    line.set_vendor_id("acme");
    *order.mutable_promised_time() = In(absl::Hours(48));
    order.set_owner("ben");
    order.set_destination_zone("America/New_York");
    ASSERT_EQ(webshop.PlacesOrder(order)->owner(), "ben");
    acme.Acknowledges(order_id, Date(21));
    ASSERT_TRUE(dashboard.ShowsLive(order_id, [](const OrderView& now, const Kinds&) {
      return now.eta_source() == supplier::v1::ETA_SOURCE_VENDOR && now.has_eta();
    })) << "the ETA says where it comes from";
    EXPECT_EQ(dashboard.Traces(order_id).order().lines(0).eta_reason(),
              "vendor acme expects it with the customer then");
    EXPECT_EQ(dashboard.Traces(order_id, AUDIENCE_CUSTOMER).order().eta_reason(), "it is expected with you then");
    acme.Dispatches(order_id, "ups", number, Date(21), /*hand_over=*/false);
  }
  void IsBroughtToTheStore(const std::string& order_id, const std::string& number) {
    ASSERT_TRUE(dashboard.ShowsLive(
        order_id,
        [&] {
          ups.Reports(number, "status { state: TRACKING_STATE_DELIVERED }",
                      runtime::ToProto(absl::Now() - absl::Hours(1)));
        },
        [](const OrderView& now, const Kinds& kinds) {
          return kinds.contains("ReceiptAwaited") && now.shipments_size() == 1 && now.shipments(0).has_receipt_due();
        }));
  }
  bool IsReady(const std::string& order_id) {
    return dashboard.ShowsLive(order_id, [](const OrderView& now, const Kinds&) {
      return now.lines(0).status() == supplier::v1::LINE_STATUS_READY_FOR_COLLECTION;
    });
  }
  bool IsComplete(const std::string& order_id) {
    return dashboard.ShowsLive(order_id, [](const OrderView& now, const Kinds& kinds) {
      return now.status() == supplier::v1::ORDER_STATUS_COMPLETED && kinds.contains("LinesCollected");
    });
  }
  // Whether mira is told to come, by what happened or by what happens next.
  bool IsToldToCome(const std::string& order_id) {
    const TraceOrderResponse trace = dashboard.Traces(order_id, AUDIENCE_CUSTOMER);
    return trace.order().next_step().kind() == supplier::v1::NEXT_STEP_KIND_COLLECTION ||
           absl::c_any_of(trace.entries(),
                          [](const TraceEntry& entry) { return absl::StrContains(entry.text(), "eady for you"); });
  }
  std::vector<std::string> Texts(const TraceOrderResponse& trace) {
    std::vector<std::string> texts;
    for (const TraceEntry& entry : trace.entries()) texts.push_back(entry.text());
    return texts;
  }
};

TEST_F(InStore, IsReadyOnceTheStoreHasItAndCompleteOnceItIsCollected) {
  const std::string order = "SO-7441", number = "1Z204W4R0300000011";
  OrdersALamp(order, number);
  IsBroughtToTheStore(order, number);
  EXPECT_EQ(dashboard.Traces(order).order().next_step().kind(), supplier::v1::NEXT_STEP_KIND_STORE_RECEIPT);
  EXPECT_EQ(dashboard.Traces(order).order().owner(), "ben") << "neither the carrier nor the store answers for it";
  EXPECT_FALSE(IsToldToCome(order)) << "the carrier's word is not enough";
  ASSERT_EQ(webshop.ReceivesInStore(kOurStore, "ups", number)->result(), supplier::v1::PUSH_RESULT_ACCEPTED);
  ASSERT_TRUE(IsReady(order));
  EXPECT_TRUE(IsToldToCome(order));
  EXPECT_EQ(dashboard.Traces(order).order().status(), supplier::v1::ORDER_STATUS_OPEN);
  EXPECT_TRUE(webshop.HandsOver(kOurStore, order)->completed());
  ASSERT_TRUE(IsComplete(order));
  EXPECT_TRUE(dashboard.Traces(order).order().in_time());
  EXPECT_THAT(Texts(dashboard.Traces(order, AUDIENCE_CUSTOMER)), Contains("You collected: Desk lamp"));
  EXPECT_THAT(Texts(dashboard.Traces(order)), Contains(HasSubstr("collected in store ")));
}

TEST_F(InStore, IsLookedForByAnOwnerWhenAnotherStoreHasIt) {
  const std::string order = "SO-7442", number = "1Z204W4R0300000012";
  OrdersALamp(order, number);
  std::string c;
  ASSERT_TRUE(dashboard.ShowsLive(
      order, [&] { webshop.ReceivesInStore("store-99", "ups", number); },
      [&](const OrderView& now, const Kinds& kinds) {
        for (const std::string& opened : now.case_ids()) c = opened;
        return !c.empty() && kinds.contains("CaseOpened") && now.concerns_size() == 1 &&
               now.concerns(0).kind() == supplier::v1::CONCERN_KIND_CONTRADICTION;
      }));
  EXPECT_EQ(dashboard.Traces(order).order().owner(), "ana");
  EXPECT_FALSE(IsToldToCome(order));
  ASSERT_EQ(webshop.ReceivesInStore(kOurStore, "ups", number)->result(), supplier::v1::PUSH_RESULT_ACCEPTED);
  ASSERT_TRUE(IsReady(order));
  EXPECT_TRUE(IsToldToCome(order));
}

TEST_F(InStore, WasThereIfItWasHandedOver) {
  const std::string order = "SO-7443", number = "1Z204W4R0300000013";
  OrdersALamp(order, number);
  IsBroughtToTheStore(order, number);
  webshop.HandsOver(kOurStore, order, {"1"});
  ASSERT_TRUE(IsComplete(order));
  EXPECT_THAT(Texts(dashboard.Traces(order)), Contains(HasSubstr("without the store's receipt scan: line 1")));
}

}  // namespace
}  // namespace throughline::stories
