#pragma once

// The writing thread of the embedded log, with its queue. See embedded_log.h for its guarantees.
//
// Any thread. The store and the tail must outlive it.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/log/append_budget.h"
#include "libs/log/embedded/log_store.h"
#include "libs/log/embedded/log_tail.h"
#include "libs/log/event_log.h"

namespace throughline::log {

class AppendThread {
 public:
  AppendThread(LogStore& store, LogTail& tail, Slots slots, std::vector<int64_t> ends, AppendBudget::Limits limits);
  // Answers the queued appends with UNAVAILABLE.
  ~AppendThread();

  AppendThread(const AppendThread&) = delete;
  AppendThread& operator=(const AppendThread&) = delete;

  void Append(Partition partition, std::string key, std::string value, EventLog::Appended done);

  // Runs `call` on the thread, between two batches.
  void Post(std::function<void()> call);

  // Writes the rows some time later, without a sync. The last value of a key wins.
  void PutSoon(std::map<std::string, std::string> rows);

  // See EventLog::Flush.
  size_t Flush(absl::Time deadline);

 private:
  struct Entry {
    std::shared_ptr<Record> record;  // null if refused
    absl::Status refusal;
    EventLog::Appended done;
  };
  struct Work {
    std::vector<Entry> entries;
    std::vector<std::function<void()>> calls;
    std::map<std::string, std::string> rows;
    bool empty() const { return entries.empty() && calls.empty() && rows.empty(); }
  };

  absl::Status Admit(const Partition& partition, size_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Run();
  void WriteRows(const std::map<std::string, std::string>& rows);
  void WriteEntries(std::vector<Entry>& entries);
  void WriteBatch(absl::Span<Entry> batch);

  LogStore& store_;
  LogTail& tail_;
  const Slots slots_;

  std::vector<int64_t> next_;  // by slot; used by the thread only

  absl::Mutex mu_;
  absl::CondVar arrived_;
  absl::CondVar answered_changed_;
  Work waiting_ ABSL_GUARDED_BY(mu_);
  AppendBudget budget_ ABSL_GUARDED_BY(mu_);
  uint64_t begun_ ABSL_GUARDED_BY(mu_) = 0;  // appends; answered in the same order
  uint64_t answered_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::thread thread_;
};

}  // namespace throughline::log
