#pragma once

// A log for tests, shared by several replicas, with faults by seed and a clock of its own. What it does is at least as
// unkind as Kafka, and the same from the same seed.
//
//   SimulatedLog log(seed, /*partitions=*/4, SimulatedLog::Faults::Harsh());
//   auto first = log.Attach(0), second = log.Attach(1);
//   ... build replicas on them ...
//   while (log.now() < end && log.Advance()) { step the replicas that were woken }
//   log.Settle();
//   while (log.Advance()) { ... }
//
// Callbacks and wakes come from Advance only. One thread. It must outlive everything that it has given out.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "libs/log/event_log.h"
#include "libs/log/partition_assignment.h"
#include "libs/log/simulated/random.h"

namespace throughline::log {

class SimulatedAssignment;
class SimulatedHandle;
class SimulatedSubscription;

class SimulatedLog {
 public:
  // Probabilities are from 0 to 1, each for one append, question, delivery or commit of a position.
  struct Faults {
    absl::Duration min_delay = absl::Milliseconds(1);  // of each way: to the log, the answer, to a reader
    absl::Duration max_delay = absl::Milliseconds(5);
    absl::Duration max_late = absl::Seconds(3);  // of what comes late
    double refused = 0;                          // RESOURCE_EXHAUSTED: certainly not written
    double not_written = 0;                      // UNAVAILABLE, and never written
    double answer_lost = 0;                      // UNAVAILABLE, and written
    double written_late = 0;                     // UNAVAILABLE, and written long after
    double duplicated = 0;                       // the same bytes stand in the log once more, at once or long after
    double reordered = 0;                        // overtakes or falls behind the producer's other appends
    double delivered_late = 0;                   // a replica sees a record long after the others
    double ends_unavailable = 0;                 // QueryEnds: UNAVAILABLE
    double duty_forgotten = 0;                   // a position of duty is not kept
    static Faults Harsh();
  };

  SimulatedLog(uint64_t seed, int32_t partitions, Faults faults);
  SimulatedLog(uint64_t seed, int32_t partitions) : SimulatedLog(seed, partitions, Faults()) {}
  ~SimulatedLog();

  // The log as this replica sees it. A replica may have several handles, each a producer of its own.
  std::unique_ptr<EventLog> Attach(int replica);
  // The replica's membership of a group. Nobody holds anything until GiveDuty says so.
  std::unique_ptr<PartitionAssignment> AssignPartitions(int replica, const std::string& group,
                                                        const std::vector<Topic>& topics);

  // As kill -9: what the replica was given is dead from now on, none of its callbacks comes any more, each of its
  // appends that is under way is written or not. Attach again for its next life.
  void Crash(int replica);
  // Nothing passes to and from the replica for a time: its appends are UNAVAILABLE, some of them written afterwards.
  void Disconnect(int replica, absl::Duration time);
  // What this replica believes to hold, soon; other replicas' beliefs are not touched, so two may hold one partition.
  void GiveDuty(const std::string& group, int replica, const std::vector<Partition>& partitions);

  // By someone who is no replica of ours; written at once.
  void AppendForeign(Partition partition, std::string key, std::string value);

  // Runs the next event, at its time. False: nothing is left to happen.
  bool Advance();
  absl::Time now() const { return now_; }
  // An event of the test's own.
  void After(absl::Duration delay, std::function<void()> event);
  // From now on no new faults, and every replica is connected. What was under way still happens, in Advance.
  void Settle();

  // What really stands in the log.
  const std::vector<RecordPtr>& Records(Partition partition) const;
  std::vector<Partition> Partitions(const std::vector<Topic>& topics) const;

 private:
  friend class SimulatedAssignment;
  friend class SimulatedHandle;
  friend class SimulatedSubscription;

  struct Event {
    absl::Time time;
    uint64_t sequence;
    std::function<void()> run;
    bool operator<(const Event& other) const {  // of a heap whose top is the largest
      return std::tie(other.time, other.sequence) < std::tie(time, sequence);
    }
  };
  struct Replica {
    absl::Time disconnected_until = absl::InfinitePast();
    std::map<Partition, int64_t> visible;  // ends that have been delivered to it
    std::vector<SimulatedHandle*> handles;
    std::vector<SimulatedAssignment*> duties;
  };
  struct Group {
    std::map<Partition, int64_t> done;
    std::map<int, std::vector<Partition>> held;  // by replica
  };

  bool Has(Partition partition) const { return records_.contains(partition); }
  int64_t End(Partition partition) const { return static_cast<int64_t>(Records(partition).size()); }
  void At(absl::Time time, std::function<void()> run);
  absl::Duration Delay() { return random_.Between(faults_.min_delay, faults_.max_delay); }
  absl::Duration Late() { return random_.Between(faults_.max_delay, faults_.max_late); }
  bool Connected(int replica) { return replicas_[replica].disconnected_until <= now_; }
  int64_t Write(Partition partition, const std::string& key, const std::string& value);
  void Deliver(int replica, Partition partition, int64_t end);
  std::vector<Position> Held(const std::string& group, int replica, const std::vector<Topic>& topics);

  Random random_;
  const int32_t partitions_;
  Faults faults_;
  absl::Time now_ = absl::UnixEpoch();
  uint64_t sequence_ = 0;
  std::vector<Event> events_;  // a heap
  std::map<Partition, std::vector<RecordPtr>> records_;
  std::map<int, Replica> replicas_;
  std::map<std::string, Group> groups_;
};

}  // namespace throughline::log
