#include "libs/log/simulated/simulated_log.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::log {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Partition kPartition{Topic::kIntake, 0};

struct Answered {
  std::map<std::string, absl::StatusOr<int64_t>> by_value;
};

void Append(EventLog& log, const std::string& value, Answered& answered) {
  log.Append(kPartition, "k", value, [&answered, value](absl::StatusOr<int64_t> offset) {
    EXPECT_TRUE(answered.by_value.emplace(value, std::move(offset)).second) << "answered twice";
  });
}

void RunOut(SimulatedLog& log) {
  while (log.Advance()) {
  }
}

int Times(const SimulatedLog& log, const std::string& value) {
  const auto& records = log.Records(kPartition);
  return static_cast<int>(
      std::count_if(records.begin(), records.end(), [&](const RecordPtr& r) { return r->value == value; }));
}

// The history of a run under all faults, as text.
std::string History(uint64_t seed) {
  SimulatedLog log(seed, 2, SimulatedLog::Faults::Harsh());
  auto first = log.Attach(0);
  auto second = log.Attach(1);
  Answered answered;
  for (int i = 0; i < 200; ++i) {
    Append(*first, "a" + std::to_string(i), answered);
    Append(*second, "b" + std::to_string(i), answered);
    if (i == 50) log.Disconnect(1, absl::Seconds(1));
    if (i == 100) log.Crash(0);
    log.Advance();
  }
  RunOut(log);
  std::string history;
  for (const RecordPtr& r : log.Records(kPartition)) history += r->value + " ";
  for (const auto& [value, offset] : answered.by_value) history += value + offset.status().ToString();
  return history + absl::FormatTime(log.now());
}

TEST(SimulatedLog, DependsOnTheSeedOnly) {
  EXPECT_EQ(History(7), History(7));
  EXPECT_NE(History(7), History(8));
}

TEST(SimulatedLog, AnswersAreTrue) {
  int lost_answers = 0;
  int never_written = 0;
  int twice = 0;
  int reordered = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SimulatedLog log(seed, 1, SimulatedLog::Faults::Harsh());
    auto handle = log.Attach(0);
    Answered answered;
    for (int i = 0; i < 200; ++i) Append(*handle, std::to_string(i), answered);
    RunOut(log);
    ASSERT_EQ(answered.by_value.size(), 200u);
    for (const auto& [value, offset] : answered.by_value) {
      const int times = Times(log, value);
      if (offset.ok()) {
        EXPECT_GE(times, 1);
        EXPECT_EQ(log.Records(kPartition)[static_cast<size_t>(*offset)]->value, value);
      } else if (absl::IsUnavailable(offset.status())) {
        ++(times == 0 ? never_written : lost_answers);
      } else {
        EXPECT_EQ(times, 0) << offset.status();
      }
      twice += times > 1 ? 1 : 0;
    }
    int last = -1;
    for (const RecordPtr& r : log.Records(kPartition)) {
      reordered += std::stoi(r->value) < last ? 1 : 0;
      last = std::stoi(r->value);
    }
  }
  EXPECT_GT(lost_answers, 0);
  EXPECT_GT(never_written, 0);
  EXPECT_GT(twice, 0);
  EXPECT_GT(reordered, 0);
}

TEST(SimulatedLog, ALateWriteComesAfterItsAnswer) {
  SimulatedLog::Faults faults;
  faults.written_late = 1;
  SimulatedLog log(1, 1, faults);
  auto handle = log.Attach(0);
  Answered answered;
  Append(*handle, "zombie", answered);
  while (answered.by_value.empty()) ASSERT_TRUE(log.Advance());
  EXPECT_TRUE(absl::IsUnavailable(answered.by_value.at("zombie").status()));
  EXPECT_EQ(Times(log, "zombie"), 0);
  RunOut(log);
  EXPECT_EQ(Times(log, "zombie"), 1);
}

