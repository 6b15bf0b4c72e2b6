#pragma once

// A reader of the embedded log: what is new comes from the tail in memory, what is older from RocksDB in long runs of
// one partition at a time, and the change from one to the other leaves nothing out, because both are asked for the next
// offset and nothing else.
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
  // The positions must be of existing, distinct partitions.
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

  // The partition that is being caught up with, and how much of it has been read in one go.
  std::optional<LogStore::Run> run_;
  size_t run_cursor_ = 0;
  size_t run_bytes_ = 0;

  LogTail::Reader reader_;
};

}  // namespace throughline::log
