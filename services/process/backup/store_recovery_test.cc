// A service that starts without a usable store takes its newest backup, whatever is wrong with the others.

#include "services/process/backup/store_recovery.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/files/directory_lock.h"
#include "libs/files/whole_file.h"
#include "services/process/backup/replica_under_test.h"
#include "services/process/backup/restore.h"
#include "tests/support/small_disk.h"
#include "tests/support/test_directory.h"

namespace throughline::process {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::KilledBySignal;

// A backup shares its files with the store that it was taken of.
void MakeOwn(const std::string& file) {
  fs::copy_file(file, file + ".own");
  fs::rename(file + ".own", file);
}

void Cut(const std::string& file) {
  MakeOwn(file);
  fs::resize_file(file, fs::file_size(file) / 2);
}

void Overwrite(const std::string& file, double at) {
  MakeOwn(file);
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(static_cast<std::streamoff>(static_cast<double>(fs::file_size(file)) * at));
  stream << std::string(8, '\x5a');
}

// Of the files with that in their names, the largest.
std::string Largest(const std::string& folder, const std::string& part) {
  fs::path largest;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().filename().string().find(part) == std::string::npos) continue;
    if (largest.empty() || file.file_size() > fs::file_size(largest)) largest = file.path();
  }
  EXPECT_FALSE(largest.empty()) << folder << part;
  return largest;
}

class Recovery : public ::testing::Test {
 protected:
  static std::unique_ptr<log::EmbeddedLog> Open(const std::string& path) {
    log::EmbeddedLog::Options options;
    options.path = path;
    options.partitions = 2;
    auto log = log::EmbeddedLog::Open(options);
    EXPECT_TRUE(log.ok()) << log.status();
    return log.ok() ? *std::move(log) : nullptr;
  }
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  static std::string Store(const std::string& data) { return StorePath(data, log::Topic::kIntake); }

  static StoreRecovery Wanted(const std::string& root, const std::string& data) {
    return {root + "/backups", log::Topic::kIntake, "runtime-4/accounts-1", {log::Topic::kIntake}, Store(data)};
  }
  absl::Status Recover(const std::string& data) {
    registry_ = std::make_unique<prometheus::Registry>();
    RestoreProbe probe(*registry_);
    return RecoverStore(Wanted(directory_.path(), data), *log_, probe);
  }
  Replica Start(const std::string& data) {
    return Replica(*log_, data, [this, data] { return Recover(data); });
  }
  double Metric(const std::string& name, const std::string& reason = "") const {
    double sum = 0;
    for (const auto& family : registry_->Collect()) {
      if (family.name != "throughline_backup_" + name) continue;
      for (const auto& metric : family.metric) {
        if (!reason.empty() && metric.label.front().value != reason) continue;
        sum += metric.gauge.value + metric.counter.value;
      }
    }
    return sum;
  }
  // Starts a replica that must find 30 records and fold so many of them from the log.
  void MustFold(const std::string& data, double folded, const std::string& what) {
    Replica replica = Start(data);
    EXPECT_EQ(replica.BalanceOf("savings"), 30) << what;
    EXPECT_EQ(replica.Folded(), folded) << what;
    EXPECT_EQ(Metric("restored_records"), 30 - folded) << what;
    EXPECT_FALSE(fs::exists(Store(data) + ".restored")) << what;
  }
  // 30 records, with backups after 10 and 20 of them.
  void TakeTwo() {
    Replica first(*log_, Path("first"));
    first.Deposit("savings", 10);
    older_ = first.Take(Path("backups"), noon_)->path;
    first.Deposit("savings", 10);
    newer_ = first.Take(Path("backups"), noon_ + absl::Hours(1))->path;
    first.Deposit("savings", 10);
  }

  TestDirectory directory_;
  std::unique_ptr<log::EmbeddedLog> log_ = Open(Path("log"));
  std::unique_ptr<prometheus::Registry> registry_ = std::make_unique<prometheus::Registry>();
  std::string older_, newer_;
  const absl::Time noon_ = runtime::testing::Noon();
};

TEST_F(Recovery, TakesTheBackupThatHoldsMostAndFoldsTheRest) {
  TakeTwo();
  MustFold(Path("second"), 10, "without a store");
  EXPECT_EQ(Metric("refused_total"), 0);
  EXPECT_GT(Metric("restore_seconds"), 0);
  EXPECT_TRUE(VerifyStoreBackup(newer_).ok()) << "the replica that came of it does not touch it";
  {
    Replica again = Start(Path("second"));
    EXPECT_EQ(again.Folded(), 0) << "it has a store, and continues from it";
    EXPECT_EQ(Metric("restored_records"), 30 - 10) << "of the first start: nothing was restored since";
  }
}

TEST_F(Recovery, FoldsFromTheStartWithoutABackup) {
  Replica(*log_, Path("first")).Deposit("savings", 30);
  MustFold(Path("second"), 30, "without a directory of backups");
  fs::create_directories(Path("backups") + "/somebody-elses");
  fs::create_directories(Path("backups") + "/intake-20010101T000000.000Z-r.partial");
  MustFold(Path("third"), 30, "without a backup");
  EXPECT_EQ(Metric("refused_total"), 0);
}

