#include "libs/tracing/tracer.h"

#include <map>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace throughline::tracing {
namespace {

// What was exported; shared with the test.
struct Kept {
  absl::Mutex mutex;
  std::vector<Span> spans ABSL_GUARDED_BY(mutex);
  absl::Status answer ABSL_GUARDED_BY(mutex);
  void AnswerWith(absl::Status status) {
    absl::MutexLock lock(&mutex);
    answer = std::move(status);
  }
  absl::Notification* hold = nullptr;  // an export waits for it
  absl::Notification begun;
};

class KeepingExporter final : public Exporter {
 public:
  explicit KeepingExporter(Kept& kept) : kept_(kept) {}
  absl::Status Export(const std::vector<Span>& spans) override {
    if (!kept_.begun.HasBeenNotified()) kept_.begun.Notify();
    if (kept_.hold != nullptr) kept_.hold->WaitForNotification();
    absl::MutexLock lock(&kept_.mutex);
    if (!kept_.answer.ok()) return kept_.answer;
    kept_.spans.insert(kept_.spans.end(), spans.begin(), spans.end());
    return absl::OkStatus();
  }

 private:
  Kept& kept_;
};

Span SpanOf(const TraceContext& context, std::string name = "work") {
  return {.service = "intake", .name = std::move(name), .context = context, .began = absl::Now(), .ended = absl::Now()};
}

// Values of the counters by reason; "" is what was exported.
std::map<std::string, double> Counted(const prometheus::Registry& registry) {
  std::map<std::string, double> values;
  for (const auto& family : registry.Collect()) {
    for (const auto& metric : family.metric) {
      values[metric.label.empty() ? "" : metric.label.front().value] = metric.counter.value;
    }
  }
  return values;
}

TEST(Tracer, SendsSpansInOrderAndTheRestAtItsEnd) {
  Kept kept;
  prometheus::Registry registry;
  {
    Tracer tracer({.every = absl::Hours(1)}, std::make_unique<KeepingExporter>(kept), registry);
    const TraceContext root = tracer.Begin(std::nullopt);
    EXPECT_TRUE(root.sampled);
    tracer.End(SpanOf(root, "first"));
    tracer.End(SpanOf(tracer.Begin(root), "second"));
  }
  absl::MutexLock lock(&kept.mutex);
  ASSERT_EQ(kept.spans.size(), 2u);
  EXPECT_EQ(kept.spans[0].name, "first");
  EXPECT_EQ(kept.spans[1].name, "second");
  EXPECT_EQ(kept.spans[0].context.trace_id, kept.spans[1].context.trace_id);
  EXPECT_EQ(Counted(registry)[""], 2);
}

TEST(Tracer, OneOfSoManyTracesThatBeginHereIsRecorded) {
  Kept kept;
  prometheus::Registry registry;
  Tracer tracer({.one_in = 10}, std::make_unique<KeepingExporter>(kept), registry);
  int recorded = 0;
  for (int i = 0; i < 10'000; ++i) recorded += tracer.Begin(std::nullopt).sampled ? 1 : 0;
  EXPECT_GT(recorded, 700);
  EXPECT_LT(recorded, 1300);
}

TEST(Tracer, FollowsWhatWasDecidedWhereTheTraceBegan) {
  Kept kept;
  prometheus::Registry registry;
  {
    Tracer tracer({.one_in = 1'000'000'000}, std::make_unique<KeepingExporter>(kept), registry);
    EXPECT_TRUE(tracer.Begin(NewTrace(true)).sampled);
    tracer.End(SpanOf(tracer.Begin(NewTrace(true)), "recorded"));
    tracer.End(SpanOf(tracer.Begin(NewTrace(false)), "not recorded"));
  }
  absl::MutexLock lock(&kept.mutex);
  ASSERT_EQ(kept.spans.size(), 1u);
  EXPECT_EQ(kept.spans[0].name, "recorded");
}

TEST(Tracer, WhatDoesNotFitIsDroppedAndCountedAndNobodyWaits) {
  Kept kept;
  absl::Notification go_on;
  kept.hold = &go_on;
  prometheus::Registry registry;
  {
    Tracer tracer({.queue = 10, .every = absl::Milliseconds(1)}, std::make_unique<KeepingExporter>(kept), registry);
    tracer.End(SpanOf(NewTrace(true)));
    kept.begun.WaitForNotification();  // and the exporter takes nothing more
    for (int i = 0; i < 25; ++i) tracer.End(SpanOf(NewTrace(true)));
    EXPECT_EQ(Counted(registry)["queue_full"], 15);
    go_on.Notify();
  }
  EXPECT_EQ(Counted(registry)[""], 11);
}

TEST(Tracer, WhatTheCollectorDoesNotTakeIsDroppedAndCounted) {
  Kept kept;
  prometheus::Registry registry;
  kept.AnswerWith(absl::InvalidArgumentError("no"));
  {
    Tracer tracer({.every = absl::Milliseconds(1)}, std::make_unique<KeepingExporter>(kept), registry);
    tracer.End(SpanOf(NewTrace(true)));
  }
  EXPECT_EQ(Counted(registry)["not_taken"], 1);
}

TEST(Tracer, ACollectorThatIsAwayIsAskedAgain) {
  Kept kept;
  prometheus::Registry registry;
  kept.AnswerWith(absl::UnavailableError("away"));
  Tracer tracer({.every = absl::Milliseconds(1), .patience = absl::Minutes(1)}, std::make_unique<KeepingExporter>(kept),
                registry);
  tracer.End(SpanOf(NewTrace(true)));
  kept.begun.WaitForNotification();
  absl::MutexLock lock(&kept.mutex);
  kept.answer = absl::OkStatus();
  const auto came = [&kept]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return kept.spans.size() == 1; };
  EXPECT_TRUE(kept.mutex.AwaitWithTimeout(absl::Condition(&came), absl::Seconds(10)));
}

}  // namespace
}  // namespace throughline::tracing
