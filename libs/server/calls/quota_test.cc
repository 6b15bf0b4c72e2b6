#include "libs/server/calls/quota.h"

#include "gtest/gtest.h"

#include "libs/runtime/domain/refusal.h"

namespace throughline::server {
namespace {

TEST(Quota, BoundsWhatIsUnderWayAtATime) {
  Quotas quotas({.calls = 2, .streams = 1});
  const auto ups = quotas.Of("ups"), usps = quotas.Of("usps");
  EXPECT_EQ(quotas.Of("ups"), ups) << "the same for every call";
  for (const bool stream : {false, true}) {
    const int most = stream ? 1 : 2;
    for (int i = 0; i < most; ++i) EXPECT_TRUE(ups->Enter(stream).ok());
    for (int i = 0; i < 3; ++i) {
      const absl::Status refused = ups->Enter(stream);
      EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
      EXPECT_EQ(runtime::ReasonOf(refused), "TOO_MANY_CALLS_OF_YOURS");
      EXPECT_TRUE(runtime::RetryAfterOf(refused).has_value());
    }
    EXPECT_TRUE(usps->Enter(stream).ok()) << "another's are its own";
    ups->Leave(stream);
    EXPECT_TRUE(ups->Enter(stream).ok()) << "refused ones do not count";
  }
}

TEST(Quota, BoundsEventsPerSecond) {
  Quota quota("ups", {.events_per_second = 100});
  Quota::Clock::time_point now{std::chrono::hours(1)};
  const auto take = [&] {
    int taken = 0;
    while (quota.TakeEvent(now).ok()) ++taken;
    return taken;
  };
  EXPECT_EQ(take(), 100) << "one second's worth at once";
  now += std::chrono::milliseconds(100);
  EXPECT_EQ(take(), 10);
  const absl::Status refused = quota.TakeEvent(now);
  EXPECT_EQ(runtime::ReasonOf(refused), "TOO_MANY_EVENTS");
  const auto delay = runtime::RetryAfterOf(refused);
  ASSERT_TRUE(delay.has_value());
  EXPECT_GT(*delay, absl::ZeroDuration());
  now += absl::ToChronoNanoseconds(*delay) + std::chrono::milliseconds(1);
  EXPECT_GE(take(), 25) << "whoever waits as told gets on";
  now += std::chrono::hours(1);
  EXPECT_EQ(take(), 100) << "what is saved up is bounded";
}

TEST(Quota, SlowRatesGetOnToo) {
  Quota quota("ups", {.events_per_second = 1});
  Quota::Clock::time_point now{std::chrono::hours(1)};
  EXPECT_TRUE(quota.TakeEvent(now).ok());
  const auto delay = runtime::RetryAfterOf(quota.TakeEvent(now));
  ASSERT_TRUE(delay.has_value());
  EXPECT_TRUE(quota.TakeEvent(now + absl::ToChronoNanoseconds(*delay) + std::chrono::milliseconds(1)).ok());
}

}  // namespace
}  // namespace throughline::server
