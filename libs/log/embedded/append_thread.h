#pragma once

// The embedded log's one writing thread, and the queue before it. See embedded_log.h for what it promises.
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

#include "libs/log/embedded/log_store.h"
#include "libs/log/embedded/log_tail.h"
#include "libs/log/event_log.h"

namespace throughline::log {

class AppendThread {
 public:
  struct Limits {
    size_t max_in_flight_records;
    size_t max_in_flight_bytes;
    size_t max_record_bytes;
  };

  AppendThread(LogStore& store, LogTail& tail, Slots slots, std::vector<int64_t> ends, Limits limits);
  // Answers what waits with UNAVAILABLE.
  ~AppendThread();

  AppendThread(const AppendThread&) = delete;
  AppendThread& operator=(const AppendThread&) = delete;

  void Append(Partition partition, std::string key, std::string value, EventLog::Appended done);

  // Runs on the writing thread, between two batches.
  void Post(std::function<void()> call);

  // Written some time later, without a sync. The last value of a key wins.
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
  void GiveBackRoom(size_t records, size_t bytes);

  LogStore& store_;
  LogTail& tail_;
  const Slots slots_;
  const Limits limits_;

  std::vector<int64_t> next_;  // by slot; the writing thread's own

  absl::Mutex mu_;
  absl::CondVar arrived_;
  absl::CondVar answered_changed_;
  Work waiting_ ABSL_GUARDED_BY(mu_);
  size_t in_flight_records_ ABSL_GUARDED_BY(mu_) = 0;
  size_t in_flight_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t begun_ ABSL_GUARDED_BY(mu_) = 0;  // appends; answered in the same order
  uint64_t answered_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::thread thread_;
};

}  // namespace throughline::log
