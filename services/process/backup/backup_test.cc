#include "services/process/backup/backup.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/log/embedded/embedded_log.h"
#include "services/process/backup/backup_thread.h"
#include "services/process/backup/replica_under_test.h"
#include "services/process/backup/restore.h"
#include "services/process/process.h"
#include "tests/support/eventually.h"
#include "tests/support/suite_process.h"

namespace throughline::process {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Backups : public ::testing::Test {
 protected:
  void SetUp() override {
    log::EmbeddedLog::Options options;
    options.path = directory_.path() + "/log";
    options.partitions = 2;
    auto log = log::EmbeddedLog::Open(options);
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
  }
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }

  TestDirectory directory_;
  std::unique_ptr<log::EmbeddedLog> log_;
  const absl::Time noon_ = runtime::testing::Noon();
};

TEST_F(Backups, AReplicaThatStartsFromOneFoldsOnlyTheTail) {
  auto first = std::make_unique<Replica>(*log_, Path("first"));
  first->Deposit("savings", 40);
  const auto taken = first->Take(Path("backups"), noon_);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->records, 40);
  first->Deposit("savings", 2);
  first->Deposit("spare", 1);

  const auto verified = VerifyStoreBackup(taken->path);
  ASSERT_TRUE(verified.ok()) << verified.status();
  const auto store = RestoreBackup(taken->path, Path("second"), false);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(*store, StorePath(Path("second"), log::Topic::kIntake));
  Replica second(*log_, Path("second"));
  EXPECT_EQ(second.BalanceOf("savings"), 42);
  EXPECT_EQ(second.BalanceOf("spare"), 1);
  EXPECT_EQ(second.Folded(), 3) << "of 43";
  second.Deposit("of the second's own", 1);
  EXPECT_EQ(first->BalanceOf("of the second's own"), 1);
  EXPECT_TRUE(VerifyStoreBackup(taken->path).ok()) << "the replica that came of it does not touch it";
}

TEST_F(Backups, AreReadableByTheirUserOnlyAlsoOnceRestored) {
  Replica replica(*log_, Path("data"));
  replica.Deposit("savings", 1);
  const auto taken = replica.Take(Path("backups"), noon_);
  ASSERT_TRUE(taken.ok()) << taken.status();
  const auto restored = RestoreBackup(taken->path, Path("second"), false);
  ASSERT_TRUE(restored.ok()) << restored.status();
  for (const std::string& made : {Path("backups"), taken->path, Path("second"), *restored}) {
    EXPECT_EQ(fs::status(made).permissions(), fs::perms::owner_all) << made;
  }
}

TEST_F(Backups, AnExistingDirectoryKeepsItsMode) {
  constexpr fs::perms kGroupReads = fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec;
  fs::create_directory(Path("backups"));
  fs::permissions(Path("backups"), kGroupReads);
  Replica replica(*log_, Path("data"));
  const auto taken = replica.Take(Path("backups"), noon_);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(fs::status(Path("backups")).permissions(), kGroupReads);
  EXPECT_EQ(fs::status(taken->path).permissions(), fs::perms::owner_all);
}

