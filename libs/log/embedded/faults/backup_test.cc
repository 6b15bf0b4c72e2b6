// Backups of the embedded log: copies made during writes, which are logs themselves.

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/log/embedded/faults/faulty_file_system.h"
#include "libs/log/embedded/faults/test_support.h"
#include "libs/log/embedded/reader.h"

namespace throughline::log {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr Partition kPartitions[] = {{Topic::kIntake, 0}, {Topic::kOwnership, 1}, {Topic::kSupplierTracking, 2}};

// Appends numbered values to each partition without a pause, until it is destroyed.
class Appenders {
 public:
  explicit Appenders(EventLog& log) : log_(log) {
    for (size_t i = 0; i < std::size(kPartitions); ++i) {
      threads_.emplace_back([this, i] {
        for (int64_t number = 0; !stop_; ++number) {
          const auto offset = AppendAndWait(log_, kPartitions[i], "k", NumberedValue(number, 700));
          if (!offset.ok() || *offset != number) return;
          acknowledged_[i] = number + 1;
        }
      });
    }
  }
  ~Appenders() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  int64_t acknowledged(size_t i) const { return acknowledged_[i]; }
  void AwaitMore(int64_t count) const {
    for (size_t i = 0; i < std::size(kPartitions); ++i) {
      for (const int64_t enough = acknowledged(i) + count; acknowledged(i) < enough;) std::this_thread::yield();
    }
  }

 private:
  EventLog& log_;
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> acknowledged_[std::size(kPartitions)] = {};
  std::vector<std::thread> threads_;
};

class EmbeddedBackup : public testing::Test {
 protected:
  EmbeddedLog::Options Options() const { return {.path = path_, .partitions = 3}; }

  TestDirectory directory_;
  const std::string path_ = directory_.path() + "/log";
  const std::string copy_ = directory_.path() + "/copy";
};

TEST_F(EmbeddedBackup, HoldsUnderLoadAllRecordsAcknowledgedBefore) {
  EmbeddedLog::Options options = Options();
  options.write_buffer_bytes = 256 << 10;  // so that tables and write-ahead logs change meanwhile
  const auto log = MustOpen(options);
  const Appenders appenders(*log);
  for (int round = 0; round < 6; ++round) {
    appenders.AwaitMore(round % 2 == 0 ? 100 : 3);
    const std::string copy = copy_ + std::to_string(round);
    int64_t before[std::size(kPartitions)], all = 0;
    for (size_t i = 0; i < std::size(kPartitions); ++i) all += before[i] = appenders.acknowledged(i);
    const auto records = log->Checkpoint(copy);
    ASSERT_TRUE(records.ok()) << records.status();
    EXPECT_GE(*records, all);
    options.path = copy;
    const auto restored = MustOpen(options);
    ASSERT_NE(restored, nullptr);
    EXPECT_EQ(*restored->Describe(), *log->Describe());
    int64_t found = 0;
    for (size_t i = 0; i < std::size(kPartitions); ++i) {
      const auto read = ReadAll(*restored, kPartitions[i]);
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_GE(static_cast<int64_t>(read->size()), before[i]);
      for (int64_t n = 0; n < static_cast<int64_t>(read->size()); ++n) {
        ASSERT_EQ((*read)[static_cast<size_t>(n)]->value, NumberedValue(n, 700));
      }
      found += static_cast<int64_t>(read->size());
    }
    EXPECT_GE(found, *records);
  }
}

TEST_F(EmbeddedBackup, IsAnIndependentLog) {
  const auto log = MustOpen(Options());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(AppendAndWait(*log, kTestPartition, "k", NumberedValue(i)).ok());
  EXPECT_EQ(*log->Checkpoint(copy_), 3);
  EmbeddedLog::Options options = Options();
  options.path = copy_;
  const auto restored = MustOpen(options);
  EXPECT_EQ(*AppendAndWait(*restored, kTestPartition, "k", "of the copy"), 3);
  EXPECT_EQ(*AppendAndWait(*log, kTestPartition, "k", "of the first"), 3);
  EXPECT_EQ(ReadAll(*restored, kTestPartition)->back()->value, "of the copy");
  EXPECT_EQ(ReadAll(*log, kTestPartition)->back()->value, "of the first");
}

TEST_F(EmbeddedBackup, HoldsTheCheckpoints) {
  const auto positions = [](EmbeddedLog& log) {
    std::vector<Position> held;
    (*log.AssignPartitions("group", {Topic::kIntake}))->Start([&](std::vector<Position> told) {
      held = std::move(told);
    });
    return held;
  };
  const auto log = MustOpen(Options());
  ASSERT_TRUE(AppendAndWait(*log, kTestPartition, "k", "v").ok());
  (*log->AssignPartitions("group", {Topic::kIntake}))->Checkpoint({{kTestPartition, 1}});
  absl::Notification written;  // the end is read on the writing thread, after the checkpoint
  log->QueryEnds({kTestPartition}, [&](const auto&) { written.Notify(); });
  written.WaitForNotification();
  ASSERT_TRUE(log->Checkpoint(copy_).ok());
  EmbeddedLog::Options options = Options();
  options.path = copy_;
  EXPECT_THAT(positions(*MustOpen(options)), testing::Contains(Position{kTestPartition, 1}));
}

TEST_F(EmbeddedBackup, IsPrivate) {
  const auto log = MustOpen(Options());
  ASSERT_TRUE(log->Checkpoint(copy_).ok());
  EXPECT_EQ(fs::status(copy_).permissions(), fs::perms::owner_all);
}

TEST_F(EmbeddedBackup, ReportsWhereItCannotBeWrittenAndTheLogContinues) {
  auto files = std::make_shared<FaultyFileSystem>();
  EmbeddedLog::Options options = Options();
  options.file_system = files;
  const auto log = MustOpen(options);
  ASSERT_TRUE(AppendAndWait(*log, kTestPartition, "k", "v").ok());
  fs::create_directory(copy_);
  for (const std::string& where : {copy_, directory_.path() + "/not-there/copy", std::string("/proc/copy")}) {
    const auto refused = log->Checkpoint(where).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << where;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("cannot copy the log at " + path_ + " to " + where));
  }
  files->LeaveRoom(0, "CURRENT");  // which a copy has of its own
  const auto full = log->Checkpoint(copy_ + "-2").status();
  EXPECT_EQ(full.code(), absl::StatusCode::kFailedPrecondition) << full;
  EXPECT_FALSE(fs::exists(copy_ + "-2"));
  EXPECT_EQ(*AppendAndWait(*log, kTestPartition, "k", "v"), 1);
}

