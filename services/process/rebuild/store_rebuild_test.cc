// A service's store is built anew beside a running host, and takes its place at the next start.

#include "services/process/rebuild/store_rebuild.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "libs/log/embedded/embedded_log.h"
#include "libs/runtime/domain/testing_given.h"
#include "libs/runtime/engine/host.h"
#include "libs/runtime/testing/account.h"
#include "libs/store/rocks/replacement.h"
#include "services/process/rebuild/rebuild_monitor.h"
#include "tests/support/eventually.h"
#include "tests/support/test_directory.h"

namespace throughline::process {
namespace {

namespace fs = std::filesystem;
using runtime::testing::Account;
using ::testing::AllOf;
using ::testing::HasSubstr;

class StoreRebuildTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = log::EmbeddedLog::Open({.path = directory_.path() + "/log", .partitions = 3});
    ASSERT_TRUE(opened.ok()) << opened.status();
    log_ = *std::move(opened);
    Start();
  }

  std::unique_ptr<runtime::Definition> Define() const {
    auto definition = runtime::testing::DefineAccounts();
    definition->layout = layout_;
    return definition;
  }
  void Start() {
    host_.reset();
    registry_ = std::make_unique<prometheus::Registry>();
    runtime::Host::Options options;
    options.store_path = store_;
    auto host = runtime::Host::Start(Define(), *log_, nullptr, clock_, *registry_, std::move(options));
    ASSERT_TRUE(host.ok()) << host.status();
    host_ = *std::move(host);
  }
  // Also waits until it is folded.
  void Deposit(int count) {
    for (int i = 0; i < count; ++i) {
      runtime::testing::v1::Deposit command;
      command.set_amount(1 + i);
      runtime::Caller caller = runtime::testing::By("ana", common::v1::ROLE_REP);
      caller.command_id = absl::StrCat("deposit-", ++deposits_);
      absl::Notification done;
      host_->streams().Execute<Account>({Account::kKind, absl::StrCat("a", i % 7)}, command, caller,
                                        absl::Now() + absl::Seconds(20), [&](const auto& outcome) {
                                          EXPECT_TRUE(outcome.ok()) << outcome.status();
                                          done.Notify();
                                        });
      done.WaitForNotification();
    }
  }
  // Beside the host, which flushes when it is asked to.
  absl::StatusOr<StoreRebuild::Report> Run(StoreRebuild::Options options = {}) {
    options.store = store_;
    const auto definition = Define();
    StoreRebuild rebuild(*definition, *log_, options);
    std::atomic<bool> over{false};
    std::thread health([&] {
      while (!over) {
        if (store::TakeFlushRequest(store_)) host_->store().FlushSoon();
        absl::SleepFor(absl::Milliseconds(5));
      }
    });
    absl::StatusOr<StoreRebuild::Report> report = rebuild.Run(nullptr);
    over = true;
    health.join();
    return report;
  }
  std::string Balance(const std::string& account) {
    const auto row = runtime::testing::kAccountRows.Get(*host_->streams().View(), account);
    return row ? absl::StrCat(row->balance()) : "none";
  }
  double Metric(const std::string& name) const {
    for (const auto& family : shown_.Collect()) {
      if (family.name == name) return family.metric.front().gauge.value;
    }
    return -1;
  }

  TestDirectory directory_;
  const std::string store_ = directory_.path() + "/stores/accounts", next_ = store::NextPath(store_);
  std::string layout_ = "accounts-1";
  runtime::SystemClock clock_;
  std::unique_ptr<log::EmbeddedLog> log_;
  std::unique_ptr<prometheus::Registry> registry_;
  std::unique_ptr<runtime::Host> host_;
  int deposits_ = 0;
  mutable prometheus::Registry shown_;
};

TEST_F(StoreRebuildTest, IsEqualToTheStoreThatServes) {
  Deposit(50);
  Start();  // the files hold all 50
  Deposit(5);
  const auto report = Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->not_compared, "");
  EXPECT_EQ(report->difference, "");
  EXPECT_GT(report->rows, 2 * 55) << "of all that is folded up to now";
  EXPECT_EQ(report->digest.size(), 64u);
  EXPECT_EQ(report->records, 55);
  const auto rebuilt = store::ReadRebuilt(store_);
  ASSERT_TRUE(rebuilt);
  EXPECT_EQ(rebuilt->records, 55);
  EXPECT_EQ(Balance("a0"), "205");
}

