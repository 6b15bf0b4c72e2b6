// Taking backups of the embedded log, and restoring them.

#include "services/process/backup/restore.h"

#include <filesystem>
#include <fstream>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <prometheus/registry.h>

#include "libs/log/embedded/embedded_log.h"
#include "libs/runtime/testing/bench.h"
#include "services/process/backup/backup_request.h"
#include "services/process/backup/backup_thread.h"
#include "services/process/process.h"
#include "tests/support/test_directory.h"

namespace throughline::process {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::SizeIs;

constexpr log::Partition kPartition{log::Topic::kOwnership, 1};

class LogBackups : public ::testing::Test {
 protected:
  static std::unique_ptr<log::EmbeddedLog> Open(const std::string& path) {
    log::EmbeddedLog::Options options;
    options.path = path;
    options.partitions = 2;
    auto log = log::EmbeddedLog::Open(options);
    EXPECT_TRUE(log.ok()) << log.status();
    return log.ok() ? *std::move(log) : nullptr;
  }
  static void Append(log::EmbeddedLog& log, int times) {
    for (int i = 0; i < times; ++i) {
      absl::Notification done;
      log.Append(kPartition, "key", "value", [&](absl::StatusOr<int64_t> offset) {
        EXPECT_TRUE(offset.ok()) << offset.status();
        done.Notify();
      });
      done.WaitForNotification();
    }
  }
  static int64_t End(log::EmbeddedLog& log) {
    int64_t end = -1;
    absl::Notification done;
    log.QueryEnds({kPartition}, [&](absl::StatusOr<std::vector<log::Position>> ends) {
      if (ends.ok()) end = ends->front().offset;
      done.Notify();
    });
    done.WaitForNotification();
    return end;
  }
  BackupSource Source(log::EmbeddedLog& log) { return *BackupOfLog(log, Path("data")); }
  absl::StatusOr<Backup> Take(log::EmbeddedLog& log, absl::Time now) {
    return TakeBackup(Source(log), "r", Path("backups"), now);
  }
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }

  TestDirectory directory_;
  std::unique_ptr<log::EmbeddedLog> log_ = Open(LogPath(Path("data")));
  const absl::Time noon_ = runtime::testing::Noon();
};

