#include "services/supplier-tracking/domain/concerns/order_concerns.h"

#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/order.h"

namespace throughline::supplier {
namespace {

using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

const runtime::Caller kWatcher = By("throughline.supplier", common::v1::ROLE_SERVICE);

constexpr char kAnOrder[] = R"(placed {
  order_id: "SO-1" customer_id: "c1" owner: "ana" placed_at { seconds: 1772366400 }
  promised_time { seconds: 1772800000 } lines { line_id: "1" sku: "a" quantity: 1 vendor_id: "acme" } })";
std::string Gap(const std::string& key = "k1", const std::string& number = "1Z") {
  return absl::StrCat("kind: CONCERN_KIND_LEG_GAP about: \"shipment/ups/", number,
                      "/1\" text: \"nobody has it\" since { seconds: 1772400000 } key: \"", key, "\"");
}
constexpr char kGone[] = R"(kind: CONCERN_KIND_LEG_GAP about: "shipment/ups/1Z/1" evidence: "usps has scanned it")";

RaiseConcern Raising(const std::string& text) { return {FromText<v1::OrderConcern>(text)}; }
ClearConcern Clearing(const std::string& text) { return {FromText<v1::OrderConcernCleared>(text)}; }
std::string Raised(const std::string& concern) {
  return absl::StrCat("concern_raised { concern { ", concern, R"( } owner: "ana" customer_id: "c1" })");
}
std::string Cleared(const std::string& text) { return absl::StrCat("concern_cleared { ", text, " }"); }

TEST(OrderConcerns, IsRaisedOnceWithWhoOwnsTheOrder) {
  Given<Order>({kAnOrder}).When(Raising(Gap()), kWatcher).Then({Raised(Gap())});
  Given<Order>({kAnOrder, Raised(Gap())}).When(Raising(Gap()), kWatcher).Then({});
  const std::string other_key = Gap("k2");
  Given<Order>({kAnOrder, Raised(Gap())}).When(Raising(other_key), kWatcher).Then({});
  Given<Order>().When(Raising(Gap()), kWatcher).Then({});
}

TEST(OrderConcerns, TheSameEvidenceDoesNotRaiseItAgainAndOtherEvidenceDoes) {
  const Given<Order> cleared({kAnOrder, Raised(Gap()), Cleared(kGone)});
  cleared.When(Raising(Gap()), kWatcher).Then({});
  const std::string other_key = Gap("k2");
  cleared.When(Raising(other_key), kWatcher).Then({Raised(other_key)});
  const std::string other_shipment = Gap("k1", "1Y");
  cleared.When(Raising(other_shipment), kWatcher).Then({Raised(other_shipment)});
}

TEST(OrderConcerns, IsClearedOnceByItsName) {
  Given<Order>({kAnOrder, Raised(Gap())})
      .When(Clearing(kGone), kWatcher)
      .Then({Cleared(kGone)})
      .AndState([](const v1::OrderState& state) { EXPECT_TRUE(state.concerns().empty()); });
  Given<Order>({kAnOrder, Raised(Gap()), Cleared(kGone)}).When(Clearing(kGone), kWatcher).Then({});
  Given<Order>({kAnOrder, Raised(Gap())})
      .When(Clearing(R"(kind: CONCERN_KIND_LEG_GAP about: "shipment/ups/1Y/1")"), kWatcher)
      .Then({});
  Given<Order>({kAnOrder, Raised(Gap())})
      .When(Clearing(R"(kind: CONCERN_KIND_SILENCE about: "shipment/ups/1Z/1")"), kWatcher)
      .Then({});
}

// Against a plain model: what is open, and what was ever raised by which evidence.
TEST(OrderConcerns, AnyCommandsKeepToTheModel) {
  EXPECT_TRUE(rc::check("what is open, and raised by what", [] {
    v1::OrderState state;
    Order::Evolve(state, FromText<v1::OrderEvent>(kAnOrder));
    std::set<std::pair<int, std::string>> open;
    std::set<std::tuple<int, std::string, std::string>> known;
    for (const auto& [kind, about, key, raise] :
         *rc::gen::container<std::vector<std::tuple<int, int, int, bool>>>(rc::gen::tuple(
             rc::gen::inRange(1, 4), rc::gen::inRange(0, 3), rc::gen::inRange(0, 3), rc::gen::arbitrary<bool>()))) {
      const std::string what = absl::StrCat("line/", about), why = absl::StrCat(key);
      RaiseConcern raising;
      raising.request.set_kind(static_cast<v1::ConcernKind>(kind));
      raising.request.set_about(what);
      raising.request.set_key(why);
      ClearConcern clearing;
      clearing.request.set_kind(raising.request.kind());
      clearing.request.set_about(what);
      const auto events = raise ? Order::Decide(state, raising, kWatcher) : Order::Decide(state, clearing, kWatcher);
      RC_ASSERT(events.ok());
      const bool expected =
          raise ? !open.contains({kind, what}) && known.insert({kind, what, why}).second : open.erase({kind, what}) > 0;
      RC_ASSERT(events->size() == (expected ? 1u : 0u));
      if (raise && expected) open.insert({kind, what});
      for (const auto& event : *events) Order::Evolve(state, event);
      RC_ASSERT(static_cast<size_t>(state.concerns_size()) == open.size());
      for (const auto& [open_kind, open_about] : open) {
        RC_ASSERT(FindConcern(state, static_cast<v1::ConcernKind>(open_kind), open_about) != nullptr);
      }
    }
  }));
}

}  // namespace
}  // namespace throughline::supplier