TEST(SimulatedLog, ACrashSilencesAReplicaAndItsSuccessorReadsAll) {
  SimulatedLog log(1, 1);
  auto handle = log.Attach(0);
  auto survivor = log.Attach(1);
  Answered answered;
  int wakes = 0;
  auto subscription = *handle->Subscribe({{kPartition, 0}}, [&] { ++wakes; });
  ASSERT_THAT(*subscription->Poll(10), IsEmpty());
  for (int i = 0; i < 50; ++i) Append(*handle, std::to_string(i), answered);
  log.Crash(0);
  RunOut(log);
  EXPECT_THAT(answered.by_value, IsEmpty());
  EXPECT_EQ(wakes, 0);
  EXPECT_FALSE(subscription->Poll(10).ok());
  const size_t written = log.Records(kPartition).size();
  EXPECT_GT(written, 0u);
  EXPECT_LT(written, 50u);
  subscription.reset();
  handle = log.Attach(0);
  subscription = *handle->Subscribe({{kPartition, 0}}, [&] { ++wakes; });
  RunOut(log);
  EXPECT_EQ(subscription->Poll(100)->size(), written);
}

TEST(SimulatedLog, ADisconnectedReplicaNeitherWritesNorReads) {
  SimulatedLog log(1, 1);
  auto cut_off = log.Attach(0);
  auto other = log.Attach(1);
  auto subscription = *cut_off->Subscribe({{kPartition, 0}}, [] {});
  log.Disconnect(0, absl::Seconds(10));
  Answered answered;
  Append(*cut_off, "cut off", answered);
  Append(*other, "other", answered);
  log.After(absl::Seconds(9), [&] {
    EXPECT_TRUE(absl::IsUnavailable(answered.by_value.at("cut off").status()));
    EXPECT_TRUE(answered.by_value.at("other").ok());
    EXPECT_THAT(*subscription->Poll(10), IsEmpty());
    EXPECT_EQ(Times(log, "cut off"), 0);
  });
  RunOut(log);
  EXPECT_GE(subscription->Poll(10)->size(), 1u);
}

TEST(SimulatedLog, ForeignBytesAreReadAsTheyAre) {
  SimulatedLog log(1, 1);
  auto handle = log.Attach(0);
  bool woken = false;
  auto subscription = *handle->Subscribe({{kPartition, 0}}, [&] { woken = true; });
  ASSERT_THAT(*subscription->Poll(10), IsEmpty());
  log.AppendForeign(kPartition, "", "\xff poison");
  RunOut(log);
  EXPECT_TRUE(woken);
  EXPECT_EQ((*subscription->Poll(10))[0]->value, "\xff poison");
}

TEST(SimulatedLog, AssignsPartitionsAsTheTestSays) {
  SimulatedLog log(1, 2);
  const Partition second{Topic::kIntake, 1};
  auto one = log.AssignPartitions(0, "g", {Topic::kIntake});
  auto other = log.AssignPartitions(1, "g", {Topic::kIntake});
  std::vector<Position> held[2];
  one->Start([&](std::vector<Position> h) { held[0] = std::move(h); });
  other->Start([&](std::vector<Position> h) { held[1] = std::move(h); });
  log.Assign("g", 0, {kPartition, {Topic::kOwnership, 0}});
  log.Assign("g", 1, {kPartition, second});
  RunOut(log);
  EXPECT_THAT(held[0], ElementsAre(Position{kPartition, 0}));
  EXPECT_THAT(held[1], ElementsAre(Position{kPartition, 0}, Position{second, 0}));
  one->Checkpoint({{kPartition, 9}, {second, 4}});  // the second is not held
  RunOut(log);
  log.Assign("g", 0, {});
  log.Assign("g", 1, {kPartition, second});
  RunOut(log);
  EXPECT_THAT(held[0], IsEmpty());
  EXPECT_THAT(held[1], ElementsAre(Position{kPartition, 9}, Position{second, 0}));
  log.Crash(1);
  held[1].clear();
  log.Assign("g", 1, {kPartition});
  RunOut(log);
  EXPECT_THAT(held[1], IsEmpty());
}

TEST(SimulatedLog, HasNoFaultsOnceSettled) {
  SimulatedLog log(3, 1, SimulatedLog::Faults::Harsh());
  auto handle = log.Attach(0);
  log.Disconnect(0, absl::Hours(1));
  log.Settle();
  Answered answered;
  for (int i = 0; i < 100; ++i) Append(*handle, std::to_string(i), answered);
  RunOut(log);
  for (const auto& [value, offset] : answered.by_value) EXPECT_EQ(*offset, std::stoi(value));
  EXPECT_LT(log.now(), absl::UnixEpoch() + absl::Minutes(1));
}

}  // namespace
}  // namespace throughline::log