TEST_F(Recovery, PassesADamagedBackupOver) {
  enum How { kOverwritten, kCut, kRemoved };
  const std::pair<const char*, How> kinds[] = {{".sst", kOverwritten}, {".sst", kCut},
                                               {".sst", kRemoved},     {"MANIFEST", kOverwritten},
                                               {"MANIFEST", kRemoved}, {"CURRENT", kOverwritten},
                                               {"CURRENT", kRemoved},  {"BACKUP", kCut}};
  TakeTwo();
  fs::copy(Path("backups"), Path("sound"), fs::copy_options::recursive);
  int count = 0;
  for (const auto& [part, how] : kinds) {
    const std::string what = absl::StrCat(part, how == kOverwritten ? " overwritten"
                                                : how == kCut       ? " cut"
                                                                    : " removed");
    const std::string damaged = Largest(newer_, part);
    if (how == kOverwritten) Overwrite(damaged, 0.1);
    if (how == kCut) Cut(damaged);
    if (how == kRemoved) fs::remove(damaged);
    MustFold(Path(absl::StrCat("data-", ++count)), 20, what);
    EXPECT_EQ(Metric("refused_total", "damaged"), 1) << what;
    // Both, in the same way.
    fs::remove_all(older_);
    fs::copy(newer_, older_, fs::copy_options::recursive);
    MustFold(Path(absl::StrCat("data-", ++count)), 30, what);
    EXPECT_EQ(Metric("refused_total", "damaged"), 2) << what;
    fs::remove_all(Path("backups"));
    fs::copy(Path("sound"), Path("backups"), fs::copy_options::recursive);
  }
}

TEST_F(Recovery, RefusesAnotherLayout) {
  TakeTwo();
  const auto rename = [](const std::string& backup, const std::string& from, const std::string& to) {
    std::string about = *files::ReadFile(backup + "/BACKUP");
    about.replace(about.find(from), from.size(), to);
    std::ofstream(backup + "/BACKUP") << about;
  };
  rename(newer_, "accounts-1", "accounts-2");
  MustFold(Path("second"), 20, "the newer is of a newer version");
  EXPECT_EQ(Metric("refused_total", "layout"), 1);
  // Its file BACKUP does not tell the truth.
  store::RocksKeyValue::Options options;
  options.path = Path("odd");
  options.layout = "runtime-4/accounts-2";
  ASSERT_EQ((*store::RocksKeyValue::Open(options))->Checkpoint(Path("copy")), absl::OkStatus());
  fs::copy_file(older_ + "/BACKUP", Path("copy") + "/BACKUP");
  rename(Path("copy"), "records=10", "records=25");
  fs::rename(Path("copy"), Path("backups") + "/intake-20260301T140000.000Z-odd");
  MustFold(Path("third"), 20, "the newest says that it is of this layout");
  EXPECT_EQ(Metric("refused_total", "damaged"), 1);
}

TEST_F(Recovery, RefusesABackupOfAnotherLog) {
  TakeTwo();
  const auto others = Open(Path("other-log"));
  {
    Replica other(*others, Path("other"));
    other.Deposit("others", 25);
    ASSERT_TRUE(other.Take(Path("backups"), noon_ + absl::Hours(2)).ok());
  }
  Replica second = Start(Path("second"));
  EXPECT_EQ(second.BalanceOf("others"), 0);
  EXPECT_EQ(second.BalanceOf("savings"), 30);
  EXPECT_EQ(second.Folded(), 10);
  EXPECT_EQ(Metric("refused_total", "other_log"), 1);
}

TEST_F(Recovery, RefusesABackupThatIsAheadOfTheLog) {
  {
    Replica first(*log_, Path("first"));
    first.Deposit("savings", 30);
    ASSERT_TRUE(first.Take(Path("backups"), noon_).ok());
  }
  log_.reset();
  fs::copy(Path("log"), Path("log-before"), fs::copy_options::recursive);
  log_ = Open(Path("log"));
  {
    Replica first(*log_, Path("first"));
    first.Deposit("spare", 5);
    ASSERT_TRUE(first.Take(Path("backups"), noon_ + absl::Hours(1)).ok());
  }
  log_.reset();
  log_ = Open(Path("log-before"));
  MustFold(Path("second"), 0, "the log was truncated");
  EXPECT_EQ(Metric("refused_total", "ahead"), 1);
}

TEST_F(Recovery, SetsADamagedStoreAsideAndReplacesIt) {
  TakeTwo();
  MustFold(Path("second"), 10, "without a store");
  const std::string store = Store(Path("second")), aside = store::RocksKeyValue::AsidePath(store);
  Overwrite(Largest(store, "MANIFEST"), 0.1);
  std::ofstream(store + "/first");
  MustFold(Path("second"), 10, "with a damaged manifest");
  EXPECT_TRUE(fs::exists(aside + "/first"));
  // What a process leaves that stopped because of a failed checksum.
  std::ofstream(store + "/DAMAGED") << "block checksum mismatch";
  MustFold(Path("second"), 10, "with a failed checksum");
  EXPECT_TRUE(fs::exists(aside + "/DAMAGED"));
  EXPECT_FALSE(fs::exists(aside + "/first")) << "the last one is kept, not all";
}

