// What is wrong with an order: where staff see it, and what its customer reads.

#include <gmock/gmock.h>

#include "services/supplier-tracking/projections/concerns/concern_rows.h"
#include "services/supplier-tracking/projections/concerns/concern_words.h"
#include "services/supplier-tracking/projections/order/customer_text.h"
#include "services/supplier-tracking/service_under_test.h"

namespace throughline::supplier {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

void Raise(ServiceUnderTest& service, const std::string& order, const std::string& text) {
  const RaiseConcern command{runtime::testing::FromText<v1::OrderConcern>(text)};
  ASSERT_TRUE(service.Give<Order>(order, command, service.By("supplier", common::v1::ROLE_SERVICE)).ok());
}
void Clear(ServiceUnderTest& service, const std::string& order, const std::string& text) {
  const ClearConcern command{runtime::testing::FromText<v1::OrderConcernCleared>(text)};
  ASSERT_TRUE(service.Give<Order>(order, command, service.By("supplier", common::v1::ROLE_SERVICE)).ok());
}
std::vector<std::string> Listed(ServiceUnderTest& service, const std::string& request) {
  std::vector<std::string> orders;
  const auto page = ListOrders(service.reader(), runtime::testing::FromText<v1::ListOrdersRequest>(request));
  EXPECT_TRUE(page.ok()) << page.status();
  if (page.ok()) {
    for (const v1::OrderView& order : page->orders()) orders.push_back(order.order_id());
  }
  return orders;
}

constexpr char kMismatch[] =
    R"(kind: CONCERN_KIND_SERIAL_MISMATCH about: "line/2" text: "packed A, on the box B, says bolt" key: "A B")";
constexpr char kRefused[] = R"(kind: CONCERN_KIND_REFUSED about: "vendor/bolt" text: "bolt refuses line 2" key: "1")";
constexpr char kSettled[] = R"(kind: CONCERN_KIND_SERIAL_MISMATCH about: "line/2" evidence: "the box was exchanged")";

TEST(Concerns, AreSeenInTheOrderItsStoryItsNextStepAndTheList) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(service.Place("SO-2", kOrder).ok());
  EXPECT_THAT(Listed(service, "with_concern: true"), IsEmpty());
  service.Pass(absl::Minutes(1));
  Raise(service, "SO-1", kMismatch);
  const v1::OrderView view = service.View("SO-1");
  ASSERT_EQ(view.concerns_size(), 1);
  EXPECT_EQ(view.concerns(0).about(), "line/2");
  EXPECT_EQ(view.next_step().text(), "sam finds out: packed A, on the box B, says bolt");
  EXPECT_EQ(view.next_step().kind(), v1::NEXT_STEP_KIND_CLARIFICATION);
  EXPECT_THAT(view.next_step().line_ids(), ElementsAre("2"));
  EXPECT_FALSE(view.at_risk()) << "it is not the promise";
  const auto trace = service.Trace("SO-1");
  const v1::TraceEntry* raised = Find(trace, "OrderConcernRaised");
  ASSERT_NE(raised, nullptr);
  EXPECT_EQ(raised->text(), "serial mismatch: packed A, on the box B, says bolt");
  EXPECT_THAT(raised->line_ids(), ElementsAre("2"));
  EXPECT_THAT(Listed(service, "with_concern: true"), ElementsAre("SO-1"));
  EXPECT_THAT(Listed(service, "concern: CONCERN_KIND_SERIAL_MISMATCH"), ElementsAre("SO-1"));
  EXPECT_THAT(Listed(service, "concern: CONCERN_KIND_SILENCE"), IsEmpty());
  EXPECT_THAT(OrdersWithConcern(service.reader()), Contains(Pair("serial_mismatch", 1.0)));
  Raise(service, "SO-1", kRefused);
  Clear(service, "SO-1", kSettled);
  EXPECT_THAT(Listed(service, "with_concern: true"), ElementsAre("SO-1")) << "another one is open";
  EXPECT_THAT(OrdersWithConcern(service.reader()), Contains(Pair("serial_mismatch", 0.0)));
  EXPECT_EQ(Find(service.Trace("SO-1"), "OrderConcernCleared")->text(),
            "no longer serial mismatch of line 2: the box was exchanged");
  Clear(service, "SO-1", R"(kind: CONCERN_KIND_REFUSED about: "vendor/bolt" evidence: "bolt acknowledges line 2")");
  EXPECT_THAT(Listed(service, "with_concern: true"), IsEmpty());
  EXPECT_TRUE(service.View("SO-1").concerns().empty());
  for (uint64_t seed = 1; seed <= 3; ++seed) EXPECT_EQ(service.RebuiltRows(seed), service.LiveRows());
}

TEST(Concerns, AreToldToTheCustomerInTheirWords) {
  ServiceUnderTest service;
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  service.Pass(absl::Minutes(1));
  Raise(service, "SO-1", kMismatch);
  v1::TraceOrderRequest request;
  request.set_order_id("SO-1");
  request.set_audience(v1::AUDIENCE_CUSTOMER);
  const auto shown = TraceOrder(service.reader(), request);
  ASSERT_TRUE(shown.ok());
  EXPECT_TRUE(shown->order().concerns().empty()) << "it has our words";
  EXPECT_EQ(shown->order().next_step().text(),
            "A serial number is not the one that was sent, and we look into it: bulb");
  EXPECT_EQ(shown->entries(shown->entries_size() - 1).text(), shown->order().next_step().text());
}

// A new kind fails here until it is decided what its customer reads.
TEST(Concerns, EveryKindHasWordsForTheCustomerOrIsOurOwnWork) {
  const google::protobuf::EnumDescriptor& kinds = *v1::ConcernKind_descriptor();
  std::set<std::string> raised, cleared;
  int told = 0;
  for (int i = 1; i < kinds.value_count(); ++i) {
    v1::OrderConcern concern;
    concern.set_kind(static_cast<v1::ConcernKind>(kinds.value(i)->number()));
    concern.set_text("SECRET");
    v1::OrderConcernCleared gone;
    gone.set_kind(concern.kind());
    gone.set_evidence("SECRET");
    const bool ours = concern.kind() == v1::CONCERN_KIND_SUBSCRIPTION_EXPIRING;
    EXPECT_EQ(CustomerText(concern, {}).empty(), ours) << kinds.value(i)->name();
    EXPECT_EQ(CustomerText(gone, {}).empty(), ours) << kinds.value(i)->name();
    EXPECT_THAT(CustomerText(concern, {}), Not(HasSubstr("SECRET")));
    EXPECT_THAT(CustomerText(gone, {}), Not(HasSubstr("SECRET")));
    EXPECT_NE(CustomerText(concern, {}), "Something is not right, and we see to it") << kinds.value(i)->name();
    raised.insert(CustomerText(concern, {}));
    ++told;
  }
  EXPECT_EQ(raised.size(), static_cast<size_t>(told)) << "each says something else";
}

}  // namespace
}  // namespace throughline::supplier
