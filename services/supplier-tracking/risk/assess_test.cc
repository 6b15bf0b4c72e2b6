// Promises at risk by history, through the engine: raised before they are broken, once, and taken back on evidence.

#include "services/supplier-tracking/risk/assess.h"

#include <string>

#include "absl/strings/match.h"
#include "gmock/gmock.h"

#include "services/supplier-tracking/lanes/testing_history.h"

namespace throughline::supplier {
namespace {

using ::testing::HasSubstr;

class Risk : public History {
 protected:
  // Forty shipments that took four days each, and were sent after six hours.
  Risk() {
    for (int i = 0; i < 40; ++i) {
      const std::string n = absl::StrCat(i);
      Place("SO-H" + n, "acme", absl::Hours(24 * 20));
    }
    service_.Pass(absl::Hours(6));
    for (int i = 0; i < 40; ++i) {
      const std::string n = absl::StrCat(i);
      Dispatch("SO-H" + n, "acme", "ups", "H" + n);
      Scan("ups", "H" + n, "PICKED_UP");
    }
    service_.Pass(absl::Hours(96));
    for (int i = 0; i < 40; ++i) Scan("ups", absl::StrCat("H", i), "DELIVERED");
  }
  int Raised(const std::string& order, const std::string& kind) {
    int times = 0;
    for (const v1::TraceEntry& entry : service_.Trace(order)) times += entry.kind() == kind;
    return times;
  }
};

TEST_F(Risk, IsRaisedADayAheadWithItsProbabilityAndCause) {
  Place("SO-1", "acme", absl::Hours(72));
  Dispatch("SO-1", "acme", "ups", "1Z1");
  Scan("ups", "1Z1", "PICKED_UP");
  service_.Pass(absl::Hours(23));
  EXPECT_FALSE(service_.View("SO-1").at_risk()) << "no timer was due";
  service_.Pass(absl::Hours(2));
  const v1::OrderView order = service_.View("SO-1");
  EXPECT_TRUE(order.at_risk());
  EXPECT_FALSE(order.overdue());
  EXPECT_GT(order.forecast().late_probability(), 0.9);
  EXPECT_THAT(order.at_risk_cause(), HasSubstr("shipment/ups/1Z1/1: late with a probability of"));
  EXPECT_EQ(Raised("SO-1", "PromiseAtRisk"), 1);
  service_.Restart();
  service_.Pass(absl::Hours(60));  // further looks, and the promise passes
  EXPECT_EQ(Raised("SO-1", "PromiseAtRisk"), 1) << "once";
  EXPECT_TRUE(service_.View("SO-1").overdue());
  ExpectSameInEveryOrder(5);
}

TEST_F(Risk, OfAnOrderThatItsVendorHasNotSent) {
  Place("SO-1", "acme", absl::Hours(24 * 5));
  service_.Pass(absl::Hours(24 * 3 + 1));
  EXPECT_TRUE(service_.View("SO-1").at_risk());
  EXPECT_THAT(service_.View("SO-1").at_risk_cause(), HasSubstr("vendor acme has not sent it"));
}

TEST_F(Risk, IsNoneIfThereIsTimeEnough) {
  Place("SO-1", "acme", absl::Hours(24 * 8));
  Dispatch("SO-1", "acme", "ups", "1Z1");
  Scan("ups", "1Z1", "PICKED_UP");
  service_.Pass(absl::Hours(24 * 4) + absl::Hours(23));
  EXPECT_FALSE(service_.View("SO-1").at_risk());
  Scan("ups", "1Z1", "DELIVERED");
  service_.Pass(absl::Hours(24 * 10));
  EXPECT_EQ(Raised("SO-1", "PromiseForecast"), 0);
}

TEST_F(Risk, EndsWithTheDelivery) {
  Place("SO-1", "acme", absl::Hours(72));
  Dispatch("SO-1", "acme", "ups", "1Z1");
  Scan("ups", "1Z1", "PICKED_UP");
  service_.Pass(absl::Hours(50));
  ASSERT_TRUE(service_.View("SO-1").at_risk());
  Scan("ups", "1Z1", "DELIVERED");
  EXPECT_FALSE(service_.View("SO-1").at_risk());
  EXPECT_EQ(service_.View("SO-1").status(), v1::ORDER_STATUS_COMPLETED);
  EXPECT_FALSE(kAssessed.Has(service_.reader(), "SO-1"));
}

TEST_F(Risk, IsNotToldWithoutHistory) {
  Place("SO-1", "umbra", absl::Hours(72));
  Dispatch("SO-1", "umbra", "usps", "1Z1");
  Scan("usps", "1Z1", "PICKED_UP");
  service_.Pass(absl::Hours(71));
  EXPECT_FALSE(service_.View("SO-1").at_risk());
  EXPECT_FALSE(service_.View("SO-1").has_forecast());
}

TEST_F(Risk, IsTakenBackOnlyOnceTheProbabilityIsBelowHalfOfTheBar) {
  Place("SO-1", "acme", absl::Hours(24 * 30));
  const auto assess = [&](double probability) {
    AssessPromise command;
    command.request.set_late_probability(probability);
    command.request.set_cause("because");
    command.threshold = 0.6;
    EXPECT_TRUE(service_.Give<Order>("SO-1", command, service_.By("supplier-tracking", common::v1::ROLE_SERVICE)).ok());
    return service_.View("SO-1").at_risk();
  };
  EXPECT_FALSE(assess(0.5));
  EXPECT_TRUE(assess(0.6));
  EXPECT_TRUE(assess(0.4));
  EXPECT_FALSE(assess(0.2));
  EXPECT_EQ(Raised("SO-1", "PromiseAtRisk"), 1);
  EXPECT_EQ(Raised("SO-1", "PromiseRecovered"), 1);
  const size_t entries = service_.Trace("SO-1").size();
  EXPECT_FALSE(assess(0.25));
  EXPECT_EQ(service_.Trace("SO-1").size(), entries) << "nearly the same";
}

}  // namespace
}  // namespace throughline::supplier
