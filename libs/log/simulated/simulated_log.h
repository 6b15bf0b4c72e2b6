#pragma once

// A log for tests, shared by several replicas, with its own clock. Its faults are worse than Kafka's, and depend only
// on the seed.
//
//   SimulatedLog log(seed, /*partitions=*/4, SimulatedLog::Faults::Harsh());
//   auto first = log.Attach(0), second = log.Attach(1);
//   ...                                                          // build replicas on them
//   while (log.now() < end && log.Advance()) StepWokenReplicas();
//   log.Settle();
//   while (log.Advance()) StepWokenReplicas();
//
// Callbacks and wakes run in Advance only. One thread. The log must outlive all objects that it has returned.

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
  // Probabilities from 0 to 1, each for one append, query, delivery or checkpoint.
  struct Faults {
    absl::Duration min_delay = absl::Milliseconds(1);  // one way: to the log, of an answer, to a reader
    absl::Duration max_delay = absl::Milliseconds(5);
    absl::Duration max_late = absl::Seconds(3);  // of late messages
    double refused = 0;                          // RESOURCE_EXHAUSTED, and not written
    double not_written = 0;                      // UNAVAILABLE, and never written
    double answer_lost = 0;                      // UNAVAILABLE, and written
    double written_late = 0;                     // UNAVAILABLE, and written long after
    double duplicated = 0;                       // written a second time, at once or long after
    double reordered = 0;                        // out of order with the producer's other appends
    double delivered_late = 0;                   // a replica sees a record long after the others
    double ends_unavailable = 0;                 // QueryEnds: UNAVAILABLE
    double checkpoint_lost = 0;                  // a checkpoint is not stored
    static Faults Harsh();
  };

  SimulatedLog(uint64_t seed, int32_t partitions, Faults faults);
  SimulatedLog(uint64_t seed, int32_t partitions) : SimulatedLog(seed, partitions, Faults()) {}
  ~SimulatedLog();

  // The log as this replica sees it. A replica may have several handles; each is a separate producer.
  std::unique_ptr<EventLog> Attach(int replica);
  // The replica's membership of a group. It has no partitions until Assign.
  std::unique_ptr<PartitionAssignment> AssignPartitions(int replica, const std::string& group,
                                                        const std::vector<Topic>& topics);

  // As kill -9: the replica's handles and assignments are dead, none of its callbacks runs any more, and each of its
  // appends under way is written or not. Attach again for its next life.
  void Crash(int replica);
  // Disconnects the replica for a time: its appends are UNAVAILABLE, and some of them are written afterwards.
  void Disconnect(int replica, absl::Duration time);
  // Assigns partitions to this replica, after a delay. Other replicas keep theirs, so two may have one partition.
  void Assign(const std::string& group, int replica, const std::vector<Partition>& partitions);

  // Appends as a foreign producer, at once.
  void AppendForeign(Partition partition, std::string key, std::string value);

  // Runs the next event, at its time. False: there is none.
  bool Advance();
  absl::Time now() const { return now_; }
  // Schedules an event of the test.
  void After(absl::Duration delay, std::function<void()> event);
  // Ends all faults, and connects every replica. Messages under way still arrive, in Advance.
  void Settle();

  // The true contents.
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
    bool operator<(const Event& other) const {  // for a heap with the earliest on top
      return std::tie(other.time, other.sequence) < std::tie(time, sequence);
    }
  };
  struct Replica {
    absl::Time disconnected_until = absl::InfinitePast();
    std::map<Partition, int64_t> visible;  // the ends that it sees
    std::vector<SimulatedHandle*> handles;
    std::vector<SimulatedAssignment*> assignments;
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
