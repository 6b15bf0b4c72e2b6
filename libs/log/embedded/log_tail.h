#pragma once

// The newest durable records in memory, shared by all readers of the process without copying, and the ends of all
// partitions. A reader that found nothing is woken when there are new records.
//
// Any thread; Publish from one thread at a time.

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
  // A reader's position in one partition.
  struct Cursor {
    size_t slot;
    int64_t next;
  };

  // The registration of a reader. `wake` is not called after the destructor has returned.
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

  // `ends`: by slot. Keeps about `max_bytes` of records at most.
  LogTail(Slots slots, std::vector<int64_t> ends, size_t max_bytes);

  // Publishes durable records, each partition's in order, and wakes the readers that found nothing.
  void Publish(const std::vector<RecordPtr>& durable);

  int64_t End(size_t slot) const;

  struct Share {
    std::optional<size_t> behind;  // the first cursor, from `first` on, whose next record is not in the tail any more
    int64_t here_from = 0;         // the first offset of its partition that is in the tail
  };
  // Appends records to `out` and advances the cursors, partition by partition from cursors[first] on; each partition
  // gets a fair share. At most `max_records`, or `max_if_behind` if a cursor is behind. If there is nothing to read,
  // the reader will be woken.
  Share Take(Reader& reader, std::vector<Cursor>& cursors, size_t first, size_t max_records, size_t max_if_behind,
             std::vector<RecordPtr>& out);

 private:
  struct Lane {
    int64_t end = 0;                // one past the last durable record
    std::deque<RecordPtr> records;  // the newest ones, up to `end`
    int64_t first() const { return end - static_cast<int64_t>(records.size()); }
  };

  const Slots slots_;
  const size_t max_bytes_;
  mutable absl::Mutex mu_;
  std::vector<Lane> lanes_ ABSL_GUARDED_BY(mu_);
  std::deque<size_t> ages_ ABSL_GUARDED_BY(mu_);  // the slots of all records, oldest first
  size_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<Reader*> readers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace throughline::log
