#include "libs/log/embedded/embedded_log.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rocksdb/db.h"

#include "libs/log/embedded/faults/faulty_file_system.h"
#include "libs/log/embedded/faults/test_support.h"
#include "libs/log/embedded/format.h"
#include "libs/log/embedded/log_store.h"

namespace throughline::log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class EmbeddedLogTest : public testing::Test {
 protected:
  absl::Status OpenError(EmbeddedLog::Options options) { return EmbeddedLog::Open(std::move(options)).status(); }

  TestDirectory directory_;
  const std::string path_ = directory_.path() + "/data/log";
};

TEST_F(EmbeddedLogTest, ADirectoryInUseIsRefused) {
  const auto log = MustOpen({.path = path_});
  const absl::Status refused = OpenError({.path = path_});
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr(path_ + " is in use"));
}

TEST_F(EmbeddedLogTest, AnotherPartitionCountIsRefused) {
  MustOpen({.path = path_, .partitions = 4});
  const absl::Status refused = OpenError({.path = path_, .partitions = 5});
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("has 4 partitions per topic, and 5 were asked for"));
  EXPECT_EQ(OpenError({.path = path_, .partitions = 0}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(MustOpen({.path = path_, .partitions = 4}), nullptr);
}

TEST_F(EmbeddedLogTest, AnotherLayoutIsRefused) {
  {
    auto store = LogStore::Open({path_, 12, 1 << 20, 1 << 20, nullptr, nullptr});
    ASSERT_TRUE(store.ok()) << store.status();
    const format::Meta future{format::kLayout + 1, (*store)->identity()};
    ASSERT_TRUE((*store)->Write({}, {{format::MetaKey(), format::EncodeMeta(future)}}, true).ok());
  }
  const absl::Status refused = OpenError({.path = path_});
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("it has layout 2"));
}

TEST_F(EmbeddedLogTest, AForeignDatabaseIsRefused) {
  std::filesystem::create_directories(path_);
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, path_, &db).ok());
  ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), "foreign", "row").ok());
  delete db;
  const absl::Status refused = OpenError({.path = path_});
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("something other than a log"));
}

TEST_F(EmbeddedLogTest, ItsDirectoryIsPrivate) {
  const std::string path = path_ + "/data/log";
  const auto log = MustOpen({.path = path});
  for (const std::string& made : {path, path_ + "/data"}) {
    EXPECT_EQ(std::filesystem::status(made).permissions(), std::filesystem::perms::owner_all) << made;
  }
}

TEST_F(EmbeddedLogTest, TwoLogsHaveTwoIdentities) {
  const auto one = MustOpen({.path = path_});
  const auto other = MustOpen({.path = path_ + "-other"});
  const Identity a = *one->Describe();
  const Identity b = *other->Describe();
  EXPECT_NE(a.cluster_id, b.cluster_id);
  EXPECT_NE(a.topics[0].topic_id, b.topics[0].topic_id);
  EXPECT_NE(a.topics[0].topic_id, a.topics[1].topic_id);
  EXPECT_EQ(a.topics.size(), std::size(kTopics));
}

TEST_F(EmbeddedLogTest, TooManyAppendsInFlightAreRefusedAndLeaveNoGap) {
  const auto log = MustOpen({.path = path_, .max_in_flight_records = 10});
  absl::Mutex mu;
  std::vector<absl::StatusOr<int64_t>> answers;
  absl::Notification blocked;
  absl::Notification go_on;
  // The writing thread blocks in the first callback, so that all later appends are in flight.
  log->Append(kTestPartition, "k", "v", [&](const auto&) {
    blocked.Notify();
    go_on.WaitForNotification();
  });
  blocked.WaitForNotification();
  for (int i = 0; i < 30; ++i) {
    log->Append(kTestPartition, "k", "v", [&](absl::StatusOr<int64_t> offset) {
      absl::MutexLock lock(&mu);
      answers.push_back(std::move(offset));
    });
  }
  EXPECT_EQ(log->Flush(absl::Now()), 31u);
  go_on.Notify();
  EXPECT_EQ(log->Flush(absl::InfiniteFuture()), 0u);
  size_t accepted = 0;
  absl::MutexLock lock(&mu);
  for (const auto& answer : answers) {
    if (answer.ok()) {
      EXPECT_EQ(*answer, static_cast<int64_t>(++accepted));
    } else {
      EXPECT_EQ(answer.status().code(), absl::StatusCode::kResourceExhausted);
    }
  }
  EXPECT_EQ(accepted, 10u);
  EXPECT_EQ(answers.size(), 30u);
}

