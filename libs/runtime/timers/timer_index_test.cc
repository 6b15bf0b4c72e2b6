// What a look for due timers reads from the store, which is what it costs.

#include "libs/runtime/timers/timer_index.h"

#include <gtest/gtest.h>

#include "libs/runtime/domain/testing_given.h"
#include "libs/runtime/fold/projection.h"
#include "libs/store/memory_key_value.h"

namespace throughline::runtime {
namespace {

using testing::Noon;

class CountingStore : public store::MemoryKeyValue {
 public:
  void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const override {
    ++scans;
    MemoryKeyValue::Scan(prefix, from, [&](std::string_view key, std::string_view value) {
      ++visited;
      return visit(key, value);
    });
  }
  mutable int scans = 0;
  mutable int visited = 0;
};

struct TimerIndexTest : ::testing::Test {
  // As the fold does: written first, told then.
  void Schedule(absl::Duration in, const std::string& name) {
    store::Batch batch(store);
    ScheduleTimer(batch, Noon() + in, "a/1", name);
    Write(batch);
  }
  void Cancel(absl::Duration in, const std::string& name) {
    store::Batch batch(store);
    CancelTimer(batch, Noon() + in, "a/1", name);
    Write(batch);
  }
  void Write(store::Batch& batch) {
    const auto notified = batch.TakeNotified();
    store.Write(batch.TakeChanges());
    for (const std::string& topic : notified) index.Changed(topic.substr(sizeof kTimerChanged - 1));
  }
  size_t Due(absl::Duration in, size_t at_most = 1'000'000) {
    return index.TakeDue(Noon() + in, at_most, [](const std::string&) { return true; }).size();
  }

  CountingStore store;
  TimerIndex index{store};
};

TEST_F(TimerIndexTest, ALookReadsNothingOfWhatLiesAheadOrWasCancelled) {
  EXPECT_EQ(Due(absl::ZeroDuration()), 0u);
  for (int i = 0; i < 30'000; ++i) Schedule(absl::Seconds(i + 1), "cancelled");
  for (int i = 0; i < 30'000; ++i) Cancel(absl::Seconds(i + 1), "cancelled");
  for (int i = 0; i < 30'000; ++i) Schedule(absl::Hours(100) + absl::Seconds(i), "ahead");
  store.scans = store.visited = 0;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(Due(absl::Milliseconds(50 * i)), 0u);
  EXPECT_LE(store.scans, 1);
  EXPECT_LE(store.visited, static_cast<int>(TimerIndex::kWindow));
}

TEST_F(TimerIndexTest, GivesEachOnceHoweverManyThereAre) {
  for (int i = 0; i < 10'000; ++i) Schedule(absl::Milliseconds(i), "before the first look");
  size_t given = 0;
  for (int i = 0; i < 20; ++i) given += Due(absl::Seconds(10), 1000);
  for (int i = 0; i < 20'000; ++i) Schedule(absl::Seconds(10) + absl::Milliseconds(20'000 - i), "after it");
  for (int i = 0; i < 60; ++i) given += Due(absl::Minutes(1), 1000);
  EXPECT_EQ(given, 30'000u);
  EXPECT_EQ(Due(absl::Minutes(2)), 0u);
  EXPECT_LE(store.visited, 31'000) << "each row is read once, not once per look";
}

TEST_F(TimerIndexTest, OneThatIsScheduledBeforeAllThatAreKnownIsGivenFirst) {
  Schedule(absl::Hours(2), "late");
  EXPECT_EQ(Due(absl::Hours(1)), 0u);
  Schedule(absl::Minutes(1), "early");
  EXPECT_EQ(Due(absl::Minutes(1)), 1u);
  Cancel(absl::Hours(2), "late");
  EXPECT_EQ(Due(absl::Hours(3)), 0u);
}

TEST_F(TimerIndexTest, CountsWhatIsDueByNameAndReadsNothingOfWhatLiesAheadOrWasCancelled) {
  EXPECT_EQ(index.CountDue(Noon(), "promise"), 0u);
  for (int i = 0; i < 10'000; ++i) Schedule(absl::Seconds(i + 1), "promise-c");
  for (int i = 0; i < 10'000; ++i) Cancel(absl::Seconds(i + 1), "promise-c");
  for (int i = 0; i < 10'000; ++i) Schedule(absl::Hours(100) + absl::Seconds(i), "promise-a");
  Schedule(absl::Minutes(1), "promise-1");
  Schedule(absl::Minutes(2), "promise-2");
  Schedule(absl::Minutes(1), "handoff-1");
  store.scans = store.visited = 0;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(index.CountDue(Noon() + absl::Minutes(1), "promise"), 1u);
  EXPECT_EQ(index.CountDue(Noon() + absl::Minutes(3), "promise"), 2u);
  EXPECT_LE(store.scans, 2);
  EXPECT_LE(store.visited, 2 * static_cast<int>(TimerIndex::kWindow));
  Cancel(absl::Minutes(1), "promise-1");
  EXPECT_EQ(index.CountDue(Noon() + absl::Minutes(3), "promise"), 1u);
}

// Counts beyond the first window although one of its rows never goes.
TEST_F(TimerIndexTest, CountsBeyondWhatItReadFirst) {
  const int many = static_cast<int>(TimerIndex::kWindow) + 500;
  for (int i = 0; i < many; ++i) Schedule(absl::Seconds(i + 1), "promise");
  EXPECT_EQ(index.CountDue(Noon() + absl::Seconds(1), "promise"), 1u);
  for (int i = 1; i < static_cast<int>(TimerIndex::kWindow); ++i) Cancel(absl::Seconds(i + 1), "promise");
  EXPECT_EQ(index.CountDue(Noon() + absl::Seconds(many), "promise"), 501u);
}

TEST_F(TimerIndexTest, WhatIsNotWantedIsGivenAfterAReset) {
  Schedule(absl::Minutes(1), "t");
  EXPECT_TRUE(index.TakeDue(Noon() + absl::Hours(1), 10, [](const std::string&) { return false; }).empty());
  index.Reset();
  EXPECT_EQ(Due(absl::Hours(1)), 1u);
}

}  // namespace
}  // namespace throughline::runtime
