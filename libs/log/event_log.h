#pragma once

// The port to the log: topics with a fixed number of partitions. Each partition is totally ordered, and an acknowledged
// record is durable. The log does not decide races: its readers do, by the acceptance rule (libs/runtime/fold/fold.h).
//
//   log.Append({Topic::kIntake, 3}, "case/7ZQ4", bytes, [](absl::StatusOr<int64_t> offset) { ... });
//
// Adapters: embedded/embedded_log.h, kafka/kafka_log.h, and simulated/simulated_log.h for tests. All of them pass the
// contract suite in testing/event_log_contract.h.

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

// "intake", "ownership", "outage-notice", "supplier-tracking"; "throughline.<service>.log".
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

// An offset in a partition. Where reading begins: the next record to read. As an end: one past the last record.
struct Position {
  Partition partition;
  int64_t offset;
  auto operator<=>(const Position&) const = default;
};

// For messages: "throughline.intake.log/3" and "throughline.intake.log/3@17".
std::string ToText(const Partition& partition);
std::string ToText(const Position& position);

// FAILED_PRECONDITION: the log has no such partition.
absl::Status NoSuchPartition(const Partition& partition);

// A cache for the decoded form of one record, shared by all readers in the process, so that only the first one decodes
// it. The readers agree on the type. A copy starts empty. Any thread.
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
  // If above 0, this is not a record but an accepted gap: this offset and the gap - 1 before it hold no record, and an
  // operator has accepted that.
  int64_t gap = 0;
  DecodedRecord decoded = {};
};
using RecordPtr = std::shared_ptr<const Record>;

// What must never change under a service that has folded the log. The service compares it with what it has stored.
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

// A reader of some partitions. One thread.
class Subscription {
 public:
  virtual ~Subscription() = default;

  // The next records of any of its partitions, at most `max_records`; those of one partition in order of offset,
  // without omission (an accepted gap is returned in place of its records). Empty: there are none now; `wake` is called
  // when there are. Never blocks. DATA_LOSS: a record is missing or damaged. OUT_OF_RANGE: the start lies outside of
  // the log (it was truncated, or it is another log).
  virtual absl::StatusOr<std::vector<RecordPtr>> Poll(size_t max_records) = 0;
};

// Any thread. Callbacks run on a thread of the log and must be quick; none runs after the destructor has returned.
class EventLog {
 public:
  // The record's offset, once it is durable. UNAVAILABLE: the outcome is unknown; the record may be in the log, now or
  // later. After any other error it is not, and never will be. RESOURCE_EXHAUSTED: too much in flight.
  // INVALID_ARGUMENT: too large. FAILED_PRECONDITION: no such partition, or the log is closed, or its disk is full.
  using Appended = std::function<void(absl::StatusOr<int64_t> offset)>;
  // For each requested partition, in the requested order: one past its last durable record.
  using Ends = std::function<void(absl::StatusOr<std::vector<Position>>)>;

  virtual ~EventLog() = default;

  // Appends to one partition are written in the order of the calls, except for those that fail.
  virtual void Append(Partition partition, std::string key, std::string value, Appended done) = 0;

  // Reads from these positions on. After Poll has returned nothing, `wake` is called once when there may be records, on
  // any thread; it must not call the log. The log must outlive the subscription.
  virtual absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(std::vector<Position> from,
                                                                  std::function<void()> wake) = 0;

  // The ends as of a moment after the call.
  virtual void QueryEnds(std::vector<Partition> partitions, Ends done) = 0;

  virtual absl::StatusOr<Identity> Describe() = 0;

  // Waits until every earlier append is answered, or until `deadline`. Returns how many are not answered.
  virtual size_t Flush(absl::Time deadline) = 0;
};

}  // namespace throughline::log
