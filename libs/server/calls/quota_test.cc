#include "libs/server/calls/quota.h"

#include "gtest/gtest.h"

#include "libs/runtime/domain/refusal.h"

namespace throughline::server {
namespace {

TEST(Quota, LimitsConcurrentCalls) {
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

TEST(Quota, LimitsEventsPerSecond) {
  Quota quota("ups", {.events_per_second = 100});
  Quota::Clock::time_point now{std::chrono::hours(1)};
  const auto take = [&] {
    int taken = 0;
    while (quota.TakeEvents(now, 1).ok()) ++taken;
    return taken;
  };
  EXPECT_EQ(take(), 100) << "one second's worth at once";
  now += std::chrono::milliseconds(100);
  EXPECT_EQ(take(), 10);
  const absl::Status refused = quota.TakeEvents(now, 1);
  EXPECT_EQ(runtime::ReasonOf(refused), "TOO_MANY_EVENTS");
  const auto delay = runtime::RetryAfterOf(refused);
  ASSERT_TRUE(delay.has_value());
  EXPECT_GT(*delay, absl::ZeroDuration());
  now += absl::ToChronoNanoseconds(*delay) + std::chrono::milliseconds(1);
  EXPECT_GE(take(), 25) << "whoever waits as told gets on";
  now += std::chrono::hours(1);
  EXPECT_EQ(take(), 100) << "what is saved up is bounded";
}

TEST(Quota, LowRatesMakeProgress) {
  Quota quota("ups", {.events_per_second = 1});
  Quota::Clock::time_point now{std::chrono::hours(1)};
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(quota.TakeEvents(now, 1).ok()) << "a stream";
    EXPECT_TRUE(quota.TakeEvents(now, 1).ok()) << "and a message in it";
    const auto delay = runtime::RetryAfterOf(quota.TakeEvents(now, 1));
    ASSERT_TRUE(delay.has_value());
    now += absl::ToChronoNanoseconds(*delay) + std::chrono::milliseconds(1);
  }
}

TEST(Quota, AcceptsALargeMessageAndNothingMoreUntilItIsPaid) {
  Quota quota("ups", {.events_per_second = 100});
  Quota::Clock::time_point now{std::chrono::hours(1)};
  EXPECT_TRUE(quota.TakeEvents(now, 99).ok());
  EXPECT_TRUE(quota.TakeEvents(now, 1001).ok()) << "larger than what is left, and than there ever is";
  const absl::Status refused = quota.TakeEvents(now, 1);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(runtime::ReasonOf(refused), "TOO_MANY_EVENTS");
  EXPECT_EQ(runtime::RetryAfterOf(refused), absl::Milliseconds(10'250)) << "the debt of 1000, and 25 to go on with";
  now += std::chrono::milliseconds(10'005);
  EXPECT_FALSE(quota.TakeEvents(now, 1).ok()) << "half an event is none";
  now += std::chrono::milliseconds(5);
  EXPECT_TRUE(quota.TakeEvents(now, 1).ok());
  EXPECT_FALSE(quota.TakeEvents(now, 1).ok());
  now += std::chrono::hours(1);
  EXPECT_TRUE(quota.TakeEvents(now, 99).ok());
  EXPECT_TRUE(quota.TakeEvents(now, 1).ok());
  EXPECT_FALSE(quota.TakeEvents(now, 1).ok()) << "what is saved up is bounded";
}

TEST(Quota, RefusesFurtherEventsOnlyWithADebt) {
  Quota quota("ups", {.events_per_second = 100});
  const Quota::Clock::time_point now{std::chrono::hours(1)};
  EXPECT_TRUE(quota.TakeEvents(now, 99).ok());
  EXPECT_TRUE(quota.TakeEvents(now, 1).ok());
  EXPECT_TRUE(quota.TakeFurtherEvents(now, 500, 1).ok()) << "its first was the last that was left";
  const absl::Status refused = quota.TakeFurtherEvents(now, 500, 1);
  EXPECT_EQ(runtime::ReasonOf(refused), "TOO_MANY_EVENTS");
  EXPECT_EQ(runtime::RetryAfterOf(refused), absl::Milliseconds(5250));
}

TEST(Quota, AcceptsFurtherEventsOfAMessageThatIsLargerThanThereEverIs) {
  Quota quota("ups", {.events_per_second = 20});
  const Quota::Clock::time_point now{std::chrono::hours(1)};
  EXPECT_TRUE(quota.TakeEvents(now, 19).ok());
  EXPECT_TRUE(quota.TakeEvents(now, 37).ok()) << "one token was left";
  EXPECT_TRUE(quota.TakeFurtherEvents(now, 23, 37).ok()) << "its own charge is no debt";
  EXPECT_FALSE(quota.TakeFurtherEvents(now, 23, 37).ok()) << "those of another are";
}

// Bound: one second's worth, plus the refill, plus one message.
TEST(Quota, NeverGivesMoreThanItsRateAndOneMessage) {
  constexpr int kRate = 1000, kLargest = 700;
  Quota quota("ups", {.events_per_second = kRate});
  const Quota::Clock::time_point begin{std::chrono::hours(1)};
  int64_t taken = 0, refused = 0;
  for (int ms = 0; ms < 20'000; ++ms) {
    const Quota::Clock::time_point now = begin + std::chrono::milliseconds(ms);
    const int streams = 1 + ms % 3;  // all read their messages before the first knows what it holds
    int messages = 0;
    for (int i = 0; i < streams; ++i) messages += quota.TakeEvents(now, 1).ok();
    for (int i = 0; i < messages; ++i) {
      const int events = 1 + (ms * 31 + i * 17) % kLargest;
      if (quota.TakeFurtherEvents(now, events - 1, 1).ok()) taken += events;
    }
    refused += streams - messages;
    ASSERT_LE(taken, kRate + kRate * ms / 1000 + kLargest) << ms;
  }
  EXPECT_GE(taken, kRate * 19) << "and no less is wasted";
  EXPECT_GT(refused, 0);
}

TEST(Quota, BytesAreEvents) {
  EXPECT_EQ(Quota::EventsOf(0), 1);
  EXPECT_EQ(Quota::EventsOf(1), 1);
  EXPECT_EQ(Quota::EventsOf(Quota::kBytesPerEvent), 1);
  EXPECT_EQ(Quota::EventsOf(Quota::kBytesPerEvent + 1), 2);
  EXPECT_EQ(Quota::EventsOf(100 * Quota::kBytesPerEvent), 100);
}

}  // namespace
}  // namespace throughline::server
