// Power loss under the embedded log: acknowledged records survive.

#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"

#include "libs/log/embedded/faults/faulty_file_system.h"
#include "libs/log/embedded/faults/test_support.h"
#include "libs/log/simulated/random.h"

namespace throughline::log {
namespace {

// Appends from its own callbacks until an append fails, and records what was acknowledged.
class Load {
 public:
  Load(EventLog& log, int64_t first, int in_flight) : log_(log), next_(first) {
    for (int i = 0; i < in_flight; ++i) AppendNext();
  }

  // Waits until so many were acknowledged.
  void AwaitAcknowledged(int64_t count) {
    absl::MutexLock lock(&mu_);
    auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return acknowledged_ >= count; };
    mu_.Await(absl::Condition(&enough));
  }

  int64_t acknowledged_end() {
    absl::MutexLock lock(&mu_);
    return acknowledged_end_;
  }

 private:
  void AppendNext() {
    absl::MutexLock lock(&mu_);  // so that records are appended in the order of their numbers
    const int64_t i = next_++;
    log_.Append(kTestPartition, "k", NumberedValue(i, 400), [this](const absl::StatusOr<int64_t>& offset) {
      if (!offset.ok()) return;
      {
        absl::MutexLock lock(&mu_);
        ++acknowledged_;
        acknowledged_end_ = *offset + 1;
      }
      AppendNext();
    });
  }

  EventLog& log_;
  absl::Mutex mu_;
  int64_t next_ ABSL_GUARDED_BY(mu_);
  int64_t acknowledged_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t acknowledged_end_ ABSL_GUARDED_BY(mu_) = 0;
};

struct Outcome {
  int64_t acknowledged_end;
  absl::StatusOr<std::vector<RecordPtr>> found;
};

// Cuts the power under load. Returns what was acknowledged, and what a reopened log holds.
Outcome CutPower(const std::string& path, int64_t first, Random& random, bool lying) {
  auto files = std::make_shared<FaultyFileSystem>();
  Outcome outcome{0, absl::UnknownError("not read")};
  {
    auto log = MustOpen({.path = path, .write_buffer_bytes = 256 << 10, .file_system = files});
    if (lying) files->LieAboutSyncing();
    Load load(*log, first, 16);
    load.AwaitAcknowledged(static_cast<int64_t>(200 + random.Below(2000)));
    files->PowerOff();
    log->Flush(absl::InfiniteFuture());
    outcome.acknowledged_end = load.acknowledged_end();
    log.reset();
  }
  files->LoseUnsynced(random);
  auto log = EmbeddedLog::Open({.path = path});
  if (!log.ok()) {
    outcome.found = log.status();
  } else {
    outcome.found = ReadAll(**log, kTestPartition);
  }
  return outcome;
}

TEST(EmbeddedPowerLoss, LosesNothingAcknowledged) {
  TestDirectory directory;
  Random random(1);
  int64_t end = 0;
  for (int round = 0; round < 6; ++round) {
    const Outcome outcome = CutPower(directory.path(), end, random, /*lying=*/false);
    ASSERT_TRUE(outcome.found.ok()) << outcome.found.status();
    end = static_cast<int64_t>(outcome.found->size());
    ASSERT_GE(end, outcome.acknowledged_end) << "round " << round;
    for (const RecordPtr& r : *outcome.found) ASSERT_EQ(r->value, NumberedValue(r->offset, 400));
  }
}

// Shows that the test above can fail: with a disk that ignores syncs.
TEST(EmbeddedPowerLoss, ALyingDiskIsCaughtByThisTest) {
  TestDirectory directory;
  Random random(2);
  const Outcome outcome = CutPower(directory.path(), 0, random, /*lying=*/true);
  EXPECT_TRUE(!outcome.found.ok() || static_cast<int64_t>(outcome.found->size()) < outcome.acknowledged_end);
}

// Each acknowledgement follows its own sync. Without load, no later sync hides a missing one.
TEST(EmbeddedPowerLoss, EachAcknowledgedRecordIsSynced) {
  TestDirectory directory;
  Random random(3);
  for (int64_t i = 0; i < 10; ++i) {
    auto files = std::make_shared<FaultyFileSystem>();
    {
      const auto log = MustOpen({.path = directory.path(), .file_system = files});
      const int before = files->wal_syncs();
      const auto offset = AppendAndWait(*log, kTestPartition, "k", NumberedValue(i, 400));
      ASSERT_TRUE(offset.ok()) << offset.status();
      ASSERT_EQ(*offset, i);
      EXPECT_EQ(files->wal_syncs() - before, 1) << "record " << i;
      files->PowerOff();
    }
    files->LoseUnsynced(random);
    const auto log = EmbeddedLog::Open({.path = directory.path()});
    ASSERT_TRUE(log.ok()) << log.status();
    const auto found = ReadAll(**log, kTestPartition);
    ASSERT_TRUE(found.ok()) << found.status();
    ASSERT_EQ(found->size(), static_cast<size_t>(i + 1)) << "an acknowledged record is gone";
    EXPECT_EQ(found->back()->value, NumberedValue(i, 400));
  }
}

}  // namespace
}  // namespace throughline::log
