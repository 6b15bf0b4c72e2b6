#pragma once

// A replica of a service of accounts (libs/runtime/testing/account.h), under the name of intake.

#include <functional>
#include <memory>
#include <string>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include <prometheus/registry.h>

#include "libs/log/embedded/embedded_log.h"
#include "libs/runtime/engine/host.h"
#include "libs/runtime/testing/bench.h"
#include "services/process/backup/backup.h"
#include "services/process/process.h"

namespace throughline::process {

// On a log that outlives it.
class Replica {
 public:
  Replica(log::EmbeddedLog& log, const std::string& data, std::function<absl::Status()> restore = nullptr) {
    runtime::Host::Options options;
    options.store_path = StorePath(data, log::Topic::kIntake);
    options.restore = std::move(restore);
    auto host = runtime::Host::Start(runtime::testing::DefineAccounts(), log, nullptr, clock_, registry, options);
    EXPECT_TRUE(host.ok()) << host.status();
    if (host.ok()) this->host = *std::move(host);
  }
  void Deposit(const std::string& account, int times) {
    for (int i = 0; i < times; ++i) {
      runtime::Caller caller = runtime::testing::By("ann", common::v1::ROLE_REP);
      caller.command_id = account + std::to_string(++commands_);
      caller.time = absl::Now();
      absl::Notification done;
      host->streams().Execute<runtime::testing::Account>(
          {runtime::testing::Account::kKind, account}, runtime::testing::Deposit(1), caller,
          absl::Now() + absl::Seconds(20), [&](absl::StatusOr<runtime::Outcome<runtime::testing::Account>> outcome) {
            EXPECT_TRUE(outcome.ok()) << outcome.status();
            done.Notify();
          });
      done.WaitForNotification();
    }
  }
  int64_t BalanceOf(const std::string& account) {
    absl::Notification done;
    host->streams().AfterPresent(absl::Now() + absl::Seconds(20), [&](const absl::Status& status) {
      EXPECT_TRUE(status.ok()) << status;
      done.Notify();
    });
    done.WaitForNotification();
    auto row = runtime::testing::kAccountRows.Get(*host->streams().View(), account);
    return row ? row->balance() : 0;
  }
  double Folded() {
    double sum = 0;
    for (const auto& family : registry.Collect()) {
      if (family.name != "throughline_commits_accepted_total") continue;
      for (const auto& metric : family.metric) sum += metric.counter.value;
    }
    return sum;
  }
  absl::StatusOr<Backup> Take(const std::string& directory, absl::Time now) {
    return TakeBackup(BackupOfStore(log::Topic::kIntake, *host), "r", directory, now);
  }

  prometheus::Registry registry;

 private:
  runtime::SystemClock clock_;  // must outlive the host
  int commands_ = 0;

 public:
  std::unique_ptr<runtime::Host> host;
};

}  // namespace throughline::process
