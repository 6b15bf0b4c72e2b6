#pragma once

// The newest durable records in memory, shared by all readers of one process without copying, and the ends of all
// partitions. Whoever reads here and finds nothing is woken when there is something.
//
// Any thread, but Publish from one at a time.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "libs/log/embedded/log_store.h"
#include "libs/log/event_log.h"

namespace throughline::log {

class LogTail {
 public:
  // Where a reader stands in one partition.
  struct Cursor {
    size_t slot;
    int64_t next;
  };

  // One reader's registration. `wake` is not called once the destructor has returned.
  class Reader {
   public:
    Reader(LogTail& tail, const std::vector<Cursor>& cursors, std::function<void()> wake);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

   private:
    friend class LogTail;
    struct Waker {
      absl::Mutex mu;
      std::function<void()> wake ABSL_GUARDED_BY(mu);
    };
    LogTail& tail_;
    std::vector<bool> reads_;  // by slot
    bool hungry_ = false;      // guarded by tail_.mu_
    std::shared_ptr<Waker> waker_ = std::make_shared<Waker>();
  };

  // `ends` by slot; keeps records of about `max_bytes` at most.
  LogTail(Slots slots, std::vector<int64_t> ends, size_t max_bytes);

  // Makes durable records visible, each partition's in order, and wakes readers that found nothing.
  void Publish(const std::vector<RecordPtr>& durable);

  int64_t End(size_t slot) const;

  struct Share {
    std::optional<size_t> behind;  // the first cursor, counted from `first` on, whose next record is no longer here
    int64_t here_from = 0;         // the first of its partition's records that is here: older ones it reads elsewhere
  };
  // Moves the cursors over records into `out`, partition after partition beginning with cursors[first], each its share
  // first: at most `max_records`, or `max_if_behind` if a cursor is behind. If there is nothing at all, the reader
  // will be woken.
  Share Take(Reader& reader, std::vector<Cursor>& cursors, size_t first, size_t max_records, size_t max_if_behind,
             std::vector<RecordPtr>& out);

 private:
  struct Lane {
    int64_t end = 0;                // one past the last durable record
    std::deque<RecordPtr> records;  // the last of them, up to `end`
    int64_t first() const { return end - static_cast<int64_t>(records.size()); }
  };

  const Slots slots_;
  const size_t max_bytes_;
  mutable absl::Mutex mu_;
  std::vector<Lane> lanes_ ABSL_GUARDED_BY(mu_);
  std::deque<size_t> ages_ ABSL_GUARDED_BY(mu_);  // the slots of all records here, oldest first
  size_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<Reader*> readers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace throughline::log