TEST_F(LogBackups, SayWhatTheyAreOf) {
  Append(*log_, 3);
  const auto taken = Take(*log_, noon_);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->path, Path("backups") + "/log-20260301T120000.000Z-r");
  const auto read = ReadBackup(taken->path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(*read, AllOf(Field(&Backup::kind, Backup::Kind::kLog), Field(&Backup::records, 3),
                           Field(&Backup::log, log_->Describe()->cluster_id), Field(&Backup::taken, noon_),
                           Field(&Backup::replica, "r")));
  EXPECT_EQ(VerifyStoreBackup(taken->path).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(LogBackups, OfAnUnknownKindOrWithoutTheLogsIdAreRefused) {
  const auto taken = Take(*log_, noon_);
  ASSERT_TRUE(taken.ok()) << taken.status();
  for (const std::string about : {"kind=tape\nlog=1\nservice=intake\nlayout=1\n", "kind=log\nlog=\n", "kind=log\n"}) {
    std::ofstream(taken->path + "/BACKUP") << about;
    EXPECT_EQ(ReadBackup(taken->path).status().code(), absl::StatusCode::kDataLoss) << about;
    EXPECT_EQ(RestoreBackup(taken->path, Path("new"), false).status().code(), absl::StatusCode::kDataLoss) << about;
  }
}

TEST_F(LogBackups, WithoutAKindAreOfStores) {
  fs::create_directories(Path("backups") + "/old");
  std::ofstream(Path("backups") + "/old/BACKUP") << "service=intake\nlayout=1\nreplica=a\nrecords=7\n";
  const auto read = ReadBackup(Path("backups") + "/old");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->kind, Backup::Kind::kStore);
}

TEST_F(LogBackups, AreRestoredIntoANewDirectoryAndTheLogContinues) {
  Append(*log_, 5);
  const auto taken = Take(*log_, noon_);
  ASSERT_TRUE(taken.ok()) << taken.status();
  Append(*log_, 2);
  log_.reset();
  fs::remove_all(Path("data"));
  const auto restored = RestoreBackup(taken->path, Path("new"), false);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(*restored, LogPath(Path("new")));
  for (const std::string& made : {Path("backups"), taken->path, Path("new"), *restored}) {
    EXPECT_EQ(fs::status(made).permissions(), fs::perms::owner_all) << made;
  }
  EXPECT_FALSE(fs::exists(*restored + "/BACKUP"));
  EXPECT_FALSE(fs::exists(*restored + ".restored"));
  for (const auto& file : fs::directory_iterator(*restored)) {
    EXPECT_EQ(fs::hard_link_count(file), 1u) << file << ": damage to it would be in the backup, too";
  }
  const auto log = Open(*restored);
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(log->Describe()->cluster_id, taken->log);
  EXPECT_EQ(End(*log), 5);
  Append(*log, 4);
  // The backup is unchanged and can be restored again.
  ASSERT_TRUE(RestoreBackup(taken->path, Path("newer"), false).ok());
  EXPECT_EQ(End(*Open(LogPath(Path("newer")))), 5);
}

TEST_F(LogBackups, AreNotRestoredOverALogOrBesideStores) {
  Append(*log_, 1);
  const auto taken = Take(*log_, noon_);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(RestoreBackup(taken->path, Path("data"), false).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(RestoreBackup(taken->path, Path("data"), true).status().code(), absl::StatusCode::kInvalidArgument);
  for (log::Topic topic : log::kTopics) {
    const std::string data = Path("with-") + std::string(log::ServiceName(topic));
    fs::create_directories(StorePath(data, topic));
    EXPECT_EQ(RestoreBackup(taken->path, data, false).status().code(), absl::StatusCode::kAlreadyExists) << data;
    EXPECT_FALSE(fs::exists(LogPath(data)));
  }
  // A data directory may already hold credentials.
  fs::create_directories(Path("new"));
  std::ofstream(Path("new") + "/tokens.json") << "{}";
  EXPECT_TRUE(RestoreBackup(taken->path, Path("new"), false).ok());
  EXPECT_TRUE(fs::exists(Path("new") + "/tokens.json"));
}

TEST_F(LogBackups, AnInterruptedRestoreStartsOver) {
  Append(*log_, 1);
  const auto taken = Take(*log_, noon_);
  ASSERT_TRUE(taken.ok()) << taken.status();
  fs::create_directories(LogPath(Path("new")) + ".restored");
  std::ofstream(LogPath(Path("new")) + ".restored/CURRENT") << "half";
  ASSERT_TRUE(RestoreBackup(taken->path, Path("new"), false).ok());
  EXPECT_EQ(End(*Open(LogPath(Path("new")))), 1);
  EXPECT_FALSE(RestoreBackup(taken->path, "/proc/none", false).ok());
}

TEST_F(LogBackups, OfOtherLogsInTheSameDirectoryAreKept) {
  const auto other = Open(Path("other"));
  const auto others = Take(*other, noon_ - absl::Hours(48));
  ASSERT_TRUE(others.ok()) << others.status();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(Take(*log_, noon_ + absl::Hours(i)).ok());
  EXPECT_EQ(PruneBackups(Path("backups"), Source(*log_).of, 2, noon_ + absl::Hours(4)), 2);
  EXPECT_THAT(*ListBackups(Path("backups")), SizeIs(3));
  EXPECT_THAT(*ListBackups(Path("backups"), Source(*other).of), ElementsAre(Field(&Backup::path, others->path)));
}

TEST_F(LogBackups, TheThreadTakesOneAtOnceAndCountsFailures) {
  const auto other = Open(Path("other"));
  ASSERT_TRUE(Take(*other, absl::Now()).ok());  // a fresh backup, but of another log
  Append(*log_, 2);
  prometheus::Registry registry;
  const auto metric = [&](const std::string& name) {
    for (const auto& family : registry.Collect()) {
      if (family.name != name) continue;
      return family.type == prometheus::MetricType::Gauge ? family.metric[0].gauge.value
                                                          : family.metric[0].counter.value;
    }
    return -1.0;
  };
  BackupSource source = Source(*log_);
  const auto copy = source.copy;
  absl::Notification failed, again;
  int calls = 0;
  source.copy = [&](const std::string& path) -> absl::StatusOr<int64_t> {
    if (++calls == 1) {
      failed.Notify();
      return absl::FailedPreconditionError("the disk is full");
    }
    if (calls == 3) again.Notify();
    return copy(path);
  };
  BackupThread thread({.directory = Path("backups"), .every = absl::Milliseconds(1), .keep = 1}, "r");
  thread.Add(std::move(source), registry);
  EXPECT_EQ(metric("throughline_backup_last_success_timestamp_seconds"), 0);
  thread.Begin();
  failed.WaitForNotification();
  again.WaitForNotification();  // so the second backup is done
  EXPECT_EQ(metric("throughline_backup_failures_total"), 1);
  EXPECT_GT(metric("throughline_backup_last_success_timestamp_seconds"), 0);
  const auto taken = ListBackups(Path("backups"), Source(*log_).of);
  ASSERT_TRUE(taken.ok());
  ASSERT_FALSE(taken->empty());
  EXPECT_EQ(taken->back().records, 2);
}

TEST_F(LogBackups, AreNotKeptInTheirOwnDataDirectory) {
  for (const std::string where : {"data", "data/backups", "other/../data/in/it"}) {
    const absl::Status refused = TakeBackup(Source(*log_), "r", Path(where), noon_).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << where;
    EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("would be lost with it"));
  }
  EXPECT_FALSE(fs::exists(Path("data") + "/backups"));
  EXPECT_FALSE(fs::exists(Path("data") + "/in"));
  EXPECT_TRUE(TakeBackup(Source(*log_), "r", Path("data-backups"), noon_).ok());
}

TEST_F(LogBackups, TheThreadTakesThemOnDemand) {
  Append(*log_, 2);
  prometheus::Registry registry;
  BackupThread thread({}, "r");
  thread.Add(Source(*log_), registry);
  thread.TakeOnDemand(*BackupDesk::Open(Path("data")));
  thread.Begin();
  const auto request = [&](const std::string& directory) {
    return RequestBackup(Path("data"), directory, absl::Seconds(30));
  };
  const auto taken = request(Path("backups"));
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->records, 2);
  EXPECT_EQ(request(Path("data") + "/backups").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(request("").status().code(), absl::StatusCode::kFailedPrecondition) << "it has none of its own";
  EXPECT_THAT(*ListBackups(Path("backups")), SizeIs(1));
}

TEST_F(LogBackups, OnDemandAreRefusedUntilTheSourceIsReady) {
  prometheus::Registry registry;
  std::atomic<bool> ready{false};
  BackupSource source = Source(*log_);
  source.ready = [&] { return ready.load(); };
  BackupThread thread({.directory = Path("backups"), .every = absl::Hours(1)}, "r");
  thread.Add(std::move(source), registry);
  thread.TakeOnDemand(*BackupDesk::Open(Path("data")));
  thread.Begin();
  const auto early = RequestBackup(Path("data"), "", absl::Seconds(30));
  EXPECT_EQ(early.status(),
            absl::FailedPreconditionError("log has not caught up with the log: wait until it is ready"));
  EXPECT_FALSE(fs::exists(Path("backups")));
  ready = true;
  EXPECT_TRUE(RequestBackup(Path("data"), "", absl::Seconds(30)).ok());
}

TEST_F(LogBackups, OnDemandGoToTheUsualDirectoryAndCountAsUsual) {
  prometheus::Registry registry;
  BackupThread thread({.directory = Path("backups"), .every = absl::Hours(1), .keep = 2}, "r");
  thread.Add(Source(*log_), registry);
  thread.TakeOnDemand(*BackupDesk::Open(Path("data")));
  thread.Begin();
  std::string newest;
  for (int i = 0; i < 4; ++i) {
    const auto taken = RequestBackup(Path("data"), "", absl::Seconds(30));
    ASSERT_TRUE(taken.ok()) << taken.status();
    newest = taken->path;
  }
  const auto kept = ListBackups(Path("backups"));
  ASSERT_THAT(*kept, SizeIs(2));
  EXPECT_EQ(kept->back().path, newest);
}

}  // namespace
}  // namespace throughline::process
