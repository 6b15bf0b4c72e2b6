// A full disk under the embedded log: it fails fast, says what to do, and opens again once there is space.

#include <atomic>
#include <iostream>
#include <memory>
#include <string>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/log/embedded/faults/faulty_file_system.h"
#include "libs/log/embedded/faults/test_support.h"
#include "tests/support/small_disk.h"

namespace throughline::log {
namespace {

using testing::HasSubstr;

// Appends one after another until one fails; returns that error and counts what was acknowledged before.
absl::Status FillUp(EventLog& log, int64_t& acknowledged) {
  while (true) {
    const auto offset = AppendAndWait(log, kTestPartition, "k", NumberedValue(acknowledged, 1000));
    if (!offset.ok()) return offset.status();
    EXPECT_EQ(*offset, acknowledged);
    ++acknowledged;
  }
}

void ExpectAllThere(EventLog& log, int64_t acknowledged) {
  const auto all = ReadAll(log, kTestPartition);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_GE(static_cast<int64_t>(all->size()), acknowledged);
  for (const RecordPtr& r : *all) ASSERT_EQ(r->value, NumberedValue(r->offset, 1000));
}

class EmbeddedFullDisk : public testing::TestWithParam<std::string> {};

// On the write-ahead log, and on a file that RocksDB writes in the background.
TEST_P(EmbeddedFullDisk, FailsFastAndOpensAgainWhenThereIsSpace) {
  TestDirectory directory;
  auto files = std::make_shared<FaultyFileSystem>();
  std::atomic<int> failures = 0;
  absl::Notification told;
  auto failed = [&](const absl::Status& s) {
    EXPECT_THAT(std::string(s.message()), HasSubstr("disk full at " + directory.path() + ": free space and restart"));
    if (failures++ == 0) told.Notify();
  };
  int64_t acknowledged = 0;
  {
    const auto log =
        MustOpen({.path = directory.path(), .write_buffer_bytes = 128 << 10, .failed = failed, .file_system = files});
    files->LeaveRoom(500'000, GetParam());
    const absl::Status first = FillUp(*log, acknowledged);
    EXPECT_GT(acknowledged, 100);
    // UNAVAILABLE if it was being written when the disk became full.
    EXPECT_TRUE(absl::IsUnavailable(first) || absl::IsFailedPrecondition(first)) << first;
    const absl::Status next = AppendAndWait(*log, kTestPartition, "k", "v").status();
    EXPECT_EQ(next.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(next.message()), HasSubstr("disk full at " + directory.path()));
    // Called on a thread of the log, possibly after the appends are answered.
    EXPECT_TRUE(told.WaitForNotificationWithTimeout(absl::Seconds(30)));
    EXPECT_EQ(failures, 1);
    ExpectAllThere(*log, acknowledged);
  }
  files->LeaveRoom(INT64_MAX);
  const auto log = MustOpen({.path = directory.path(), .file_system = files});
  ASSERT_NE(log, nullptr);
  ExpectAllThere(*log, acknowledged);
  EXPECT_TRUE(AppendAndWait(*log, {Topic::kIntake, 2}, "k", "v").ok());
}

INSTANTIATE_TEST_SUITE_P(Files, EmbeddedFullDisk, testing::Values(".log", ".sst"),
                         [](const auto& info) { return info.param.substr(1); });

TEST(EmbeddedFullDiskAtOpen, IsRefusedWithAMessage) {
  TestDirectory directory;
  auto files = std::make_shared<FaultyFileSystem>();
  files->LeaveRoom(0);
  const absl::Status refused = EmbeddedLog::Open({.path = directory.path(), .file_system = files}).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("disk full at " + directory.path()));
  EXPECT_NE(MustOpen({.path = directory.path()}), nullptr) << "the failed attempt left something behind";
}

// On a file system that is really full.
TEST(EmbeddedSmallDisk, FillsUpAndRecovers) {
  const SmallDisk disk(16);
  if (!disk.mounted()) {
    ASSERT_FALSE(disk.required()) << disk.HowToGetIt("a full disk for real");
    std::cerr << disk.HowToGetIt("a full disk for real");
    GTEST_SKIP();
  }
  disk.Fill(8 << 20);
  int64_t acknowledged = 0;
  {
    const auto log = MustOpen({.path = disk.path() + "/log", .write_buffer_bytes = 1 << 20});
    ASSERT_NE(log, nullptr);
    EXPECT_FALSE(FillUp(*log, acknowledged).ok());
    EXPECT_GT(acknowledged, 500);
    EXPECT_EQ(AppendAndWait(*log, kTestPartition, "k", "v").status().code(), absl::StatusCode::kFailedPrecondition);
  }
  disk.Empty();
  const auto log = MustOpen({.path = disk.path() + "/log"});
  ASSERT_NE(log, nullptr);
  ExpectAllThere(*log, acknowledged);
}

}  // namespace
}  // namespace throughline::log
