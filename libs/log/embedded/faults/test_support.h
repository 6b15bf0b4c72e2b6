#pragma once

// Shared by the embedded log's tests: synchronous appending and reading.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

#include "libs/log/embedded/embedded_log.h"
#include "tests/support/test_directory.h"

namespace throughline::log {

inline constexpr Partition kTestPartition{Topic::kIntake, 1};

inline std::unique_ptr<EmbeddedLog> MustOpen(EmbeddedLog::Options options) {
  auto log = EmbeddedLog::Open(std::move(options));
  EXPECT_TRUE(log.ok()) << log.status();
  return log.ok() ? *std::move(log) : nullptr;
}

inline absl::StatusOr<int64_t> AppendAndWait(EventLog& log, Partition partition, std::string key, std::string value) {
  absl::Notification answered;
  absl::StatusOr<int64_t> result;
  log.Append(partition, std::move(key), std::move(value), [&](absl::StatusOr<int64_t> offset) {
    result = std::move(offset);
    answered.Notify();
  });
  answered.WaitForNotification();
  return result;
}

// All records from an offset to the present end.
inline absl::StatusOr<std::vector<RecordPtr>> ReadAll(EventLog& log, Partition partition, int64_t from = 0) {
  auto subscription = log.Subscribe({{partition, from}}, [] {});
  if (!subscription.ok()) return subscription.status();
  std::vector<RecordPtr> all;
  while (true) {
    auto polled = (*subscription)->Poll(1000);
    if (!polled.ok()) return polled.status();
    if (polled->empty()) return all;
    all.insert(all.end(), polled->begin(), polled->end());
  }
}

// "<i>:" and padding, so that a record tells its own offset.
inline std::string NumberedValue(int64_t i, size_t bytes = 100) {
  std::string value = std::to_string(i) + ":";
  value.resize(std::max(bytes, value.size()), static_cast<char>('a' + i % 26));
  return value;
}

}  // namespace throughline::log