TEST_F(EmbeddedBackup, DamageLikeATornTailIsFoundWithoutAWriter) {
  constexpr int kCount = 40;
  {
    const auto log = MustOpen(Options());
    for (int i = 0; i < kCount; ++i) {
      ASSERT_TRUE(AppendAndWait(*log, kTestPartition, "k", NumberedValue(i, 500)).ok());
    }
  }
  const auto read = [&](EmbeddedReader::Writer writer) -> absl::StatusOr<int64_t> {
    auto reader = EmbeddedReader::Open(path_, writer);
    if (!reader.ok()) return reader.status();
    return (*reader)->End(kTestPartition);
  };
  EXPECT_EQ(*read(EmbeddedReader::Writer::kNone), kCount);
  std::string wal;
  for (const auto& file : fs::directory_iterator(path_)) {
    if (file.path().extension() == ".log" && fs::file_size(file.path()) > 500 * kCount) wal = file.path();
  }
  ASSERT_FALSE(wal.empty());
  {
    constexpr std::streamoff kLengthAt = 5;  // of the first record's length, the larger byte (wal_audit.h)
    std::fstream file(wal, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(kLengthAt);
    file.put('\x70');
  }
  EXPECT_LT(read(EmbeddedReader::Writer::kPerhaps).value_or(0), kCount) << "it looks like a write under way";
  EXPECT_EQ(read(EmbeddedReader::Writer::kNone).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(EmbeddedBackup, AMissingFileIsDamage) {
  const auto log = MustOpen(Options());
  ASSERT_TRUE(AppendAndWait(*log, kTestPartition, "k", "v").ok());
  ASSERT_TRUE(log->Checkpoint(copy_).ok());
  int tables = 0;
  for (const auto& file : fs::directory_iterator(copy_)) {
    if (file.path().extension() == ".sst") tables += fs::remove(file) ? 1 : 0;
  }
  ASSERT_GT(tables, 0);
  const absl::Status status = EmbeddedReader::Open(copy_, EmbeddedReader::Writer::kNone).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
}

}  // namespace
}  // namespace throughline::log