TEST_F(Recovery, WaitsForNobodyWhoRestoresTheSameStore) {
  TakeTwo();
  fs::create_directories(fs::path(Store(Path("second"))).parent_path());
  auto lock = files::DirectoryLock::TryTake(fs::path(Store(Path("second"))).parent_path());
  ASSERT_TRUE(lock.has_value());
  runtime::Host::Options options;
  options.store_path = Store(Path("second"));
  options.restore = [&] { return Recover(Path("second")); };
  prometheus::Registry registry;
  runtime::SystemClock clock;
  const auto refused =
      runtime::Host::Start(runtime::testing::DefineAccounts(), *log_, nullptr, clock, registry, options);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("in use by another process"));
  EXPECT_EQ(RestoreBackup(newer_, Path("second"), false).status().code(), absl::StatusCode::kFailedPrecondition);
  lock.reset();
  MustFold(Path("second"), 10, "afterwards");
}

TEST_F(Recovery, SaysThatTheDiskIsFullAndMakesRoomByTheDamagedStoreOnly) {
  const SmallDisk disk(8);
  if (!disk.mounted()) {
    ASSERT_FALSE(disk.required()) << disk.HowToGetIt("a full disk during a restore");
    std::cerr << disk.HowToGetIt("a full disk during a restore");
    GTEST_SKIP();
  }
  {
    Replica first(*log_, Path("first"));
    std::mt19937_64 random(7);
    for (int i = 0; i < 400; ++i) {  // incompressible, and more than what Fill leaves
      std::string name;
      while (name.size() < 200) name += absl::StrCat(absl::Hex(random()));
      first.Deposit(name, 1);
    }
    ASSERT_TRUE(first.Take(Path("backups"), noon_).ok());
  }
  const std::string store = Store(disk.path() + "/data");
  fs::create_directories(fs::path(store).parent_path());
  disk.Fill(64 << 10);
  const absl::Status full = Recover(disk.path() + "/data");
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted) << full;
  EXPECT_THAT(std::string(full.message()), HasSubstr("backup.restore"));
  EXPECT_TRUE(fs::is_empty(fs::path(store).parent_path())) << "what was copied is removed";
  EXPECT_EQ(Metric("refused_total"), 0) << "the backup is not to blame";

  const std::string aside = store::RocksKeyValue::AsidePath(store);
  fs::create_directories(aside);
  fs::rename(disk.path() + "/filler", aside + "/000007.sst");
  EXPECT_EQ(Recover(disk.path() + "/data"), absl::OkStatus());
  EXPECT_FALSE(fs::exists(aside));
  EXPECT_EQ(Metric("restored_records"), 400);
}

// RocksDB has threads, so the process that dies is not forked but started again. It gets here with the parent's
// directory in its environment.
class KilledRecovery : public Recovery, public ::testing::WithParamInterface<const char*> {
 protected:
  // Of the process that dies.
  [[noreturn]] static void StartIn(const std::string& root) {
    const auto log = Open(root + "/log");
    prometheus::Registry registry;
    RestoreProbe probe(registry);
    const std::string data = root + "/second";
    const StoreRecovery wanted = Wanted(root, data);
    const Replica replica(*log, data, [&] { return RecoverStore(wanted, *log, probe); });
    ::_exit(1);
  }
};

TEST_P(KilledRecovery, StartsOver) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const char* parents = std::getenv("THROUGHLINE_RECOVERED");
  const std::string root = parents == nullptr ? directory_.path() : parents;
  if (parents != nullptr) {
    setenv("THROUGHLINE_KILL_POINT", GetParam(), 1);
    log_.reset();
    fs::remove_all(directory_.path());  // the child's own, which no destructor removes
  } else {
    TakeTwo();
    log_.reset();
    setenv("THROUGHLINE_RECOVERED", root.c_str(), 1);
  }
  EXPECT_EXIT(StartIn(root), KilledBySignal(SIGKILL), "");
  unsetenv("THROUGHLINE_RECOVERED");
  log_ = Open(Path("log"));
  const bool whole = fs::exists(Store(Path("second")));
  EXPECT_EQ(whole, std::string(GetParam()) == "restored:1") << "it is there as a whole, or not at all";
  if (!whole) return MustFold(Path("second"), 10, GetParam());
  Replica second = Start(Path("second"));
  EXPECT_EQ(second.BalanceOf("savings"), 30);
  EXPECT_EQ(second.Folded(), 10) << "it has the restored store";
}

INSTANTIATE_TEST_SUITE_P(At, KilledRecovery, ::testing::Values("copied:1", "copied:3", "restored:1"));

}  // namespace
}  // namespace throughline::process
