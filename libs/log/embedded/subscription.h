#pragma once

// A reader of the embedded log. New records come from the tail in memory; older ones from RocksDB, in long runs of one
// partition at a time. Switching between them skips nothing, because each is asked for the next offset.
//
// One thread. The store and the tail must outlive it.

#include <functional>
#include <optional>
#include <vector>

#include "libs/log/embedded/log_store.h"
#include "libs/log/embedded/log_tail.h"
#include "libs/log/event_log.h"

namespace throughline::log {

class EmbeddedSubscription : public Subscription {
 public:
  // `from`: existing, distinct partitions.
  EmbeddedSubscription(LogStore& store, LogTail& tail, const Slots& slots, const std::vector<Position>& from,
                       std::function<void()> wake);

  absl::StatusOr<std::vector<RecordPtr>> Poll(size_t max_records) override;

 private:
  absl::Status ReadRun(std::vector<RecordPtr>& out, size_t max_records);

  LogStore& store_;
  const Slots slots_;
  std::vector<LogTail::Cursor> cursors_;
  LogTail& tail_;
  absl::Status failure_;  // final
  size_t turn_ = 0;

  // The run that catches up in one partition.
  std::optional<LogStore::Run> run_;
  size_t run_cursor_ = 0;
  size_t run_bytes_ = 0;

  LogTail::Reader reader_;
};

}  // namespace throughline::log
