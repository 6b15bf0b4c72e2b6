#include "libs/client/plan/usual_time.h"

#include "gtest/gtest.h"

#include "libs/client/plan/hedge_budget.h"

namespace throughline::client {
namespace {

constexpr Hedging kHedging{.quantile = 0.9, .least = absl::Milliseconds(10), .most = absl::Milliseconds(200)};

TEST(UsualTime, IsAQuantileOfRecentLatencies) {
  UsualTime usual(kHedging);
  EXPECT_EQ(usual.value(), kHedging.most) << "nothing is known yet";
  for (int i = 0; i < 256; ++i) usual.Record(absl::Milliseconds(i % 100));
  EXPECT_GE(usual.value(), absl::Milliseconds(85));
  EXPECT_LE(usual.value(), absl::Milliseconds(95));
}

TEST(UsualTime, FollowsALastingChange) {
  UsualTime usual(kHedging);
  for (int i = 0; i < 1000; ++i) usual.Record(absl::Milliseconds(20));
  EXPECT_EQ(usual.value(), absl::Milliseconds(20));
  for (int i = 0; i < 256; ++i) usual.Record(absl::Milliseconds(100));
  EXPECT_EQ(usual.value(), absl::Milliseconds(100));
}

TEST(UsualTime, StaysWithinItsBounds) {
  UsualTime usual(kHedging);
  for (int i = 0; i < 256; ++i) usual.Record(absl::Microseconds(50));
  EXPECT_EQ(usual.value(), kHedging.least);
  for (int i = 0; i < 256; ++i) usual.Record(absl::Seconds(5));
  EXPECT_EQ(usual.value(), kHedging.most);
}

TEST(HedgeBudget, IsAPartOfTheCalls) {
  const absl::Time now = absl::FromUnixSeconds(1'000'000);
  HedgeBudget budget({.budget = 0.25, .burst = 2});
  EXPECT_TRUE(budget.Take(now));
  EXPECT_TRUE(budget.Take(now));
  EXPECT_FALSE(budget.Take(now));
  int taken = 0;
  for (int i = 0; i < 100; ++i) {
    budget.Earn();
    taken += budget.Take(now) ? 1 : 0;
  }
  EXPECT_EQ(taken, 25);
  for (int i = 0; i < 100; ++i) budget.Earn();
  for (taken = 0; budget.Take(now);) ++taken;
  EXPECT_EQ(taken, 2) << "no more than the burst is saved up";
}

TEST(HedgeBudget, IsClosedWhileAServerIsOverloaded) {
  const absl::Time now = absl::FromUnixSeconds(1'000'000);
  HedgeBudget budget({});
  budget.Stop(now + absl::Seconds(3));
  budget.Stop(now + absl::Seconds(1));
  EXPECT_FALSE(budget.Take(now + absl::Seconds(2)));
  EXPECT_TRUE(budget.Take(now + absl::Seconds(3)));
}

}  // namespace
}  // namespace throughline::client
