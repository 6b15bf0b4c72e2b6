// Nothing unknown clears an alarm: after any history, no statement without a date takes a promise out of risk.

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

using runtime::testing::By;
using runtime::testing::FromText;

constexpr int64_t kPromised = 1772800000;
const runtime::Caller kShop = By("shop", common::v1::ROLE_SERVICE);

// One statement, from a few numbers. `dated`: it may have a date.
class Statements {
 public:
  Statements() {
    Evolve(R"(placed { order_id: "SO-1" customer_id: "c1" owner: "ana" promised_time { seconds: 1772800000 }
                lines { line_id: "1" sku: "a" quantity: 2 vendor_id: "acme" }
                lines { line_id: "2" sku: "b" quantity: 1 vendor_id: "bolt" } })");
  }

  const v1::OrderState& state() const { return state_; }

  // Whether it took the promise out of risk.
  bool Tell(int kind, int which, int days, bool dated) {
    const std::string vendor = which % 2 == 0 ? "acme" : "bolt";
    const std::string number = absl::StrCat("N", which % 4);
    const std::string at = absl::StrCat("{ seconds: ", kPromised + days * 86400, " }");
    // Without a date, or with one that had passed when it was stated.
    const std::string none = which % 3 == 0 ? "expected_delivery { latest { seconds: 1772300000 } }" : "";
    const std::string eta = dated ? absl::StrCat("expected_delivery { latest ", at, " }") : none;
    switch (kind) {
      case 0:
        return Update(vendor, absl::StrCat("acknowledged { ", eta, " }"));
      case 1:
        return Update(vendor, absl::StrCat("acknowledged { ", dated ? "expected_dispatch " + at : "", " }"));
      case 2:
        return Update(vendor, absl::StrCat("backordered { ", dated ? "expected_restock " + at : "", " }"));
      case 3:
        return dated && Update(vendor, absl::StrCat("delayed { reason: \"storm\" expected_dispatch ", at, " }"));
      case 4:
        return Update(vendor,
                      absl::StrCat("dispatched { carrier: \"ups\" tracking_number: \"", number, "\" ", eta, " }"));
      case 5:
        return Update("acme",
                      absl::StrCat("dispatched { carrier: \"ups\" tracking_number: \"", number,
                                   "\" quantities { line_id: \"1\" quantity: ", 1 + which % 2, " } ", eta, "}"));
      case 6:
        return Decide(AddShipment{FromText<v1::AddShipmentRequest>(absl::StrCat(
                                      "order_id: \"SO-1\" carrier: \"ups\" tracking_number: \"", number, "\"")),
                                  {}});
      case 14:
        return Update("acme", absl::StrCat("short_shipped { reason: \"broken\" quantities { line_id: \"1\" quantity: ",
                                           1 + which % 2, " } ", dated ? "expected_restock " + at : none, " }"));
      case 15:
        return Update("acme", absl::StrCat("line_ids: \"1\" split { parts { quantity: 1 } parts { quantity: 1 ",
                                           dated ? "expected_dispatch " + at : none, " } }"));
      case 16:
        return Update(vendor, absl::StrCat("line_ids: \"", which % 2 == 0 ? "1" : "2", "\" substituted { sku: \"s",
                                           which, "\" description: \"d\" reason: \"r\" }"));
      default:
        return Observe(number, kind, dated ? absl::StrCat("eta { latest ", at, " }") : "");
    }
  }

 private:
  void Evolve(const std::string& event) { Order::Evolve(state_, FromText<v1::OrderEvent>(event)); }

  // The usual way takes up to two days from then on, and most likely one.
  static v1::Estimate WayFrom(int64_t from) {
    v1::Estimate estimate;
    estimate.mutable_eta()->mutable_latest()->set_seconds(from + 2 * 86400);
    estimate.mutable_likely()->set_seconds(from + 86400);
    estimate.mutable_from()->set_seconds(from);
    estimate.set_ways(40);
    return estimate;
  }
  // Our history has a say in every other one.
  bool Update(const std::string& vendor, const std::string& text) {
    UpdateFromVendor command{
        FromText<v1::RecordVendorUpdateRequest>(absl::StrCat("order_id: \"SO-1\" vendor_id: \"", vendor, "\" ", text)),
        {}};
    const v1::RecordVendorUpdateRequest& told = command.request;
    const int64_t from = told.acknowledged().has_expected_dispatch() ? told.acknowledged().expected_dispatch().seconds()
                         : told.delayed().has_expected_dispatch()    ? told.delayed().expected_dispatch().seconds()
                         : told.backordered().has_expected_restock() ? told.backordered().expected_restock().seconds()
                                                                     : 1772366400;
    if (++told_ % 2 == 0) command.estimate = WayFrom(from);
    return Decide(command);
  }
  bool Observe(const std::string& number, int kind, const std::string& eta) {
    constexpr v1::TrackingState kStates[] = {v1::TRACKING_STATE_ANNOUNCED,       v1::TRACKING_STATE_IN_TRANSIT,
                                             v1::TRACKING_STATE_CANCELLED,       v1::TRACKING_STATE_RETURNING,
                                             v1::TRACKING_STATE_LOST_OR_DAMAGED, v1::TRACKING_STATE_ON_HOLD};
    ObserveShipment command{FromText<v1::ShipmentObserved>(
        absl::StrCat("shipment: \"shipment/ups/", number, "/1\" shipment_version: ", ++version_, " ", eta))};
    command.request.set_state(kStates[static_cast<size_t>(kind) % std::size(kStates)]);
    if (++told_ % 2 == 0) command.estimate = WayFrom(1772366400 + told_ % 9 * 86400);
    return Decide(command);
  }
  template <typename Command>
  bool Decide(const Command& command) {
    const auto events = Order::Decide(state_, command, kShop);
    if (!events.ok()) return false;
    bool recovered = false;
    for (const auto& event : *events) {
      Order::Evolve(state_, event);
      recovered |= event.has_promise_recovered();
    }
    return recovered;
  }

  v1::OrderState state_;
  int version_ = 0;
  int told_ = 0;
};

