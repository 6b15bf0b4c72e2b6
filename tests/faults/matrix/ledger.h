#pragma once

// The outside ledger of the matrix: records every command before it is sent and every response, in a file and in
// memory. The outcome decides which effect a command must have:
//
//   acknowledged => exactly one effect; refused => none; unknown => none or one, and a retry settles it.
//
// It also makes the commands: cases, interactions, work notes, orders, and delays that put an order's promise at risk;
// intake's reactor opens exactly one case for each.
//
// Any thread; the result of `entries` is for one thread, after all sending has ended.

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
  enum class Kind { kOpen, kInteraction, kWorkNote, kOrder, kDelay, kDoomed };
  enum class Answer { kNone, kAcknowledged, kRefused };
  struct Entry {
    std::string id;  // the command's id
    Kind kind = Kind::kOpen;
    std::unique_ptr<google::protobuf::Message> request;
    std::unique_ptr<google::protobuf::Message> response;
    std::string subject;  // the case or order, once known
    Answer answer = Answer::kNone;
    bool was_unknown = false;  // at least one try was not answered
    std::string refusal;
    absl::Time first_sent, answered;
  };
  // In percent; the remainder opens cases.
  struct Mix {
    int interactions = 25, work_notes = 20, orders = 12, delays = 12;
    int doomed = 2;  // orders with an id that is taken: must be refused
  };
  struct Totals {
    int64_t sent = 0, acknowledged = 0, unknown = 0, refused = 0, unsettled = 0;
  };

  Ledger(const std::string& path, std::string prefix, Mix mix) : prefix_(std::move(prefix)), mix_(mix), file_(path) {}

  // Makes a command and records it.
  Entry* Make(std::mt19937_64& random) ABSL_LOCKS_EXCLUDED(mutex_);
  // Records a given command.
  Entry* Write(Kind kind, std::unique_ptr<google::protobuf::Message> request,
               std::unique_ptr<google::protobuf::Message> response, const std::string& subject)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Records one response to it; called by the thread that sends it.
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
