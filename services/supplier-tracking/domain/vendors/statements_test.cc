// What vendors say, by the time at which they said it.

#include "services/supplier-tracking/domain/vendors/statements.h"

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/order.h"

namespace throughline::supplier {
namespace {

using runtime::testing::By;
using runtime::testing::FromText;

constexpr int64_t kNoonSeconds = 1772366400;
const runtime::Caller kAcme = By("acme", common::v1::ROLE_PARTNER, "acme");

constexpr char kPlaced[] = R"(placed { order_id: "SO-1" customer_id: "c1" owner: "ana"
  promised_time { seconds: 1772800000 } lines { line_id: "1" sku: "cup" quantity: 1 vendor_id: "acme" } })";

UpdateFromVendor Told(const std::string& text, int64_t stated_at = 0) {
  const std::string when = stated_at == 0 ? "" : absl::StrCat(" stated_at { seconds: ", stated_at, " }");
  return {FromText<v1::RecordVendorUpdateRequest>(absl::StrCat("order_id: \"SO-1\" vendor_id: \"acme\" ", text, when)),
          {}};
}

class Telling {
 public:
  Telling() { Order::Evolve(state_, FromText<v1::OrderEvent>(kPlaced)); }

  absl::Status Tell(const UpdateFromVendor& command) {
    const auto events = Order::Decide(state_, command, kAcme);
    if (!events.ok()) return events.status();
    recorded_ = events->size();
    for (const auto& event : *events) Order::Evolve(state_, event);
    return absl::OkStatus();
  }
  const v1::OrderState::Line& line() const { return state_.lines(0); }
  const v1::OrderState& state() const { return state_; }
  size_t recorded() const { return recorded_; }

 private:
  v1::OrderState state_;
  size_t recorded_ = 0;
};

TEST(Statements, AnOlderOneIsKeptAndOverridesNothing) {
  Telling telling;
  ASSERT_TRUE(
      telling.Tell(Told(R"(acknowledged { expected_delivery { latest { seconds: 1772700000 } } })", kNoonSeconds - 100))
          .ok());
  ASSERT_TRUE(telling.Tell(Told("backordered {}", kNoonSeconds - 200)).ok());
  EXPECT_EQ(telling.recorded(), 1U) << "it is part of the story";
  EXPECT_EQ(telling.line().status(), v1::LINE_STATUS_ACKNOWLEDGED);
  EXPECT_FALSE(telling.state().at_risk());
  EXPECT_EQ(telling.state().eta().latest().seconds(), 1772700000);
}

TEST(Statements, ADateThatHadPassedIsKeptAndNotUsed) {
  Telling telling;
  ASSERT_TRUE(telling.Tell(Told("backordered {}")).ok());
  ASSERT_TRUE(telling.state().at_risk());
  ASSERT_TRUE(telling.Tell(Told(R"(acknowledged { expected_delivery { latest { seconds: 1772366399 } } })")).ok());
  EXPECT_TRUE(telling.state().at_risk());
  EXPECT_FALSE(telling.state().has_eta());
}

TEST(Statements, WhatWasSaidBeforeADispatchDoesNotUndoIt) {
  Telling telling;
  ASSERT_TRUE(telling.Tell(Told(R"(dispatched { carrier: "ups" tracking_number: "A" })", kNoonSeconds - 100)).ok());
  EXPECT_TRUE(telling.Tell(Told("backordered {}", kNoonSeconds - 200)).ok());
  EXPECT_EQ(telling.line().status(), v1::LINE_STATUS_DISPATCHED);
  EXPECT_TRUE(telling.state().at_risk()) << "as if it had come first: nobody has dated the dispatch";
  EXPECT_EQ(runtime::ReasonOf(telling.Tell(Told("backordered {}"))), "LINE_DISPATCHED");
}