TEST_F(Backups, AStoreIsReplacedOnlyOnRequestAndWhenNoProcessUsesIt) {
  auto replica = std::make_unique<Replica>(*log_, Path("data"));
  replica->Deposit("savings", 1);
  const auto taken = replica->Take(Path("backups"), noon_);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(RestoreBackup(taken->path, Path("data"), false).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(RestoreBackup(taken->path, Path("data"), true).status().code(), absl::StatusCode::kFailedPrecondition);
  replica.reset();
  EXPECT_TRUE(RestoreBackup(taken->path, Path("data"), true).ok());
  EXPECT_EQ(Replica(*log_, Path("data")).BalanceOf("savings"), 1);
}

TEST_F(Backups, TheNewestAreKept) {
  Replica replica(*log_, Path("data"));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(replica.Take(Path("backups"), noon_ + absl::Hours(i)).ok());
  fs::create_directories(Path("backups") + "/intake-20010101T000000.000Z.partial");
  fs::create_directories(Path("backups") + "/intake-20010101T000000.000Z-r.partial.tmp");
  fs::create_directories(Path("backups") + "/somebody-elses");
  EXPECT_EQ(PruneBackups(Path("backups"), {.service = "intake"}, 2, noon_ + absl::Hours(5)), 5);
  const auto left = ListBackups(Path("backups"));
  ASSERT_TRUE(left.ok());
  ASSERT_THAT(*left, SizeIs(2));
  EXPECT_EQ((*left)[1].taken, noon_ + absl::Hours(4));
  EXPECT_THAT(*ListBackups(Path("backups"), Backup{.service = "ownership"}), IsEmpty());
  EXPECT_TRUE(fs::exists(Path("backups") + "/somebody-elses"));
  EXPECT_FALSE(fs::exists(Path("backups") + "/intake-20010101T000000.000Z.partial"));
}

TEST_F(Backups, MissingAndDamagedOnesAreReported) {
  EXPECT_EQ(ListBackups(Path("nowhere")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(VerifyStoreBackup(Path("nowhere")).status().code(), absl::StatusCode::kNotFound);
  Replica replica(*log_, Path("data"));
  replica.Deposit("savings", 1);
  const auto taken = replica.Take(Path("backups"), noon_);
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ(replica.Take("/proc/none", noon_).status().code(), absl::StatusCode::kFailedPrecondition);
  std::ofstream(taken->path + "/CURRENT") << "gone";
  EXPECT_EQ(VerifyStoreBackup(taken->path).status().code(), absl::StatusCode::kDataLoss);
  std::ofstream(taken->path + "/BACKUP") << "service=intake\n";
  EXPECT_EQ(RestoreBackup(taken->path, Path("other"), false).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(Backups, TheThreadTakesThemWhileTheServiceRuns) {
  Replica replica(*log_, Path("data"));
  replica.Deposit("savings", 3);
  BackupThread thread({.directory = Path("backups"), .every = absl::Milliseconds(1), .keep = 2}, "r7");
  thread.Add(BackupOfStore(log::Topic::kIntake, *replica.host), replica.registry);
  thread.Begin();
  const auto newest = [&]() -> absl::Time {
    const auto list = ListBackups(Path("backups"), Backup{.service = "intake"});
    return list.ok() && !list->empty() ? list->back().taken : absl::InfinitePast();
  };
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  int met = 0;
  for (absl::Time seen = absl::InfinitePast(); met < 4 && absl::Now() < deadline;) {
    const absl::Time now = newest();
    if (now > seen) ++met;
    seen = now;
  }
  EXPECT_EQ(met, 4);
  const auto list = ListBackups(Path("backups"), Backup{.service = "intake"});
  ASSERT_TRUE(list.ok());
  EXPECT_LE(list->size(), 3u) << "the one that was just taken, and two";
  EXPECT_EQ(list->back().replica, "r7");
  EXPECT_EQ(list->back().records, 3);
}

// The clock was a day ahead when the backup was taken.
TEST_F(Backups, OneFromTheFutureDoesNotDelayTheNext) {
  Replica replica(*log_, Path("data"));
  const absl::Time future = absl::Now() + absl::Hours(24);
  ASSERT_TRUE(replica.Take(Path("backups"), future).ok());
  BackupThread thread({.directory = Path("backups"), .every = absl::Hours(1), .keep = 1}, "r7");
  thread.Add(BackupOfStore(log::Topic::kIntake, *replica.host), replica.registry);
  thread.Begin();
  const auto only = [&]() -> absl::Time {
    const auto list = ListBackups(Path("backups"));
    return list.ok() && list->size() == 1 ? list->front().taken : future;
  };
  EXPECT_TRUE(Eventually([&] { return only() < future; })) << "one was taken, and the other went first";
}

TEST_F(Backups, UnfinishedOnesAreRemovedAtTheNextStart) {
  const std::string own = Path("backups") + "/intake-20240501T120000.000Z-r7.partial";
  const std::string others = Path("backups") + "/intake-20240501T120000.000Z-of-r7.partial";
  fs::create_directories(own);
  fs::create_directories(own + ".tmp");  // RocksDB's temporary folder
  fs::create_directories(others);
  Replica replica(*log_, Path("data"));
  BackupThread thread({.directory = Path("backups")}, "r7");
  thread.Add(BackupOfStore(log::Topic::kIntake, *replica.host), replica.registry);
  EXPECT_FALSE(fs::exists(own));
  EXPECT_FALSE(fs::exists(own + ".tmp"));
  EXPECT_TRUE(fs::exists(others)) << "its replica may be writing it";
}

}  // namespace
}  // namespace throughline::process