struct Statement {
  int kind, which, days;
};
rc::Gen<std::vector<Statement>> History() {
  const auto one = rc::gen::apply(
      [](int kind, int which, int days) {
        return Statement{kind, which, days};
      },
      rc::gen::inRange(0, 17), rc::gen::inRange(0, 8), rc::gen::inRange(-3, 4));
  return rc::gen::container<std::vector<Statement>>(rc::gen::resize(rc::kNominalSize, one));
}

RC_GTEST_PROP(Alarms, NoStatementWithoutADateClearsOne, ()) {
  Statements told;
  const auto history = *rc::gen::resize(12, History());
  for (const Statement& each : history) told.Tell(each.kind, each.which, each.days, each.days != 0);
  RC_CLASSIFY(told.state().at_risk(), "at risk before");
  const auto dateless = *rc::gen::resize(6, History());
  for (const Statement& each : dateless) RC_ASSERT(!told.Tell(each.kind, each.which, 0, false));
}

// The alarm is not merely left on: it is what is known.
RC_GTEST_PROP(Alarms, AreWhatIsKnownOfTheOrder, ()) {
  Statements told;
  const auto history = *rc::gen::resize(16, History());
  for (const Statement& each : history) told.Tell(each.kind, each.which, each.days, each.days != 0);
  RC_ASSERT(StandingOf(told.state()).at_risk == told.state().at_risk());
}

// No estimate and no other part hides it, in whatever order they come.
RC_GTEST_PROP(Alarms, ACarriersLateDateIsOne, ()) {
  Statements told;
  const auto history = *rc::gen::resize(16, History());
  for (const Statement& each : history) told.Tell(each.kind, each.which, each.days, each.days != 0);
  bool late = false;
  for (const auto& line : told.state().lines()) {
    for (const auto& shipment : told.state().shipments()) {
      const bool under_way = !IsThere(line.status()) && EndsTheWay(shipment) && Carries(shipment, line);
      late |= under_way && shipment.has_eta() && shipment.eta().latest().seconds() > kPromised;
    }
  }
  RC_CLASSIFY(late, "late");
  RC_ASSERT(!late || told.state().at_risk());
}

TEST(Alarms, ADateInTimeClearsThem) {
  Statements told;
  told.Tell(2, 0, 0, false);
  ASSERT_TRUE(told.state().at_risk());
  EXPECT_FALSE(told.Tell(0, 0, 0, false)) << "an acknowledgement without a date";
  EXPECT_FALSE(told.Tell(4, 0, 0, false)) << "a dispatch without a date";
  EXPECT_EQ(StandingOf(told.state()).cause, "vendor acme: line 1 on the way, arrival unknown");
  EXPECT_TRUE(told.Tell(7, 0, -1, true)) << "the carrier's date";
}

TEST(Alarms, ALateDateIsNotForgottenWithTheDispatch) {
  Statements told;
  told.Tell(3, 0, 2, true);
  ASSERT_TRUE(told.state().at_risk());
  EXPECT_FALSE(told.Tell(4, 0, 0, false));
  EXPECT_TRUE(told.state().at_risk());
}

}  // namespace
}  // namespace throughline::supplier
