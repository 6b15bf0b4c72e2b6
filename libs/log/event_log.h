#pragma once

// The log as the rest of Throughline sees it: topics with a fixed number of partitions, each totally ordered, and
// durable when it acknowledges. Nothing else is asked of it: who wins a race is decided by whoever reads (see
// libs/runtime/fold/fold.h), never here.
//
//   log.Append({Topic::kIntake, 3}, "case/7ZQ4", bytes, [](absl::StatusOr<int64_t> offset) { ... });
//
// Adapters: embedded (embedded_log.h), Kafka, and a simulation for tests (simulated_log.h). All pass the contract
// suite in event_log_contract.h.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace throughline::log {

// One topic per service. The number is part of the embedded log's file format: never reuse or reorder.
enum class Topic : uint8_t { kIntake = 0, kOwnership = 1, kOutageNotice = 2, kSupplierTracking = 3 };
inline constexpr Topic kTopics[] = {Topic::kIntake, Topic::kOwnership, Topic::kOutageNotice, Topic::kSupplierTracking};

// "intake", "ownership", "outage-notice", "supplier-tracking". The topic is `throughline.<service>.log`.
std::string_view ServiceName(Topic topic);
std::string TopicName(Topic topic);

struct Partition {
  Topic topic;
  int32_t index;
  auto operator<=>(const Partition&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const Partition& p) {
    return H::combine(std::move(h), p.topic, p.index);
  }
};

// An offset in a partition. As a place to read from: the next record to read. As an end: one past the last record.
struct Position {
  Partition partition;
  int64_t offset;
  auto operator<=>(const Position&) const = default;
};

// Keeps what one reader of a record made of it for the other readers in the process, which are given the same object.
// They agree among themselves on what it is. A copy begins empty. Any thread.
class DecodedRecord {
 public:
  DecodedRecord() = default;
  DecodedRecord(const DecodedRecord&) {}
  DecodedRecord& operator=(const DecodedRecord& other) {
    if (this != &other) Set(nullptr);
    return *this;
  }

  std::shared_ptr<const void> Get() const {
    absl::MutexLock lock(&mutex_);
    return made_;
  }
  void Set(std::shared_ptr<const void> made) const {
    absl::MutexLock lock(&mutex_);
    made_ = std::move(made);
  }

 private:
  mutable absl::Mutex mutex_;
  mutable std::shared_ptr<const void> made_ ABSL_GUARDED_BY(mutex_);
};

struct Record {
  Partition partition;
  int64_t offset;
  std::string key;
  std::string value;
  // Above 0 it is no record: so many offsets, up to and including this one, hold none, and an operator accepted that.
  int64_t gap = 0;
  DecodedRecord decoded = {};
};
using RecordPtr = std::shared_ptr<const Record>;

// What must never change under a service that has folded the log: it compares this with what it remembered.
struct Identity {
  std::string cluster_id;
  struct TopicIdentity {
    Topic topic;
    std::string topic_id;
    int32_t partitions;
    bool operator==(const TopicIdentity&) const = default;
  };
  std::vector<TopicIdentity> topics;  // in the order of `Topic`
  bool operator==(const Identity&) const = default;
};

// A reader's place in some partitions. One thread.
class Subscription {
 public:
  virtual ~Subscription() = default;

  // The next records, at most `max_records`, of any of its partitions; each partition's in order of offset, none left
  // out (a gap that was accepted stands in its place). Empty: nothing now, and `wake` will be called when there is.
  // Never blocks for new data. DATA_LOSS: a record that should be there is gone or damaged; OUT_OF_RANGE: the start
  // lies outside the log (truncated, or another log).
  virtual absl::StatusOr<std::vector<RecordPtr>> Poll(size_t max_records) = 0;
};

// Any thread. Callbacks come on a thread of the log's own and must be quick; after the destructor none comes.
class EventLog {
 public:
  // The record's offset once it is durable. UNAVAILABLE: unknown, the record may or may not stand in the log, now or
  // later. Any other error: it does not and never will (RESOURCE_EXHAUSTED: too much in flight, INVALID_ARGUMENT: too
  // large, FAILED_PRECONDITION: no such partition, the log is closed or its disk is full).
  using Appended = std::function<void(absl::StatusOr<int64_t> offset)>;
  // One position per partition asked for, in that order: one past the last durable record.
  using Ends = std::function<void(absl::StatusOr<std::vector<Position>>)>;

  virtual ~EventLog() = default;

  // Appends to one partition that were begun in an order are written in that order, unless one of them fails.
  virtual void Append(Partition partition, std::string key, std::string value, Appended done) = 0;

  // Reads from these positions on. `wake` is called, from any thread, when Poll may have something after it had
  // nothing; it must not call back into the log. The log must outlive the subscription.
  virtual absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(std::vector<Position> from,
                                                                  std::function<void()> wake) = 0;

  // The ends as of some instant after the call began.
  virtual void QueryEnds(std::vector<Partition> partitions, Ends done) = 0;

  virtual absl::StatusOr<Identity> Describe() = 0;

  // Waits until every append begun before has been answered, or until `deadline`; returns how many are left.
  virtual size_t Flush(absl::Time deadline) = 0;
};

}  // namespace throughline::log