// What a service writes at its first start is not in its files yet, and no position tells.
TEST_F(StoreRebuildTest, IsEqualWithAnEmptyLog) {
  const auto report = Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->not_compared, "");
  EXPECT_EQ(report->difference, "");
  EXPECT_GT(report->rows, 0);
}

TEST_F(StoreRebuildTest, ADamagedRowIsFoundAndGoneAfterTheSwitch) {
  Deposit(50);
  const std::string right = Balance("a3");
  host_.reset();
  {
    const auto definition = Define();
    store::RocksKeyValue::Options options = runtime::StoreOptionsOf(*definition);
    options.path = store_;
    auto store = store::RocksKeyValue::Open(options);
    ASSERT_TRUE(store.ok());
    runtime::testing::v1::AccountState wrong;
    wrong.set_balance(1'000'000);
    (*store)->Write({{runtime::testing::kAccountRows.KeyOf(std::string("a3")), wrong.SerializeAsString()}});
  }
  Start();
  EXPECT_EQ(Balance("a3"), "1000000");
  const auto report = Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->difference, HasSubstr("1 of "));
  EXPECT_THAT(report->difference, HasSubstr("a3"));
  Start();
  EXPECT_EQ(Balance("a3"), "1000000") << "nobody chose the new one";
  ASSERT_TRUE(store::ChooseRebuilt(store_).ok());
  Deposit(3);
  Start();
  EXPECT_EQ(Balance("a3"), right);
  ASSERT_TRUE(Eventually([&] { return host_->Ready(); }));
  EXPECT_TRUE(fs::exists(store::PreviousPath(store_))) << "kept until an operator confirms";
  Deposit(4);
}

TEST_F(StoreRebuildTest, ANewLayoutIsPreparedBesideTheOldOne) {
  Deposit(50);
  layout_ = "accounts-2";
  auto report = Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->other_layout);
  EXPECT_THAT(report->not_compared, HasSubstr("layout"));
  Deposit(5);
  report = Run();  // again, shortly before the restart
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->records, 55);
  const std::string balance = Balance("a0");
  Start();  // of the new version
  EXPECT_EQ(host_->FoldedRecords(), 55);
  EXPECT_EQ(Balance("a0"), balance);
  Deposit(5);
  layout_ = "accounts-1";
  Start();  // of the old version, again
  EXPECT_GE(host_->FoldedRecords(), 50) << "it folds only what came after";
  ASSERT_TRUE(Eventually([&] { return host_->Ready() && host_->FoldedRecords() == 60; }));
}

TEST_F(StoreRebuildTest, GoesOnAfterACancelAndShowsWhatItDoes) {
  Deposit(60);
  RebuildMonitor monitor(shown_, "accounts", store_, "runtime-4/accounts-1");
  const auto definition = Define();
  StoreRebuild slow(*definition, *log_, {.store = store_, .records_per_second = 3});
  absl::StatusOr<StoreRebuild::Report> cancelled;
  std::thread work([&] { cancelled = slow.Run(nullptr); });
  EXPECT_TRUE(Eventually([&] {
    monitor.Look(absl::Now(), host_->fold_status(), host_->FoldedRecords());
    return Metric("throughline_rebuild_running") == 1 && Metric("throughline_rebuild_records") > 0;
  }));
  EXPECT_GT(Metric("throughline_rebuild_target_records"), Metric("throughline_rebuild_records"));
  EXPECT_GT(Metric("throughline_rebuild_eta_seconds"), 0);
  const auto second = Run();
  EXPECT_TRUE(absl::IsAlreadyExists(second.status())) << "one at a time: " << second.status();
  slow.Cancel();
  work.join();
  EXPECT_TRUE(absl::IsCancelled(cancelled.status())) << cancelled.status();
  EXPECT_FALSE(store::ReadRebuilt(store_));
  EXPECT_TRUE(absl::IsFailedPrecondition(store::ChooseRebuilt(store_))) << "an incomplete one never serves";
  const auto report = Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->records, 60);
  monitor.Look(absl::Now() + absl::Seconds(2), host_->fold_status(), host_->FoldedRecords());
  EXPECT_EQ(Metric("throughline_rebuild_running"), 0);
  EXPECT_GT(Metric("throughline_rebuild_complete_timestamp_seconds"), 0);
  EXPECT_FALSE(monitor.Chosen());
  ASSERT_TRUE(store::ChooseRebuilt(store_).ok());
  EXPECT_TRUE(monitor.Chosen());
}

