#pragma once

// The outside ledger of the matrix: every command before it is sent and every answer as it comes, in a file of its own
// and in memory. It knows what each command must come to:
//
//   acknowledged => exactly one effect; refused => none; unknown => none or one, and trying again settles it.
//
// It also makes the commands: cases, interactions, progress, orders, and delays that put an order's promise at risk, to
// which intake's reactor answers with exactly one case.
//
// Any thread, except that what `entries` gives is for one thread, when nobody sends any more.

#include <atomic>
#include <deque>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace throughline::faults {

inline constexpr char kPerson[] = "ana";

class Ledger {
 public:
  enum class Kind { kOpen, kInteraction, kProgress, kOrder, kDelay, kDoomed };
  enum class Answer { kNone, kAcknowledged, kRefused };
  struct Entry {
    std::string id;  // of the command
    Kind kind = Kind::kOpen;
    std::unique_ptr<google::protobuf::Message> request;
    std::unique_ptr<google::protobuf::Message> response;
    std::string subject;  // the case or the order, once known
    Answer answer = Answer::kNone;
    bool was_unknown = false;  // at least one try was not answered
    std::string refusal;
    absl::Time first_sent, answered;
  };
  // In percent; the rest opens cases.
  struct Mix {
    int interactions = 25, progress = 20, orders = 12, delays = 12;
    int doomed = 2;  // orders under an id that another order has: to be refused
  };
  struct Totals {
    int64_t sent = 0, acknowledged = 0, unknown = 0, refused = 0, unsettled = 0;
  };

  Ledger(const std::string& path, std::string prefix, Mix mix) : prefix_(std::move(prefix)), mix_(mix), file_(path) {}

  // A new command, which is written down.
  Entry* Make(std::mt19937_64& random) ABSL_LOCKS_EXCLUDED(mutex_);
  // A given one.
  Entry* Write(Kind kind, std::unique_ptr<google::protobuf::Message> request,
               std::unique_ptr<google::protobuf::Message> response, const std::string& subject)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // One answer to it; by the thread that sends it.
  void Note(Entry& entry, const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

  Totals totals() const ABSL_LOCKS_EXCLUDED(mutex_);
  int64_t acknowledged() const { return acknowledged_.load(); }
  int64_t sent() const { return sent_.load(); }
  // Orders whose delay was acknowledged.
  std::vector<std::string> delayed_orders() const ABSL_LOCKS_EXCLUDED(mutex_);
  const std::deque<Entry>& entries() const ABSL_NO_THREAD_SAFETY_ANALYSIS { return entries_; }
  std::deque<Entry>& entries() ABSL_NO_THREAD_SAFETY_ANALYSIS { return entries_; }

 private:
  void Fill(Entry& entry, int percent, uint64_t choice) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string prefix_;
  const Mix mix_;
  std::atomic<int64_t> sent_{0}, acknowledged_{0};
  mutable absl::Mutex mutex_;
  std::ofstream file_ ABSL_GUARDED_BY(mutex_);
  std::deque<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // never moved
  std::vector<std::string> cases_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> placed_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> orders_ ABSL_GUARDED_BY(mutex_);  // acknowledged and not delayed yet
};

}  // namespace throughline::faults
