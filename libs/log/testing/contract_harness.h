#pragma once

// What an adapter provides to the contract suite (event_log_contract.h): a new log, a way to reopen it, and a way to
// wait without sleeping, which on a simulated log runs its clock.

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

#include "libs/log/event_log.h"

namespace throughline::log {

// A log under test: new and empty, with at least 3 partitions per topic. It accepts records of kContractRecordBytes and
// refuses those of kContractTooLargeBytes.
class ContractLog {
 public:
  virtual ~ContractLog() = default;
  virtual EventLog& log() = 0;
  // Closes the log, which answers all pending appends, and opens it again with its records. False: not possible.
  virtual bool Reopen() = 0;
  // Runs a simulated log. False: there is nothing to run.
  virtual bool Pump() { return false; }
};

// For an adapter with `static StatusOr<unique_ptr<Adapter>> Open(Options)`.
template <typename Adapter>
class OpenedContractLog : public ContractLog {
 public:
  explicit OpenedContractLog(typename Adapter::Options options) : options_(std::move(options)) { Open(); }

  Adapter& log() override { return *log_; }
  bool Reopen() override {
    log_.reset();
    Open();
    return true;
  }

 private:
  void Open() {
    auto log = Adapter::Open(options_);
    if (!log.ok()) {
      ADD_FAILURE() << log.status();
      std::abort();
    }
    log_ = *std::move(log);
  }

  const typename Adapter::Options options_;
  std::unique_ptr<Adapter> log_;
};

inline constexpr size_t kContractRecordBytes = 900'000;
inline constexpr size_t kContractTooLargeBytes = 64 << 20;

// Guards the state that callbacks change and tests wait for.
class Happenings {
 public:
  explicit Happenings(ContractLog& log) : log_(log) {}

  // Changes the state. Any thread.
  void Change(const std::function<void()>& change) {
    absl::MutexLock lock(&mu_);
    change();
    changed_.SignalAll();
  }

  // Waits until `happened`, which is called with the state locked. False after half a minute.
  bool Wait(const std::function<bool()>& happened) {
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (absl::Now() < deadline) {
      {
        absl::MutexLock lock(&mu_);
        if (happened()) return true;
      }
      if (log_.Pump()) continue;
      absl::MutexLock lock(&mu_);
      if (happened()) return true;
      changed_.WaitWithDeadline(&mu_, deadline);
    }
    return false;
  }

 private:
  ContractLog& log_;
  absl::Mutex mu_;
  absl::CondVar changed_;
};

// The answers to appends, in the order of the calls.
class Appends {
 public:
  Appends(ContractLog& log, Happenings& happenings) : log_(log), happenings_(happenings) {}

  void Begin(Partition partition, std::string key, std::string value) {
    auto answer = std::make_shared<Answer>();
    happenings_.Change([&] { answers_.push_back(answer); });
    log_.log().Append(partition, std::move(key), std::move(value), [this, answer](absl::StatusOr<int64_t> offset) {
      happenings_.Change([&] {
        ++answer->times;
        answer->offset = std::move(offset);
      });
    });
  }

  // Waits for all answers; each append must be answered once.
  std::vector<absl::StatusOr<int64_t>> Await() {
    const bool all = happenings_.Wait([&] {
      for (const auto& answer : answers_) {
        if (answer->times == 0) return false;
      }
      return true;
    });
    EXPECT_TRUE(all) << "an append was never answered";
    std::vector<absl::StatusOr<int64_t>> offsets;
    happenings_.Change([&] {
      for (const auto& answer : answers_) {
        EXPECT_LE(answer->times, 1) << "an append was answered twice";
        offsets.push_back(answer->offset);
      }
    });
    return offsets;
  }

  // Waits until all appends have succeeded; returns the last offset.
  int64_t MustSucceed() {
    int64_t last = -1;
    for (const auto& offset : Await()) {
      EXPECT_TRUE(offset.ok()) << offset.status();
      if (offset.ok()) last = *offset;
    }
    return last;
  }

 private:
  struct Answer {
    int times = 0;
    absl::StatusOr<int64_t> offset = absl::UnknownError("not answered");
  };
  ContractLog& log_;
  Happenings& happenings_;
  std::vector<std::shared_ptr<Answer>> answers_;
};

// A subscription that reads as many records as a test expects. It waits for a wake only after Poll returned nothing.
class Follower {
 public:
  Follower(ContractLog& log, Happenings& happenings, std::vector<Position> from) : happenings_(happenings) {
    auto subscription = log.log().Subscribe(std::move(from), [this] { happenings_.Change([&] { ++wakes_; }); });
    EXPECT_TRUE(subscription.ok()) << subscription.status();
    if (subscription.ok()) subscription_ = *std::move(subscription);
  }

  // Reads until there are `count` records in all, or until no more come.
  const std::vector<RecordPtr>& ReadUntil(size_t count, size_t max_records = 100) {
    while (read_.size() < count && subscription_ != nullptr) {
      int seen = 0;
      happenings_.Change([&] { seen = wakes_; });
      auto polled = subscription_->Poll(max_records);
      EXPECT_TRUE(polled.ok()) << polled.status();
      if (!polled.ok()) break;
      EXPECT_LE(polled->size(), max_records);
      read_.insert(read_.end(), polled->begin(), polled->end());
      if (!polled->empty()) continue;
      const bool woken = happenings_.Wait([&] { return wakes_ > seen; });
      EXPECT_TRUE(woken) << "a wake-up was lost after " << read_.size() << " of " << count << " records";
      if (!woken) break;
    }
    return read_;
  }

  Subscription& subscription() { return *subscription_; }

 private:
  Happenings& happenings_;
  int wakes_ = 0;
  std::vector<RecordPtr> read_;
  std::unique_ptr<Subscription> subscription_;  // last: wakes use the rest
};

}  // namespace throughline::log