TEST_F(StoreRebuildTest, RefusesWhenTheDiskHasTooLittleSpace) {
  Deposit(5);
  const auto report = Run({.reserve_bytes = int64_t{1} << 60});
  EXPECT_TRUE(absl::IsResourceExhausted(report.status())) << report.status();
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("MiB are free"));
  EXPECT_FALSE(fs::exists(next_));
}

TEST_F(StoreRebuildTest, DeletesWhatAnotherVersionOrDamageLeft) {
  Deposit(20);
  layout_ = "accounts-0";
  ASSERT_TRUE(Run().ok());
  layout_ = "accounts-1";
  auto report = Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(store::ReadRebuilt(store_)->layout, "runtime-4/accounts-1");
  std::ofstream(next_ + "/CURRENT") << "by a test";
  report = Run();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->records, 20);
}

TEST(RebuildMonitor, ShowsTheServicesOwnFoldUntilItHasCaughtUp) {
  const TestDirectory directory;
  prometheus::Registry registry;
  RebuildMonitor monitor(registry, "accounts", directory.path() + "/store", "1");
  const auto metric = [&](const std::string& name) {
    for (const auto& family : registry.Collect()) {
      if (family.name == name) return family.metric.front().gauge.value;
    }
    return -1.0;
  };
  const absl::Time begun = absl::FromUnixSeconds(1'000'000);
  monitor.Look(begun, {.records_left = 1000}, 0);
  EXPECT_EQ(metric("throughline_rebuild_running"), 1);
  EXPECT_EQ(metric("throughline_rebuild_eta_seconds"), 0) << "not known yet";
  monitor.Look(begun + absl::Seconds(10), {.records_left = 800}, 200);
  EXPECT_EQ(metric("throughline_rebuild_records"), 200);
  EXPECT_EQ(metric("throughline_rebuild_target_records"), 1000);
  EXPECT_EQ(metric("throughline_rebuild_eta_seconds"), 40) << "at 20 per second";
  monitor.Look(begun + absl::Seconds(60), {.caught_up = true, .records_left = 0}, 1000);
  EXPECT_EQ(metric("throughline_rebuild_running"), 0);
  EXPECT_EQ(metric("throughline_rebuild_eta_seconds"), 0);
}

// --compare-only deletes what it built; that is no interruption.
TEST(RebuildMonitor, TellsADeletedStoreFromAnInterruptedOne) {
  const TestDirectory directory;
  const std::string store = directory.path() + "/store", next = store::NextPath(store);
  prometheus::Registry registry;
  RebuildMonitor monitor(registry, "accounts", store, "1");
  const auto before = spdlog::default_logger();
  const absl::Cleanup restore = [&] { spdlog::set_default_logger(before); };
  std::ostringstream lines;
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines)));
  absl::Time now = absl::FromUnixSeconds(1'000'000);
  const auto said_after = [&](const std::function<void()>& end) {
    fs::create_directories(next);
    WriteProgress(next, {.records = 1, .of = 10, .at = now});
    monitor.Look(now, {.caught_up = true}, 0);
    lines.str("");
    end();
    monitor.Look(now += absl::Seconds(1), {.caught_up = true}, 0);
    now += absl::Seconds(1);
    return lines.str();
  };
  EXPECT_THAT(said_after([&] { RemoveProgress(next); }), AllOf(HasSubstr("warning"), HasSubstr("goes on with")));
  EXPECT_THAT(said_after([&] { fs::remove_all(next); }), AllOf(HasSubstr("info"), HasSubstr("was deleted")));
}

TEST(RebuildProgress, IsReadAsItWasWritten) {
  const TestDirectory directory;
  EXPECT_FALSE(ReadProgress(directory.path()));
  RebuildProgress progress{.records = 120, .of = 1000, .per_second = 10, .left = absl::Seconds(88)};
  progress.at = absl::FromUnixMillis(1'000'000);
  WriteProgress(directory.path(), progress);
  auto read = ReadProgress(directory.path());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->ToText(), "120 of 1000 records (12%), 10/s, about 1m28s left");
  EXPECT_TRUE(read->Current(progress.at + absl::Seconds(5)));
  EXPECT_FALSE(read->Current(progress.at + absl::Seconds(50))) << "whoever wrote it is gone";
  progress.phase = RebuildProgress::Phase::kComparing;
  progress.left = absl::InfiniteDuration();
  WriteProgress(directory.path(), progress);
  EXPECT_EQ(ReadProgress(directory.path())->ToText(), "120 of 1000 records (12%), comparing");
  RemoveProgress(directory.path());
  EXPECT_FALSE(ReadProgress(directory.path()));
}

}  // namespace
}  // namespace throughline::process
