#pragma once

// The contract that every adapter of EventLog passes, as a parameterised suite:
//
//   const ContractCase kEmbedded{"Embedded", MakeEmbedded};
//   INSTANTIATE_TEST_SUITE_P(Embedded, EventLogContract, testing::Values(kEmbedded), CaseName);
//
// and likewise EventLogThreads, if several threads may use the adapter. Include this header in one source file of a
// test binary.

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "libs/log/event_log.h"
#include "libs/log/testing/contract_harness.h"

namespace throughline::log {

struct ContractCase {
  std::string name;
  std::function<std::unique_ptr<ContractLog>()> make;
};

inline std::string CaseName(const testing::TestParamInfo<ContractCase>& info) { return info.param.name; }

class EventLogContract : public testing::TestWithParam<ContractCase> {
 protected:
  static constexpr Partition kFirst{Topic::kIntake, 0};
  static constexpr Partition kSecond{Topic::kIntake, 2};
  static constexpr Partition kOtherTopic{Topic::kSupplierTracking, 0};

  std::vector<Position> Ends(std::vector<Partition> partitions) {
    absl::StatusOr<std::vector<Position>> ends;
    bool answered = false;
    under_test_->log().QueryEnds(std::move(partitions), [&](absl::StatusOr<std::vector<Position>> got) {
      happenings_.Change([&] {
        ends = std::move(got);
        answered = true;
      });
    });
    EXPECT_TRUE(happenings_.Wait([&] { return answered; })) << "QueryEnds was never answered";
    EXPECT_TRUE(ends.ok()) << ends.status();
    return ends.ok() ? *ends : std::vector<Position>();
  }

  int64_t AppendOne(Partition partition, std::string key, std::string value) {
    Appends appends(*under_test_, happenings_);
    appends.Begin(partition, std::move(key), std::move(value));
    return appends.MustSucceed();
  }

  void AppendMany(Partition partition, int count, const std::string& prefix = "") {
    Appends appends(*under_test_, happenings_);
    for (int i = 0; i < count; ++i) appends.Begin(partition, "k", prefix + std::to_string(i));
    appends.MustSucceed();
  }

  absl::Status FirstError(std::vector<Position> from) {
    bool woken = true;
    auto subscription =
        under_test_->log().Subscribe(std::move(from), [&] { happenings_.Change([&] { woken = true; }); });
    while (subscription.ok()) {
      if (!happenings_.Wait([&] { return std::exchange(woken, false); })) return absl::OkStatus();
      auto polled = (*subscription)->Poll(10);
      if (!polled.ok()) return polled.status();
    }
    return subscription.status();
  }