TEST_F(EmbeddedLogTest, InFlightBytesAreBounded) {
  const auto log = MustOpen({.path = path_, .max_in_flight_bytes = 1000});
  EXPECT_EQ(AppendAndWait(*log, kTestPartition, "", std::string(1001, 'x')).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(AppendAndWait(*log, kTestPartition, "", std::string(1000, 'x')).ok());
  EXPECT_TRUE(AppendAndWait(*log, kTestPartition, "", std::string(1000, 'x')).ok()) << "room is not given back";
}

TEST_F(EmbeddedLogTest, NothingIsSeenOrAcknowledgedBeforeItIsSynced) {
  auto files = std::make_shared<FaultyFileSystem>();
  const auto log = MustOpen({.path = path_, .file_system = files});
  std::atomic<bool> acknowledged = false;
  auto subscription = log->Subscribe({{kTestPartition, 0}}, [] {});
  files->HoldSyncs();
  log->Append(kTestPartition, "k", "v", [&](const auto&) { acknowledged = true; });
  ASSERT_TRUE(files->AwaitHeldSync());
  EXPECT_TRUE((*subscription)->Poll(10)->empty());
  EXPECT_FALSE(acknowledged);
  files->ReleaseSyncs();
  log->Flush(absl::InfiniteFuture());
  EXPECT_TRUE(acknowledged);
  EXPECT_EQ((*subscription)->Poll(10)->size(), 1u);
}

TEST_F(EmbeddedLogTest, AppendsDuringASyncShareTheNextOne) {
  auto files = std::make_shared<FaultyFileSystem>();
  const auto log = MustOpen({.path = path_, .file_system = files});
  const int before = files->wal_syncs();
  files->HoldSyncs();
  log->Append(kTestPartition, "k", "v", [](const auto&) {});
  ASSERT_TRUE(files->AwaitHeldSync());
  for (int i = 0; i < 500; ++i) log->Append(kTestPartition, "k", "v", [](const auto&) {});
  files->ReleaseSyncs();
  log->Flush(absl::InfiniteFuture());
  EXPECT_EQ(files->wal_syncs() - before, 2);
}

TEST_F(EmbeddedLogTest, ReadsFromFilesTailAndAcrossBoth) {
  constexpr int kCount = 20'000;
  // Small buffers: most records are in files, some in RocksDB's memory, the last in the tail.
  const auto log = MustOpen({.path = path_, .tail_bytes = 20'000, .write_buffer_bytes = 256 << 10});
  for (int i = 0; i < kCount; ++i) log->Append(kTestPartition, "k", NumberedValue(i), [](const auto&) {});
  ASSERT_EQ(log->Flush(absl::InfiniteFuture()), 0u);
  for (int64_t from : {0, 1, 9'999, kCount - 100, kCount - 1, kCount}) {
    const auto all = ReadAll(*log, kTestPartition, from);
    ASSERT_TRUE(all.ok()) << all.status();
    ASSERT_EQ(all->size(), static_cast<size_t>(kCount - from));
    for (size_t i = 0; i < all->size(); ++i) {
      ASSERT_EQ((*all)[i]->offset, from + static_cast<int64_t>(i));
      ASSERT_EQ((*all)[i]->value, NumberedValue((*all)[i]->offset));
    }
  }
}

TEST_F(EmbeddedLogTest, ReadersShareRecordsWithoutCopying) {
  const auto log = MustOpen({.path = path_});
  ASSERT_TRUE(AppendAndWait(*log, kTestPartition, "k", "v").ok());
  const auto one = ReadAll(*log, kTestPartition);
  const auto other = ReadAll(*log, kTestPartition);
  EXPECT_EQ((*one)[0].get(), (*other)[0].get());
}

TEST_F(EmbeddedLogTest, ABusyPartitionDoesNotStarveAQuietOne) {
  const auto log = MustOpen({.path = path_});
  const Partition quiet{Topic::kOwnership, 0};
  for (int i = 0; i < 1000; ++i) log->Append(kTestPartition, "k", "v", [](const auto&) {});
  ASSERT_TRUE(AppendAndWait(*log, quiet, "k", "v").ok());
  auto subscription = log->Subscribe({{kTestPartition, 0}, {quiet, 0}}, [] {});
  ASSERT_TRUE(subscription.ok());
  const auto polled = (*subscription)->Poll(10);
  ASSERT_TRUE(polled.ok());
  EXPECT_EQ(polled->size(), 10u);
  EXPECT_TRUE(std::any_of(polled->begin(), polled->end(), [&](const RecordPtr& r) { return r->partition == quiet; }));
}

TEST_F(EmbeddedLogTest, NoWakeComesAfterTheSubscriptionIsGone) {
  const auto log = MustOpen({.path = path_});
  int wakes = 0;
  auto subscription = log->Subscribe({{kTestPartition, 0}}, [&] { ++wakes; });
  ASSERT_TRUE((*subscription)->Poll(1)->empty());
  subscription->reset();
  ASSERT_TRUE(AppendAndWait(*log, kTestPartition, "k", "v").ok());
  EXPECT_EQ(wakes, 0);
}

TEST_F(EmbeddedLogTest, WakesOnlyAReaderThatFoundNothing) {
  const auto log = MustOpen({.path = path_});
  int wakes = 0;
  auto subscription = log->Subscribe({{kTestPartition, 0}}, [&] { ++wakes; });
  ASSERT_TRUE(AppendAndWait(*log, kTestPartition, "k", "v").ok());
  EXPECT_EQ(wakes, 0);
  ASSERT_EQ((*subscription)->Poll(10)->size(), 1u);
  ASSERT_TRUE((*subscription)->Poll(10)->empty());
  ASSERT_TRUE(AppendAndWait(*log, {Topic::kIntake, 2}, "k", "another partition's").ok());
  EXPECT_EQ(wakes, 0);
  ASSERT_TRUE(AppendAndWait(*log, kTestPartition, "k", "v").ok());
  ASSERT_TRUE(AppendAndWait(*log, kTestPartition, "k", "v").ok());
  EXPECT_EQ(wakes, 1);
}

TEST_F(EmbeddedLogTest, AssignsAllPartitionsAndRemembersCheckpoints) {
  std::vector<Position> held;
  {
    const auto log = MustOpen({.path = path_, .partitions = 2});
    const auto assignment = *log->AssignPartitions("intake", {Topic::kIntake, Topic::kOwnership});
    assignment->Start([&](std::vector<Position> h) { held = std::move(h); });
    EXPECT_THAT(held, ElementsAre(Position{{Topic::kIntake, 0}, 0}, Position{{Topic::kIntake, 1}, 0},
                                  Position{{Topic::kOwnership, 0}, 0}, Position{{Topic::kOwnership, 1}, 0}));
    assignment->Checkpoint({{{Topic::kIntake, 1}, 7}, {{Topic::kSupplierTracking, 0}, 9}});
    assignment->Checkpoint({{{Topic::kIntake, 1}, 5}});  // an older one changes nothing
  }
  const auto log = MustOpen({.path = path_, .partitions = 2});
  (*log->AssignPartitions("intake", {Topic::kIntake}))->Start([&](std::vector<Position> h) { held = std::move(h); });
  EXPECT_THAT(held, ElementsAre(Position{{Topic::kIntake, 0}, 0}, Position{{Topic::kIntake, 1}, 7}));
  (*log->AssignPartitions("another", {Topic::kIntake}))->Start([&](std::vector<Position> h) { held = std::move(h); });
  EXPECT_THAT(held, ElementsAre(Position{{Topic::kIntake, 0}, 0}, Position{{Topic::kIntake, 1}, 0}));
}

TEST_F(EmbeddedLogTest, RefusesToJoinAGroupWithADamagedCheckpoint) {
  {
    const auto log = MustOpen({.path = path_, .partitions = 2});
    (*log->AssignPartitions("intake", {Topic::kIntake}))->Start([](const std::vector<Position>&) {});
  }
  {
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), path_, &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), format::AssignmentKey("intake", {Topic::kIntake, 1}), "7?").ok());
  }
  const auto log = MustOpen({.path = path_, .partitions = 2});
  const absl::Status status = log->AssignPartitions("intake", {Topic::kIntake}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("throughline.intake.log/1"));
  EXPECT_TRUE(log->AssignPartitions("another", {Topic::kIntake}).ok());
}

}  // namespace
}  // namespace throughline::log
