#pragma once

// While a service catches up, a thread of its own reads what the log gives next, digests and decodes what the service
// reads of it, and keeps that with each record (ShareReading). The fold then only judges and applies. What is folded is
// the same as without.

#include <deque>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "libs/runtime/fold/commit.h"
#include "libs/runtime/fold/positions.h"

namespace throughline::runtime {

// Poll and Stop: one thread.
class ReadAhead : public log::Subscription {
 public:
  // As EventLog::Subscribe. `types` and `positions` must outlive it.
  static absl::StatusOr<std::unique_ptr<ReadAhead>> Subscribe(log::EventLog& log, std::vector<log::Position> from,
                                                              std::function<void()> wake, const StreamTypes& types,
                                                              const Positions& positions);
  ~ReadAhead() override { Stop(); }

  absl::StatusOr<std::vector<log::RecordPtr>> Poll(size_t max_records) override;
  // Ends the thread. From then on Poll reads from the log itself, after what was read ahead.
  void Stop();

 private:
  ReadAhead(std::function<void()> wake, const StreamTypes& types, const Positions& positions)
      : wake_(std::move(wake)), types_(types), positions_(positions) {}

  void Arrived();  // there may be records
  void Run();
  void Read(const log::Record& record) const;

  const std::function<void()> wake_;
  const StreamTypes& types_;
  const Positions& positions_;

  absl::Mutex mutex_;
  std::deque<log::RecordPtr> read_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;      // of `read_`
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);  // of the log, after what was read
  bool arrived_ ABSL_GUARDED_BY(mutex_) = true;
  bool hungry_ ABSL_GUARDED_BY(mutex_) = false;  // Poll has found nothing
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::unique_ptr<log::Subscription> log_;  // the thread's, and Poll's once that has ended
  std::thread thread_;
};

}  // namespace throughline::runtime