  std::unique_ptr<ContractLog> under_test_ = GetParam().make();
  Happenings happenings_{*under_test_};
};

TEST_P(EventLogContract, OffsetsBeginAtZeroAndAreContiguous) {
  Appends appends(*under_test_, happenings_);
  for (int i = 0; i < 200; ++i) appends.Begin(kFirst, "k", "v");
  int64_t expected = 0;
  for (const auto& offset : appends.Await()) {
    ASSERT_TRUE(offset.ok()) << offset.status();
    EXPECT_EQ(*offset, expected++);
  }
}

TEST_P(EventLogContract, PartitionsAreReadInOrderAndUnmixed) {
  Appends appends(*under_test_, happenings_);
  const Partition partitions[] = {kFirst, kSecond, kOtherTopic};
  for (int i = 0; i < 300; ++i) appends.Begin(partitions[i % 3], "key" + std::to_string(i), std::to_string(i));
  appends.MustSucceed();
  Follower follower(*under_test_, happenings_, {{kFirst, 0}, {kSecond, 0}, {kOtherTopic, 0}});
  std::map<Partition, int64_t> next;
  for (const RecordPtr& r : follower.ReadUntil(300, 7)) {
    const int64_t offset = next[r->partition]++;
    EXPECT_EQ(r->offset, offset);
    const int i = static_cast<int>(offset) * 3 +
                  static_cast<int>(std::find(partitions, partitions + 3, r->partition) - partitions);
    EXPECT_EQ(r->value, std::to_string(i));
    EXPECT_EQ(r->key, "key" + std::to_string(i));
  }
  EXPECT_EQ(next.size(), 3u);
}

TEST_P(EventLogContract, WhatIsAcknowledgedSurvivesReopening) {
  AppendMany(kFirst, 500);
  AppendOne(kSecond, "key", "last");
  const Identity before = *under_test_->log().Describe();
  if (!under_test_->Reopen()) GTEST_SKIP() << "this log cannot be reopened";
  EXPECT_EQ(*under_test_->log().Describe(), before);
  EXPECT_EQ(Ends({kSecond, kFirst}), (std::vector<Position>{{kSecond, 1}, {kFirst, 500}}));
  Follower follower(*under_test_, happenings_, {{kFirst, 0}, {kSecond, 0}});
  EXPECT_EQ(follower.ReadUntil(501).size(), 501u);
  EXPECT_EQ(AppendOne(kFirst, "k", "after"), 500);
  EXPECT_EQ(follower.ReadUntil(502).back()->value, "after");
}

TEST_P(EventLogContract, AnAcknowledgedRecordIsWithinTheEnds) {
  for (int i = 0; i < 20; ++i) {
    const int64_t offset = AppendOne(kFirst, "k", "v");
    EXPECT_GE(Ends({kFirst})[0].offset, offset + 1);
  }
}

TEST_P(EventLogContract, WhatIsReadIsWithinTheEnds) {
  Follower follower(*under_test_, happenings_, {{kFirst, 0}});
  Appends appends(*under_test_, happenings_);
  for (size_t i = 1; i <= 50; ++i) {
    appends.Begin(kFirst, "k", "v");
    const int64_t read = follower.ReadUntil(i).back()->offset;
    EXPECT_GT(Ends({kFirst})[0].offset, read);
  }
  appends.MustSucceed();
}

TEST_P(EventLogContract, EndsAreAnsweredInTheOrderAsked) {
  AppendMany(kSecond, 3);
  AppendMany(kOtherTopic, 5);
  const std::vector<Position> ends = Ends({kOtherTopic, kFirst, kSecond});
  EXPECT_EQ(ends, (std::vector<Position>{{kOtherTopic, 5}, {kFirst, 0}, {kSecond, 3}}));
  EXPECT_TRUE(Ends({}).empty());
}

TEST_P(EventLogContract, ReadsFromTheMiddle) {
  AppendMany(kFirst, 50);
  Follower follower(*under_test_, happenings_, {{kFirst, 20}});
  const auto& read = follower.ReadUntil(30);
  ASSERT_EQ(read.size(), 30u);
  EXPECT_EQ(read.front()->offset, 20);
  EXPECT_EQ(read.front()->value, "20");
  EXPECT_EQ(read.back()->offset, 49);
}

TEST_P(EventLogContract, ReadsFromTheEnd) {
  AppendMany(kFirst, 5, "old");
  Follower follower(*under_test_, happenings_, {{kFirst, 5}});
  AppendMany(kFirst, 5, "new");
  const auto& read = follower.ReadUntil(5);
  ASSERT_EQ(read.size(), 5u);
  EXPECT_EQ(read.front()->value, "new0");
}

TEST_P(EventLogContract, StartingBehindTheEndIsOutOfRange) {
  AppendMany(kFirst, 5);
  EXPECT_EQ(FirstError({{kFirst, 6}}).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(FirstError({{kFirst, -1}}).code(), absl::StatusCode::kOutOfRange);
}

TEST_P(EventLogContract, UnknownPartitionsAreRefused) {
  const Partition unknown{Topic::kIntake, 30'000};
  EXPECT_EQ(FirstError({{unknown, 0}}).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(FirstError({{{Topic::kIntake, -1}, 0}}).code(), absl::StatusCode::kFailedPrecondition);
  Appends appends(*under_test_, happenings_);
  appends.Begin(unknown, "k", "v");
  EXPECT_EQ(appends.Await()[0].status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_P(EventLogContract, BytesComeBackAsTheyWere) {
  std::string all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes.push_back(static_cast<char>(i));
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", ""}, {"", "value"}, {"key", ""}, {all_bytes, all_bytes + all_bytes}, {std::string(300, '\0'), "\n"}};
  Appends appends(*under_test_, happenings_);
  for (const auto& [key, value] : rows) appends.Begin(kFirst, key, value);
  appends.MustSucceed();
  auto check = [&] {
    Follower follower(*under_test_, happenings_, {{kFirst, 0}});
    const auto& read = follower.ReadUntil(rows.size());
    ASSERT_EQ(read.size(), rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(read[i]->key, rows[i].first) << i;
      EXPECT_EQ(read[i]->value, rows[i].second) << i;
    }
  };
  check();
  if (under_test_->Reopen()) check();
}

TEST_P(EventLogContract, LargeRecordsPassAndTooLargeOnesAreRefused) {
  const std::string large(kContractRecordBytes, 'x');
  Appends appends(*under_test_, happenings_);
  for (int i = 0; i < 8; ++i) appends.Begin(kFirst, "large", large);
  appends.Begin(kFirst, "too large", std::string(kContractTooLargeBytes, 'x'));
  appends.Begin(kFirst, "k", "after");
  const auto offsets = appends.Await();
  for (size_t i = 0; i < 8; ++i) EXPECT_TRUE(offsets[i].ok()) << i << ": " << offsets[i].status();
  EXPECT_EQ(offsets[8].status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(offsets[9].ok()) << offsets[9].status();
  EXPECT_EQ(*offsets[9], 8) << "what was refused took an offset";
  Follower follower(*under_test_, happenings_, {{kFirst, 0}});
  EXPECT_EQ(follower.ReadUntil(9)[7]->value, large);
}

TEST_P(EventLogContract, FlushWaitsForAllAnswers) {
  int answered = 0;
  for (int i = 0; i < 300; ++i) {
    under_test_->log().Append(kFirst, "k", "v", [&](const absl::StatusOr<int64_t>& offset) {
      EXPECT_TRUE(offset.ok()) << offset.status();
      happenings_.Change([&] { ++answered; });
    });
  }
  EXPECT_EQ(under_test_->log().Flush(absl::InfiniteFuture()), 0u);
  happenings_.Change([&] { EXPECT_EQ(answered, 300); });
  EXPECT_EQ(under_test_->log().Flush(absl::InfinitePast()), 0u);
}

TEST_P(EventLogContract, ASlowReaderDoesNotHoldUpAnother) {
  Follower slow(*under_test_, happenings_, {{kFirst, 0}});
  Follower quick(*under_test_, happenings_, {{kFirst, 0}});
  slow.ReadUntil(0);
  AppendMany(kFirst, 1000);
  EXPECT_EQ(quick.ReadUntil(1000).size(), 1000u);
  EXPECT_EQ(slow.ReadUntil(1000).size(), 1000u);
}

TEST_P(EventLogContract, NoWakeIsLost) {
  Follower follower(*under_test_, happenings_, {{kFirst, 0}, {kSecond, 0}});
  Appends appends(*under_test_, happenings_);
  // One record at a time, so that the reader reaches the end each time, at every stage of the writer's work.
  for (size_t i = 1; i <= 300; ++i) {
    appends.Begin(i % 2 == 0 ? kFirst : kSecond, "k", std::to_string(i));
    ASSERT_EQ(follower.ReadUntil(i).size(), i);
  }
  appends.MustSucceed();
}

// For adapters with threads of their own.
class EventLogThreads : public EventLogContract {};

TEST_P(EventLogThreads, ManyThreadsAppendAndRead) {
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  Appends appends(*under_test_, happenings_);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        appends.Begin(i % 2 == 0 ? kFirst : kSecond, std::to_string(t), std::to_string(i));
      }
    });
  }
  Follower follower(*under_test_, happenings_, {{kFirst, 0}, {kSecond, 0}});
  std::vector<RecordPtr> read = follower.ReadUntil(kThreads * kEach, 64);
  for (std::thread& thread : threads) thread.join();
  std::set<int64_t> offsets[2];
  std::map<std::pair<Partition, std::string>, int> last;
  for (const RecordPtr& r : read) {
    EXPECT_TRUE(offsets[r->partition == kFirst].insert(r->offset).second);
    auto [it, first] = last.try_emplace({r->partition, r->key}, -1);
    EXPECT_GT(std::stoi(r->value), it->second) << "one thread's appends were reordered";
    it->second = std::stoi(r->value);
  }
  EXPECT_EQ(read.size(), size_t{kThreads * kEach});
  appends.MustSucceed();
}

TEST_P(EventLogContract, ClosingAnswersEveryAppendOnce) {
  Appends appends(*under_test_, happenings_);
  for (int i = 0; i < 500; ++i) appends.Begin(kFirst, "k", std::string(1000, 'x'));
  if (!under_test_->Reopen()) GTEST_SKIP() << "this log cannot be reopened";
  int64_t acknowledged = 0;
  for (const auto& offset : appends.Await()) {
    if (offset.ok()) {
      ++acknowledged;
    } else {
      EXPECT_EQ(offset.status().code(), absl::StatusCode::kUnavailable) << offset.status();
    }
  }
  EXPECT_GE(Ends({kFirst})[0].offset, acknowledged);
}

}  // namespace throughline::log