TEST(Statements, ARefusalPutsThePromiseAtRiskUntilSomethingDatesIt) {
  Telling telling;
  ASSERT_TRUE(telling.Tell(Told(R"(refused { reason: "discontinued" })")).ok());
  EXPECT_EQ(telling.line().status(), v1::LINE_STATUS_REFUSED);
  EXPECT_TRUE(telling.state().at_risk());
  ASSERT_TRUE(telling.Tell(Told("acknowledged {}")).ok());
  EXPECT_TRUE(telling.state().at_risk());
  ASSERT_TRUE(telling.Tell(Told(R"(acknowledged { expected_delivery { latest { seconds: 1772700000 } } })")).ok());
  EXPECT_FALSE(telling.state().at_risk());
}

TEST(Statements, ARepetitionWithoutATimeIsNoStatement) {
  Telling telling;
  ASSERT_TRUE(telling.Tell(Told("backordered {}")).ok());
  const auto later = By("acme", common::v1::ROLE_PARTNER, "acme", absl::FromUnixSeconds(kNoonSeconds + 3600));
  EXPECT_TRUE(Order::Decide(telling.state(), Told("backordered {}"), later)->empty());
  EXPECT_EQ(runtime::BadFieldsOf(telling.Tell(Told("backordered {}", kNoonSeconds + 1))),
            std::vector<std::string>{"stated_at"});
}

TEST(Statements, OneThatIsTooOldToBeKeptChangesNothing) {
  Telling telling;
  for (int i = 0; i < kMostStatements; ++i) {
    ASSERT_TRUE(telling.Tell(Told("backordered {}", kNoonSeconds - 100 + i)).ok());
  }
  ASSERT_TRUE(telling.state().at_risk());
  for (
      const char* dated :
      {"acknowledged { expected_delivery { latest { seconds: 1772700000 } } }",
       R"(line_ids: "1" substituted { sku: "s" description: "d" reason: "r" expected_dispatch { seconds: 1772700000 } })"}) {
    ASSERT_TRUE(telling.Tell(Told(dated, kNoonSeconds - 1000)).ok());
    EXPECT_TRUE(telling.line().unknown()) << dated;
    EXPECT_TRUE(telling.state().at_risk()) << dated;
    EXPECT_EQ(telling.line().offers(), 0U) << dated;
    EXPECT_EQ(telling.line().statements_size(), kMostStatements);
  }
}

// Any order of arrival gives the same line, and the same risk.
RC_GTEST_PROP(StatementsProperty, AnyOrderOfArrivalGivesTheSame, ()) {
  std::vector<UpdateFromVendor> said;
  const int count = *rc::gen::inRange(2, 7);
  for (int i = 0; i < count; ++i) {
    const int kind = *rc::gen::inRange(0, 9);
    const std::string at = absl::StrCat("{ seconds: ", 1772800000 + *rc::gen::inRange(-3, 4) * 86400, " }");
    const std::string text =
        kind == 0   ? "acknowledged {}"
        : kind == 1 ? absl::StrCat("acknowledged { expected_delivery { latest ", at, " } }")
        : kind == 2 ? "backordered {}"
        : kind == 3 ? absl::StrCat("backordered { expected_restock ", at, " }")
        : kind == 4 ? absl::StrCat("delayed { reason: \"r\" expected_dispatch ", at, " }")
        : kind == 5 ? "refused { reason: \"r\" }"
        : kind == 6 ? "line_ids: \"1\" substituted { sku: \"s\" description: \"d\" reason: \"r\" }"
                    : absl::StrCat("short_shipped { reason: \"r\" quantities { line_id: \"1\" quantity: 1 } ",
                                   kind == 7 ? "" : "expected_restock " + at, " }");
    said.push_back(Told(text, kNoonSeconds - 1000 + i));
  }
  Telling in_order;
  for (const auto& each : said) RC_ASSERT(in_order.Tell(each).ok());
  std::shuffle(said.begin(), said.end(), std::mt19937(*rc::gen::arbitrary<uint32_t>()));
  Telling shuffled;
  for (const auto& each : said) RC_ASSERT(shuffled.Tell(each).ok());
  RC_ASSERT(in_order.line().ShortDebugString() == shuffled.line().ShortDebugString());
  RC_ASSERT(in_order.state().at_risk() == shuffled.state().at_risk());
}

}  // namespace
}  // namespace throughline::supplier
